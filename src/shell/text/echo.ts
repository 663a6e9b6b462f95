/** shell/text/echo — echo and printf, with the escapes that bash and coreutils know. */
import type { Run } from '../run.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};
const PIECES_MAX = 100_000;

/** Also whether `\c` ended it. */
function unescaped(text: string): { readonly text: string; readonly isEnded: boolean } {
  let made = '';
  const pattern = /\\(0[0-7]{0,3}|x[0-9A-Fa-f]{1,2}|[1-7][0-7]{0,2}|.)|[^\\]+|\\$/gs;
  for (const [all, code] of text.matchAll(pattern)) {
    if (code === undefined) made += all;
    else if (code === 'c') return { text: made, isEnded: true };
    else if (/^[0-7]/.test(code)) made += String.fromCharCode(Number.parseInt(code, 8) & 255);
    else if (code.startsWith('x') && code.length > 1)
      made += String.fromCharCode(Number.parseInt(code.slice(1), 16));
    else made += ESCAPES[code] ?? all;
  }
  return { text: made, isEnded: false };
}

export function echo({ args, out }: Run): number {
  let [isEscaped, hasNewline, at] = [false, true, 0];
  for (; /^-[neE]+$/.test(args[at] ?? ''); at++)
    for (const letter of args[at]!.slice(1)) {
      if (letter === 'n') hasNewline = false;
      else isEscaped = letter === 'e';
    }
  const plain = args.slice(at).join(' ');
  const made = isEscaped ? unescaped(plain) : { text: plain, isEnded: false };
  out(made.text + (hasNewline && !made.isEnded ? '\n' : ''));
  return 0;
}

export function printf({ args, out, err }: Run): number {
  const [format, ...values] = args;
  if (format === undefined) {
    err('printf: usage: printf format [arguments]\n');
    return 2;
  }
  const left = [...values];
  let status = 0;
  let rounds = 0;
  do {
    const before = left.length;
    const { text, isEnded } = unescaped(format);
    const made = text.replace(
      /%([-+ 0#]*)(\d{0,4})(?:\.(\d{1,4}))?([a-zA-Z%])/g,
      (all, flags: string, width: string, precision: string | undefined, kind: string) => {
        if (kind === '%') return '%';
        if (!'sbdiuxXocfgeq'.includes(kind)) {
          err(`printf: ${all}: invalid directive\n`);
          status = 1;
          return '';
        }
        return padded(converted(kind, left.shift() ?? '', precision), flags, Number(width || 0));
      },
    );
    out(made);
    if (isEnded || left.length === before) break;
  } while (left.length > 0 && ++rounds < PIECES_MAX);
  return status;
}

function converted(kind: string, value: string, precision: string | undefined): string {
  if (kind === 's') return precision === undefined ? value : value.slice(0, Number(precision));
  if (kind === 'b') return unescaped(value).text;
  if (kind === 'c') return value.slice(0, 1);
  if (kind === 'q') return `'${value.replaceAll("'", "'\\''")}'`;
  const number = Number(value === '' ? 0 : value);
  const sound = Number.isFinite(number) ? number : 0;
  if (kind === 'f') return sound.toFixed(Math.min(Number(precision ?? 6), 100));
  if (kind === 'e' || kind === 'g') return String(sound);
  const whole = Math.trunc(sound);
  if (kind === 'x') return whole.toString(16);
  if (kind === 'X') return whole.toString(16).toUpperCase();
  if (kind === 'o') return whole.toString(8);
  return String(whole);
}

function padded(text: string, flags: string, width: number): string {
  if (flags.includes('-')) return text.padEnd(width);
  return text.padStart(width, flags.includes('0') ? '0' : ' ');
}
