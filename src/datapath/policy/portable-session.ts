/**
 * datapath/policy/portable-session — one flow under the API's own semantics, with the answers of
 * what passed let through, as the kernel's connection tracking does for every such plugin.
 */
import type { Pod } from '../../model/kubernetes/core.ts';
import type { Packet } from '../../net/index.ts';
import type { Recorder } from '../recorder.ts';
import type { Verdict } from '../trace.ts';
import type { ClusterView } from './cluster-view.ts';
import { type Direction, portsText } from './compiled-policy.ts';
import { PassedFlows } from './passed-flows.ts';
import {
  consideredRules,
  isolatingElements,
  namesText,
  type PolicyDecision,
  recordDenial,
  recordPass,
  trafficText,
} from './policy-step.ts';
import { judgePortably, type PortableJudgement } from './portable.ts';
import { ruleRemedy } from './remedy.ts';

export class PortableSession {
  readonly #view: ClusterView;
  readonly #flows = new PassedFlows();

  constructor(view: ClusterView) {
    this.#view = view;
  }

  /** The stop, or undefined where the packet passes. */
  judge(pod: Pod, direction: Direction, packet: Packet, recorder: Recorder): Verdict | undefined {
    if (this.#flows.isAnswer(pod, direction, packet)) return undefined;
    const judgement = judgePortably(this.#view, pod, direction, packet);
    const verdict = recordPortable(this.#view, judgement, pod, direction, packet, recorder);
    if (verdict === undefined) this.#flows.pass(pod, direction, packet);
    return verdict;
  }
}

const selfText = ({ metadata }: Pod): string => `pod ${metadata.namespace}/${metadata.name}`;

/** What lets a packet of an isolated pod pass, in words. */
export function portablePass(
  view: ClusterView,
  judgement: Extract<PortableJudgement, { readonly kind: 'allowed' | 'node' }>,
  pod: Pod,
  direction: Direction,
  packet: Packet,
): PolicyDecision {
  const traffic = trafficText(view, direction, packet);
  if (judgement.kind === 'allowed') {
    const { policy, rule, peer } = judgement;
    const field = `ports ${portsText(rule.ports)}`;
    const path = peer?.path ?? rule.path;
    return {
      direction,
      decisive: [{ kind: 'network-policy', object: policy.object, rule: path, field }],
      text: `${namesText([policy.object])} ${path} allows ${traffic}`,
    };
  }
  const { policies, nodeName } = judgement;
  const names = namesText(policies.map(({ object }) => object));
  return {
    direction,
    decisive: [...isolatingElements(policies), { kind: 'node', object: `node ${nodeName}` }],
    text: `${traffic} is ${selfText(pod)}'s own node, which policies never keep away (${names})`,
  };
}

function recordPortable(
  view: ClusterView,
  judgement: PortableJudgement,
  pod: Pod,
  direction: Direction,
  packet: Packet,
  recorder: Recorder,
): Verdict | undefined {
  if (judgement.kind === 'open') return undefined;
  if (judgement.kind !== 'denied')
    return recordPass(recorder, portablePass(view, judgement, pod, direction, packet));
  const traffic = trafficText(view, direction, packet);
  const isolating = isolatingElements(judgement.policies);
  const names = namesText(judgement.policies.map(({ object }) => object));
  const self = selfText(pod);
  return recordDenial(recorder, {
    direction,
    decisive: isolating,
    considered: consideredRules(judgement.policies, direction),
    text: `${names} ${isolating.length === 1 ? 'isolates' : 'isolate'} ${self} for ${direction}, and no rule allows ${traffic}`,
    remedy: ruleRemedy(
      view,
      judgement.policies.map(({ policy }) => policy),
      { direction, packet },
    ),
  });
}
