/**
 * datapath/policy/remedy — the smallest rule that would let a packet through, and the command that
 * adds it to one of the policies that isolate the pod.
 */

import type { Pod, Service } from '../../model/kubernetes/core.ts';
import type { Labels } from '../../model/kubernetes/meta.ts';
import type { NetworkPolicy } from '../../model/kubernetes/networking.ts';
import {
  formatCidr,
  hasPorts,
  hostCidr,
  type Packet,
  protocolInCapitals,
} from '../../net/index.ts';
import type { Remedy } from '../trace.ts';
import type { ClusterView } from './cluster-view.ts';
import type { Direction } from './compiled-policy.ts';

/** Labels that a controller writes and that differ from one rollout or pod to the next. */
const VOLATILE: ReadonlySet<string> = new Set([
  'pod-template-hash',
  'pod-template-generation',
  'controller-revision-hash',
  'apps.kubernetes.io/pod-index',
  'statefulset.kubernetes.io/pod-name',
  'controller-uid',
  'job-name',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-name',
  'batch.kubernetes.io/job-completion-index',
]);

interface Missing {
  readonly direction: Direction;
  readonly packet: Packet;
}

/** What to add, and to which policy; the first that already has rules in this direction. */
export function ruleRemedy(
  view: ClusterView,
  policies: readonly NetworkPolicy[],
  missing: Missing,
): Remedy | undefined {
  const { direction } = missing;
  const policy = policies.find(({ spec }) => (spec[direction] ?? []).length > 0) ?? policies[0];
  if (policy === undefined) return undefined;
  const { name, namespace } = policy.metadata;
  const rule = missingRule(view, missing, namespace ?? '');
  const has = policy.spec[direction] !== undefined;
  const patch = [
    { op: 'add', path: `/spec/${direction}${has ? '/-' : ''}`, value: has ? rule : [rule] },
  ];
  return {
    text: `add to networkpolicy ${namespace}/${name} under spec.${direction}: - ${flowYaml(rule)}`,
    command:
      `kubectl patch networkpolicy ${name} -n ${namespace} --type json ` +
      `-p '${JSON.stringify(patch)}'`,
  };
}

function missingRule(
  view: ClusterView,
  { direction, packet }: Missing,
  policyNamespace: string,
): Readonly<Record<string, unknown>> {
  const ip = direction === 'egress' ? packet.destination : packet.source;
  const service = direction === 'egress' ? view.serviceAt(ip) : undefined;
  const peerPod = view.podAt(ip);
  const peer = selectedPeer(service, peerPod, policyNamespace) ?? {
    ipBlock: { cidr: formatCidr(hostCidr(ip)) },
  };
  const port = service === undefined ? packet.destinationPort : targetOf(service, packet);
  const ports = hasPorts(packet.protocol)
    ? { ports: [{ protocol: protocolInCapitals(packet.protocol), port }] }
    : {};
  return { [direction === 'egress' ? 'to' : 'from']: [peer], ...ports };
}

/** The peer by its labels; undefined where it has none: an empty selector lets in everybody. */
function selectedPeer(
  service: Service | undefined,
  pod: Pod | undefined,
  policyNamespace: string,
): Readonly<Record<string, unknown>> | undefined {
  const metadata = (service ?? pod)?.metadata;
  const labels = service === undefined ? lasting(pod?.metadata.labels) : service.spec.selector;
  if (metadata === undefined || Object.keys(labels ?? {}).length === 0) return undefined;
  return podPeer(metadata.namespace ?? '', labels!, policyNamespace);
}

function podPeer(
  namespace: string,
  labels: Labels,
  policyNamespace: string,
): Readonly<Record<string, unknown>> {
  const podSelector = { podSelector: { matchLabels: labels } };
  if (namespace === policyNamespace) return podSelector;
  const matchLabels = { 'kubernetes.io/metadata.name': namespace };
  return { namespaceSelector: { matchLabels }, ...podSelector };
}

const lasting = (labels: Labels = {}): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([key]) => !VOLATILE.has(key)));

/** The port that a policy has to name so that the Service's port opens: its target. */
function targetOf({ spec }: Service, { destinationPort, protocol }: Packet): number | string {
  const port = (spec.ports ?? []).find(
    (it) => it.port === destinationPort && (it.protocol ?? 'TCP') === protocolInCapitals(protocol),
  );
  return port?.targetPort ?? destinationPort;
}

/** YAML's flow style, on one line: `{from: [{podSelector: {matchLabels: {app: web}}}]}`. */
function flowYaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flowYaml).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return plainScalar(value);
  const fields = Object.entries(value).map(([key, it]) => `${plainScalar(key)}: ${flowYaml(it)}`);
  return `{${fields.join(', ')}}`;
}

/** A scalar that YAML reads back as itself. */
function plainScalar(value: unknown): string {
  if (typeof value !== 'string') return String(value);
  const isPlain =
    /^[A-Za-z][\w./-]*$/.test(value) && !/^(true|false|yes|no|on|off|null|y|n)$/i.test(value);
  return isPlain ? value : JSON.stringify(value);
}
