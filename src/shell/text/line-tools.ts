/** shell/text/line-tools — cat, head, tail, wc, sort, uniq, cut, tr, tee, seq, rev, base64's reverse. */
import { base64Text } from '../../controllers/load-balancer/ingress/base64-text.ts';
import { resolvePath } from '../files/file-system.ts';
import { type OptionNames, parseOptions } from '../options.ts';
import { type Program, type Run, readAll } from '../run.ts';
import { linesOf, textsOf } from './lines.ts';

type Found = Exclude<ReturnType<typeof parseOptions>, string>;

/** A program whose options are read first; wrong ones end it. */
const withOptions =
  (names: OptionNames, body: (run: Run, options: Found) => Promise<number> | number): Program =>
  (run) => {
    const options = parseOptions(run.args, names);
    if (typeof options !== 'string') return body(run, options);
    run.err(`${run.name}: ${options}\nTry '${run.name} --help' for more information.\n`);
    return 1;
  };

export const cat = withOptions({ flags: 'nAevtuETbs' }, async (run, options) => {
  const { texts, isWhole } = await textsOf(run, options.words);
  let number = 0;
  for (const { text } of texts)
    run.out(
      options.has('n')
        ? linesOf(text)
            .map((line) => `${String(++number).padStart(6)}\t${line}\n`)
            .join('')
        : text,
    );
  return isWhole ? 0 : 1;
});

/** `-5` is `-n 5`. */
const oldCount = (args: readonly string[]): string[] =>
  args.flatMap((arg) => (/^-\d+$/.test(arg) ? ['-n', arg.slice(1)] : [arg]));

export const head: Program = (run) =>
  withOptions({ flags: 'qv', valued: 'nc' }, async (_run, options) => {
    const { texts, isWhole } = await textsOf(run, options.words);
    const count = Number(options.value('c') ?? options.value('n') ?? 10);
    if (!Number.isInteger(count)) {
      run.err(`head: invalid number of lines: ‘${options.value('n') ?? options.value('c')}’\n`);
      return 1;
    }
    for (const { name, text } of texts) {
      if (texts.length > 1) run.out(`==> ${name} <==\n`);
      if (options.has('c')) run.out(text.slice(0, count));
      else
        run.out(
          linesOf(text)
            .slice(0, count)
            .map((line) => `${line}\n`)
            .join(''),
        );
    }
    return isWhole ? 0 : 1;
  })({ ...run, args: oldCount(run.args) });

export const tail: Program = (run) =>
  withOptions({ flags: 'qvfF', valued: 'nc' }, async (_run, options) => {
    const { texts, isWhole } = await textsOf(run, options.words);
    const asked = options.value('c') ?? options.value('n') ?? '10';
    const count = Math.abs(Number(asked));
    if (!Number.isInteger(count)) {
      run.err(`tail: invalid number of lines: ‘${asked}’\n`);
      return 1;
    }
    for (const { name, text } of texts) {
      if (texts.length > 1) run.out(`==> ${name} <==\n`);
      const all = options.has('c') ? [...text] : linesOf(text).map((line) => `${line}\n`);
      const from = asked.startsWith('+') ? count - 1 : Math.max(0, all.length - count);
      run.out(all.slice(from).join(''));
    }
    if (options.has('f') || options.has('F')) await followed(run, options.words);
    return isWhole ? 0 : 1;
  })({ ...run, args: oldCount(run.args) });

const FOLLOW_MS = 1_000;

/** Until whoever looks goes away. */
async function followed(run: Run, words: readonly string[]): Promise<void> {
  const [name] = words;
  if (name === undefined) return;
  const path = resolvePath(run.cwd, name);
  const textNow = (): string => {
    const read = run.files.read(path);
    return typeof read === 'string' ? '' : read.text;
  };
  for (let shown = textNow(); ; ) {
    await run.patience.sleep(FOLLOW_MS);
    await run.patience.turn();
    const now = textNow();
    if (now.length > shown.length) run.out(now.slice(shown.length));
    shown = now;
  }
}

