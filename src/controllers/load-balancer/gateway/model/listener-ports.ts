/**
 * load-balancer/gateway/model/listener-ports — the listeners of a Gateway by port: several of one
 * port are one listener in AWS.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/model/
 * model_build_listener.go mapGatewayListenerConfigsByPort, mapLoadBalancerListenerConfigsByPort.
 */
import type { ListenerProtocol } from '../../../../model/elbv2/listener.ts';
import type { Listener } from '../../../../model/kubernetes/gateway.ts';
import type {
  ListenerConfiguration,
  LoadBalancerConfigurationSpec,
} from '../../../../model/kubernetes/gateway-configuration.ts';
import { BuildError } from '../../build-error.ts';
import type { LoadedGateway } from '../attachment/load-routes.ts';
import type { LoadedRoute } from '../attachment/loaded-route.ts';

export interface ListenerPort {
  readonly port: number;
  readonly protocol: ListenerProtocol;
  /** Whose certificates are looked for, sorted. */
  readonly hostnames: readonly string[];
  readonly configuration: ListenerConfiguration | undefined;
  readonly routes: readonly LoadedRoute[];
}

/** By port. @throws BuildError  where listeners of one port cannot be one */
export function listenerPortsOf(
  { listeners, routesByPort }: Pick<LoadedGateway, 'listeners' | 'routesByPort'>,
  { listenerConfigurations = [] }: LoadBalancerConfigurationSpec,
): readonly ListenerPort[] {
  const found = new Map<number, { protocol: ListenerProtocol; hostnames: Set<string> }>();
  for (const listener of listeners) {
    const { hostname, port } = listener;
    const protocol = protocolOf(listener);
    const before = found.get(port);
    const isSame = before?.protocol === protocol;
    const merged =
      before === undefined || isSame ? protocol : mergedProtocol(before.protocol, protocol);
    const hostnames = isSame ? before.hostnames : new Set<string>();
    if (hostname !== undefined) hostnames.add(hostname);
    for (const route of routesByPort.get(port) ?? []) {
      for (const served of hostnamesOf(route, port)) hostnames.add(served);
    }
    found.set(port, { protocol: merged, hostnames });
  }
  return [...found]
    .sort(([a], [b]) => a - b)
    .map(([port, { protocol, hostnames }]) => ({
      port,
      protocol,
      hostnames: [...hostnames].sort(),
      configuration: listenerConfigurations.findLast(
        (it) => it.protocolPort.toLowerCase() === `${protocol.toLowerCase()}:${port}`,
      ),
      routes: routesByPort.get(port) ?? [],
    }));
}

/** TLS that is passed through is TCP. */
const protocolOf = ({ protocol, tls }: Listener): ListenerProtocol =>
  protocol === 'TLS' && tls?.mode === 'Passthrough' ? 'TCP' : (protocol as ListenerProtocol);

/** One listener for TCP and UDP. */
function mergedProtocol(one: ListenerProtocol, other: ListenerProtocol): ListenerProtocol {
  const both: readonly ListenerProtocol[] = ['TCP', 'UDP', 'TCP_UDP'];
  if (both.includes(one) && both.includes(other)) return 'TCP_UDP';
  throw new BuildError(
    'invalid listeners on gateway, listeners with same ports cannot have different protocols',
  );
}

function hostnamesOf({ hostnames, route }: LoadedRoute, port: number): readonly string[] {
  const served = hostnames.get(port) ?? [];
  return served.length > 0 ? served : (route.spec.hostnames ?? []);
}
