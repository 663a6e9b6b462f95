/**
 * shell/network/policy-log — the lines that the network policy agent writes on a node for what it
 * denies: /var/log/aws-routed-eni/network-policy-agent.log.
 *
 * Upstream: aws/aws-network-policy-agent pkg/ebpf/events/events.go (Flow Info, Verdict DENY).
 */
import type { Hop, Verdict } from '../../datapath/trace.ts';
import type { Flow } from '../../datapath/walk/flow.ts';
import { EPOCH_MS } from '../../model/time.ts';
import { formatIp, protocolInCapitals } from '../../net/index.ts';
import type { Caller } from './caller.ts';

/** Keeps a line where a policy denied the flow; the packet as the policy saw it. */
export function logDenial(
  { world, memory }: Caller,
  { packet, origin }: Flow,
  { disposition }: Verdict,
  hops: readonly Hop[],
): void {
  if (disposition !== 'denied-by-network-policy') return;
  const { store, clock } = world.twin;
  const isIngress = hops.some(({ steps }) =>
    steps.some(({ kind, action }) => action === 'deny' && kind === 'network-policy-ingress'),
  );
  const rewrites = hops.flatMap(({ steps }) =>
    steps.flatMap((step) => step.rewritten?.after ?? []),
  );
  const seen = isIngress ? (rewrites.at(-1) ?? packet) : packet;
  const pods = isIngress
    ? store.lookup('Pod', 'address', formatIp(seen.destination))
    : [origin.kind === 'namespace' ? store.get('Pod', origin.id.slice('pod/'.length)) : undefined];
  const nodeName = pods[0]?.spec.nodeName;
  if (nodeName === undefined) return;
  memory.log(
    nodeName,
    JSON.stringify({
      level: 'info',
      timestamp: new Date(EPOCH_MS + clock.now()).toISOString(),
      logger: 'ebpf-client',
      msg: 'Flow Info:  ',
      'Src IP': formatIp(seen.source),
      'Src Port': seen.sourcePort,
      'Dest IP': formatIp(seen.destination),
      'Dest Port': seen.destinationPort,
      Proto: protocolInCapitals(seen.protocol),
      Verdict: 'DENY',
    }),
  );
}
