/**
 * model/eks/cel-expression — compiles a CEL expression over int variables: parse, type check, run.
 *
 * Upstream: google/cel-go v0.29.2 parser/gen/CEL.g4 (grammar), checker (types never mix),
 * common/stdlib/standard.go (functions). The environment is cel.NewEnv's: the standard library
 * without extensions, so there is no min(), max() or math.*, and using one is a compile error.
 * Not modelled, and refused by name: lists, maps, messages, macros, bytes, times, regular
 * expressions.
 */

import { type CelToken, intLiteral, tokenizeCel } from './cel-token.ts';
import {
  type ArithmeticOperator,
  arithmetic,
  arithmeticType,
  type CelResult,
  type CelType,
  type CelValue,
  celBool,
  celInt,
  convert,
  isComparable,
  isConvertible,
  negate,
  type RelationOperator,
  relate,
} from './cel-value.ts';

/** What the variables hold when a program runs. */
type CelVariables = Readonly<Record<string, bigint>>;

/** A checked expression: its type is known before it runs. */
interface CelProgram {
  readonly kind: 'program';
  readonly type: CelType;
  readonly evaluate: (variables: CelVariables) => CelResult;
}

export type CelCompilation = CelProgram | { readonly kind: 'refused'; readonly problem: string };

type Node = Omit<CelProgram, 'kind'>;

/** Where the parser stands. The first problem stays; once set, every parse function gives up. */
interface Cursor {
  readonly tokens: readonly CelToken[];
  readonly variables: readonly string[];
  position: number;
  depth: number;
  problem: string | undefined;
}

/** cel-go parser defaultMaxRecursionDepth. */
const DEPTH_MAX = 250;

const CONVERSIONS = ['int', 'uint', 'double', 'bool', 'string'] as const;
type Conversion = (typeof CONVERSIONS)[number];

/** Standard functions and macros that exist in CEL and are not modelled here. */
const NOT_MODELLED = new Set(
  (
    'in matches bytes duration dyn timestamp type has all exists exists_one map filter ' +
    'getFullYear getMonth getDayOfYear getDayOfMonth getDate getDayOfWeek getHours getMinutes ' +
    'getSeconds getMilliseconds'
  ).split(' '),
);

const STRING_TESTS: Readonly<Record<string, (text: string, part: string) => boolean>> = {
  contains: (text, part) => text.includes(part),
  startsWith: (text, part) => text.startsWith(part),
  endsWith: (text, part) => text.endsWith(part),
};

const refuse = (cursor: Cursor, problem: string): undefined => {
  cursor.problem ??= problem;
  return undefined;
};

const notModelled = (cursor: Cursor, what: string): undefined =>
  refuse(cursor, `ekstwin does not evaluate CEL's ${what}`);

const noOverload = (cursor: Cursor, operator: string, types: readonly CelType[]): undefined =>
  refuse(cursor, `found no matching overload for '${operator}' applied to '(${types.join(', ')})'`);

const peek = (cursor: Cursor): CelToken =>
  cursor.tokens[cursor.position] ?? { kind: 'end', text: '' };

/** Takes the next token when it is one of these symbols. */
const takeSymbol = (cursor: Cursor, symbols: readonly string[]): string | undefined => {
  const token = peek(cursor);
  if (token.kind !== 'symbol' || !symbols.includes(token.text)) return undefined;
  cursor.position += 1;
  return token.text;
};

const unexpected = (cursor: Cursor): undefined => {
  const { text } = peek(cursor);
  return refuse(cursor, `Syntax error: unexpected '${text === '' ? '<EOF>' : text}'`);
};

const expectSymbol = (cursor: Cursor, symbol: string): true | undefined =>
  takeSymbol(cursor, [symbol]) === undefined ? unexpected(cursor) : true;

const constant = (value: CelValue): Node => ({ type: value.type, evaluate: () => value });

/** A node whose operator is strict: an error of an operand is its result. */
const strict = (
  type: CelType,
  operands: readonly Node[],
  apply: (...values: CelValue[]) => CelResult,
): Node => ({
  type,
  evaluate: (variables) => {
    const values: CelValue[] = [];
    for (const operand of operands) {
      const value = operand.evaluate(variables);
      if (value.type === 'error') return value;
      values.push(value);
    }
    return apply(...values);
  },
});

const parseArguments = (cursor: Cursor): Node[] | undefined => {
  const found: Node[] = [];
  if (takeSymbol(cursor, [')']) !== undefined) return found;
  do {
    const argument = parseExpression(cursor);
    if (argument === undefined) return undefined;
    found.push(argument);
  } while (takeSymbol(cursor, [',']) !== undefined);
  return expectSymbol(cursor, ')') && found;
};

/** size(string), in code points. */
const sizeOf = (text: Node): Node =>
  strict('int', [text], (value) => celInt(BigInt([...String(value.value)].length)));

const isConversion = (name: string): name is Conversion =>
  (CONVERSIONS as readonly string[]).includes(name);