export const wc = withOptions({ flags: 'lwcm' }, async (run, options) => {
  const { texts, isWhole } = await textsOf(run, options.words);
  const all = !options.has('l') && !options.has('w') && !options.has('c') && !options.has('m');
  const rows = texts.map(({ name, text }) => ({
    name: name === '(standard input)' ? '' : ` ${name}`,
    counts: [
      ...(all || options.has('l') ? [text.split('\n').length - 1] : []),
      ...(all || options.has('w') ? [text.split(/\s+/).filter((it) => it !== '').length] : []),
      ...(all || options.has('c') || options.has('m') ? [text.length] : []),
    ],
  }));
  if (rows.length > 1)
    rows.push({
      name: ' total',
      counts: rows[0]!.counts.map((_, i) => rows.reduce((sum, row) => sum + row.counts[i]!, 0)),
    });
  for (const { name, counts } of rows) {
    const isPadded = counts.length > 1;
    run.out(`${counts.map((it) => (isPadded ? String(it).padStart(7) : it)).join(' ')}${name}\n`);
  }
  return isWhole ? 0 : 1;
});

const numberAt = (text: string): number => Number.parseFloat(text.trim()) || 0;

export const sort = withOptions({ flags: 'rnuVfb', valued: 'kt' }, async (run, options) => {
  const { texts, isWhole } = await textsOf(run, options.words);
  const key = options.value('k');
  const field = Number.parseInt(key ?? '', 10);
  const separator = options.value('t');
  const keyOf = (line: string): string =>
    key === undefined ? line : (line.trim().split(separator ?? /\s+/)[field - 1] ?? '');
  const isNumeric = options.has('n') || key?.includes('n') === true;
  const lines = texts.flatMap(({ text }) => linesOf(text));
  const compare = (a: string, b: string): number => {
    const [x, y] = [keyOf(a), keyOf(b)];
    const by = isNumeric ? numberAt(x) - numberAt(y) : x < y ? -1 : x > y ? 1 : 0;
    return by !== 0 ? by : a < b ? -1 : a > b ? 1 : 0;
  };
  lines.sort(options.has('r') || key?.includes('r') === true ? (a, b) => compare(b, a) : compare);
  const kept = options.has('u') ? [...new Set(lines)] : lines;
  run.out(kept.map((line) => `${line}\n`).join(''));
  return isWhole ? 0 : 2;
});

export const uniq = withOptions({ flags: 'cdu' }, async (run, options) => {
  const { texts, isWhole } = await textsOf(run, options.words.slice(0, 1));
  const groups: { line: string; count: number }[] = [];
  for (const line of texts.flatMap(({ text }) => linesOf(text))) {
    const last = groups.at(-1);
    if (last?.line === line) last.count++;
    else groups.push({ line, count: 1 });
  }
  for (const { line, count } of groups) {
    if ((options.has('d') && count === 1) || (options.has('u') && count > 1)) continue;
    run.out(`${options.has('c') ? `${String(count).padStart(7)} ` : ''}${line}\n`);
  }
  return isWhole ? 0 : 1;
});

export const cut = withOptions({ flags: 's', valued: 'dfcb' }, async (run, options) => {
  const list = options.value('f') ?? options.value('c') ?? options.value('b');
  if (list === undefined || !/^\d*(-\d*)?(,\d*(-\d*)?)*$/.test(list)) {
    run.err('cut: you must specify a list of bytes, characters, or fields\n');
    return 1;
  }
  const ranges = list.split(',').map((range) => {
    const [from, to] = range.split('-');
    const first = Number(from || 1);
    return { first, last: to === undefined ? first : Number(to || Number.POSITIVE_INFINITY) };
  });
  const isIn = (i: number): boolean =>
    ranges.some(({ first, last }) => first <= i + 1 && i + 1 <= last);
  const { texts, isWhole } = await textsOf(run, options.words);
  const delimiter = options.value('d') ?? '\t';
  for (const line of texts.flatMap(({ text }) => linesOf(text))) {
    if (!options.has('f')) run.out(`${[...line].filter((_, i) => isIn(i)).join('')}\n`);
    else if (line.includes(delimiter))
      run.out(
        `${line
          .split(delimiter)
          .filter((_, i) => isIn(i))
          .join(delimiter)}\n`,
      );
    else if (!options.has('s')) run.out(`${line}\n`);
  }
  return isWhole ? 0 : 1;
});

