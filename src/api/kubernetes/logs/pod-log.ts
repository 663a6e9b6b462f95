/**
 * api/kubernetes/logs/pod-log — GET of a pod's log: what a container has written, and with
 * `follow` what it writes from now on.
 *
 * Upstream: kubernetes/kubernetes pkg/registry/core/pod/strategy.go LogLocation;
 * pkg/kubelet/kubelet_pods.go validateContainerLogStatus; pkg/kubelet/kuberuntime/logs/logs.go.
 */
import type { ServerResponse } from 'node:http';
import { logLines } from '../../../analysis/logs/pod-log.ts';
import { statusBadRequest, statusInternal } from '../../../cluster/api-status.ts';
import { type ApiStatus, isApiStatus } from '../../../cluster/kubernetes.ts';
import type { ContainerStatus } from '../../../model/kubernetes/core.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import { preciseTimestamp } from '../../../model/time.ts';
import type { Millis } from '../../../sim/clock.ts';
import type { LogLine } from '../../../twin/log-book.ts';
import type { Twin } from '../../../twin/twin.ts';
import type { Answer } from '../answer.ts';
import { type PodContainer, podContainer, statusOfContainer } from '../streams/command-request.ts';
import { kubeletDialError, kubeletUrl } from '../streams/kubelet-path.ts';
import type { LogFollowers } from './log-followers.ts';
import { type LogOptions, logOptions } from './log-options.ts';

/** How often a follower looks for more. */
const LOOK_MS = 250;

/**
 * Answers with the log, or says why there is none. A followed log is written to the response
 * until the container ends or the client goes.
 */
export function podLog(
  twin: Twin,
  followers: LogFollowers,
  response: ServerResponse,
  namespace: string,
  name: string,
  query: URLSearchParams,
): Answer | ApiStatus | 'taken' {
  const found = podContainer(twin.store, namespace, name, query);
  if (isApiStatus(found)) return found;
  const options = logOptions(name, query, twin.clock.now());
  if (isApiStatus(options)) return options;
  // Without a node there is no kubelet to ask: the API server answers with nothing.
  if ((found.pod.spec.nodeName ?? '') === '') return text('');
  const dialError = kubeletDialError(twin, found.pod);
  if (dialError !== undefined) {
    const path = `/containerLogs/${namespace}/${name}/${found.container.name}`;
    const url = JSON.stringify(kubeletUrl(twin, found.pod, path));
    return statusInternal(`Get ${url}: ${dialError}`);
  }
  const silent = withoutLog(found, options.previous);
  if (silent !== undefined) return statusBadRequest(silent);
  const lines = chosen(logLines(twin, found, options.previous), options);
  if (!options.follow) return text(printed(lines, options, options.limitBytes));
  follow(twin, followers, response, found, options, lines);
  return 'taken';
}

const text = (body: string): Answer => ({ code: 200, body, contentType: 'text/plain' });

/** Why the kubelet has no log of the container. */
function withoutLog({ pod, container }: PodContainer, isPrevious: boolean): string | undefined {
  const { name } = container;
  const what = `container ${JSON.stringify(name)} in pod ${JSON.stringify(pod.metadata.name)}`;
  const status = statusOfContainer(pod, name);
  if (status === undefined) return `${what} is not available`;
  const hasEnded = lastTermination(status) !== undefined;
  if (isPrevious) return hasEnded ? undefined : `previous terminated ${what} not found`;
  const { running, terminated, waiting } = status.state ?? {};
  if (running !== undefined || terminated !== undefined || hasEnded) return undefined;
  switch (waiting?.reason) {
    case undefined:
      return `${what} is waiting to start - no logs yet`;
    case 'ErrImagePull':
      return `${what} is waiting to start: image can't be pulled`;
    case 'ImagePullBackOff':
      return `${what} is waiting to start: trying and failing to pull image`;
    default:
      return `${what} is waiting to start: ${waiting?.reason}`;
  }
}

const lastTermination = ({ lastState }: ContainerStatus): unknown =>
  (lastState as { readonly terminated?: unknown } | undefined)?.terminated;

/** The lines that are asked for. */
function chosen(lines: readonly LogLine[], { sinceMs, tailLines }: LogOptions): readonly LogLine[] {
  const since = sinceMs === undefined ? lines : lines.filter(({ atMs }) => atMs >= sinceMs);
  return tailLines === undefined ? since : since.slice(Math.max(0, since.length - tailLines));
}

/** The runtime keeps nanoseconds. */
const stamp = (atMs: Millis): string => preciseTimestamp(atMs).replace('Z', '000000Z');

function printed(
  lines: readonly LogLine[],
  { timestamps }: LogOptions,
  limitBytes: number | undefined,
): string {
  const all = lines
    .map(
      (line) =>
        `${timestamps ? `${stamp(line.atMs)} ` : ''}${line.text}${line.isCut === true ? '' : '\n'}`,
    )
    .join('');
  if (limitBytes === undefined) return all;
  const bytes = Buffer.from(all, 'utf8');
  return bytes.length <= limitBytes ? all : bytes.subarray(0, limitBytes).toString('utf8');
}

function follow(
  twin: Twin,
  followers: LogFollowers,
  response: ServerResponse,
  found: PodContainer,
  options: LogOptions,
  first: readonly LogLine[],
): void {
  const podKey = keyOf(found.pod);
  let left = options.limitBytes;
  let known = logLines(twin, found, options.previous).length;
  const write = (lines: readonly LogLine[]): void => {
    const more = printed(lines, options, left);
    if (left !== undefined) left -= Buffer.byteLength(more);
    if (more !== '') response.write(more);
  };
  const end = (): void => {
    clearInterval(timer);
    forget();
    response.end();
  };
  const look = (): void => {
    // A client that does not read is not written to.
    if (response.writableNeedDrain) return;
    const pod = twin.store.get('Pod', podKey);
    const isThere = pod !== undefined && pod.metadata.uid === found.pod.metadata.uid;
    const lines = isThere ? logLines(twin, { ...found, pod }, options.previous) : [];
    write(lines.slice(known));
    known = Math.max(known, lines.length);
    if (!isThere || left === 0 || !isRunning(pod, found.container.name)) end();
  };
  const forget = followers.add(end);
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  response.on('close', end);
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-cache, private' });
  response.flushHeaders();
  write(first);
  look();
}

const isRunning = (pod: PodContainer['pod'], name: string): boolean =>
  statusOfContainer(pod, name)?.state?.terminated === undefined;
