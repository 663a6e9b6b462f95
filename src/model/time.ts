/** model/time — virtual milliseconds as the timestamps Kubernetes and AWS print. */

/** What virtual time 0 is on the calendar. Fixed, so that a run prints the same every day. */
export const EPOCH_MS = Date.UTC(2026, 0, 1, 0, 0, 0);

/** RFC 3339 has no later year; a grace period may be as long as its writer likes. */
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59);

/** `2026-01-01T00:00:05Z`, whole seconds as Kubernetes' metav1.Time. */
export const timestamp = (atMs: number): string =>
  `${new Date(Math.min(EPOCH_MS + atMs, LAST_MS)).toISOString().slice(0, 19)}Z`;

/** `2026-01-01T00:00:05.000Z`, as AWS prints. */
export const preciseTimestamp = (atMs: number): string => new Date(EPOCH_MS + atMs).toISOString();

/** Seconds since 1970, as Go's `Unix()`. */
export const unixSeconds = (atMs: number): number => Math.floor((EPOCH_MS + atMs) / 1_000);

/** Virtual milliseconds of a timestamp; undefined when it is none. */
export function parseTimestamp(text: string): number | undefined {
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at - EPOCH_MS;
}
