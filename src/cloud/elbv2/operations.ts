/**
 * cloud/elbv2/operations — Elastic Load Balancing's verbs as controllers see them: one method per
 * API action, input and output in our nouns, errors as values (codes and texts of the API).
 *
 * `Elbv2Operations` answer at once; `Elbv2` is the same with AWS's time around it (cloud/decorate).
 * Describe calls answer everything that fits: paging is the wire's matter.
 */
import type { AwsError } from '../../model/aws-error.ts';
import type { Tags } from '../../model/ec2/tags.ts';
import type {
  Listener,
  ListenerAction,
  ListenerProtocol,
  ListenerRule,
  RuleCondition,
  RuleTransform,
} from '../../model/elbv2/listener.ts';
import type {
  LoadBalancer,
  LoadBalancerAddressType,
  LoadBalancerType,
  Scheme,
} from '../../model/elbv2/load-balancer.ts';
import type {
  HealthCheck,
  Target,
  TargetGroup,
  TargetGroupProtocol,
  TargetType,
} from '../../model/elbv2/target-group.ts';

export interface SubnetMapping {
  readonly subnetId: string;
  readonly allocationId?: string | undefined;
  readonly privateIpv4Address?: string | undefined;
  readonly ipv6Address?: string | undefined;
  readonly sourceNatIpv6Prefix?: string | undefined;
}

export interface CreateLoadBalancerInput {
  readonly name: string;
  /** Default application. */
  readonly type?: LoadBalancerType | undefined;
  /** Default internet-facing. */
  readonly scheme?: Scheme | undefined;
  readonly ipAddressType?: LoadBalancerAddressType | undefined;
  readonly subnetMappings: readonly SubnetMapping[];
  readonly securityGroups?: readonly string[] | undefined;
  readonly customerOwnedIpv4Pool?: string | undefined;
  readonly ipv4IpamPoolId?: string | undefined;
  readonly enablePrefixForIpv6SourceNat?: 'on' | 'off' | undefined;
  readonly tags?: Tags | undefined;
}

export interface CreateTargetGroupInput {
  readonly name: string;
  readonly targetType?: TargetType | undefined;
  readonly protocol: TargetGroupProtocol;
  readonly protocolVersion?: 'HTTP1' | 'HTTP2' | 'GRPC' | undefined;
  readonly port: number;
  readonly vpcId: string;
  readonly ipAddressType?: 'ipv4' | 'ipv6' | undefined;
  readonly healthCheck?: Partial<HealthCheck> | undefined;
  readonly targetControlPort?: number | undefined;
  readonly tags?: Tags | undefined;
}

export interface ListenerSettings {
  readonly port: number;
  readonly protocol: ListenerProtocol;
  /** The default certificate; the others go through addListenerCertificates. */
  readonly certificateArn?: string | undefined;
  readonly sslPolicy?: string | undefined;
  readonly alpnPolicy?: readonly string[] | undefined;
  readonly mutualAuthentication?: Listener['mutualAuthentication'];
  readonly defaultActions: readonly ListenerAction[];
}

export interface CreateListenerInput extends ListenerSettings {
  readonly loadBalancerArn: string;
  readonly tags?: Tags | undefined;
}

export interface RuleSettings {
  readonly conditions: readonly RuleCondition[];
  readonly actions: readonly ListenerAction[];
  readonly transforms?: readonly RuleTransform[] | undefined;
}

export interface TargetDescription {
  readonly id: string;
  /** Default: the group's port. */
  readonly port?: number | undefined;
  readonly availabilityZone?: string | undefined;
}

/**
 * Only what has this tag. The API knows no such filter: who looks for its own there lists all there
 * is, page by page. Here an index answers, so that one call is one call however much there is.
 */
export interface TagFilter {
  readonly key: string;
  readonly value: string;
}

type Attributes = Readonly<Record<string, string>>;
type Result<Value> = Value | AwsError;
/** Nothing to say but that it was done. */
type Done = { readonly kind: 'done' } | AwsError;

