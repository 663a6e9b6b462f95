/**
 * shell/script/arithmetic — `$((…))`: whole numbers, variables, the operators of C but assignments.
 */
import { ScriptError } from './syntax.ts';

const TOKEN = /\s*(\d+|[A-Za-z_]\w*|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%()<>!~&|^?:])/y;
/** Loosest first. */
const LEVELS = [['||'], ['&&'], ['|'], ['^'], ['&'], ['==', '!='], ['<', '>', '<=', '>=']].concat([
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
]);
const DEPTH_MAX = 100;

/** @throws ScriptError */
export function evaluate(expression: string, lookUp: (name: string) => string): bigint {
  const tokens: string[] = [];
  const text = expression.trim();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const found = TOKEN.exec(text);
    if (found === null)
      throw new ScriptError(`arithmetic expression: not built in: "${expression}"`);
    tokens.push(found[1]!);
  }
  const reader = new Reader(tokens, lookUp, expression);
  return tokens.length === 0 ? 0n : BigInt.asIntN(64, reader.whole());
}

class Reader {
  readonly #tokens: readonly string[];
  readonly #lookUp: (name: string) => string;
  readonly #expression: string;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly string[], lookUp: (name: string) => string, expression: string) {
    this.#tokens = tokens;
    this.#lookUp = lookUp;
    this.#expression = expression;
  }

  whole(): bigint {
    const value = this.#choice();
    if (this.#at < this.#tokens.length) throw this.#wrong('expecting EOF');
    return value;
  }

  #choice(): bigint {
    const condition = this.#level(0);
    if (!this.#take('?')) return condition;
    const first = this.#choice();
    if (!this.#take(':')) throw this.#wrong('expecting ":"');
    const second = this.#choice();
    return condition === 0n ? second : first;
  }

  #level(level: number): bigint {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#single();
    let value = this.#level(level + 1);
    for (;;) {
      const operator = this.#tokens[this.#at];
      if (operator === undefined || !operators.includes(operator)) return value;
      this.#at++;
      value = BigInt.asIntN(64, this.#apply(operator, value, this.#level(level + 1)));
    }
  }

  #single(): bigint {
    if (++this.#depth > DEPTH_MAX) throw this.#wrong('nested too deeply');
    try {
      const token = this.#tokens[this.#at++];
      if (token === undefined) throw this.#wrong('expecting primary');
      if (token === '-') return -this.#single();
      if (token === '+') return this.#single();
      if (token === '!') return this.#single() === 0n ? 1n : 0n;
      if (token === '~') return ~this.#single();
      if (token === '(') {
        const value = this.#choice();
        if (!this.#take(')')) throw this.#wrong('expecting ")"');
        return value;
      }
      if (/^\d/.test(token)) return BigInt(token);
      if (!/^[A-Za-z_]/.test(token)) throw this.#wrong('expecting primary');
      const value = this.#lookUp(token).trim();
      if (value === '') return 0n;
      if (!/^[-+]?\d{1,30}$/.test(value)) throw new ScriptError(`Illegal number: ${value}`);
      return BigInt(value.replace(/^\+/, ''));
    } finally {
      this.#depth--;
    }
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }

  #apply(operator: string, a: bigint, b: bigint): bigint {
    if ((operator === '/' || operator === '%') && b === 0n)
      throw new ScriptError('arithmetic expression: division by zero');
    const truth = (is: boolean): bigint => (is ? 1n : 0n);
    const made: Readonly<Record<string, () => bigint>> = {
      '||': () => truth(a !== 0n || b !== 0n),
      '&&': () => truth(a !== 0n && b !== 0n),
      '|': () => a | b,
      '^': () => a ^ b,
      '&': () => a & b,
      '==': () => truth(a === b),
      '!=': () => truth(a !== b),
      '<': () => truth(a < b),
      '>': () => truth(a > b),
      '<=': () => truth(a <= b),
      '>=': () => truth(a >= b),
      '<<': () => a << (b & 63n),
      '>>': () => a >> (b & 63n),
      '+': () => a + b,
      '-': () => a - b,
      '*': () => a * b,
      '/': () => a / b,
      '%': () => a % b,
    };
    return made[operator]!();
  }

  #wrong(what: string): ScriptError {
    return new ScriptError(`arithmetic expression: ${what}: "${this.#expression}"`);
  }
}
