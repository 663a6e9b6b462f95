/**
 * model/coredns/corefile — a Corefile as data: server blocks with their keys and directives.
 *
 * Syntax: coredns/caddy caddyfile/lexer.go, parse.go (Caddy v1) and coredns/coredns@4b26cced3
 * core/dnsserver/address.go (zone, port and transport of a key). Snippets are imported; files that
 * an `import` names, and {$VARIABLES}, are not there to be read, which `notes` say.
 */
import { canonicalCidr, parseCidr4 } from '../../net/index.ts';

export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  readonly line: number;
  /** The lines of its block; undefined where it has none. */
  readonly block?: readonly Directive[] | undefined;
}

export interface ServerKey {
  readonly transport: 'dns' | 'tls' | 'grpc' | 'https' | 'quic';
  /** Lower case, with its final dot. */
  readonly zone: string;
  readonly port: number;
}

export interface ServerBlock {
  readonly keys: readonly ServerKey[];
  readonly directives: readonly Directive[];
  readonly line: number;
}

export interface Corefile {
  readonly kind: 'corefile';
  readonly servers: readonly ServerBlock[];
  readonly notes: readonly string[];
}

/** Why CoreDNS would not start with it. */
export interface CorefileProblem {
  readonly kind: 'corefile-problem';
  /** `FILE:LINE`. */
  readonly where: string;
  readonly problem: string;
}

interface Token {
  readonly text: string;
  readonly line: number;
}

const PORTS = { dns: 53, tls: 853, grpc: 443, https: 443, quic: 853 } as const;
const IMPORTS_MAX = 32;

class Failure extends Error {
  readonly line: number;
  constructor(line: number, problem: string) {
    super(problem);
    this.line = line;
  }
}

/** Words of the file; quotes hold blanks together, `#` starts a comment at a word's start. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /\n|#[^\n]*|"((?:\\"|[^"])*)"|\S+/g;
  let line = 1;
  for (const match of text.matchAll(pattern)) {
    const [word, quoted] = match;
    if (word === '\n') line++;
    else if (!word.startsWith('#')) tokens.push({ text: quoted ?? word, line });
    line += quoted?.split('\n').length === undefined ? 0 : quoted.split('\n').length - 1;
  }
  return tokens;
}

/** Words of one line. */
interface Line {
  readonly words: readonly string[];
  readonly line: number;
}

function linesOf(tokens: readonly Token[]): Line[] {
  const lines: { words: string[]; line: number }[] = [];
  for (const { text, line } of tokens) {
    const last = lines.at(-1);
    if (last?.line === line) last.words.push(text);
    else lines.push({ words: [text], line });
  }
  return lines;
}

class Reader {
  readonly #lines: readonly Line[];
  readonly #snippets = new Map<string, readonly Directive[]>();
  readonly notes: string[] = [];
  #at = 0;
  #imports = 0;

  constructor(lines: readonly Line[]) {
    this.#lines = lines;
  }

  servers(): ServerBlock[] {
    const blocks: ServerBlock[] = [];
    while (this.#at < this.#lines.length) {
      const { keys, line } = this.#keys();
      const directives = this.#block(line);
      const snippet = /^\((.+)\)$/.exec(keys[0] ?? '');
      if (snippet !== null && keys.length === 1) this.#snippets.set(snippet[1]!, directives);
      else blocks.push({ keys: keys.flatMap((key) => keysOf(key, line)), directives, line });
    }
    return blocks;
  }

