/**
 * analysis/capacity/scheduler-limit — how many more pods of a shape the scheduler would bind to a
 * node, and which of its filters says no to the next.
 *
 * Upstream: kubernetes/kubernetes pkg/scheduler/framework/plugins (noderesources/fit.go, taints,
 * node affinity, node unschedulable). The scheduler knows nothing of addresses.
 */
import type {
  NodeSelectorRequirement,
  NodeSelectorTerm,
  Taint,
  Toleration,
} from '../../model/kubernetes/core.ts';
import type { Labels } from '../../model/kubernetes/meta.ts';
import { formatQuantity } from '../../model/kubernetes/quantity.ts';
import { matchesLabels, matchesRequirement } from '../../model/kubernetes/selectors.ts';
import { evidence, type Stop, type StopKind } from './evidence.ts';
import type { NodeLedger } from './node-ledger.ts';
import { POD_ENI_RESOURCE } from './node-usage.ts';
import { isSibling, type PodShape } from './pod-shape.ts';

export interface SchedulerLimit {
  /** Pods of the shape that still get bound here. */
  readonly pods: number;
  /** What stops the one after. */
  readonly stop: Stop;
}

/** The tightest filter of a node for a shape. */
export function schedulerLimit(ledger: NodeLedger, shape: PodShape): SchedulerLimit {
  const refused = refusal(ledger, shape);
  if (refused !== undefined) return { pods: 0, stop: refused };
  const limits = [slotLimit(ledger)];
  if (shape.onePerNode) limits.push(siblingLimit(ledger, shape));
  for (const [resource, perPod] of shape.request)
    if (perPod > 0) limits.push(resourceLimit(ledger, resource, perPod));
  return limits.reduce((least, limit) => (limit.pods < least.pods ? limit : least));
}

const objectOf = ({ nodeName }: NodeLedger): string => `node ${nodeName}`;

function slotLimit(ledger: NodeLedger): SchedulerLimit {
  const bound = ledger.pods.length;
  return {
    pods: Math.max(0, ledger.maxPods - bound),
    stop: {
      kind: 'max-pods',
      text: `the kubelet takes ${ledger.maxPods} pods and has ${bound}: "Too many pods"`,
      evidence: [
        evidence(objectOf(ledger), 'status.allocatable.pods', ledger.maxPods),
        evidence(objectOf(ledger), 'pods bound', bound),
      ],
    },
  };
}

function siblingLimit(ledger: NodeLedger, shape: PodShape): SchedulerLimit {
  const siblings = ledger.pods.filter((pod) => isSibling(shape, pod)).length;
  return {
    pods: Math.max(0, 1 - siblings),
    stop: {
      kind: 'spread',
      text: 'its host port or anti-affinity allows one such pod per node',
      evidence: [evidence(objectOf(ledger), 'such pods bound', siblings)],
    },
  };
}

const RESOURCE_STOP: Readonly<Record<string, StopKind>> = {
  cpu: 'cpu',
  memory: 'memory',
  [POD_ENI_RESOURCE]: 'branch-enis',
};

function resourceLimit(ledger: NodeLedger, resource: string, perPodMilli: number): SchedulerLimit {
  const hasMilli = ledger.allocatable.get(resource) ?? 0;
  const usedMilli = ledger.requested.get(resource) ?? 0;
  const format =
    resource === 'memory' || resource === 'ephemeral-storage' ? 'BinarySI' : 'DecimalSI';
  const write = (milli: number): string => formatQuantity(milli, format);
  return {
    pods: Math.max(0, Math.floor((hasMilli - usedMilli) / perPodMilli)),
    stop: {
      kind: RESOURCE_STOP[resource] ?? 'extended-resource',
      text:
        `${write(usedMilli)} of ${write(hasMilli)} ${resource} are requested; ` +
        `one more pod asks for ${write(perPodMilli)}: "Insufficient ${resource}"`,
      evidence: [
        evidence(objectOf(ledger), `status.allocatable.${resource}`, write(hasMilli)),
        evidence(objectOf(ledger), `requested ${resource}`, write(usedMilli)),
        evidence('pod template', `requests.${resource}`, write(perPodMilli)),
      ],
    },
  };
}

/** Why the node takes no pod of the shape at all. */
function refusal(ledger: NodeLedger, { spec }: PodShape): Stop | undefined {
  const { node } = ledger;
  const object = objectOf(ledger);
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready !== undefined && ready.status !== 'True')
    return {
      kind: 'not-ready',
      text: `the node is not Ready: ${ready.message ?? ready.reason ?? ready.status}`,
      evidence: [evidence(object, 'Ready', ready.status)],
    };
  if (node.spec.unschedulable === true)
    return {
      kind: 'unschedulable',
      text: 'the node is cordoned',
      evidence: [evidence(object, 'spec.unschedulable', 'true')],
    };
  const taint = node.spec.taints?.find((it) => isRefusedBy(it, spec.tolerations ?? []));
  if (taint !== undefined) {
    const text = `${taint.key}${taint.value ? `=${taint.value}` : ''}:${taint.effect}`;
    return {
      kind: 'unschedulable',
      text: `the pod does not tolerate taint ${text}`,
      evidence: [evidence(object, 'spec.taints', text)],
    };
  }
  const terms =
    spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const labels = node.metadata.labels ?? {};
  const selected =
    matchesLabels(spec.nodeSelector ?? {}, labels) &&
    (terms === undefined || terms.some((term) => matchesTerm(term, labels, ledger.nodeName)));
  if (selected) return undefined;
  return {
    kind: 'not-selected',
    text: "the pod's nodeSelector or node affinity does not match the node",
    evidence: [evidence(object, 'metadata.labels', Object.keys(labels).length)],
  };
}

const isRefusedBy = (taint: Taint, tolerations: readonly Toleration[]): boolean =>
  taint.effect !== 'PreferNoSchedule' && !tolerations.some((it) => tolerates(it, taint));

/** k8s.io/component-helpers core/v1 Toleration.ToleratesTaint. */
function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect !== undefined && toleration.effect !== taint.effect) return false;
  const key = toleration.key ?? '';
  if (key !== '' && key !== taint.key) return false;
  if (toleration.operator === 'Exists') return true;
  return key !== '' && (toleration.value ?? '') === (taint.value ?? '');
}

/** A term without requirements matches nothing. */
function matchesTerm(term: NodeSelectorTerm, labels: Labels, nodeName: string): boolean {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length + fields.length === 0) return false;
  return (
    expressions.every((it) => matchesNodeRequirement(it, labels)) &&
    fields.every((it) => matchesNodeRequirement(it, { 'metadata.name': nodeName }))
  );
}

function matchesNodeRequirement(requirement: NodeSelectorRequirement, labels: Labels): boolean {
  const { key, operator, values } = requirement;
  if (operator !== 'Gt' && operator !== 'Lt')
    return matchesRequirement({ key, operator, values }, labels);
  const bound = Number(values?.[0]);
  const value = Number(labels[key]);
  if (labels[key] === undefined || !Number.isInteger(value) || !Number.isInteger(bound))
    return false;
  return operator === 'Gt' ? value > bound : value < bound;
}
