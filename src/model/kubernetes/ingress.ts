/**
 * model/kubernetes/ingress — Ingress and IngressClass, and the parameters that the AWS Load
 * Balancer Controller gives a class (elbv2.k8s.aws/v1beta1).
 *
 * Upstream: kubernetes/api networking/v1 types.go; kubernetes-sigs/aws-load-balancer-controller
 * @225f445 apis/elbv2/v1beta1/ingressclassparams_types.go.
 */
import type { LoadBalancerAddressType, Scheme } from '../elbv2/load-balancer.ts';
import type { KubernetesObject, LabelSelector } from './meta.ts';

/** Exactly one of the two. */
export interface IngressBackend {
  readonly service?:
    | {
        readonly name: string;
        readonly port?:
          | { readonly name?: string | undefined; readonly number?: number | undefined }
          | undefined;
      }
    | undefined;
  readonly resource?:
    | {
        readonly apiGroup?: string | undefined;
        readonly kind?: string | undefined;
        readonly name?: string | undefined;
      }
    | undefined;
}

export interface IngressPath {
  readonly path?: string | undefined;
  /** `Exact`, `Prefix`, `ImplementationSpecific`; required since networking.k8s.io/v1. */
  readonly pathType?: string | undefined;
  readonly backend: IngressBackend;
}

export interface IngressRule {
  readonly host?: string | undefined;
  readonly http?: { readonly paths: readonly IngressPath[] } | undefined;
}

export interface Ingress extends KubernetesObject {
  readonly spec: {
    readonly ingressClassName?: string | undefined;
    readonly defaultBackend?: IngressBackend | undefined;
    readonly rules?: readonly IngressRule[] | undefined;
    readonly tls?:
      | readonly {
          readonly hosts?: readonly string[] | undefined;
          readonly secretName?: string | undefined;
        }[]
      | undefined;
  };
  readonly status?:
    | {
        readonly loadBalancer?:
          | {
              readonly ingress?:
                | readonly {
                    readonly hostname?: string | undefined;
                    readonly ip?: string | undefined;
                    readonly ports?:
                      | readonly { readonly port: number; readonly protocol: string }[]
                      | undefined;
                  }[]
                | undefined;
            }
          | undefined;
      }
    | undefined;
}

export interface IngressClass extends KubernetesObject {
  readonly spec?:
    | {
        readonly controller?: string | undefined;
        readonly parameters?:
          | {
              readonly apiGroup?: string | undefined;
              readonly kind: string;
              readonly name: string;
              readonly namespace?: string | undefined;
              readonly scope?: string | undefined;
            }
          | undefined;
      }
    | undefined;
}

interface KeyAndValue {
  readonly key: string;
  readonly value: string;
}

/** By ids, or by tags, each with the values it may have. */
export interface SubnetSelector {
  readonly ids?: readonly string[] | undefined;
  readonly tags?: Readonly<Record<string, readonly string[]>> | undefined;
}

export interface IngressClassParamsSpec {
  readonly loadBalancerName?: string | undefined;
  readonly certificateArn?: readonly string[] | undefined;
  readonly namespaceSelector?: LabelSelector | undefined;
  readonly group?: { readonly name: string } | undefined;
  readonly scheme?: Scheme | undefined;
  readonly inboundCIDRs?: readonly string[] | undefined;
  readonly sslPolicy?: string | undefined;
  readonly sslRedirectPort?: string | undefined;
  readonly subnets?: SubnetSelector | undefined;
  readonly ipAddressType?: LoadBalancerAddressType | undefined;
  readonly tags?: readonly KeyAndValue[] | undefined;
  readonly targetType?: 'instance' | 'ip' | undefined;
  readonly loadBalancerAttributes?: readonly KeyAndValue[] | undefined;
  readonly listeners?:
    | readonly {
        readonly protocol?: string | undefined;
        readonly port?: number | undefined;
        readonly listenerAttributes?: readonly KeyAndValue[] | undefined;
      }[]
    | undefined;
  readonly minimumLoadBalancerCapacity?: { readonly capacityUnits: number } | undefined;
  readonly ipamConfiguration?: { readonly ipv4IPAMPoolId?: string | undefined } | undefined;
  /** The field's first spelling; not together with the other. */
  readonly PrefixListsIDs?: readonly string[] | undefined;
  readonly prefixListsIDs?: readonly string[] | undefined;
  readonly wafv2AclArn?: string | undefined;
  readonly wafv2AclName?: string | undefined;
}

/** What every Ingress of the class gets, whatever its annotations say. */
export interface IngressClassParams extends KubernetesObject {
  readonly spec?: IngressClassParamsSpec | undefined;
}