  /** The words before a server block's brace; they may take several lines after a comma. */
  #keys(): { keys: string[]; line: number } {
    const { line } = this.#lines[this.#at]!;
    const keys: string[] = [];
    for (;;) {
      const next = this.#lines[this.#at++];
      if (next === undefined) throw new Failure(line, 'unexpected end of file, expected {');
      const isOpen = next.words.at(-1) === '{';
      const words = isOpen ? next.words.slice(0, -1) : next.words;
      keys.push(...words.map((word) => word.replace(/,$/, '')).filter((word) => word !== ''));
      if (isOpen) return { keys, line };
      if (words.at(-1)?.endsWith(',') !== true && this.#lines[this.#at]?.words[0] !== '{') {
        throw new Failure(next.line, `${keys.join(' ')} is not followed by {`);
      }
    }
  }

  /** Directives up to the closing brace. */
  #block(openedAt: number): Directive[] {
    const directives: Directive[] = [];
    for (;;) {
      const next = this.#lines[this.#at++];
      if (next === undefined) throw new Failure(openedAt, 'unexpected end of file, expected }');
      const { words, line } = next;
      if (words[0] === '}') {
        if (words.length > 1) throw new Failure(line, `unexpected ${words[1]} after }`);
        return directives;
      }
      if (words[0] === '{') throw new Failure(line, 'unexpected {');
      directives.push(...this.#directive(words, line));
    }
  }

  #directive(words: readonly string[], line: number): readonly Directive[] {
    const [name = '', ...args] = words;
    if (name === 'import') return this.#import(args, line);
    for (const word of words) {
      const variable = /\{\$\w+\}|\{%\w+%\}/.exec(word)?.[0];
      if (variable !== undefined) this.notes.push(`line ${line}: ${variable} is not known here`);
    }
    if (args.at(-1) === '{') {
      return [{ name, args: args.slice(0, -1), line, block: this.#block(line) }];
    }
    if (args.length >= 2 && args.includes('{')) {
      // `{ a }` on one line: Caddy asks for a new line after the brace.
      throw new Failure(line, `unexpected ${args[args.indexOf('{') + 1]} after {`);
    }
    return [{ name, args, line }];
  }

  #import(args: readonly string[], line: number): readonly Directive[] {
    const [what] = args;
    if (what === undefined) throw new Failure(line, 'wrong argument count for import');
    if (++this.#imports > IMPORTS_MAX) throw new Failure(line, `too many imports at ${what}`);
    const snippet = this.#snippets.get(what);
    if (snippet !== undefined) return snippet;
    if (!/[/.*]/.test(what)) throw new Failure(line, `file to import not found: ${what}`);
    this.notes.push(`line ${line}: import ${what}: the file is not known here, so it is left out`);
    return [];
  }
}

/** `.:53`, `tls://example.org`, `10.0.0.0/24` (its reverse zones) → zone and port each. */
function keysOf(key: string, line: number): ServerKey[] {
  const transport = (/^(\w+):\/\//.exec(key)?.[1] ?? 'dns') as ServerKey['transport'];
  if (!Object.hasOwn(PORTS, transport)) throw new Failure(line, `unknown scheme of ${key}`);
  const rest = key.replace(/^\w+:\/\//, '');
  const match = /^(.*?)(?::(\d+))?$/.exec(rest)!;
  const port = match[2] === undefined ? PORTS[transport] : Number(match[2]);
  if (port > 65_535) throw new Failure(line, `invalid port of ${key}`);
  return zonesOf(match[1]!).map((zone) => ({ transport, zone, port }));
}

/** A name as one zone; a block as the reverse zones it covers, cut at whole octets. */
export function zonesOf(text: string): readonly string[] {
  const block = text.includes('/') ? parseCidr4(text) : undefined;
  if (block === undefined) return [(text.endsWith('.') ? text : `${text}.`).toLowerCase()];
  const octets = Math.ceil(block.bits / 8);
  const count = 2 ** (octets * 8 - block.bits);
  const step = 2 ** (32 - octets * 8);
  return Array.from({ length: count }, (_, i) => {
    const first = canonicalCidr(block).first + i * step;
    const parts = [24, 16, 8, 0].map((shift) => (first >>> shift) & 255).slice(0, octets);
    return `${[...parts.reverse(), 'in-addr', 'arpa'].join('.')}.`;
  });
}

/**
 * Reads a Corefile.
 *
 * @param file  what to call it: `configmap kube-system/coredns Corefile`
 */
export function parseCorefile(text: string, file: string): Corefile | CorefileProblem {
  const reader = new Reader(linesOf(tokensOf(text)));
  try {
    const servers = reader.servers();
    return { kind: 'corefile', servers, notes: reader.notes };
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    return {
      kind: 'corefile-problem',
      where: `${file}:${failure.line}`,
      problem: failure.message,
    };
  }
}
