/**
 * datapath/policy/enforcement — what stands between a pod and its node: network policy, by the
 * engine that the cluster runs. The walk asks a session at the host end of the pod's primary veth.
 *
 * Where: Amazon's agent sees egress before conntrack and DNAT and ingress after everything
 * (aws-network-policy-agent@c8619c0 pkg/ebpf/bpf_client.go TCIngressAttach, TCEgressAttach); the
 * API's semantics are on pod addresses, so after DNAT. `judgesEgress` says which.
 * Reads: NetworkPolicy, PolicyEndpoint, ClusterPolicyEndpoint, Pod, Namespace, Node, Service.
 */

import type { TwinStore } from '../../model/kinds.ts';
import { isFargate } from '../../model/kubernetes/compute-type.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { type PolicyEngine, policyEngineOf } from '../../model/kubernetes/policy-engine.ts';
import { type NamespaceId, podKeyOf } from '../../model/linux/namespace.ts';
import type { Packet } from '../../net/index.ts';
import type { Recorder } from '../recorder.ts';
import type { Verdict } from '../trace.ts';
import { AgentView } from './agent-view.ts';
import { AwsSession } from './aws-session.ts';
import { AwsWords } from './aws-words.ts';
import { ClusterView } from './cluster-view.ts';
import type { Direction } from './compiled-policy.ts';
import { type NotEnforced, UnenforcedSession } from './not-enforced.ts';
import { PortableSession } from './portable-session.ts';

/** One flow's way through the policies: its answers pass where it passed. */
export interface PolicySession {
  /** A packet from the pod; undefined = it passes. Call it where `judgesEgress` says. */
  egress(id: NamespaceId, packet: Packet, recorder: Recorder): Verdict | undefined;
  /** A packet to the pod, as it is on the pod's veth; undefined = it passes. */
  ingress(id: NamespaceId, packet: Packet, recorder: Recorder): Verdict | undefined;
}

/** A pod that policies may be about, and why nobody enforces them there. */
interface Policed {
  readonly pod: Pod;
  readonly inert: NotEnforced | undefined;
}

/** Pods kept at hand. */
const POLICED_MAX = 40_000;

/** The policies of one cluster; keeps what it compiled while the store stays as it is. */
export class PolicyEnforcement {
  readonly #store: TwinStore;
  readonly #view: ClusterView;
  readonly #agents: AgentView;
  readonly #words: AwsWords;
  readonly #policed = new Map<NamespaceId, Policed | undefined>();
  #engine: PolicyEngine | undefined;
  #revision = -1;

  constructor(store: TwinStore) {
    this.#store = store;
    this.#view = new ClusterView(store);
    this.#agents = new AgentView(store);
    this.#words = new AwsWords(this.#view);
  }

  get engine(): PolicyEngine {
    if (this.#engine === undefined || this.#revision !== this.#store.revision) {
      this.#revision = this.#store.revision;
      this.#engine = policyEngineOf(this.#store);
      this.#view.refresh();
      this.#agents.refresh();
      this.#policed.clear();
    }
    return this.#engine;
  }

  /** Which header egress is judged by: as the pod sent it, or with the Service's backend in it. */
  get judgesEgress(): 'before-nat' | 'after-nat' {
    return this.engine.kind === 'aws-vpc-cni' ? 'before-nat' : 'after-nat';
  }

  /** A fresh session for one flow and its answers. */
  session(): PolicySession {
    const { engine } = this;
    const inner =
      engine.kind === 'aws-vpc-cni'
        ? new AwsSession(this.#agents, this.#words, engine)
        : new PortableSession(this.#view);
    let unenforced: UnenforcedSession | undefined;
    const ask = (
      direction: Direction,
      id: NamespaceId,
      packet: Packet,
      recorder: Recorder,
    ): Verdict | undefined => {
      const policed = this.#policedAt(id);
      if (policed === undefined) return undefined;
      const { pod, inert } = policed;
      if (inert !== undefined) {
        unenforced ??= new UnenforcedSession(this.#view);
        return unenforced.note(inert, pod, direction, packet, recorder);
      }
      return inner.judge(pod, direction, packet, recorder);
    };
    return {
      egress: (id, packet, recorder) => ask('egress', id, packet, recorder),
      ingress: (id, packet, recorder) => ask('ingress', id, packet, recorder),
    };
  }

  #policedAt(id: NamespaceId): Policed | undefined {
    const known = this.#policed.get(id);
    if (known !== undefined || this.#policed.has(id)) return known;
    const podKey = podKeyOf(id);
    const pod = podKey === undefined ? undefined : this.#view.pod(podKey);
    const made =
      pod === undefined || pod.spec.hostNetwork === true
        ? undefined
        : { pod, inert: this.#inertFor(pod) };
    if (this.#policed.size >= POLICED_MAX) this.#policed.clear();
    this.#policed.set(id, made);
    return made;
  }

  /** Why nobody enforces policies on this pod; undefined where somebody does. */
  #inertFor(pod: Pod): NotEnforced | undefined {
    const { engine } = this;
    if (engine.kind === 'off') {
      return { kind: 'off', object: engine.object, field: engine.field, store: this.#store };
    }
    const nodeName = pod.spec.nodeName ?? '';
    const node = this.#store.get('Node', nodeName);
    const where =
      node !== undefined && isFargate(node)
        ? 'Fargate'
        : node?.metadata.labels?.['kubernetes.io/os'] === 'windows'
          ? 'Windows'
          : undefined;
    if (where === undefined || engine.kind !== 'aws-vpc-cni') return undefined;
    return { kind: 'node', object: `node ${nodeName}`, where };
  }
}