const callFunction = (cursor: Cursor, name: string, args: readonly Node[]): Node | undefined => {
  const [argument] = args;
  const types = args.map((node) => node.type);
  if (NOT_MODELLED.has(name)) return notModelled(cursor, `${name}()`);
  if (isConversion(name)) {
    if (argument === undefined || args.length > 1 || !isConvertible(argument.type, name)) {
      return noOverload(cursor, name, types);
    }
    return strict(name, [argument], (value) => convert(value, name));
  }
  if (name === 'size') {
    if (argument?.type !== 'string' || args.length > 1) return noOverload(cursor, name, types);
    return sizeOf(argument);
  }
  return refuse(cursor, `undeclared reference to '${name}' (in container '')`);
};

const callMember = (
  cursor: Cursor,
  target: Node,
  name: string,
  args: readonly Node[],
): Node | undefined => {
  if (NOT_MODELLED.has(name)) return notModelled(cursor, `${name}()`);
  const test = STRING_TESTS[name];
  const types = [target, ...args].map((node) => node.type);
  if (name === 'size' && target.type === 'string' && args.length === 0) return sizeOf(target);
  if (test === undefined && name !== 'size') {
    return refuse(cursor, `undeclared reference to '${name}' (in container '')`);
  }
  const [argument] = args;
  const fits = target.type === 'string' && argument?.type === 'string' && args.length === 1;
  if (test === undefined || !fits) return noOverload(cursor, name, types);
  return strict('bool', [target, argument], (text, part) =>
    celBool(test(String(text?.value), String(part?.value))),
  );
};

const parseName = (cursor: Cursor, name: string): Node | undefined => {
  if (takeSymbol(cursor, ['(']) !== undefined) {
    const args = parseArguments(cursor);
    return args && callFunction(cursor, name, args);
  }
  if (!cursor.variables.includes(name)) {
    return refuse(cursor, `undeclared reference to '${name}' (in container '')`);
  }
  return { type: 'int', evaluate: (variables) => celInt(variables[name] ?? 0n) };
};

const literalInt = (cursor: Cursor, text: string, negative: boolean): Node | undefined => {
  const value = intLiteral(text, negative);
  return value.type === 'error' ? refuse(cursor, value.message) : constant(value);
};

const parsePrimary = (cursor: Cursor): Node | undefined => {
  if (takeSymbol(cursor, ['(']) !== undefined) {
    const inner = parseExpression(cursor);
    return inner && expectSymbol(cursor, ')') && inner;
  }
  if (takeSymbol(cursor, ['[']) !== undefined) return notModelled(cursor, 'lists');
  if (takeSymbol(cursor, ['{']) !== undefined) return notModelled(cursor, 'maps');
  // A leading dot asks for the root container, the only one there is.
  const dotted = takeSymbol(cursor, ['.']) !== undefined;
  const token = peek(cursor);
  if (token.kind === 'name' && token.text !== 'in') {
    cursor.position += 1;
    return parseName(cursor, token.text);
  }
  if (dotted || token.kind === 'symbol' || token.kind === 'end' || token.kind === 'name') {
    return unexpected(cursor);
  }
  cursor.position += 1;
  return token.kind === 'int' ? literalInt(cursor, token.text, false) : constant(token.value);
};

const parseMember = (cursor: Cursor): Node | undefined => {
  let node = parsePrimary(cursor);
  while (node !== undefined) {
    if (takeSymbol(cursor, ['[']) !== undefined) return notModelled(cursor, 'indexing');
    if (takeSymbol(cursor, ['.']) === undefined) return node;
    const token = peek(cursor);
    if (token.kind !== 'name') return unexpected(cursor);
    cursor.position += 1;
    if (takeSymbol(cursor, ['(']) === undefined) {
      return refuse(cursor, `type '${node.type}' does not support field selection`);
    }
    const args = parseArguments(cursor);
    node = args && callMember(cursor, node, token.text, args);
  }
  return undefined;
};

/** `!` and `-` in runs of one kind; a pair cancels without a type check, as cel-go parses it. */
const parseUnary = (cursor: Cursor): Node | undefined => {
  const operator = takeSymbol(cursor, ['!', '-']);
  if (operator === undefined) return parseMember(cursor);
  let count = 1;
  while (takeSymbol(cursor, [operator]) !== undefined) count += 1;
  const odd = count % 2 === 1;
  const token = peek(cursor);
  if (operator === '-' && odd && token.kind === 'int') {
    cursor.position += 1;
    return literalInt(cursor, token.text, true);
  }
  const operand = parseMember(cursor);
  if (operand === undefined || !odd) return operand;
  const { type } = operand;
  if (operator === '!') {
    if (type !== 'bool') return noOverload(cursor, '!_', [type]);
    return strict('bool', [operand], (value) => celBool(value.value === false));
  }
  if (type !== 'int' && type !== 'double') return noOverload(cursor, '-_', [type]);
  return strict(type, [operand], negate);
};

