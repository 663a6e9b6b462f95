/**
 * load-balancer/gateway/attachment/load-routes — a Gateway's listeners, its own and those of its
 * listener sets, with the routes attached to them and everything these refer to.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/routeutils/loader.go.
 */
import type { TwinStore } from '../../../../model/kinds.ts';
import {
  ALB_CONTROLLER,
  type Gateway,
  type Listener,
  type ListenerSet,
} from '../../../../model/kubernetes/gateway.ts';
import type { TargetGroupConfiguration } from '../../../../model/kubernetes/gateway-configuration.ts';
import { keyOf } from '../../../../model/kubernetes/meta.ts';
import type { AnyRoute } from '../../../../model/kubernetes/route.ts';
import { BuildError } from '../../build-error.ts';
import { type AttachedRoute, attachRoutes, listenerTerm, type Parent } from './attach-routes.ts';
import { ALB_ROUTES, NLB_ROUTES, routesOfGateway } from './gateway-lookups.ts';
import { listenerSetsOf, NO_SETS } from './listener-sets.ts';
import { ListenerPorts, type ValidatedListener } from './listener-validation.ts';
import { LoadError } from './load-error.ts';
import { loadRules } from './load-rules.ts';
import type { LoadedRoute } from './loaded-route.ts';
import { accepted, firstOfEach, misloaded, type RouteOutcome } from './route-outcome.ts';

export interface ListenerOutcome extends ValidatedListener {
  readonly attachedRoutes: number;
}

/** The Gateway or a set, with what its listeners have come to. */
export interface ParentOutcome<Object extends Gateway | ListenerSet> {
  readonly object: Object;
  readonly listeners: readonly ListenerOutcome[];
}

export interface LoadedGateway {
  readonly routesByPort: ReadonlyMap<number, readonly LoadedRoute[]>;
  /** The valid ones. */
  readonly listeners: readonly Listener[];
  readonly gateway: ParentOutcome<Gateway>;
  readonly sets: readonly ParentOutcome<ListenerSet>[];
  readonly rejectedSets: readonly ListenerSet[];
}

/** What is loaded, or why it cannot be; routes are told their outcome either way. */
export interface Loading {
  readonly result: LoadedGateway | BuildError;
  readonly outcomes: readonly RouteOutcome[];
}

export interface LoadRequest {
  readonly store: TwinStore;
  readonly gateway: Gateway;
  readonly controllerName: string;
  readonly takesListenerSets: boolean;
  readonly defaults: TargetGroupConfiguration | undefined;
}

export function loadRoutes(request: LoadRequest): Loading {
  const outcomes: RouteOutcome[] = [];
  try {
    const result = load(request, outcomes);
    return { result, outcomes: firstOfEach(outcomes) };
  } catch (error) {
    if (error instanceof BuildError) return { result: error, outcomes: firstOfEach(outcomes) };
    throw error;
  }
}

function load(request: LoadRequest, outcomes: RouteOutcome[]): LoadedGateway {
  const { store, gateway, controllerName } = request;
  const sets = request.takesListenerSets ? listenerSetsOf(store, gateway) : NO_SETS;
  const ports = new ListenerPorts(controllerName);
  const parents: readonly Parent[] = [gateway, ...sets.accepted].map((object) => ({
    object,
    listeners: ports.validate(object.spec.listeners),
  }));
  const kinds = controllerName === ALB_CONTROLLER ? ALB_ROUTES : NLB_ROUTES;
  const routes = routesOfGateway(store, kinds, keyOf(gateway), sets.accepted);
  const attachment = attachRoutes(store, parents, routes);
  outcomes.push(...attachment.failures);
  const loaded = loadAttached(request, attachment.routesByPort, outcomes);
  const [own, ...others] = parents.map(({ object, listeners }) => ({
    object,
    listeners: listeners.map((it) => ({
      ...it,
      attachedRoutes: attachment.counts.get(listenerTerm(object, it.listener)) ?? 0,
    })),
  }));
  return {
    routesByPort: loaded,
    listeners: attachment.listeners,
    gateway: own as ParentOutcome<Gateway>,
    sets: others as ParentOutcome<ListenerSet>[],
    rejectedSets: sets.rejected,
  };
}

function loadAttached(
  { store, defaults }: LoadRequest,
  routesByPort: ReadonlyMap<number, readonly AttachedRoute[]>,
  outcomes: RouteOutcome[],
): ReadonlyMap<number, readonly LoadedRoute[]> {
  const loaded = new Map<AnyRoute, LoadedRoute>();
  const successes: RouteOutcome[] = [];
  for (const attached of [...routesByPort.values()].flat()) {
    const { route, parentRefs } = attached;
    if (loaded.has(route)) continue;
    const left: LoadError[] = [];
    try {
      const rules = loadRules({ store, route, defaults }, left);
      loaded.set(route, { route, rules, hostnames: sortedHostnames(attached) });
    } catch (error) {
      if (error instanceof LoadError) left.push(error);
      throw error;
    } finally {
      for (const error of left)
        outcomes.push(...parentRefs.map((it) => misloaded(route, it, error)));
    }
    successes.push(...parentRefs.map((it) => accepted(route, it)));
  }
  outcomes.push(...successes);
  return new Map(
    [...routesByPort].map(([port, routes]) => [
      port,
      routes.map(({ route }) => loaded.get(route)!),
    ]),
  );
}

const sortedHostnames = ({ hostnames }: AttachedRoute): ReadonlyMap<number, readonly string[]> =>
  new Map([...hostnames].map(([port, served]) => [port, [...served].sort()]));