const CLASSES: Readonly<Record<string, string>> = {
  '[:upper:]': 'A-Z',
  '[:lower:]': 'a-z',
  '[:digit:]': '0-9',
  '[:space:]': ' \t\n\r\v\f',
  '[:alpha:]': 'A-Za-z',
  '[:alnum:]': 'A-Za-z0-9',
  '[:punct:]': '!-/:-@[-`{-~',
};
const RANGE_MAX = 300;

function setOf(text: string): string[] {
  const plain = text
    .replace(/\[:\w+:\]/g, (name) => CLASSES[name] ?? '')
    .replace(/\\([ntr\\])/g, (_, one: 'n') => ({ n: '\n', t: '\t', r: '\r', '\\': '\\' })[one]);
  return [...plain.matchAll(/(.)-(.)|(.)/gs)].flatMap(([, from, to, one]) => {
    if (one !== undefined) return [one];
    const [first, last] = [from!.charCodeAt(0), to!.charCodeAt(0)];
    const length = Math.max(0, Math.min(RANGE_MAX, last - first + 1));
    return Array.from({ length }, (_, i) => String.fromCharCode(first + i));
  });
}

export const tr = withOptions({ flags: 'dscC' }, async (run, options) => {
  const [from = '', to = ''] = options.words;
  if (options.words.length === 0) {
    run.err("tr: missing operand\nTry 'tr --help' for more information.\n");
    return 1;
  }
  const set = setOf(from);
  const members = new Set(set);
  const isNegated = options.has('c') || options.has('C');
  const target = setOf(to);
  let made = '';
  let last = '';
  for (const one of await readAll(run)) {
    const isIn = members.has(one) !== isNegated;
    if (isIn && options.has('d')) continue;
    const index = isNegated ? target.length - 1 : Math.min(set.indexOf(one), target.length - 1);
    const by = isIn && target.length > 0 ? target[index]! : one;
    const isSqueezed =
      options.has('s') && by === last && (target.length > 0 ? target.includes(by) : isIn);
    if (!isSqueezed) made += by;
    last = by;
  }
  run.out(made);
  return 0;
});

export const tee = withOptions({ flags: 'ai' }, async (run, options) => {
  const text = await readAll(run);
  run.out(text);
  let status = 0;
  for (const name of options.words) {
    const refused = run.files.write(resolvePath(run.cwd, name), text, options.has('a'));
    if (refused === undefined) continue;
    run.err(`tee: ${name}: ${refused}\n`);
    status = 1;
  }
  return status;
});

const NUMBERS_MAX = 100_000;

export const seq: Program = ({ args, out, err }) => {
  const numbers = args.filter((arg) => !/^-[sw]$/.test(arg)).map(Number);
  if (numbers.length === 0 || numbers.length > 3 || numbers.some((it) => !Number.isFinite(it))) {
    err(
      args.length === 0 ? 'seq: missing operand\n' : `seq: invalid argument: ${args.join(' ')}\n`,
    );
    return 1;
  }
  const [first, step, last] =
    numbers.length === 3
      ? numbers
      : numbers.length === 2
        ? [numbers[0], 1, numbers[1]]
        : [1, 1, numbers[0]];
  if (step === 0) {
    err("seq: invalid Zero increment value: '0'\n");
    return 1;
  }
  const lines: string[] = [];
  for (let at = first!; step! > 0 ? at <= last! : at >= last!; at += step!) {
    if (lines.length >= NUMBERS_MAX) {
      err(`seq: more than ${NUMBERS_MAX} numbers are not built in\n`);
      return 1;
    }
    lines.push(`${at}\n`);
  }
  out(lines.join(''));
  return 0;
};

export const base64 = withOptions(
  { flags: 'd', valued: 'w', long: { decode: 'd' } },
  async (run, options) => {
    if (!options.has('d')) {
      run.err('base64: only -d is built in\n');
      return 1;
    }
    const { texts, isWhole } = await textsOf(run, options.words);
    for (const { text } of texts) run.out(base64Text(text));
    return isWhole ? 0 : 1;
  },
);
