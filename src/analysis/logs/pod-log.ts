/**
 * analysis/logs/pod-log — what a container printed, out of what the twin knows: system components
 * say what they did; of others the twin runs no process, and their log says so.
 */
import type { Container, ContainerStatus, Pod } from '../../model/kubernetes/core.ts';
import { containerStatusesOf } from '../../model/kubernetes/pod-containers.ts';
import { parseTimestamp } from '../../model/time.ts';
import type { LogLine } from '../../twin/log-book.ts';
import type { Twin } from '../../twin/twin.ts';
import { awsNodeLog, initLog } from './aws-node-log.ts';
import { corednsLog } from './coredns-log.ts';
import { externalDnsLog } from './external-dns-log.ts';
import { kubeProxyLog, metricsServerLog } from './kube-proxy-log.ts';
import { loadBalancerLog } from './load-balancer-log.ts';
import { logrus } from './log-formats.ts';
import { programStream } from './program-log.ts';

interface Started {
  readonly twin: Twin;
  readonly pod: Pod;
  readonly container: Container;
  readonly startedMs: number;
}

/** By the last part of the image's name. */
const LOGS: Readonly<Record<string, (it: Started) => readonly LogLine[]>> = {
  'amazon-k8s-cni-init': ({ startedMs }) => initLog(startedMs),
  'amazon-k8s-cni': ({ twin, pod, startedMs }) =>
    awsNodeLog(twin, pod.spec.nodeName ?? '', startedMs),
  'aws-network-policy-agent': ({ container, startedMs }) => [
    logrus(startedMs, 'Starting network policy agent'),
    logrus(startedMs, `Flow verdicts are in ${logFileOf(container)} on the node`),
  ],
  'kube-proxy': ({ twin, pod, startedMs }) => kubeProxyLog(twin, pod, startedMs),
  coredns: ({ twin, pod, startedMs }) => corednsLog(twin, pod, startedMs),
  'metrics-server': ({ startedMs }) => metricsServerLog(startedMs),
  'aws-load-balancer-controller': ({ twin, container, startedMs }) =>
    loadBalancerLog(twin, startedMs, container.image ?? ''),
  'external-dns': ({ twin, startedMs }) => externalDnsLog(twin, startedMs),
};

const logFileOf = ({ args }: Container): string =>
  (args as readonly string[] | undefined)
    ?.find((arg) => arg.startsWith('--log-file='))
    ?.slice('--log-file='.length) ?? '/var/log/aws-routed-eni/network-policy-agent.log';

/** `coredns` of `602401143452.dkr.ecr.us-west-2.amazonaws.com/eks/coredns:v1.11.4-eksbuild.2`. */
const imageName = (image = ''): string =>
  image.slice(image.lastIndexOf('/') + 1).split(/[:@]/)[0] ?? '';

/** What the images of others would print is theirs; this says what is here instead. */
const ownLines = ({ twin, pod, container, startedMs }: Started): readonly LogLine[] => {
  const { name, image } = container;
  const { current } = twin.programs;
  if (current?.runs(pod, container) === true) {
    const when = 'before this start of ekstwin up';
    const text = `ekstwin: container ${name} ended ${when}; nothing that it printed is kept`;
    return [{ atMs: startedMs, text }];
  }
  const missing = current?.missing(pod, container);
  const what =
    missing === undefined
      ? `the twin does not run ${image}`
      : `its command is not run, as the built-in shell has no ${JSON.stringify(missing)}`;
  const text = `ekstwin: container ${name} started; ${what}, so it prints nothing of its own`;
  return [{ atMs: startedMs, text }];
};

const startOf = (status: ContainerStatus | undefined, isPrevious: boolean): number | undefined => {
  const last = status?.lastState as ContainerStatus['state'];
  const state = isPrevious || status?.state?.waiting !== undefined ? last : status?.state;
  const at = state?.running?.startedAt ?? state?.terminated?.startedAt;
  return at === undefined ? undefined : parseTimestamp(at);
};

/** One that waits to be started again shows its last run (kubelet_pods.go GetContainerLogs). */
const isEarlier = (status: ContainerStatus | undefined, isPrevious: boolean): boolean =>
  isPrevious && status?.state?.waiting === undefined;

/**
 * What a container has printed since it started, oldest first; nothing before it starts.
 *
 * @param isPrevious  of the run before the last restart
 */
export function logLines(
  twin: Twin,
  { pod, container }: { readonly pod: Pod; readonly container: Container },
  isPrevious = false,
): readonly LogLine[] {
  const status = containerStatusesOf(pod).find(({ name }) => name === container.name);
  const startedMs = startOf(status, isPrevious);
  if (startedMs === undefined) return [];
  const run = (status?.restartCount ?? 0) - (isEarlier(status, isPrevious) ? 1 : 0);
  const stream = programStream(pod, container.name, run);
  const write = LOGS[imageName(container.image)];
  if (write !== undefined) return write({ twin, pod, container, startedMs });
  if (twin.logBook.isOpen(stream)) return twin.logBook.read(stream);
  return ownLines({ twin, pod, container, startedMs });
}
