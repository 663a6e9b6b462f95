/**
 * datapath/policy/not-enforced — policies that would have stopped a packet, where nobody enforces
 * them: said once, as a note, because people believe that a policy they applied works.
 */
import type { TwinStore } from '../../model/kinds.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import type { Packet } from '../../net/index.ts';
import type { Recorder } from '../recorder.ts';
import type { Element } from '../trace.ts';
import type { ClusterView } from './cluster-view.ts';
import type { CompiledPolicy, Direction } from './compiled-policy.ts';
import { PassedFlows } from './passed-flows.ts';
import { isolatingElements, namesText, recordPass } from './policy-step.ts';
import { judgePortably } from './portable.ts';
import { portablePass } from './portable-session.ts';

export type NotEnforced =
  /** The agent is not there, or not turned on. */
  | {
      readonly kind: 'off';
      readonly object: string;
      readonly field: string;
      readonly store: TwinStore;
    }
  /** The agent does not run where the pod does. */
  | { readonly kind: 'node'; readonly object: string; readonly where: 'Fargate' | 'Windows' };

/** One flow past policies that nobody enforces; everything passes. */
export class UnenforcedSession {
  readonly #view: ClusterView;
  readonly #flows = new PassedFlows();

  constructor(view: ClusterView) {
    this.#view = view;
  }

  /** Notes which policies would have denied the packet. */
  note(
    why: NotEnforced,
    pod: Pod,
    direction: Direction,
    packet: Packet,
    recorder: Recorder,
  ): undefined {
    if (this.#flows.isAnswer(pod, direction, packet)) return;
    this.#flows.pass(pod, direction, packet);
    // Judged before DNAT, a Service's address says nothing about the pods behind it.
    if (why.kind === 'node' && this.#view.serviceAt(packet.destination) !== undefined) return;
    const judgement = judgePortably(this.#view, pod, direction, packet);
    if (judgement.kind === 'denied') return record(why, judgement.policies, direction, recorder);
    if (judgement.kind === 'open') return;
    // What lets it pass is said too: without it the note above would appear.
    const pass = portablePass(this.#view, judgement, pod, direction, packet);
    const { decisive } = pass;
    const text = `${pass.text}; nothing enforces network policies here`;
    recordPass(recorder, { direction, decisive, text });
  }
}

function record(
  why: NotEnforced,
  policies: readonly CompiledPolicy[],
  direction: Direction,
  recorder: Recorder,
): undefined {
  const names = namesText(policies.map(({ object }) => object));
  const cause: Element =
    why.kind === 'off'
      ? { kind: 'cluster', object: why.object, field: why.field }
      : { kind: 'node', object: why.object, field: why.where };
  const text =
    why.kind === 'off'
      ? `${names} would stop this, but nothing enforces network policies here: ${why.field} on ` +
        `${why.object}; turn it on with: ${enablingCommand(why.store)}`
      : `${names} would stop this, but the network policy agent does not run on ${why.where}`;
  return recordPass(
    recorder,
    {
      direction,
      decisive: [...isolatingElements(policies), cause],
      text,
      code: 'K8S_NETPOL_NOT_ENFORCED',
    },
    'note',
  );
}

function enablingCommand(store: TwinStore): string {
  const cluster = [...store.entries('eks/cluster')][0]?.value.name ?? 'CLUSTER';
  return (
    `aws eks update-addon --cluster-name ${cluster} --addon-name vpc-cni ` +
    `--configuration-values '{"enableNetworkPolicy":"true"}'`
  );
}
