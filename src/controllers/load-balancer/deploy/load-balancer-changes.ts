/**
 * load-balancer/deploy/load-balancer-changes — a load balancer that exists made what its stack
 * wants, in the order the controller does it.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * pkg/deploy/elbv2/load_balancer_manager.go Update.
 */
import type { SubnetMapping } from '../../../cloud/elbv2/operations.ts';
import type { LoadBalancer } from '../../../model/elbv2/load-balancer.ts';
import type { LoadBalancerSpec } from '../stack/load-balancer-spec.ts';
import type { Resource } from '../stack/stack.ts';
import { reconcileAttributes } from './attributes.ts';
import { must } from './deploy-error.ts';
import type { Deployment } from './deployment.ts';

type Wanted = Resource<'AWS::ElasticLoadBalancingV2::LoadBalancer'>;

export class LoadBalancerChanges {
  readonly #deployment: Deployment;

  constructor(deployment: Deployment) {
    this.#deployment = deployment;
  }

  /** @throws DeployError where AWS refuses */
  async apply({ id, spec }: Wanted, existing: LoadBalancer): Promise<void> {
    // A pool goes before the address type changes and comes after everything else.
    if (spec.ipv4IPAMPool === undefined) await this.#setPool(existing, undefined);
    await this.#deployment.tools.tags.reconcile(
      existing.loadBalancerArn,
      existing.tags,
      this.#deployment.tagsFor(id, spec.tags),
      this.#deployment.foreignTagKeys,
    );
    await this.securityGroups(spec, existing);
    await this.#subnets(spec, existing);
    await this.#addressType(spec, existing);
    await this.attributes(spec, existing);
    if (spec.ipv4IPAMPool !== undefined) await this.#setPool(existing, spec.ipv4IPAMPool);
  }

  /** The ids of the groups the load balancer is to have. */
  groupsOf({ securityGroups = [] }: LoadBalancerSpec): readonly string[] {
    return securityGroups.map((token) => this.#deployment.resolve(token));
  }

  async attributes(
    { loadBalancerAttributes = [] }: LoadBalancerSpec,
    { loadBalancerArn }: LoadBalancer,
  ): Promise<void> {
    const { elbv2 } = this.#deployment.tools;
    await reconcileAttributes(
      loadBalancerAttributes.map(({ key, value }) => [key, value] as const),
      () => elbv2.describeLoadBalancerAttributes({ loadBalancerArn }),
      (attributes) => elbv2.modifyLoadBalancerAttributes({ loadBalancerArn, attributes }),
    );
  }

  async securityGroups(spec: LoadBalancerSpec, existing: LoadBalancer): Promise<void> {
    const securityGroups = this.groupsOf(spec);
    const enforce =
      spec.type === 'network' ? spec.securityGroupsInboundRulesOnPrivateLink : undefined;
    const current = existing.enforceSecurityGroupInboundRulesOnPrivateLinkTraffic;
    const changesEnforcement = enforce !== undefined && enforce !== current;
    if (isSameSet(securityGroups, existing.securityGroups) && !changesEnforcement) return;
    must(
      await this.#deployment.tools.elbv2.setSecurityGroups({
        loadBalancerArn: existing.loadBalancerArn,
        securityGroups,
        ...(changesEnforcement
          ? { enforceSecurityGroupInboundRulesOnPrivateLinkTraffic: enforce }
          : {}),
      }),
    );
  }

  async #subnets(spec: LoadBalancerSpec, existing: LoadBalancer): Promise<void> {
    const mappings = mappingsOf(spec);
    const prefix = spec.enablePrefixForIpv6SourceNat || undefined;
    const gets = mappings.some(({ ipv6Address }) => ipv6Address !== undefined);
    const has = existing.zones.some(({ ipv6Address }) => ipv6Address !== undefined);
    const becomesDualstack =
      spec.type === 'network' &&
      spec.ipAddressType === 'dualstack' &&
      existing.ipAddressType !== 'dualstack';
    const isSame =
      !(becomesDualstack && gets && !has) &&
      isSameSet(
        mappings.map(({ subnetId }) => subnetId),
        existing.zones.map(({ subnetId }) => subnetId),
      ) &&
      isSameSet(
        mappings.flatMap(({ sourceNatIpv6Prefix }) => sourceNatIpv6Prefix ?? []),
        existing.zones.flatMap(({ sourceNatIpv6Prefix }) => sourceNatIpv6Prefix ?? []),
      ) &&
      (prefix === undefined || prefix === existing.enablePrefixForIpv6SourceNat);
    if (isSame) return;
    must(
      await this.#deployment.tools.elbv2.setSubnets({
        loadBalancerArn: existing.loadBalancerArn,
        subnetMappings: mappings,
        ...(spec.type === 'network' ? { enablePrefixForIpv6SourceNat: prefix } : {}),
      }),
    );
  }

  async #addressType({ ipAddressType }: LoadBalancerSpec, existing: LoadBalancer): Promise<void> {
    if (ipAddressType === undefined || ipAddressType === existing.ipAddressType) return;
    const { loadBalancerArn } = existing;
    must(await this.#deployment.tools.elbv2.setIpAddressType({ loadBalancerArn, ipAddressType }));
  }

  async #setPool(existing: LoadBalancer, ipv4IpamPoolId: string | undefined): Promise<void> {
    if (existing.ipv4IpamPoolId === ipv4IpamPoolId) return;
    const { loadBalancerArn } = existing;
    must(await this.#deployment.tools.elbv2.modifyIpPools({ loadBalancerArn, ipv4IpamPoolId }));
  }
}

/** Where the load balancer is to stand, in our spelling. */
export const mappingsOf = ({ subnetMapping = [] }: LoadBalancerSpec): readonly SubnetMapping[] =>
  subnetMapping.map((it) => ({
    subnetId: it.subnetID,
    allocationId: it.allocationID,
    privateIpv4Address: it.privateIPv4Address,
    ipv6Address: it.ipv6Address,
    sourceNatIpv6Prefix: it.sourceNatIpv6Prefix,
  }));

const isSameSet = (some: readonly string[], others: readonly string[]): boolean => {
  const set = new Set(some);
  return set.size === new Set(others).size && others.every((it) => set.has(it));
};
