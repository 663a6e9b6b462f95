/**
 * api/kubernetes/streams/command-request — what an exec or an attach asks for: the container, the
 * command, which streams.
 *
 * Upstream: kubernetes/kubernetes@008b3652 pkg/registry/core/pod/strategy.go validateContainer,
 * streamLocation; staging/src/k8s.io/kubelet/pkg/cri/streaming/remotecommand/httpstream.go
 * NewOptions; apimachinery pkg/runtime/conversion.go Convert_Slice_string_To_bool.
 */
import { statusBadRequest, statusNotFound } from '../../../cluster/api-status.ts';
import type { ApiStatus } from '../../../cluster/kubernetes.ts';
import { isApiStatus } from '../../../cluster/kubernetes.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import type { Container, ContainerStatus, Pod } from '../../../model/kubernetes/core.ts';
import { containerStatusesOf, containersOf } from '../../../model/kubernetes/pod-containers.ts';

/** What the kubelet says no to, in its own plain text. */
export interface KubeletRefusal {
  readonly kind: 'kubelet-refusal';
  readonly code: number;
  readonly text: string;
}

/** Which streams there are; a terminal has no stderr of its own. */
export interface StreamOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** A pod that has a node, and one of its containers. */
export interface PodContainer {
  readonly pod: Pod;
  readonly container: Container;
}

/** The pod and its container as the query names it; or why the API server says no. */
export function podContainer(
  store: TwinStore,
  namespace: string,
  name: string,
  query: URLSearchParams,
): PodContainer | ApiStatus {
  const pod = store.get('Pod', `${namespace}/${name}`);
  if (pod === undefined) return statusNotFound({ apiVersion: 'v1', kind: 'Pod' }, name);
  const container = containerOf(pod, query.get('container') ?? '');
  return isApiStatus(container) ? container : { pod, container };
}

function containerOf(pod: Pod, asked: string): Container | ApiStatus {
  const { name } = pod.metadata;
  const { containers } = pod.spec;
  if (asked === '') {
    if (containers.length === 1) return containers[0]!;
    const names = containersOf(pod).map((it) => it.name);
    return statusBadRequest(
      `a container name must be specified for pod ${name}, choose one of: [${names.join(' ')}]`,
    );
  }
  const found = containersOf(pod).find((it) => it.name === asked);
  return found ?? statusBadRequest(`container ${asked} is not valid for pod ${name}`);
}

/** 400 while the scheduler has not decided; streams need a node. */
export const withoutNode = ({ metadata, spec }: Pod): ApiStatus | undefined =>
  (spec.nodeName ?? '') === ''
    ? statusBadRequest(`pod ${metadata.name} does not have a host assigned`)
    : undefined;

/** A container's status, of whichever sort it is. */
export const statusOfContainer = (pod: Pod, name: string): ContainerStatus | undefined =>
  containerStatusesOf(pod).find((it) => it.name === name);

/** Nothing runs in a container that is not running (kubelet_pods.go GetExec). */
export function notRunning({ pod, container }: PodContainer): KubeletRefusal | undefined {
  if (statusOfContainer(pod, container.name)?.state?.running !== undefined) return undefined;
  const text = `container not found (${JSON.stringify(container.name)})`;
  return { kind: 'kubelet-refusal', code: 500, text };
}

/** A query's flag: `1`, `true` and the bare name are true. */
export const isSet = (query: URLSearchParams, name: string): boolean => {
  const text = query.get(name)?.toLowerCase();
  return text !== undefined && text !== '0' && text !== 'false';
};

/** The streams that are asked for; the kubelet refuses a request for none. */
export function streamOptions(query: URLSearchParams): StreamOptions | KubeletRefusal {
  const tty = isSet(query, 'tty');
  const options = {
    stdin: isSet(query, 'stdin'),
    stdout: isSet(query, 'stdout'),
    stderr: isSet(query, 'stderr') && !tty,
    tty,
  };
  if (options.stdin || options.stdout || options.stderr) return options;
  const text = 'you must specify at least 1 of stdin, stdout, stderr';
  return { kind: 'kubelet-refusal', code: 400, text };
}
