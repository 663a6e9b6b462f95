/**
 * load-balancer/gateway/attachment/load-error — why something a route or a listener refers to
 * cannot be had, as the route's status and the Gateway's status say it.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/routeutils/
 * loader_error.go. A BuildError that is no LoadError stops the reconcile and no status says why.
 */
import type { AnyRoute } from '../../../../model/kubernetes/route.ts';
import { BuildError } from '../../build-error.ts';

export type RouteReason =
  | 'NotAllowedByListeners'
  | 'NoMatchingListenerHostname'
  | 'NoMatchingParent'
  | 'UnsupportedValue'
  | 'IncompatibleFilters'
  | 'RefNotPermitted'
  | 'InvalidKind'
  | 'BackendNotFound';

export class LoadError extends BuildError {
  readonly routeReason: RouteReason;
  /** What the Gateway's condition says, where this stops it. */
  readonly gatewayMessage: string;
  /** True where AWS is making what is missing. */
  isUnderWay = false;

  constructor(text: string, routeReason: RouteReason, gatewayMessage = text) {
    super(text);
    this.name = 'LoadError';
    this.routeReason = routeReason;
    this.gatewayMessage = gatewayMessage;
  }
}

/** About something a rule of the route refers to. */
export const routeError = (
  { kind, metadata }: AnyRoute,
  routeReason: RouteReason,
  text: string,
): LoadError => {
  const where = `(${kind}, ${metadata.namespace}:${metadata.name})`;
  const whole = `${text}. Invalid data can be found in route ${where}`;
  return new LoadError(text, routeReason, whole);
};
