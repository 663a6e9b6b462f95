/**
 * datapath/policy/policy-step — how a decision about policies reads in a trace.
 */
import type { Packet } from '../../net/index.ts';
import { hasPorts, protocolInCapitals } from '../../net/index.ts';
import type { Recorder } from '../recorder.ts';
import type { Element, Remedy, Verdict } from '../trace.ts';
import type { ClusterView } from './cluster-view.ts';
import { type CompiledPolicy, type Direction, portsText } from './compiled-policy.ts';

/** A judgement's words, before it is written. */
export interface PolicyDecision {
  readonly direction: Direction;
  readonly decisive: readonly Element[];
  readonly considered?: readonly Element[] | undefined;
  readonly text: string;
  readonly code?: string | undefined;
  readonly remedy?: Remedy | undefined;
}

const DENIED: Readonly<Record<Direction, string>> = {
  egress: 'K8S_NETPOL_EGRESS_DENIED',
  ingress: 'K8S_NETPOL_INGRESS_DENIED',
};

/** Writes a step that lets the packet pass. */
export function recordPass(
  recorder: Recorder,
  { direction, decisive, considered, text, code }: PolicyDecision,
  action: 'allow' | 'note' = 'allow',
): undefined {
  recorder.step({
    layer: 'security',
    kind: `network-policy-${direction}`,
    action,
    text,
    evidence: { decisive, considered, code },
  });
}

/** Writes a step that stops the packet, and says so. */
export function recordDenial(recorder: Recorder, decision: PolicyDecision): Verdict {
  const { direction, decisive, considered, text, remedy } = decision;
  const code = decision.code ?? DENIED[direction];
  recorder.step({
    layer: 'security',
    kind: `network-policy-${direction}`,
    action: 'deny',
    text,
    evidence: { decisive, considered, code },
  });
  return {
    disposition: 'denied-by-network-policy',
    text,
    code,
    ...(remedy === undefined ? {} : { remedy }),
  };
}

/** `TCP 3306 to 10.0.3.17 (pod catalog/catalog-mysql-0)`. */
export function trafficText(view: ClusterView, direction: Direction, packet: Packet): string {
  const protocol = protocolInCapitals(packet.protocol);
  const port = hasPorts(packet.protocol) ? ` ${packet.destinationPort}` : '';
  return direction === 'egress'
    ? `${protocol}${port} to ${view.addressText(packet.destination)}`
    : `${protocol}${port} from ${view.addressText(packet.source)}`;
}

/** The policies that isolate a pod, as evidence. */
export const isolatingElements = (policies: readonly CompiledPolicy[]): readonly Element[] =>
  policies.map(({ object, types }) => ({
    kind: 'network-policy',
    object,
    field: `policyTypes ${types.join(', ')}`,
  }));

/** Every rule that was looked at and did not match. */
export const consideredRules = (
  policies: readonly CompiledPolicy[],
  direction: Direction,
): readonly Element[] =>
  policies.flatMap(({ object, [direction]: rules }) =>
    rules.flatMap((rule) =>
      (rule.peers ?? [{ path: rule.path }]).map(
        ({ path }): Element => ({
          kind: 'network-policy',
          object,
          rule: path,
          field: `ports ${portsText(rule.ports)}`,
        }),
      ),
    ),
  );

/** The object without its kind. */
export const nameOf = (object: string): string => object.slice(object.indexOf(' ') + 1);

/** `allow-ui-egress`, `a and b`, `a, b and c`. */
export function namesText(objects: readonly string[]): string {
  const names = objects.map(nameOf);
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`;
}
