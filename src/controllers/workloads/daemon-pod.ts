/**
 * controllers/workloads/daemon-pod — which nodes a DaemonSet means, and the pod it puts on one.
 *
 * Upstream: kubernetes/kubernetes pkg/controller/daemon/daemon_controller.go
 * NodeShouldRunDaemonPod, util/daemonset_util.go AddOrUpdateDaemonPodTolerations,
 * ReplaceDaemonSetPodNodeNameNodeAffinity.
 */
import type { DaemonSet } from '../../model/kubernetes/apps.ts';
import type { Node, Pod, PodSpec, Toleration } from '../../model/kubernetes/core.ts';
import { matchesRequiredAffinity } from '../../model/kubernetes/node-affinity.ts';
import { untoleratedTaint } from '../../model/kubernetes/toleration.ts';
import { podFromTemplate } from './pod-from-template.ts';
import { REVISION_LABEL } from './template-hash.ts';

/** Counts the templates of a set; old releases told fresh pods by it. */
export const GENERATION_LABEL = 'pod-template-generation';
/** Where a set says which of them is the present one. */
export const GENERATION_ANNOTATION = 'deprecated.daemonset.template.generation';

const exists = (name: string, effect: Toleration['effect']): Toleration => ({
  key: `node.kubernetes.io/${name}`,
  operator: 'Exists',
  effect,
});

const ALWAYS: readonly Toleration[] = [
  exists('not-ready', 'NoExecute'),
  exists('unreachable', 'NoExecute'),
  exists('disk-pressure', 'NoSchedule'),
  exists('memory-pressure', 'NoSchedule'),
  exists('pid-pressure', 'NoSchedule'),
  exists('unschedulable', 'NoSchedule'),
];
const HOST_NETWORK = exists('network-unavailable', 'NoSchedule');

const isSame = (a: Toleration, b: Toleration): boolean =>
  (a.key ?? '') === (b.key ?? '') &&
  (a.operator ?? 'Equal') === (b.operator ?? 'Equal') &&
  (a.value ?? '') === (b.value ?? '') &&
  a.effect === b.effect;

/** One list per template, so that all its pods are one class to the scheduler. */
const tolerations = new WeakMap<PodSpec, readonly Toleration[]>();

function tolerationsOf(spec: PodSpec): readonly Toleration[] {
  let list = tolerations.get(spec);
  if (list === undefined) {
    const added = spec.hostNetwork === true ? [...ALWAYS, HOST_NETWORK] : ALWAYS;
    const own = (spec.tolerations ?? []).filter((it) => !added.some((other) => isSame(it, other)));
    list = [...own, ...added];
    tolerations.set(spec, list);
  }
  return list;
}

const labelsOf = new WeakMap<object, Readonly<Record<string, string>>>();

/** The set's pod for a node, not yet created: bound for it by node affinity. */
export function daemonPod(set: DaemonSet, nodeName: string, hash: string): Pod {
  const { template } = set.spec;
  const { spec } = template;
  const pinned = [
    { matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: [nodeName] }] },
  ];
  let labels = labelsOf.get(template);
  if (labels === undefined) {
    labels = {
      ...template.metadata?.labels,
      [REVISION_LABEL]: hash,
      [GENERATION_LABEL]: String(set.metadata.generation ?? 1),
    };
    labelsOf.set(template, labels);
  }
  const pod = podFromTemplate(set, template, {
    spec: {
      ...spec,
      affinity: {
        ...spec.affinity,
        nodeAffinity: {
          ...spec.affinity?.nodeAffinity,
          requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: pinned },
        },
      },
      tolerations: tolerationsOf(spec),
    },
  });
  return { ...pod, metadata: { ...pod.metadata, labels } };
}

export interface NodeVerdict {
  readonly shouldRun: boolean;
  /** Pods already there may stay (taints without NoExecute do not drive them away). */
  readonly mayStay: boolean;
}

/** Answers per template and node; both are frozen, so an answer holds for as long as they live. */
export class DaemonNodes {
  readonly #verdicts = new WeakMap<PodSpec, WeakMap<Node['metadata'], Verdicts>>();

  verdict(set: DaemonSet, node: Node): NodeVerdict {
    const { spec } = set.spec.template;
    let byNode = this.#verdicts.get(spec);
    if (byNode === undefined) {
      byNode = new WeakMap();
      this.#verdicts.set(spec, byNode);
    }
    const known = byNode.get(node.metadata);
    if (known !== undefined && known.taints === node.spec.taints) return known.verdict;
    const verdict = verdictOf(spec, node);
    byNode.set(node.metadata, { taints: node.spec.taints, verdict });
    return verdict;
  }
}

interface Verdicts {
  readonly taints: Node['spec']['taints'];
  readonly verdict: NodeVerdict;
}

function verdictOf(spec: PodSpec, node: Node): NodeVerdict {
  const { nodeName } = spec;
  const isNamed = nodeName === undefined || nodeName === '' || nodeName === node.metadata.name;
  if (!isNamed || !matchesRequiredAffinity(spec, node)) return { shouldRun: false, mayStay: false };
  const list = tolerationsOf(spec);
  const { taints } = node.spec;
  return {
    shouldRun: untoleratedTaint(taints, list, ['NoSchedule', 'NoExecute']) === undefined,
    mayStay: untoleratedTaint(taints, list, ['NoExecute']) === undefined,
  };
}
