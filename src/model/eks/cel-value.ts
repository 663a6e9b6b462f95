/**
 * model/eks/cel-value — the values of the Common Expression Language and its operators on them.
 *
 * Upstream: google/cel-go v0.29.2 common/types (as vendored by awslabs/amazon-eks-ami@81fec2e8),
 * overload lists in common/stdlib/standard.go. Integers are 64-bit and never wrap: overflow and
 * division by zero are error values, which spread like any other value.
 * Scalars only (int, uint, double, bool, string, null): lists, maps and times are not modelled.
 */

export type CelType = 'int' | 'uint' | 'double' | 'bool' | 'string' | 'null';

export type CelValue =
  | { readonly type: 'int' | 'uint'; readonly value: bigint }
  | { readonly type: 'double'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'null'; readonly value: null };

/** A run-time error, in cel-go's words. */
export interface CelError {
  readonly type: 'error';
  readonly message: string;
}

export type CelResult = CelValue | CelError;

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';
export type RelationOperator = '<' | '<=' | '>' | '>=' | '==' | '!=';

const INT_MIN = -(2n ** 63n);
const INT_MAX = 2n ** 63n - 1n;
const UINT_MAX = 2n ** 64n - 1n;

export const celError = (message: string): CelError => ({ type: 'error', message });

export const celBool = (value: boolean): CelValue => ({ type: 'bool', value });

/** An int, or the overflow error when it does not fit 64 bits. */
export const celInt = (value: bigint): CelResult =>
  value < INT_MIN || value > INT_MAX ? celError('integer overflow') : { type: 'int', value };

const celUint = (value: bigint): CelResult =>
  value < 0n || value > UINT_MAX ? celError('unsigned integer overflow') : { type: 'uint', value };

const ARITHMETIC_TYPES: Readonly<Record<ArithmeticOperator, readonly CelType[]>> = {
  '+': ['int', 'uint', 'double', 'string'],
  '-': ['int', 'uint', 'double'],
  '*': ['int', 'uint', 'double'],
  '/': ['int', 'uint', 'double'],
  '%': ['int', 'uint'],
};

/** The type of `left op right`, undefined when CEL has no such overload. Types never mix. */
export const arithmeticType = (
  operator: ArithmeticOperator,
  left: CelType,
  right: CelType,
): CelType | undefined =>
  left === right && ARITHMETIC_TYPES[operator].includes(left) ? left : undefined;

/** Whether CEL compares these two types with this operator; null is only equal or not. */
export const isComparable = (operator: RelationOperator, left: CelType, right: CelType): boolean =>
  left === right && (left !== 'null' || operator === '==' || operator === '!=');

const wholeArithmetic = (
  operator: ArithmeticOperator,
  left: bigint,
  right: bigint,
): bigint | CelError => {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return right === 0n ? celError('division by zero') : left / right;
    case '%':
      return right === 0n ? celError('modulus by zero') : left % right;
  }
};

const doubleArithmetic = (operator: ArithmeticOperator, left: number, right: number): number => {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '%':
      return Number.NaN; // The checker refuses % on doubles: unreachable through compileCel.
  }
};

const noSuchOverload = celError('no such overload');

/** `left op right`; the checker has made sure the types agree. */
export const arithmetic = (
  operator: ArithmeticOperator,
  left: CelValue,
  right: CelValue,
): CelResult => {
  if (left.type === 'string' && right.type === 'string') {
    return { type: 'string', value: left.value + right.value };
  }
  if (left.type === 'double' && right.type === 'double') {
    return { type: 'double', value: doubleArithmetic(operator, left.value, right.value) };
  }
  if (typeof left.value !== 'bigint' || typeof right.value !== 'bigint') return noSuchOverload;
  const result = wholeArithmetic(operator, left.value, right.value);
  if (typeof result !== 'bigint') return result;
  return left.type === 'uint' ? celUint(result) : celInt(result);
};

/** `-value`, for int and double. */
export const negate = (value: CelValue): CelResult => {
  if (value.type === 'double') return { type: 'double', value: -value.value };
  return value.type === 'int' ? celInt(-value.value) : noSuchOverload;
};

