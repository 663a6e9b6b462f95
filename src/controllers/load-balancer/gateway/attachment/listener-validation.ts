/**
 * load-balancer/gateway/attachment/listener-validation — which listeners a load balancer of this
 * kind can have, and which of them get in each other's way. Earlier ones win.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/routeutils/
 * listener_utils.go.
 */
import { ALB_CONTROLLER, type Listener } from '../../../../model/kubernetes/gateway.ts';
import { ALB_ROUTES, NLB_ROUTES } from './gateway-lookups.ts';

export type ListenerReason =
  | 'Accepted'
  | 'InvalidRouteKinds'
  | 'PortUnavailable'
  | 'UnsupportedProtocol'
  | 'ProtocolConflict'
  | 'HostnameConflict';

export interface ValidatedListener {
  readonly listener: Listener;
  readonly reason: ListenerReason;
  readonly message: string;
  readonly supportedKinds: readonly string[];
}

/** Routes that a listener of a protocol takes where it does not say. */
const ROUTES_OF_PROTOCOL: Readonly<Record<string, readonly string[]>> = {
  TCP: ['TCPRoute'],
  UDP: ['UDPRoute'],
  TLS: ['TLSRoute', 'TCPRoute'],
  HTTP: ['HTTPRoute'],
  HTTPS: ['HTTPRoute', 'GRPCRoute'],
};

const PROTOCOLS = { alb: ['HTTP', 'HTTPS'], nlb: ['TCP', 'UDP', 'TLS'] } as const;

/** The kinds of routes a listener asks for. */
export function allowedKinds({ allowedRoutes, protocol }: Listener): readonly string[] {
  const asked = (allowedRoutes?.kinds ?? []).map(({ kind }) => kind);
  return asked.length > 0 ? asked : (ROUTES_OF_PROTOCOL[protocol] ?? []);
}

/** What the listeners of one Gateway have taken so far, its own and those of its sets. */
export class ListenerPorts {
  readonly #routes: readonly string[];
  readonly #listenerProtocols: readonly string[];
  readonly #protocols = new Map<number, string>();
  readonly #hostnames = new Set<string>();

  constructor(controllerName: string) {
    const isAlb = controllerName === ALB_CONTROLLER;
    this.#routes = isAlb ? ALB_ROUTES : NLB_ROUTES;
    this.#listenerProtocols = isAlb ? PROTOCOLS.alb : PROTOCOLS.nlb;
  }

  /** Takes the listeners that can be had, in their order. */
  validate(listeners: readonly Listener[]): readonly ValidatedListener[] {
    return listeners.map((listener) => {
      const { reason, message } = this.#problemOf(listener) ?? ACCEPTED;
      return { listener, reason, message, supportedKinds: this.#supportedKinds(listener) };
    });
  }

  #supportedKinds(listener: Listener): readonly string[] {
    const asked = listener.allowedRoutes?.kinds ?? [];
    const kinds = allowedKinds(listener);
    return asked.length === 0 ? kinds : kinds.filter((kind) => this.#routes.includes(kind));
  }

  #problemOf(listener: Listener): Problem | undefined {
    const { name, port, protocol } = listener;
    const asked = (listener.allowedRoutes?.kinds ?? []).map(({ kind }) => kind);
    if (asked.some((kind) => !this.#routes.includes(kind))) {
      return { reason: 'InvalidRouteKinds', message: `Invalid route kind for listener ${name}` };
    }
    if (port < 1 || port > 65_535) {
      const message = `Port ${port} is not available (listener name ${name})`;
      return { reason: 'PortUnavailable', message };
    }
    if (!this.#listenerProtocols.includes(protocol)) {
      const message = `Unsupported protocol ${protocol} for listener ${name}`;
      return { reason: 'UnsupportedProtocol', message };
    }
    const conflict = this.#takePort(listener);
    return this.#takeHostname(listener) ?? conflict;
  }

  #takePort({ port, protocol }: Listener): Problem | undefined {
    const taken = this.#protocols.get(port);
    if (taken === undefined) this.#protocols.set(port, protocol);
    if (taken === undefined || taken === protocol || isTcpAndUdp(taken, protocol)) return undefined;
    return { reason: 'ProtocolConflict', message: `Protocol conflict for port ${port}` };
  }

  #takeHostname({ hostname, port }: Listener): Problem | undefined {
    if (hostname === undefined) return undefined;
    const key = `${port}-${hostname}`;
    if (!this.#hostnames.has(key)) {
      this.#hostnames.add(key);
      return undefined;
    }
    const message = `Hostname conflict for port ${port} with hostname ${hostname}`;
    return { reason: 'HostnameConflict', message };
  }
}

type Problem = Pick<ValidatedListener, 'reason' | 'message'>;

const ACCEPTED: Problem = { reason: 'Accepted', message: 'Listener is accepted.' };

const isTcpAndUdp = (one: string, other: string): boolean =>
  (one === 'TCP' && other === 'UDP') || (one === 'UDP' && other === 'TCP');
