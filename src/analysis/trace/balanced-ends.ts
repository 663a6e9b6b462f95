/**
 * analysis/trace/balanced-ends — the load balancer that an Ingress or a Service stands for: its
 * name, a port it listens on, and for an Ingress the first host and path it has a rule for.
 *
 * Reads the objects' status, which their controllers write, and the load balancers' listeners.
 */
import { type AskedRequest, plainRequest } from '../../datapath/elb/http-request.ts';
import type { Listener } from '../../model/elbv2/listener.ts';
import { InputError } from '../../model/input-error.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Service } from '../../model/kubernetes/core.ts';
import type { Ingress } from '../../model/kubernetes/ingress.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { nearestWords } from '../../model/nearest.ts';
import { parseIp } from '../../net/index.ts';
import { portNumber } from './end-port.ts';
import type { Target } from './endpoint.ts';

/** An Ingress's load balancer. @throws InputError where there is none, with why */
export function ingressTarget(
  store: TwinStore,
  key: string,
  portText: string | undefined,
  where: string,
): Target {
  const ingress = store.get('Ingress', key);
  if (ingress === undefined) throw unknownIngress(store, key, where);
  const host = ingress.status?.loadBalancer?.ingress?.find((it) => it.hostname)?.hostname;
  if (host === undefined) throw pending(store, 'Ingress', key, where);
  const listeners = listenersOf(store, host);
  const asked = portNumber(portText, where);
  const listener = listeners.find(({ port }) => port === asked) ?? preferred(listeners);
  const port = asked ?? listener?.port ?? 80;
  const request = firstRequest(ingress, host, listener);
  const label = `ing/${key}`;
  const isChosen = asked === undefined && listeners.length > 1;
  return {
    kind: 'name',
    label,
    host,
    port,
    request,
    requestNote: request.host === host && request.path === '/' ? undefined : requestNote(request),
    note: isChosen
      ? `port ${port}, of its listeners ${listeners.map(labelOf).join(', ')}`
      : undefined,
  };
}

const labelOf = ({ protocol, port }: Listener): string => `${protocol}:${port}`;

const requestNote = ({ host, path }: AskedRequest): string =>
  `asks for http(s)://${host}${path}, of its first rule; --host and --path ask for another`;

/** One with TLS where there is one: the others often only redirect to it. */
const preferred = (listeners: readonly Listener[]): Listener | undefined =>
  listeners.find(({ protocol }) => protocol === 'HTTPS') ?? listeners[0];

function listenersOf(store: TwinStore, host: string): readonly Listener[] {
  const [balancer] = store.lookup('elbv2/load-balancer', 'dns-name', host.toLowerCase());
  if (balancer === undefined) return [];
  return store
    .lookup('elbv2/listener', 'load-balancer', balancer.loadBalancerArn)
    .toSorted((a, b) => a.port - b.port);
}

/** What the first rule would let through; a wildcard host is filled with a name. */
function firstRequest(
  { spec }: Ingress,
  balancerHost: string,
  listener: Listener | undefined,
): AskedRequest {
  const rule = spec.rules?.[0];
  const path = rule?.http?.paths[0]?.path ?? '/';
  const host = rule?.host?.replace(/^\*/, 'www') ?? balancerHost;
  const scheme = listener === undefined ? undefined : schemeOf(listener);
  return plainRequest(scheme, host, path.replace(/\*+$/, ''));
}

const schemeOf = ({ protocol }: Listener): 'http' | 'https' | undefined =>
  protocol === 'HTTPS' ? 'https' : protocol === 'HTTP' ? 'http' : undefined;

function unknownIngress(store: TwinStore, key: string, where: string): InputError {
  const keys = store.list('Ingress').map(keyOf);
  const same = keys.filter((it) => it.endsWith(`/${key.split('/')[1]}`));
  const near = same.length > 0 ? same : nearestWords(key, keys);
  const hint =
    near.length > 0
      ? `did you mean ${near.map((it) => `ing/${it}`).join(' or ')}?`
      : '"ekstwin get ingresses -A" lists what there is';
  return new InputError(where, `ingress "${key}" not found`, hint);
}

/** Why there is no load balancer: what its controller last said. */
function pending(
  store: TwinStore,
  kind: 'Ingress' | 'Service',
  key: string,
  where: string,
): InputError {
  const warning = store
    .lookup('Event', 'object', `${kind}:${key}`)
    .filter(({ type }) => type === 'Warning')
    .toSorted((a, b) => (a.lastTimestamp < b.lastTimestamp ? -1 : 1))
    .at(-1);
  const word = kind.toLowerCase();
  if (warning !== undefined) {
    return new InputError(
      where,
      `${word} ${key} has no load balancer: ${warning.reason}: ${warning.message}`,
      `"ekstwin events" shows everything its controller said; "ekstwin lb explain" what it reads`,
    );
  }
  return new InputError(
    where,
    `${word} ${key} has no load balancer: no controller has taken it`,
    kind === 'Ingress'
      ? 'set spec.ingressClassName to a class of ingress.k8s.aws/alb, and run with the AWS Load ' +
          'Balancer Controller: --with aws-load-balancer-controller'
      : 'run with the AWS Load Balancer Controller: --with aws-load-balancer-controller',
  );
}

/** The load balancer of a Service, as who is not in the cluster sends to it. @throws InputError */
export function balancedService(
  store: TwinStore,
  service: Service,
  port: number,
  where: string,
): Target {
  const key = keyOf(service);
  const [first] = service.status?.loadBalancer?.ingress ?? [];
  const label = `svc/${key}`;
  if (first?.hostname !== undefined) {
    const note = `from outside the cluster it is its load balancer, ${first.hostname}`;
    return { kind: 'name', label, host: first.hostname, port, note };
  }
  const address = first?.ip === undefined ? undefined : parseIp(first.ip);
  if (address === undefined) throw pending(store, 'Service', key, where);
  return { kind: 'address', label, address, port };
}

/** What who asks for a Service from inside the cluster should know of its load balancer. */
export function clusterIpNote(service: Service): string | undefined {
  const hostname = service.status?.loadBalancer?.ingress?.[0]?.hostname;
  if (hostname === undefined) return undefined;
  return `by its cluster address, not its load balancer: for that write ${hostname}`;
}