/** `left op right` for the six relations; the checker has made sure the types agree. */
export const relate = (operator: RelationOperator, left: CelValue, right: CelValue): CelResult => {
  if (operator === '==') return celBool(left.value === right.value);
  if (operator === '!=') return celBool(left.value !== right.value);
  if (left.value === null || right.value === null) return noSuchOverload;
  if (Number.isNaN(left.value) || Number.isNaN(right.value)) {
    return celError('NaN values cannot be ordered');
  }
  switch (operator) {
    case '<':
      return celBool(left.value < right.value);
    case '<=':
      return celBool(left.value <= right.value);
    case '>':
      return celBool(left.value > right.value);
    case '>=':
      return celBool(left.value >= right.value);
  }
};

const TWO_TO_63 = 2 ** 63;
const TWO_TO_64 = 2 ** 64;

const toInt = (value: CelValue): CelResult => {
  switch (value.type) {
    case 'int':
    case 'uint':
      return celInt(value.value);
    case 'double': {
      const fits = value.value > -TWO_TO_63 && value.value < TWO_TO_63; // False for NaN.
      if (!fits) return celError('integer overflow');
      return celInt(BigInt(Math.trunc(value.value)));
    }
    case 'string':
      return /^[+-]?\d+$/.test(value.value)
        ? celInt(BigInt(value.value.replace(/^\+/, '')))
        : celError(`strconv.ParseInt: parsing "${value.value}": invalid syntax`);
    default:
      return conversionError(value.type, 'int');
  }
};

const toUint = (value: CelValue): CelResult => {
  switch (value.type) {
    case 'int':
    case 'uint':
      return celUint(value.value);
    case 'double': {
      const fits = value.value >= 0 && value.value < TWO_TO_64;
      if (!fits) return celError('unsigned integer overflow');
      return celUint(BigInt(Math.trunc(value.value)));
    }
    case 'string':
      return /^\d+$/.test(value.value)
        ? celUint(BigInt(value.value))
        : celError(`strconv.ParseUint: parsing "${value.value}": invalid syntax`);
    default:
      return conversionError(value.type, 'uint');
  }
};

const toDouble = (value: CelValue): CelResult => {
  switch (value.type) {
    case 'int':
    case 'uint':
    case 'double':
      return { type: 'double', value: Number(value.value) };
    case 'string':
      return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value.value)
        ? { type: 'double', value: Number(value.value) }
        : celError(`strconv.ParseFloat: parsing "${value.value}": invalid syntax`);
    default:
      return conversionError(value.type, 'double');
  }
};

/** Go's strconv.ParseBool spellings, which cel-go uses. */
const TRUE_WORDS = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const FALSE_WORDS = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

const toBool = (value: CelValue): CelResult => {
  if (value.type === 'bool') return value;
  if (value.type !== 'string') return conversionError(value.type, 'bool');
  if (TRUE_WORDS.includes(value.value)) return celBool(true);
  if (FALSE_WORDS.includes(value.value)) return celBool(false);
  return celError(`strconv.ParseBool: parsing "${value.value}": invalid syntax`);
};

const conversionError = (from: CelType, to: CelType): CelError =>
  celError(`type conversion error from '${from}' to '${to}'`);

const CONVERTIBLE: Readonly<Record<Exclude<CelType, 'null'>, readonly CelType[]>> = {
  int: ['int', 'uint', 'double', 'string'],
  uint: ['int', 'uint', 'double', 'string'],
  double: ['int', 'uint', 'double', 'string'],
  bool: ['bool', 'string'],
  string: ['int', 'uint', 'double', 'bool', 'string'],
};

/** Whether CEL has the conversion function `to(from)`. */
export const isConvertible = (from: CelType, to: Exclude<CelType, 'null'>): boolean =>
  CONVERTIBLE[to].includes(from);

/** The conversion functions int(), uint(), double(), bool() and string(). */
export const convert = (value: CelValue, to: Exclude<CelType, 'null'>): CelResult => {
  switch (to) {
    case 'int':
      return toInt(value);
    case 'uint':
      return toUint(value);
    case 'double':
      return toDouble(value);
    case 'bool':
      return toBool(value);
    case 'string':
      return { type: 'string', value: String(value.value) };
  }
};
