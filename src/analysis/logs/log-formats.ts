/**
 * analysis/logs/log-formats — the shapes in which the components' loggers write a line.
 *
 * Upstream: k8s.io/klog/v2 (header), sirupsen/logrus text_formatter.go, go.uber.org/zap JSON.
 */
import { EPOCH_MS } from '../../model/time.ts';
import type { LogLine } from '../../twin/log-book.ts';

const two = (value: number): string => String(value).padStart(2, '0');
const at = (atMs: number): Date => new Date(EPOCH_MS + Math.floor(atMs));

/** `2026-01-01T00:00:05.000Z`. */
export const isoTime = (atMs: number): string => at(atMs).toISOString();
const secondsTime = (atMs: number): string => `${isoTime(atMs).slice(0, 19)}Z`;

/** klog: `I0101 00:00:05.000000       1 file.go:12] text`. */
export function klog(atMs: number, where: string, text: string, level = 'I'): LogLine {
  const date = at(atMs);
  const day = `${two(date.getUTCMonth() + 1)}${two(date.getUTCDate())}`;
  const time = `${isoTime(atMs).slice(11, 23)}000`;
  return { atMs, text: `${level}${day} ${time}       1 ${where}] ${text}` };
}

/** logrus without a terminal: `time="…" level=info msg="…" key=value`. */
export function logrus(
  atMs: number,
  msg: string,
  fields: Readonly<Record<string, string>> = {},
  level = 'info',
): LogLine {
  const more = Object.entries(fields).map(([key, value]) => ` ${key}=${bare(value)}`);
  const head = `time="${secondsTime(atMs)}" level=${level} msg=${JSON.stringify(msg)}`;
  return { atMs, text: head + more.join('') };
}

/** logrus quotes what is more than letters, digits and a few signs. */
const bare = (value: string): string =>
  /^[\w\-./@^+]+$/.test(value) ? value : JSON.stringify(value);

/** zap in JSON: level, time and message first. */
export const zap = (
  atMs: number,
  msg: string,
  fields: Readonly<Record<string, unknown>> = {},
  level = 'info',
): LogLine => {
  const { logger, ...rest } = fields;
  const name = logger === undefined ? {} : { logger };
  const text = JSON.stringify({ level, ts: secondsTime(atMs), ...name, msg, ...rest });
  return { atMs, text };
};
