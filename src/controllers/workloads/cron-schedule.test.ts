import { expect, test } from 'vitest';
import { parseTimestamp, timestamp } from '../../model/time.ts';
import { isCronProblem, nextRunMs, parseCron } from './cron-schedule.ts';

const next = (schedule: string, after: string): string | undefined => {
  const parsed = parseCron(schedule);
  if (isCronProblem(parsed)) throw new Error(parsed.problem);
  const atMs = nextRunMs(parsed, parseTimestamp(after)!);
  return atMs === undefined ? undefined : timestamp(atMs);
};

test.each([
  ['*/15 * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:15:00Z'],
  ['0 3 * * mon-fri', '2026-01-02T04:00:00Z', '2026-01-05T03:00:00Z'],
  ['30 8 1,15 feb *', '2026-01-20T00:00:00Z', '2026-02-01T08:30:00Z'],
  ['@hourly', '2026-01-01T00:30:00Z', '2026-01-01T01:00:00Z'],
  ['@weekly', '2026-01-01T00:00:00Z', '2026-01-04T00:00:00Z'],
  ['@every 90m', '2026-01-01T00:00:00Z', '2026-01-01T01:30:00Z'],
  ['5/20 * * * *', '2026-01-01T00:06:00Z', '2026-01-01T00:25:00Z'],
  // Day and weekday both given: either will do.
  ['0 0 13 * fri', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'],
  ['0 0 29 2 *', '2026-03-01T00:00:00Z', '2028-02-29T00:00:00Z'],
])('%s after %s is due at %s', (schedule, after, due) => {
  expect(next(schedule, after)).toBe(due);
});

test('30 February never comes', () => {
  expect(next('0 0 30 2 *', '2026-01-01T00:00:00Z')).toBeUndefined();
});

test.each([
  '* * * *',
  '60 * * * *',
  '* * * * 7',
  '*/0 * * * *',
  '5-2 * * * *',
  '@often',
  'a * * * *',
])('%s is refused', (schedule) => expect(parseCron(schedule)).toHaveProperty('problem'));
