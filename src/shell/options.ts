/** shell/options — the options of a program's words, as getopt_long reads them. */

export interface OptionNames {
  /** Letters that stand alone. */
  readonly flags: string;
  /** Letters that take a value. */
  readonly valued?: string;
  /** Long names and the letter (or name) they stand for. */
  readonly long?: Readonly<Record<string, string>>;
  /** Options end at the first word that is none. */
  readonly stopsAtWord?: boolean;
}

export interface Options {
  has(name: string): boolean;
  /** The last value. */
  value(name: string): string | undefined;
  values(name: string): readonly string[];
  readonly words: readonly string[];
}

/** Or what getopt complains about. */
export function parseOptions(args: readonly string[], names: OptionNames): Options | string {
  const { flags, valued = '', long = {} } = names;
  const found = new Map<string, string[]>();
  const words: string[] = [];
  const add = (name: string, value: string): void => {
    found.set(name, [...(found.get(name) ?? []), value]);
  };
  const takesValue = (name: string): boolean => name.length === 1 && valued.includes(name);
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--') {
      words.push(...args.slice(i + 1));
      break;
    }
    if (arg.startsWith('--')) {
      const at = arg.indexOf('=');
      const name = at < 0 ? arg.slice(2) : arg.slice(2, at);
      const known = Object.hasOwn(long, name) ? long[name] : undefined;
      if (known === undefined) return `unrecognized option '--${name}'`;
      const isValued = takesValue(known);
      const given = at < 0 ? (isValued ? args[++i] : '') : arg.slice(at + 1);
      if (given === undefined) return `option '--${name}' requires an argument`;
      add(known, given);
    } else if (arg.startsWith('-') && arg.length > 1) {
      for (let j = 1; j < arg.length; j++) {
        const letter = arg[j]!;
        if (takesValue(letter)) {
          const given = arg.slice(j + 1) || args[++i];
          if (given === undefined) return `option requires an argument -- '${letter}'`;
          add(letter, given);
          break;
        }
        if (!flags.includes(letter)) return `invalid option -- '${letter}'`;
        add(letter, '');
      }
    } else if (names.stopsAtWord === true) {
      words.push(...args.slice(i));
      break;
    } else words.push(arg);
  }
  return {
    has: (name) => found.has(name),
    value: (name) => found.get(name)?.at(-1),
    values: (name) => found.get(name) ?? [],
    words,
  };
}
