/**
 * controllers/workloads/cron-schedule — `0 * * * 1-5`, `@hourly`, `@every 1h30m`: when a schedule
 * is due next.
 *
 * Upstream: robfig/cron v3 parser.go ParseStandard, spec.go SpecSchedule.Next (the library of
 * kubernetes' CronJob controller). Times are UTC.
 */
import { EPOCH_MS } from '../../model/time.ts';

interface Fields {
  readonly kind: 'fields';
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  /** With both restricted a day that meets either is meant; else both must be met. */
  readonly isEitherDay: boolean;
}

interface Every {
  readonly kind: 'every';
  readonly everyMs: number;
}

export type CronSchedule = Fields | Every;

export interface CronProblem {
  readonly problem: string;
}

export const isCronProblem = (it: CronSchedule | CronProblem): it is CronProblem => 'problem' in it;

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: Readonly<Record<string, number>>;
}

const numbered = (names: string, from: number): Readonly<Record<string, number>> =>
  Object.fromEntries(names.split(' ').map((name, i) => [name, i + from]));

const BOUNDS: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: numbered('jan feb mar apr may jun jul aug sep oct nov dec', 1) },
  { min: 0, max: 6, names: numbered('sun mon tue wed thu fri sat', 0) },
];

const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** Reads a schedule; what is wrong with it otherwise. */
export function parseCron(text: string): CronSchedule | CronProblem {
  const trimmed = text.trim();
  if (trimmed.startsWith('@every ')) return parseEvery(trimmed.slice('@every '.length));
  if (trimmed.startsWith('@') && DESCRIPTORS[trimmed] === undefined) {
    return { problem: `unrecognized descriptor: ${trimmed}` };
  }
  const words = (DESCRIPTORS[trimmed] ?? trimmed).split(/\s+/).filter((it) => it !== '');
  if (words.length !== 5) {
    return { problem: `expected exactly 5 fields, found ${words.length}: [${words.join(' ')}]` };
  }
  const sets: Set<number>[] = [];
  for (let i = 0; i < 5; i++) {
    const set = parseField(words[i]!, BOUNDS[i]!);
    if ('problem' in set) return set;
    sets.push(set);
  }
  const isStar = (word: string): boolean => /^[*?]/.test(word);
  return {
    kind: 'fields',
    minutes: sets[0]!,
    hours: sets[1]!,
    days: sets[2]!,
    months: sets[3]!,
    weekdays: sets[4]!,
    isEitherDay: !isStar(words[2]!) && !isStar(words[4]!),
  };
}

function parseField(word: string, bounds: Bounds): Set<number> | CronProblem {
  const set = new Set<number>();
  for (const part of word.split(',')) {
    const problem = addRange(set, part, bounds);
    if (problem !== undefined) return { problem };
  }
  return set;
}

function addRange(set: Set<number>, part: string, bounds: Bounds): string | undefined {
  const [range = '', stepText, ...more] = part.split('/');
  if (more.length > 0) return `too many slashes: ${part}`;
  const [fromText = '', toText, ...rest] = range.split('-');
  if (rest.length > 0) return `too many hyphens: ${part}`;
  const isStar = fromText === '*' || fromText === '?';
  const from = isStar ? bounds.min : numberOf(fromText, bounds);
  if (from === undefined) return `failed to parse int from ${fromText}`;
  let to = isStar ? bounds.max : from;
  if (toText !== undefined && !isStar) {
    const end = numberOf(toText, bounds);
    if (end === undefined) return `failed to parse int from ${toText}`;
    to = end;
  } else if (stepText !== undefined) to = bounds.max;
  const step = stepText === undefined ? 1 : numberOf(stepText, { ...bounds, names: {} });
  if (step === undefined) return `failed to parse int from ${stepText}`;
  if (step === 0) return `step of range should be a positive number: ${part}`;
  if (from < bounds.min)
    return `beginning of range (${from}) below minimum (${bounds.min}): ${part}`;
  if (to > bounds.max) return `end of range (${to}) above maximum (${bounds.max}): ${part}`;
  if (from > to) return `beginning of range (${from}) beyond end of range (${to}): ${part}`;
  for (let value = from; value <= to; value += step) set.add(value);
  return undefined;
}

function numberOf(text: string, { names = {} }: Bounds): number | undefined {
  const named = names[text.toLowerCase()];
  if (named !== undefined) return named;
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

function parseEvery(text: string): Every | CronProblem {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([all]) => all).join('') !== text) {
    return { problem: `failed to parse duration @every ${text}` };
  }
  const ms = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * UNIT_MS[unit!]!, 0);
  // constantdelay.go Every: whole seconds, at least one.
  return { kind: 'every', everyMs: Math.max(1_000, Math.floor(ms / 1_000) * 1_000) };
}

/** A schedule that never comes (30 February) is given up after this. */
const YEARS_MAX = 5;
const MINUTE_MS = 60_000;

/**
 * When the schedule is due next after a moment.
 *
 * @param afterMs  virtual milliseconds
 * @returns virtual milliseconds; undefined when it never is
 */
export function nextRunMs(schedule: CronSchedule, afterMs: number): number | undefined {
  if (schedule.kind === 'every') {
    return Math.floor((afterMs + schedule.everyMs) / 1_000) * 1_000;
  }
  const after = EPOCH_MS + afterMs;
  const at = new Date((Math.floor(after / MINUTE_MS) + 1) * MINUTE_MS);
  const lastYear = at.getUTCFullYear() + YEARS_MAX;
  while (at.getUTCFullYear() <= lastYear) {
    if (!schedule.months.has(at.getUTCMonth() + 1)) {
      at.setUTCMonth(at.getUTCMonth() + 1, 1);
      at.setUTCHours(0, 0, 0, 0);
    } else if (!isDayMeant(schedule, at)) {
      at.setUTCDate(at.getUTCDate() + 1);
      at.setUTCHours(0, 0, 0, 0);
    } else if (!schedule.hours.has(at.getUTCHours())) {
      at.setUTCHours(at.getUTCHours() + 1, 0, 0, 0);
    } else if (!schedule.minutes.has(at.getUTCMinutes())) {
      at.setUTCMinutes(at.getUTCMinutes() + 1, 0, 0);
    } else return at.getTime() - EPOCH_MS;
  }
  return undefined;
}

function isDayMeant({ days, weekdays, isEitherDay }: Fields, at: Date): boolean {
  const byDay = days.has(at.getUTCDate());
  const byWeekday = weekdays.has(at.getUTCDay());
  return isEitherDay ? byDay || byWeekday : byDay && byWeekday;
}