/** One left-associative level: operands joined by any of `symbols`. */
const parseLevel = (
  cursor: Cursor,
  symbols: readonly string[],
  operand: (cursor: Cursor) => Node | undefined,
  join: (operator: string, left: Node, right: Node) => Node | undefined,
): Node | undefined => {
  let left = operand(cursor);
  while (left !== undefined) {
    const operator = takeSymbol(cursor, symbols);
    if (operator === undefined) return left;
    const right = operand(cursor);
    left = right && join(operator, left, right);
  }
  return undefined;
};

const joinArithmetic =
  (cursor: Cursor) =>
  (operator: string, left: Node, right: Node): Node | undefined => {
    const arithmeticOperator = operator as ArithmeticOperator;
    const type = arithmeticType(arithmeticOperator, left.type, right.type);
    if (type === undefined) return noOverload(cursor, `_${operator}_`, [left.type, right.type]);
    return strict(type, [left, right], (a, b) => arithmetic(arithmeticOperator, a!, b!));
  };

const parseProduct = (cursor: Cursor): Node | undefined =>
  parseLevel(cursor, ['*', '/', '%'], parseUnary, joinArithmetic(cursor));

const parseSum = (cursor: Cursor): Node | undefined =>
  parseLevel(cursor, ['+', '-'], parseProduct, joinArithmetic(cursor));

const parseRelation = (cursor: Cursor): Node | undefined => {
  const node = parseLevel(
    cursor,
    ['<=', '>=', '==', '!=', '<', '>'],
    parseSum,
    (operator, left, right) => {
      const relation = operator as RelationOperator;
      if (!isComparable(relation, left.type, right.type)) {
        return noOverload(cursor, `_${operator}_`, [left.type, right.type]);
      }
      return strict('bool', [left, right], (a, b) => relate(relation, a!, b!));
    },
  );
  const following = peek(cursor);
  const isIn = following.kind === 'name' && following.text === 'in';
  return isIn ? notModelled(cursor, 'in') : node;
};

/** `&&` and `||`: the deciding side wins even when the other side is an error. */
const joinLogical =
  (cursor: Cursor, deciding: boolean) =>
  (operator: string, left: Node, right: Node): Node | undefined => {
    if (left.type !== 'bool' || right.type !== 'bool') {
      return noOverload(cursor, `_${operator}_`, [left.type, right.type]);
    }
    const evaluate = (variables: CelVariables): CelResult => {
      const first = left.evaluate(variables);
      if (first.type === 'bool' && first.value === deciding) return first;
      const second = right.evaluate(variables);
      if (second.type === 'bool' && second.value === deciding) return second;
      return first.type === 'error' ? first : second;
    };
    return { type: 'bool', evaluate };
  };

const parseAnd = (cursor: Cursor): Node | undefined =>
  parseLevel(cursor, ['&&'], parseRelation, joinLogical(cursor, false));

const parseOr = (cursor: Cursor): Node | undefined =>
  parseLevel(cursor, ['||'], parseAnd, joinLogical(cursor, true));

const parseConditional = (cursor: Cursor): Node | undefined => {
  const condition = parseOr(cursor);
  if (condition === undefined || takeSymbol(cursor, ['?']) === undefined) return condition;
  const whenTrue = parseOr(cursor);
  if (whenTrue === undefined || expectSymbol(cursor, ':') === undefined) return undefined;
  const whenFalse = parseExpression(cursor);
  if (whenFalse === undefined) return undefined;
  if (condition.type !== 'bool' || whenTrue.type !== whenFalse.type) {
    return noOverload(cursor, '_?_:_', [condition.type, whenTrue.type, whenFalse.type]);
  }
  const evaluate = (variables: CelVariables): CelResult => {
    const chosen = condition.evaluate(variables);
    if (chosen.type === 'error') return chosen;
    return chosen.value === true ? whenTrue.evaluate(variables) : whenFalse.evaluate(variables);
  };
  return { type: whenTrue.type, evaluate };
};

const parseExpression = (cursor: Cursor): Node | undefined => {
  cursor.depth += 1;
  if (cursor.depth > DEPTH_MAX) {
    return refuse(cursor, `expression recursion limit exceeded: ${DEPTH_MAX}`);
  }
  const node = parseConditional(cursor);
  cursor.depth -= 1;
  return node;
};

/** Compiles `source`; the named variables are ints, every other name is a compile error. */
export const compileCel = (source: string, variables: readonly string[]): CelCompilation => {
  const lexed = tokenizeCel(source);
  if (lexed.kind === 'refused') return lexed;
  const { tokens } = lexed;
  const cursor: Cursor = { tokens, variables, position: 0, depth: 0, problem: undefined };
  const node = parseExpression(cursor);
  if (node !== undefined && peek(cursor).kind === 'end') return { kind: 'program', ...node };
  if (node !== undefined) unexpected(cursor);
  return { kind: 'refused', problem: cursor.problem ?? 'Syntax error' };
};