export interface Elbv2Operations {
  createLoadBalancer(input: CreateLoadBalancerInput): Result<LoadBalancer>;
  /** All of them, or those named; an unknown ARN or name is LoadBalancerNotFound. */
  describeLoadBalancers(input: {
    readonly loadBalancerArns?: readonly string[] | undefined;
    readonly names?: readonly string[] | undefined;
    readonly tagged?: TagFilter | undefined;
  }): Result<readonly LoadBalancer[]>;
  deleteLoadBalancer(input: { readonly loadBalancerArn: string }): Done;
  setIpAddressType(input: {
    readonly loadBalancerArn: string;
    readonly ipAddressType: LoadBalancerAddressType;
  }): Result<LoadBalancer>;
  setSubnets(input: {
    readonly loadBalancerArn: string;
    readonly subnetMappings: readonly SubnetMapping[];
    readonly enablePrefixForIpv6SourceNat?: 'on' | 'off' | undefined;
  }): Result<LoadBalancer>;
  setSecurityGroups(input: {
    readonly loadBalancerArn: string;
    readonly securityGroups: readonly string[];
    readonly enforceSecurityGroupInboundRulesOnPrivateLinkTraffic?: 'on' | 'off' | undefined;
  }): Result<LoadBalancer>;
  modifyLoadBalancerAttributes(input: {
    readonly loadBalancerArn: string;
    readonly attributes: Attributes;
  }): Result<Attributes>;
  describeLoadBalancerAttributes(input: { readonly loadBalancerArn: string }): Result<Attributes>;
  modifyIpPools(input: {
    readonly loadBalancerArn: string;
    readonly ipv4IpamPoolId?: string | undefined;
  }): Done;
  modifyCapacityReservation(input: {
    readonly loadBalancerArn: string;
    /** Undefined resets. */
    readonly minimumCapacityUnits?: number | undefined;
  }): Done;
  describeCapacityReservation(input: {
    readonly loadBalancerArn: string;
  }): Result<{ readonly minimumCapacityUnits?: number | undefined }>;

  createTargetGroup(input: CreateTargetGroupInput): Result<TargetGroup>;
  describeTargetGroups(input: {
    readonly targetGroupArns?: readonly string[] | undefined;
    readonly names?: readonly string[] | undefined;
    readonly loadBalancerArn?: string | undefined;
    readonly tagged?: TagFilter | undefined;
  }): Result<readonly TargetGroup[]>;
  modifyTargetGroup(input: {
    readonly targetGroupArn: string;
    readonly healthCheck: Partial<HealthCheck>;
  }): Result<TargetGroup>;
  modifyTargetGroupAttributes(input: {
    readonly targetGroupArn: string;
    readonly attributes: Attributes;
  }): Result<Attributes>;
  describeTargetGroupAttributes(input: { readonly targetGroupArn: string }): Result<Attributes>;
  /** ResourceInUse while a listener or rule forwards to it. */
  deleteTargetGroup(input: { readonly targetGroupArn: string }): Done;

  registerTargets(input: {
    readonly targetGroupArn: string;
    readonly targets: readonly TargetDescription[];
  }): Done;
  deregisterTargets(input: {
    readonly targetGroupArn: string;
    readonly targets: readonly TargetDescription[];
  }): Done;
  describeTargetHealth(input: {
    readonly targetGroupArn: string;
    readonly targets?: readonly TargetDescription[] | undefined;
  }): Result<readonly Target[]>;

  createListener(input: CreateListenerInput): Result<Listener>;
  describeListeners(input: {
    readonly loadBalancerArn?: string | undefined;
    readonly listenerArns?: readonly string[] | undefined;
  }): Result<readonly Listener[]>;
  modifyListener(
    input: { readonly listenerArn: string } & Partial<ListenerSettings>,
  ): Result<Listener>;
  deleteListener(input: { readonly listenerArn: string }): Done;
  addListenerCertificates(input: {
    readonly listenerArn: string;
    readonly certificateArns: readonly string[];
  }): Done;
  removeListenerCertificates(input: {
    readonly listenerArn: string;
    readonly certificateArns: readonly string[];
  }): Done;
  /** The default one first. */
  describeListenerCertificates(input: {
    readonly listenerArn: string;
  }): Result<readonly { readonly certificateArn: string; readonly isDefault: boolean }[]>;
  modifyListenerAttributes(input: {
    readonly listenerArn: string;
    readonly attributes: Attributes;
  }): Result<Attributes>;
  describeListenerAttributes(input: { readonly listenerArn: string }): Result<Attributes>;

  createRule(
    input: {
      readonly listenerArn: string;
      readonly priority: number;
      readonly tags?: Tags | undefined;
    } & RuleSettings,
  ): Result<ListenerRule>;
  /** Without the listener's default, which is the listener's own. */
  describeRules(input: {
    readonly listenerArn?: string | undefined;
    readonly ruleArns?: readonly string[] | undefined;
  }): Result<readonly ListenerRule[]>;
  modifyRule(input: { readonly ruleArn: string } & Partial<RuleSettings>): Result<ListenerRule>;
  deleteRule(input: { readonly ruleArn: string }): Done;
  setRulePriorities(input: {
    readonly rulePriorities: readonly { readonly ruleArn: string; readonly priority: number }[];
  }): Result<readonly ListenerRule[]>;

  addTags(input: { readonly resourceArns: readonly string[]; readonly tags: Tags }): Done;
  removeTags(input: {
    readonly resourceArns: readonly string[];
    readonly tagKeys: readonly string[];
  }): Done;
  describeTags(input: {
    readonly resourceArns: readonly string[];
  }): Result<ReadonlyMap<string, Tags>>;
}

/** The same verbs, each taking AWS's time. */
export type Elbv2 = {
  readonly [Action in keyof Elbv2Operations]: (
    ...input: Parameters<Elbv2Operations[Action]>
  ) => Promise<ReturnType<Elbv2Operations[Action]>>;
};
