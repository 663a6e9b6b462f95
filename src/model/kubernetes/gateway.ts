/**
 * model/kubernetes/gateway — Gateway API: classes, gateways with their listeners, and grants to
 * refer across namespaces. Routes have a file of their own.
 *
 * Upstream: kubernetes-sigs/gateway-api@v1.6.0 apis/v1/gateway_types.go, gatewayclass_types.go,
 * listenerset_types.go, apis/v1beta1/referencegrant_types.go.
 */
import type { Condition, KubernetesObject, LabelSelector, Labels } from './meta.ts';

/** Who reconciles a class: an application or a network load balancer. */
export const ALB_CONTROLLER = 'gateway.k8s.aws/alb';
export const NLB_CONTROLLER = 'gateway.k8s.aws/nlb';

/** Admission fills in what a reader need not ask for: `allowedRoutes`, `kind`, `group`. */
export interface Listener {
  readonly name: string;
  readonly hostname?: string | undefined;
  readonly port: number;
  /** `HTTP`, `HTTPS`, `TCP`, `TLS`, `UDP`, or anything else. */
  readonly protocol: string;
  readonly tls?: { readonly mode?: 'Terminate' | 'Passthrough' | undefined } | undefined;
  readonly allowedRoutes?:
    | {
        readonly namespaces?: FromNamespaces | undefined;
        readonly kinds?: readonly RouteGroupKind[] | undefined;
      }
    | undefined;
}

export interface FromNamespaces {
  readonly from?: 'All' | 'Selector' | 'Same' | 'None' | undefined;
  readonly selector?: LabelSelector | undefined;
}

export interface RouteGroupKind {
  readonly group?: string | undefined;
  readonly kind: string;
}

/** Names a LoadBalancerConfiguration; of a Gateway always one in its own namespace. */
export interface ParametersReference {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** What a listener has come to. */
export interface ListenerStatus {
  readonly name: string;
  readonly supportedKinds: readonly RouteGroupKind[];
  readonly attachedRoutes: number;
  readonly conditions: readonly Condition[];
}

export interface Gateway extends KubernetesObject {
  readonly spec: {
    readonly gatewayClassName: string;
    readonly listeners: readonly Listener[];
    readonly infrastructure?:
      | {
          readonly labels?: Labels | undefined;
          readonly annotations?: Labels | undefined;
          readonly parametersRef?: Omit<ParametersReference, 'namespace'> | undefined;
        }
      | undefined;
    readonly allowedListeners?: { readonly namespaces?: FromNamespaces | undefined } | undefined;
  };
  readonly status?:
    | {
        readonly addresses?:
          | readonly { readonly type?: string | undefined; readonly value: string }[]
          | undefined;
        readonly conditions?: readonly Condition[] | undefined;
        readonly listeners?: readonly ListenerStatus[] | undefined;
        readonly attachedListenerSets?: number | undefined;
      }
    | undefined;
}

export interface GatewayClass extends KubernetesObject {
  readonly spec: {
    readonly controllerName: string;
    readonly parametersRef?: ParametersReference | undefined;
  };
  readonly status?: { readonly conditions?: readonly Condition[] | undefined } | undefined;
}

/** More listeners for a Gateway, in an object of their own. */
export interface ListenerSet extends KubernetesObject {
  readonly spec: {
    readonly parentRef: {
      readonly group?: string | undefined;
      readonly kind?: string | undefined;
      readonly name: string;
      readonly namespace?: string | undefined;
    };
    readonly listeners: readonly Listener[];
  };
  readonly status?:
    | {
        readonly conditions?: readonly Condition[] | undefined;
        readonly listeners?: readonly ListenerStatus[] | undefined;
      }
    | undefined;
}

/** Lets objects of other namespaces refer into its own. */
export interface ReferenceGrant extends KubernetesObject {
  readonly spec: {
    readonly from: readonly {
      readonly group: string;
      readonly kind: string;
      readonly namespace: string;
    }[];
    readonly to: readonly {
      readonly group: string;
      readonly kind: string;
      /** Absent: any. */
      readonly name?: string | undefined;
    }[];
  };
}
