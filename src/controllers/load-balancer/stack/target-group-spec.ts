/**
 * controllers/load-balancer/stack/target-group-spec — target groups, the bindings that fill them
 * with a Service's endpoints, and those whose target is a load balancer.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/model/elbv2/target_group.go,
 * pkg/model/elbv2/k8s/target_group_binding.go, pkg/model/elbv2/frontend_nlb_target_group.go.
 */
import type { Tags } from '../../../model/ec2/tags.ts';
import type { TargetGroupProtocol, TargetType } from '../../../model/elbv2/target-group.ts';
import type { LabelSelector, Labels } from '../../../model/kubernetes/meta.ts';
import type { AttributeSpec } from './load-balancer-spec.ts';
import type { Token } from './token.ts';

export interface HealthCheckSpec {
  /** `traffic-port`, or a number. */
  readonly port?: number | string | undefined;
  readonly protocol?: 'HTTP' | 'HTTPS' | 'TCP' | undefined;
  readonly path?: string | undefined;
  readonly matcher?:
    | { readonly httpCode?: string | undefined; readonly grpcCode?: string | undefined }
    | undefined;
  readonly intervalSeconds?: number | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly healthyThresholdCount?: number | undefined;
  readonly unhealthyThresholdCount?: number | undefined;
}

export interface TargetGroupSpec {
  readonly name: string;
  readonly targetType: TargetType;
  readonly port: number;
  readonly protocol: TargetGroupProtocol;
  readonly protocolVersion?: 'HTTP1' | 'HTTP2' | 'GRPC' | undefined;
  readonly ipAddressType?: 'ipv4' | 'ipv6' | undefined;
  readonly healthCheckConfig?: HealthCheckSpec | undefined;
  readonly targetGroupAttributes?: readonly AttributeSpec[] | undefined;
  readonly tags?: Tags | undefined;
  readonly targetControlPort?: number | undefined;
}

export interface NetworkingPeerSpec {
  readonly ipBlock?: { readonly cidr: string } | undefined;
  readonly securityGroup?: { readonly groupID: Token } | undefined;
}

export interface NetworkingPortSpec {
  readonly protocol?: 'TCP' | 'UDP' | undefined;
  /** A name of the pods' ports where targets are addresses; absent: every port. */
  readonly port?: number | string | undefined;
}

export interface NetworkingSpec {
  readonly ingress?:
    | readonly {
        readonly from: readonly NetworkingPeerSpec[];
        readonly ports: readonly NetworkingPortSpec[];
      }[]
    | undefined;
}

/** The TargetGroupBinding object that will be written into the cluster. */
export interface TargetGroupBindingResourceSpec {
  readonly template: {
    readonly metadata: {
      readonly name: string;
      readonly namespace: string;
      readonly labels?: Labels | undefined;
      readonly annotations?: Labels | undefined;
    };
    readonly spec: {
      readonly targetGroupARN: Token;
      readonly targetType?: 'instance' | 'ip' | undefined;
      readonly serviceRef: { readonly name: string; readonly port: number | string };
      readonly networking?: NetworkingSpec | undefined;
      readonly nodeSelector?: LabelSelector | undefined;
      readonly ipAddressType?: 'ipv4' | 'ipv6' | undefined;
      readonly vpcID?: string | undefined;
      readonly multiClusterTargetGroup?: true | undefined;
      readonly targetGroupProtocol?: TargetGroupProtocol | undefined;
    };
  };
}

/** Target groups of a network load balancer whose target is the application load balancer. */
export interface FrontendTargetGroups {
  /** By target group name. Upstream's types have no JSON names here, so the capitals are printed. */
  readonly TargetGroups: Readonly<
    Record<
      string,
      {
        readonly Name: string;
        readonly ARN: Token;
        readonly Port: number;
        readonly TargetARN: Token;
        readonly TargetPort: number;
      }
    >
  >;
}
