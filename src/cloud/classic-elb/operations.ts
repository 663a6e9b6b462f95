/**
 * cloud/classic-elb/operations — Elastic Load Balancing's first API, as far as the in-tree
 * controller calls it: one method per action, in our nouns, errors as values.
 *
 * Source: Elastic Load Balancing API 2012-06-01; kubernetes/cloud-provider-aws@63ec440c
 * pkg/providers/v1/aws_loadbalancer.go for which actions there are.
 */
import type { AwsError } from '../../model/aws-error.ts';
import type { Tags } from '../../model/ec2/tags.ts';
import type { ClassicLoadBalancer, Scheme } from '../../model/elbv2/load-balancer.ts';

type Done = { readonly kind: 'done' } | AwsError;
type ListenerInput = ClassicLoadBalancer['listeners'][number];
type HealthCheckInput = ClassicLoadBalancer['healthCheck'];

interface Named {
  readonly loadBalancerName: string;
}

export interface ClassicElbOperations {
  createLoadBalancer(
    input: Named & {
      readonly listeners: readonly ListenerInput[];
      readonly subnets: readonly string[];
      readonly securityGroups: readonly string[];
      /** Default internet-facing. */
      readonly scheme?: Scheme | undefined;
      readonly tags?: Tags | undefined;
    },
  ): ClassicLoadBalancer | AwsError;
  /** All of them, or those named; a name there is none of is LoadBalancerNotFound. */
  describeLoadBalancers(input: {
    readonly loadBalancerNames?: readonly string[] | undefined;
  }): readonly ClassicLoadBalancer[] | AwsError;
  deleteLoadBalancer(input: Named): Done;
  attachLoadBalancerToSubnets(input: Named & { readonly subnets: readonly string[] }): Done;
  detachLoadBalancerFromSubnets(input: Named & { readonly subnets: readonly string[] }): Done;
  /** Replaces what the load balancer had. */
  applySecurityGroupsToLoadBalancer(
    input: Named & { readonly securityGroups: readonly string[] },
  ): Done;
  createLoadBalancerListeners(
    input: Named & { readonly listeners: readonly ListenerInput[] },
  ): Done;
  deleteLoadBalancerListeners(
    input: Named & { readonly loadBalancerPorts: readonly number[] },
  ): Done;
  configureHealthCheck(input: Named & { readonly healthCheck: HealthCheckInput }): Done;
  registerInstancesWithLoadBalancer(input: Named & { readonly instances: readonly string[] }): Done;
  deregisterInstancesFromLoadBalancer(
    input: Named & { readonly instances: readonly string[] },
  ): Done;
  /** As `ClassicLoadBalancer.attributes` spells them; what is not named stays. */
  modifyLoadBalancerAttributes(
    input: Named & { readonly attributes: Readonly<Record<string, string>> },
  ): Done;
  /**
   * CreateLoadBalancerPolicy (ProxyProtocolPolicyType) and SetLoadBalancerPoliciesForBackendServer
   * in one: whether an instance port gets a PROXY header.
   */
  setProxyProtocol(
    input: Named & { readonly instancePort: number; readonly isEnabled: boolean },
  ): Done;
  /** CreateLoadBalancerPolicy (SSLNegotiationPolicyType) and SetLoadBalancerPoliciesOfListener. */
  setListenerSslPolicy(
    input: Named & { readonly loadBalancerPort: number; readonly sslPolicy: string },
  ): Done;
  addTags(input: Named & { readonly tags: Tags }): Done;
}

/** The same verbs, each taking AWS's time. */
export type ClassicElb = {
  readonly [Action in keyof ClassicElbOperations]: (
    input: Parameters<ClassicElbOperations[Action]>[0],
  ) => Promise<ReturnType<ClassicElbOperations[Action]>>;
};
