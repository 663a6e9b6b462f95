/**
 * analysis/trace/service-doubt — what is wrong with a Service where a packet to its address went
 * astray: no rule of kube-proxy knows the port, so the packet left as any other would; or nobody
 * is there to answer.
 */
import type { Verdict } from '../../datapath/trace.ts';
import type { Branch } from '../../datapath/walk/flow.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Service, ServicePort } from '../../model/kubernetes/core.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { formatIp, formatProtocol, hasPorts, type Packet } from '../../net/index.ts';
import { withMissingEndpoints } from './missing-endpoints.ts';

/** The verdict with its cause, where the packet was for a port that its Service does not have. */
export function withServiceDoubt(store: TwinStore, subject: Branch, verdict: Verdict): Verdict {
  if (verdict.disposition === 'delivered') return verdict;
  const { sent } = subject;
  const address = formatIp(sent.destination);
  const protocol = formatProtocol(sent.protocol);
  if (verdict.code === 'K8S_SVC_NO_ENDPOINTS') return withCause(store, sent, verdict);
  const service = serviceAt(store, address);
  if (service === undefined) return verdict;
  if (!hasPorts(sent.protocol)) return notAService(service, protocol, verdict);
  const ports = service.spec.ports ?? [];
  const isKnown = ports.some(
    (it) => it.port === sent.destinationPort && (it.protocol ?? 'TCP').toLowerCase() === protocol,
  );
  if (isKnown) return withoutKubeProxy(service, subject, verdict);
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

/** Nobody rewrote the destination, and the packet went on as any other: no kube-proxy. */
function withoutKubeProxy(service: Service, { forward }: Branch, verdict: Verdict): Verdict {
  if (!ASTRAY.has(verdict.disposition)) return verdict;
  const steps = forward.flatMap((hop) => hop.steps);
  const isTurned = steps.some(
    ({ rewritten }) =>
      rewritten !== undefined && rewritten.before.destination !== rewritten.after.destination,
  );
  if (isTurned) return verdict;
  const node = forward.find((hop) => hop.node.startsWith('node '))?.node ?? 'the node';
  return {
    ...verdict,
    text:
      `${verdict.text}: ${node} has no rule that turns the address of Service ` +
      `${keyOf(service)} to a pod: no kube-proxy (iptables or nftables) wrote any`,
    code: 'K8S_NO_KUBE_PROXY',
    remedy: {
      text: 'run kube-proxy on every node',
      command: 'kubectl get pods -n kube-system -l k8s-app=kube-proxy -o wide',
    },
  };
}

const ASTRAY: ReadonlySet<Verdict['disposition']> = new Set([
  'timed-out',
  'no-route',
  'blackholed',
  'denied-by-security-group',
  'denied-by-network-acl',
]);

const serviceAt = (store: TwinStore, address: string): Service | undefined =>
  store.list('Service').find(({ spec }) => (spec.clusterIPs ?? [spec.clusterIP]).includes(address));

const isFor = (sent: Packet, { protocol = 'TCP' }: ServicePort): boolean =>
  protocol.toLowerCase() === formatProtocol(sent.protocol);

/** Why nobody answers for the Service: of the address, or of the node port. */
function withCause(store: TwinStore, sent: Packet, verdict: Verdict): Verdict {
  const service =
    serviceAt(store, formatIp(sent.destination)) ??
    store
      .list('Service')
      .find(({ spec }) =>
        spec.ports?.some((it) => it.nodePort === sent.destinationPort && isFor(sent, it)),
      );
  if (service === undefined) return verdict;
  const port = service.spec.ports?.find(
    (it) => [it.port, it.nodePort].includes(sent.destinationPort) && isFor(sent, it),
  );
  return withMissingEndpoints(store, service, port, verdict);
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
