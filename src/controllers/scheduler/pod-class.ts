/**
 * controllers/scheduler/pod-class — pods a scheduler cannot tell apart.
 *
 * 150,000 pods come from a few templates. Everything a filter or a score reads of a pod is in its
 * class, so what one pod of a class was told holds for the next. Parts of a spec are compared by
 * identity first (pods of a template share its frozen parts) and by content when that fails.
 */
import type {
  Affinity,
  Pod,
  PodAffinityTerm,
  PodSpec,
  TopologySpreadConstraint,
} from '../../model/kubernetes/core.ts';
import { controllerOf, type Labels } from '../../model/kubernetes/meta.ts';
import { pinnedNodeOf } from '../../model/kubernetes/node-affinity.ts';
import {
  type HostPort,
  hostPortsOf,
  type Requests,
  requestsOf,
} from '../../model/kubernetes/pod-requests.ts';
import type { Tally } from './tally.ts';

export interface WeightedTerm {
  readonly weight: number;
  readonly term: PodAffinityTerm;
}

/** Pod (anti-)affinity of a class, and the constraints that spread it. */
export interface PodTerms {
  readonly affinity: readonly PodAffinityTerm[];
  readonly antiAffinity: readonly PodAffinityTerm[];
  /** Negative weights are preferred anti-affinity. */
  readonly preferred: readonly WeightedTerm[];
  readonly spread: readonly TopologySpreadConstraint[];
}

export interface PodClass {
  readonly id: number;
  readonly namespace: string;
  readonly labels: Labels;
  /** The spec of the class's first pod; only fields the class is made of may be read. */
  readonly spec: PodSpec;
  readonly priority: number;
  readonly mayPreempt: boolean;
  /** Milli-units by resource. */
  readonly requests: Requests;
  readonly ports: readonly HostPort[];
  readonly terms: PodTerms;
  /** The workload whose selector spreads the class when it has no constraints of its own. */
  readonly owner: { readonly kind: string; readonly name: string } | undefined;
  /** True when each pod of the class is bound for one node, which is not part of the class. */
  readonly isPinned: boolean;
  /** Counts this class's pods are part of; kept by TallyBook. */
  readonly tallies: Tally[];
  /** Its pods that are on nodes; kept by ClusterCache. */
  placed: number;
}

const NO_LABELS: Labels = Object.freeze({});

/** Gives every pod its class. */
export class PodClasses {
  readonly #byKey = new Map<string, PodClass>();
  readonly #ids = new WeakMap<object, number>();
  readonly #byContent = new Map<string, number>();
  readonly #created: (podClass: PodClass) => void;

  /** @param created  told of every new class, before its first pod is placed */
  constructor(created: (podClass: PodClass) => void) {
    this.#created = created;
  }

  values(): Iterable<PodClass> {
    return this.#byKey.values();
  }

  of(pod: Pod): PodClass {
    const { metadata, spec } = pod;
    const pinned = pinnedNodeOf(spec) !== undefined;
    const owner = controllerOf(pod);
    const spreads = owner?.kind === 'ReplicaSet' || owner?.kind === 'StatefulSet';
    const key = [
      metadata.namespace ?? '',
      this.#idOf(metadata.labels),
      this.#idOf(spec.containers),
      this.#idOf(spec.initContainers),
      this.#idOf(spec.overhead),
      this.#idOf(spec.nodeSelector),
      this.#affinityKey(spec.affinity, pinned),
      this.#idOf(spec.tolerations),
      this.#idOf(spec.topologySpreadConstraints),
      spec.priority ?? 0,
      spec.preemptionPolicy === 'Never' ? 'n' : '',
      spreads ? owner.uid : '',
    ].join('|');
    let podClass = this.#byKey.get(key);
    if (podClass !== undefined) return podClass;
    podClass = classFrom(this.#byKey.size, pod, pinned, spreads ? owner : undefined);
    this.#byKey.set(key, podClass);
    this.#created(podClass);
    return podClass;
  }

  #affinityKey(affinity: Affinity | undefined, pinned: boolean): string {
    if (affinity === undefined) return '';
    const { nodeAffinity, podAffinity, podAntiAffinity } = affinity;
    const required = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    const preferred = nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution;
    const node = pinned ? 'pinned' : this.#idOf(required);
    const others = [preferred, podAffinity, podAntiAffinity].map((it) => this.#idOf(it));
    return `${node}.${others.join('.')}`;
  }

  /** A number per content; equal content written in another order is another number. */
  #idOf(part: object | undefined): number {
    if (part === undefined || part === null) return 0;
    const known = this.#ids.get(part);
    if (known !== undefined) return known;
    const content = JSON.stringify(isContainers(part) ? claimsOf(part) : part);
    let id = this.#byContent.get(content);
    if (id === undefined) {
      id = this.#byContent.size + 1;
      this.#byContent.set(content, id);
    }
    this.#ids.set(part, id);
    return id;
  }
}

type Containers = PodSpec['containers'];

const isContainers = (part: object): part is Containers =>
  Array.isArray(part) && part.length > 0 && part[0].name !== undefined;

/** What a scheduler reads of containers. */
const claimsOf = (containers: Containers): unknown =>
  containers.map(({ resources, ports, restartPolicy }) => [
    resources?.requests,
    ports?.filter((port) => (port.hostPort ?? 0) > 0),
    restartPolicy,
  ]);

function classFrom(
  id: number,
  { metadata, spec }: Pod,
  isPinned: boolean,
  owner: PodClass['owner'],
): PodClass {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  const preferred = [
    ...(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((it) => ({
      weight: it.weight,
      term: it.podAffinityTerm,
    })),
    ...(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((it) => ({
      weight: -it.weight,
      term: it.podAffinityTerm,
    })),
  ];
  return {
    id,
    namespace: metadata.namespace ?? '',
    labels: metadata.labels ?? NO_LABELS,
    spec,
    priority: spec.priority ?? 0,
    mayPreempt: spec.preemptionPolicy !== 'Never',
    requests: requestsOf(spec),
    ports: hostPortsOf(spec),
    terms: {
      affinity: podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [],
      antiAffinity: podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [],
      preferred,
      spread: spec.topologySpreadConstraints ?? [],
    },
    owner: owner === undefined ? undefined : { kind: owner.kind, name: owner.name },
    isPinned,
    tallies: [],
    placed: 0,
  };
}
