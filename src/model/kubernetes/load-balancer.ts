/**
 * model/kubernetes/load-balancer — the CRDs of the AWS Load Balancer Controller.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * apis/elbv2/v1beta1/targetgroupbinding_types.go.
 */
import type { Condition, KubernetesObject, LabelSelector, Labels } from './meta.ts';

/** Whom a rule lets in: one of the two. */
export interface NetworkingPeer {
  readonly ipBlock?: { readonly cidr: string } | undefined;
  readonly securityGroup?: { readonly groupID: string } | undefined;
}

export interface NetworkingPort {
  /** TCP when nobody says. */
  readonly protocol?: 'TCP' | 'UDP' | undefined;
  /** All ports when nobody says; a name is a pod's container port, with ip targets only. */
  readonly port?: number | string | undefined;
}

export interface NetworkingIngressRule {
  readonly from: readonly NetworkingPeer[];
  readonly ports: readonly NetworkingPort[];
}

/** elbv2.k8s.aws/v1beta1: a Service's endpoints as the targets of a target group. */
export interface TargetGroupBinding extends KubernetesObject {
  readonly spec: {
    /** One of the two is written; the webhook finds the ARN of a name. */
    readonly targetGroupARN?: string | undefined;
    readonly targetGroupName?: string | undefined;
    readonly multiClusterTargetGroup?: boolean | undefined;
    /** What follows is the target group's own where nobody says; the webhook fills it in. */
    readonly targetType?: 'instance' | 'ip' | undefined;
    readonly targetGroupProtocol?: string | undefined;
    readonly ipAddressType?: 'ipv4' | 'ipv6' | undefined;
    readonly vpcID?: string | undefined;
    readonly serviceRef: { readonly name: string; readonly port: number | string };
    readonly networking?:
      | { readonly ingress?: readonly NetworkingIngressRule[] | undefined }
      | undefined;
    readonly nodeSelector?: LabelSelector | undefined;
    readonly iamRoleArnToAssume?: string | undefined;
    readonly assumeRoleExternalId?: string | undefined;
  };
  readonly status?:
    | {
        readonly observedGeneration?: number | undefined;
        readonly conditions?: readonly Condition[] | undefined;
      }
    | undefined;
}

/** `ingress.k8s.aws/stack=shop`: whose stack an object is of, by its labels; an index's term. */
export function stackTermOf(labels: Labels = {}): string | undefined {
  const marks = Object.keys(labels).filter((key) =>
    /\.k8s\.aws[.a-z]*\/stack(-namespace|-name)?$/.test(key),
  );
  return marks.length === 0
    ? undefined
    : marks
        .sort()
        .map((key) => `${key}=${labels[key]}`)
        .join();
}
