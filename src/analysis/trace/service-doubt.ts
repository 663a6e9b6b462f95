/**
 * analysis/trace/service-doubt — what is wrong with a Service's port where a packet to its address
 * went astray: no rule of kube-proxy knows the port, so the packet left as any other would.
 */
import type { Verdict } from '../../datapath/trace.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Service } from '../../model/kubernetes/core.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { formatIp, formatProtocol, hasPorts, type Packet } from '../../net/index.ts';

/** The verdict with its cause, where the packet was for a port that its Service does not have. */
export function withServiceDoubt(store: TwinStore, sent: Packet, verdict: Verdict): Verdict {
  if (verdict.disposition === 'delivered') return verdict;
  const address = formatIp(sent.destination);
  const service = store
    .list('Service')
    .find(({ spec }) => (spec.clusterIPs ?? [spec.clusterIP]).includes(address));
  if (service === undefined) return verdict;
  const protocol = formatProtocol(sent.protocol);
  if (!hasPorts(sent.protocol)) return notAService(service, protocol, verdict);
  const ports = service.spec.ports ?? [];
  const isKnown = ports.some(
    (it) => it.port === sent.destinationPort && (it.protocol ?? 'TCP').toLowerCase() === protocol,
  );
  if (isKnown) return verdict;
  const has = ports.map((it) => `${(it.protocol ?? 'TCP').toLowerCase()} ${it.port}`).join(', ');
  const port = `${protocol} ${sent.destinationPort}`;
  return {
    ...verdict,
    text:
      `Service ${keyOf(service)} has no port ${port} (it has ${has === '' ? 'none' : has}), so no ` +
      `rule of kube-proxy turns the packet to a pod: ${verdict.text}`,
    code: 'K8S_SVC_PORT_MISMATCH',
    remedy: {
      text:
        has === ''
          ? `add port ${port} to the Service`
          : `send to ${has}, or add port ${port} to the Service`,
    },
  };
}

/** kube-proxy's rules are for ports: a ping to a Service's address goes nowhere. */
const notAService = (service: Service, protocol: string, verdict: Verdict): Verdict => ({
  ...verdict,
  text:
    `${service.spec.clusterIP} is the address of Service ${keyOf(service)}, which no host has: ` +
    `kube-proxy turns its ports to pods, not ${protocol}: ${verdict.text}`,
  code: 'K8S_SVC_PORT_MISMATCH',
  remedy: { text: "ping a pod, or connect to one of the Service's ports" },
});
