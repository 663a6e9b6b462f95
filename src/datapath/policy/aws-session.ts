/**
 * datapath/policy/aws-session — one flow through the programs that Amazon's node agent attaches to a
 * pod's veth: its own connection table first, then Admin cluster policies, NetworkPolicies,
 * Baseline cluster policies, and what the enforcing mode says when nobody did.
 *
 * Upstream: aws/aws-network-policy-agent@c8619c0 pkg/ebpf/c/tc.v4ingress.bpf.c handle_ingress,
 * evaluateFlow (and tc.v4egress.bpf.c, which differs in whose address is looked up).
 */
import type { Pod } from '../../model/kubernetes/core.ts';
import type { PolicyEngine } from '../../model/kubernetes/policy-engine.ts';
import type { Packet } from '../../net/index.ts';
import type { Recorder } from '../recorder.ts';
import type { Verdict } from '../trace.ts';
import type { AgentView, PodMaps } from './agent-view.ts';
import type { AwsWords } from './aws-words.ts';
import type { Direction } from './compiled-policy.ts';

type AwsEngine = Extract<PolicyEngine, { readonly kind: 'aws-vpc-cni' }>;

/** One packet in front of one program. */
export interface Question {
  readonly pod: Pod;
  readonly direction: Direction;
  readonly packet: Packet;
  readonly maps: PodMaps;
  readonly recorder: Recorder;
}

export class AwsSession {
  readonly #agents: AgentView;
  readonly #engine: AwsEngine;
  readonly #words: AwsWords;
  /** The agent's own connection table, aws_conntrack_map: per pod, written on allow only. */
  readonly #flows: { readonly pod: Pod; readonly packet: Packet }[] = [];

  constructor(agents: AgentView, words: AwsWords, engine: AwsEngine) {
    this.#agents = agents;
    this.#engine = engine;
    this.#words = words;
  }

  /** The stop, or undefined where the packet passes. */
  judge(pod: Pod, direction: Direction, packet: Packet, recorder: Recorder): Verdict | undefined {
    for (const flow of this.#flows)
      if (flow.pod === pod && isOfFlow(flow.packet, packet)) return undefined;
    const maps = this.#agents.mapsOf(pod);
    // A program of one family lets frames of the other pass.
    if (maps === undefined || typeof maps.nodeIp !== typeof packet.source) return undefined;
    const verdict = this.#evaluate({ pod, direction, packet, maps, recorder });
    if (verdict === undefined) this.#flows.push({ pod, packet });
    return verdict;
  }

  #evaluate(question: Question): Verdict | undefined {
    const { direction, packet, maps } = question;
    const ip = direction === 'egress' ? packet.destination : packet.source;
    const isNode = ip === maps.nodeIp;
    const cluster = maps.clusterMap(direction);
    // The node's entry in the cluster map is an Accept of priority 0.
    if (cluster !== undefined && isNode)
      return this.#words.nodeByClusterPolicy(question, this.#engine);
    const tiers = cluster?.lookup(ip, packet) ?? {};
    if (tiers.admin !== undefined) {
      const { action } = tiers.admin;
      if (action === 'Deny') return this.#words.clusterDenial(question, tiers.admin, 'Admin');
      this.#words.clusterPass(question, tiers.admin, 'Admin');
      if (action === 'Accept') return undefined;
    }
    if (maps.endpoints.length > 0) return this.#byNetworkPolicies(question, isNode, tiers.baseline);
    if (tiers.baseline !== undefined) {
      const { action } = tiers.baseline;
      if (action === 'Deny') return this.#words.clusterDenial(question, tiers.baseline, 'Baseline');
      this.#words.clusterPass(question, tiers.baseline, 'Baseline');
      if (action === 'Accept') return undefined;
    }
    return this.#engine.mode === 'strict'
      ? this.#words.strictDenial(question, this.#engine)
      : undefined;
  }

  #byNetworkPolicies(
    question: Question,
    isNode: boolean,
    baseline: Parameters<AwsWords['baselineSkipped']>[1] | undefined,
  ): Verdict | undefined {
    const { direction, packet, maps } = question;
    const ip = direction === 'egress' ? packet.destination : packet.source;
    const map = maps.map(direction);
    if (map === undefined) {
      // The catch-all entry of the direction nobody isolates hides the Baseline tier, and in strict
      // mode it is what lets the pod talk.
      if (baseline !== undefined) return this.#words.baselineSkipped(question, baseline);
      return this.#engine.mode === 'strict' ? this.#words.openPass(question) : undefined;
    }
    if (isNode) {
      const excepted = map.exceptedHost(ip);
      if (excepted === undefined) return this.#words.nodePass(question);
      return this.#words.denial(question, { kind: 'excepted', rule: excepted, block: 'the node' });
    }
    const answer = map.lookup(ip, packet);
    if (answer.kind === 'allow') return this.#words.pass(question, answer);
    return this.#words.denial(question, answer);
  }
}

/** A further packet of the flow, either way. */
const isOfFlow = (flow: Packet, packet: Packet): boolean =>
  flow.protocol === packet.protocol &&
  ((flow.source === packet.source &&
    flow.sourcePort === packet.sourcePort &&
    flow.destination === packet.destination &&
    flow.destinationPort === packet.destinationPort) ||
    (flow.source === packet.destination &&
      flow.sourcePort === packet.destinationPort &&
      flow.destination === packet.source &&
      flow.destinationPort === packet.sourcePort));
