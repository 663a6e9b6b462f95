/**
 * analysis/logs/log-text — a container's lines as `kubectl logs` asks for them: the last ones, those
 * since a time, with timestamps, so many bytes.
 *
 * Upstream: kubernetes/api core/v1 PodLogOptions; kubernetes/kubernetes pkg/kubelet/kuberuntime/logs.
 */
import { EPOCH_MS } from '../../model/time.ts';
import type { LogLine } from '../../twin/log-book.ts';

export interface LogOptions {
  readonly tailLines?: number | undefined;
  readonly sinceSeconds?: number | undefined;
  /** Virtual ms of sinceTime. */
  readonly sinceMs?: number | undefined;
  readonly timestamps?: boolean | undefined;
  readonly limitBytes?: number | undefined;
}

/** RFC 3339 with nanoseconds, as the container runtime stamps lines. */
const stamp = (atMs: number): string =>
  `${new Date(EPOCH_MS + Math.floor(atMs)).toISOString().slice(0, -1)}000000Z`;

/** The lines that the options ask for. */
export function selectLines(
  lines: readonly LogLine[],
  { tailLines, sinceSeconds, sinceMs }: LogOptions,
  nowMs: number,
): readonly LogLine[] {
  const from = sinceSeconds === undefined ? sinceMs : nowMs - sinceSeconds * 1_000;
  const since = from === undefined ? lines : lines.filter(({ atMs }) => atMs >= from);
  if (tailLines === undefined) return since;
  return tailLines <= 0 ? [] : since.slice(-tailLines);
}

/** One line as it is sent, its end included. */
export const lineText = ({ atMs, text }: LogLine, timestamps = false): string =>
  `${timestamps ? `${stamp(atMs)} ` : ''}${text}\n`;

/** The whole answer to a log request. */
export function logText(lines: readonly LogLine[], options: LogOptions, nowMs: number): string {
  const whole = selectLines(lines, options, nowMs)
    .map((line) => lineText(line, options.timestamps))
    .join('');
  return options.limitBytes === undefined ? whole : whole.slice(0, options.limitBytes);
}
