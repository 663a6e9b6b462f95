/**
 * test/workshop/expectation — does a command print what the page says it prints? What differs from
 * run to run (addresses, ids, ages, hashes, versions) is of a sort; the rest is compared.
 *
 * Structured output (JSON, YAML) must hold everything the page shows, elements of lists in any
 * order; of other output every line that the page shows must be there.
 */
import { parseAllDocuments } from 'yaml';

/** Substrings that differ from run to run, each with the sort that stands for it. */
const SORTS: readonly (readonly [RegExp, string | ((...match: string[]) => string)])[] = [
  [
    /\b([a-z0-9-]+)\.(?:elb\.)?[a-z]{2}-[a-z]+-\d(?:\.elb)?\.amazonaws\.com/g,
    (_, name) => `${hashless(name!)}.elb`,
  ],
  [/\b(k8s-[a-z0-9-]+)\b/g, (_, name) => hashless(name!)],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<uuid>'],
  [/\b\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?/g, '<time>'],
  [/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d+ \w+ \d{4} [\d:]+ GMT/g, '<time>'],
  [/\bip(?:-\d{1,3}){4}(?:\.[a-z0-9.-]+)?/g, '<node>'],
  [/\b[\dX]{1,3}(?:\.[\dX]{1,3}){3}\b/g, '<ip>'],
  [/\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b/g, '<mac>'],
  [/\b[a-z]+-[0-9a-f]{8,17}\b/g, (it) => `${it.slice(0, it.lastIndexOf('-'))}-<id>`],
  [/\barn:aws:(\w+):([\w-]*):\d+:/g, 'arn:aws:$1:$2:<account>:'],
  [/\/[0-9a-f]{16}\b/g, '/<id>'],
  // A variable of the site that prints the pages.
  [/\bv?VAR::[A-Z_]*VERSION\b/g, '<version>'],
  [/\bv?\d+\.\d+\.\d+(?:[-+.][\w.]*\w)*\b/g, '<version>'],
  [/\b3(?:[01]\d{3}|2[0-7]\d\d)(?=$|\/(?:TCP|UDP)\b)/g, '<node port>'],
  [/\b(\d+)\/\1\b/g, '<all>'],
  [/\b\d+ ?(ms|milliseconds|seconds)\b/g, '<n> $1'],
  [/(?<![\w.-])(?:\d+[dhms])+(?![\w.-])/g, '<age>'],
  [/-[0-9a-z]{8,10}-[a-z0-9]{5}\b/g, '-<pod>'],
  // Some servers say no reason after the code.
  [/\bHTTP\/1\.1 (\d{3})\b.*$/g, 'HTTP/1.1 $1'],
  [/\b\d+ record\(s\)/g, '<n> record(s)'],
  [/^(?=[a-z]*\d)[bcdfghjklmnpqrstvwxz0-9]{8,10}$/g, '<template>'],
  [/-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, '-<pod>'],
  [/\b([a-z]{2}-[a-z]+-\d)[a-f]\b/g, '$1<zone>'],
  [/\b([A-Z]+ID)=[0-9a-f-]+|\b([A-Z]+ID)=<uuid>/g, '$1$2=<id>'],
  [/ \(#\d+\)/g, ''],
];

/** `k8s-ui-ui-cb8129ddff-1888909706` without what is a hash or a number. */
const hashless = (name: string): string =>
  name
    .split('-')
    .filter((part) => part === 'k8s' || (!/^[0-9a-f]{8,}$/.test(part) && !/^\d+$/.test(part)))
    .join('-');

/** Lines that say nothing of the outcome: progress meters, what only some versions of curl say. */
const MEANINGLESS: readonly RegExp[] = [
  /^\[?\.\.\.\]?$/,
  /^[>*<]?$/,
  /% Total\b|\bDload\b|--:--:--/,
  /connect timeout after .*move on/,
  /^Closing connection/,
  /^Immediate connect fail/,
  /^Trying \[/,
];

/** curl's progress meter, which stands before and behind what is printed meanwhile. */
const METER = /\s*\d+(?: +\d+[kM]?){7} +(?:[\d:-]{7,8} +){3}\d+[kM]?/g;

/** A line as the same line of another run has it. */
export function generalLine(line: string): string {
  let text = line
    .trim()
    .replace(/^\*\s+/, '')
    .replace(/\s+/g, ' ');
  for (const [pattern, sort] of SORTS) text = text.replace(pattern, sort as never);
  return text;
}

const meaningful = (text: string): string[] =>
  text
    .replaceAll(METER, '\n')
    .split(/[\r\n]+/)
    .map(generalLine)
    .filter((line) => !MEANINGLESS.some((it) => it.test(line)));

/** What the page shows and the command did not print; empty when all of it is there. */
export function missingFrom(actual: string, expected: string): string[] {
  const wanted = structureOf(withoutGaps(expected));
  if (wanted !== undefined) {
    const found = structureOf(actual);
    if (found === undefined) return [`structured output: ${firstLine(expected)}`];
    return isWithin(wanted, found) ? [] : [`all of ${JSON.stringify(wanted)}`];
  }
  const left = meaningful(actual);
  return meaningful(expected).filter((line) => {
    // Loggers put more before and behind what a page shows of a line.
    const isWhole = line.length < WHOLE_LINE_MAX;
    const at = isWhole ? left.indexOf(line) : left.findIndex((it) => it.includes(line));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** Lines up to this long are found as a whole only: "OK" is not in "NOT OK". */
const WHOLE_LINE_MAX = 12;

const firstLine = (text: string): string => text.trim().split('\n')[0]!;

/** Where a page leaves something out. */
const withoutGaps = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/^\s*\[?\.\.\.\]?\s*$/.test(line))
    .join('\n');

/**
 * The documents of a text that is JSON or YAML, several of them one after another as yq prints
 * them; undefined for other texts.
 */
function structureOf(text: string): readonly unknown[] | undefined {
  const trimmed = text.trim();
  if (!/^[[{]|^- |^apiVersion: /.test(trimmed)) return undefined;
  const documents = jsonTexts(trimmed) ?? yamlDocuments(trimmed);
  return documents?.every((it) => typeof it === 'object' && it !== null) ? documents : undefined;
}

/** Values written one after another. */
function jsonTexts(text: string): unknown[] | undefined {
  const values: unknown[] = [];
  const pieces = text.split(/(?<=^[\]}]|^\[\]|^\{\})\n/m);
  for (const piece of pieces) {
    try {
      values.push(JSON.parse(piece));
    } catch {
      return undefined;
    }
  }
  return values;
}

function yamlDocuments(text: string): unknown[] | undefined {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0))
    return undefined;
  return documents.map((it) => it.toJS());
}

/** Every document that is wanted is in one of those found. */
const isWithin = (wanted: readonly unknown[], found: readonly unknown[]): boolean =>
  wanted.every((one) => found.some((other) => holds(one, other)));

/** Has `actual` everything that `expected` shows? */
function holds(expected: unknown, actual: unknown): boolean {
  if (Array.isArray(expected)) return Array.isArray(actual) && holdsEach(expected, actual);
  if (typeof expected === 'object' && expected !== null) {
    if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) return false;
    const members = actual as Readonly<Record<string, unknown>>;
    if (isOnItsWay(expected) && 'State' in members) return members.State === 'healthy';
    return Object.entries(expected).every(
      ([name, value]) => name in members && holds(value, members[name]),
    );
  }
  return generalLine(String(expected)) === generalLine(String(actual));
}

/** A page shows a target of a load balancer before it is healthy; a command waits until it is. */
const isOnItsWay = (shown: object): boolean =>
  'State' in shown && shown.State === 'initial' && 'Reason' in shown;

/** Each element has a counterpart of its own, in any order; nothing is not everything. */
function holdsEach(expected: readonly unknown[], actual: readonly unknown[]): boolean {
  if (expected.length === 0) return actual.length === 0;
  const partners = expected.map((one) =>
    actual.flatMap((other, i) => (holds(one, other) ? [i] : [])),
  );
  return canMatch(partners, new Set());
}

function canMatch(partners: readonly (readonly number[])[], taken: ReadonlySet<number>): boolean {
  const [first, ...rest] = partners;
  if (first === undefined) return true;
  return first.some((i) => !taken.has(i) && canMatch(rest, new Set([...taken, i])));
}
