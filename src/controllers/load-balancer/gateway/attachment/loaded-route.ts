/**
 * load-balancer/gateway/attachment/loaded-route — a route with everything its rules refer to.
 */
import type { Service, ServicePort } from '../../../../model/kubernetes/core.ts';
import type { Gateway } from '../../../../model/kubernetes/gateway.ts';
import type {
  ListenerRuleConfiguration,
  TargetGroupProps,
} from '../../../../model/kubernetes/gateway-configuration.ts';
import type {
  AnyRoute,
  ConnectionRule,
  GrpcRule,
  HttpRule,
} from '../../../../model/kubernetes/route.ts';

export interface ServiceBackend {
  readonly kind: 'service';
  readonly service: Service;
  /** Of several with one number, of TCP and UDP, the first. */
  readonly port: ServicePort;
  readonly props: TargetGroupProps;
}

/** An application load balancer behind a network load balancer. */
export interface GatewayBackend {
  readonly kind: 'gateway';
  readonly gateway: Gateway;
  readonly loadBalancerArn: string;
  readonly port: number;
  readonly props: TargetGroupProps;
}

/** A target group somebody else made. */
export interface NamedTargetGroup {
  readonly kind: 'target-group';
  readonly name: string;
}

export interface LoadedBackend {
  readonly target: ServiceBackend | GatewayBackend | NamedTargetGroup;
  readonly weight: number;
}

export interface LoadedRule {
  readonly rule: HttpRule | GrpcRule | ConnectionRule;
  readonly backends: readonly LoadedBackend[];
  readonly configuration?: ListenerRuleConfiguration | undefined;
}

export interface LoadedRoute {
  readonly route: AnyRoute;
  readonly rules: readonly LoadedRule[];
  /** By port, sorted; none where the route's own hostnames count, or there are none. */
  readonly hostnames: ReadonlyMap<number, readonly string[]>;
}
