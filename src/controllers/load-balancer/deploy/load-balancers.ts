/**
 * load-balancer/deploy/load-balancers — the load balancers of a stack. One that cannot become what
 * is wanted (another type, another scheme) goes before the new one comes, its protection against
 * deletion switched off.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * pkg/deploy/elbv2/load_balancer_synthesizer.go, load_balancer_manager.go,
 * load_balancer_capacity_reservation_reconciler.go.
 */
import { isAwsError } from '../../../model/aws-error.ts';
import type { LoadBalancer } from '../../../model/elbv2/load-balancer.ts';
import type { LoadBalancerSpec } from '../stack/load-balancer-spec.ts';
import type { Resource } from '../stack/stack.ts';
import { stackIdText } from '../stack/stack.ts';
import { DeployError, must } from './deploy-error.ts';
import type { Deployment, Phase } from './deployment.ts';
import { LoadBalancerChanges, mappingsOf } from './load-balancer-changes.ts';
import { matchByTag } from './matching.ts';
import { isOfCluster, resourceTagKey, stackTagKey } from './tracking.ts';

const TYPE = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
type Wanted = Resource<typeof TYPE>;

export class LoadBalancers implements Phase {
  readonly #deployment: Deployment;
  readonly #changes: LoadBalancerChanges;
  /** Whose reserved capacity is looked at in the end. */
  readonly #reserving: { readonly spec: LoadBalancerSpec; readonly existing: LoadBalancer }[] = [];

  constructor(deployment: Deployment) {
    this.#deployment = deployment;
    this.#changes = new LoadBalancerChanges(deployment);
  }

  async synthesize(): Promise<void> {
    const { tracking, settings } = this.#deployment.tools;
    const { matched, missing, unwanted } = matchByTag(
      this.#deployment.stack.list(TYPE),
      await this.#ofStack(),
      {
        tagKey: resourceTagKey(tracking),
        nameOf: ({ loadBalancerArn }) => `loadBalancer with no resourceID: ${loadBalancerArn}`,
        needsReplacement: (existing, { spec }) =>
          spec.type !== existing.type || spec.scheme !== existing.scheme,
      },
    );
    const reserves = settings.featureGates.LBCapacityReservation;
    for (const existing of unwanted) await this.#delete(existing.loadBalancerArn);
    for (const { id, spec } of missing) {
      const existing = await this.#create(id, spec);
      if (reserves && spec.minimumLoadBalancerCapacity !== undefined)
        this.#reserving.push({ spec, existing });
      this.#become(id, existing);
    }
    for (const { wanted, existing } of matched) {
      await this.#changes.apply(wanted, existing);
      if (reserves) this.#reserving.push({ spec: wanted.spec, existing });
      this.#become(wanted.id, existing);
    }
  }

  async finish(): Promise<void> {
    for (const { spec, existing } of this.#reserving) {
      await this.#waitUntilProvisioned(existing);
      await this.#reserve(spec, existing.loadBalancerArn);
    }
  }

  #become(id: Wanted['id'], { loadBalancerArn, dnsName, state }: LoadBalancer): void {
    this.#deployment.become(TYPE, id, {
      loadBalancerARN: loadBalancerArn,
      dnsName,
      provisioningState: state,
    });
  }

  async #ofStack(): Promise<readonly LoadBalancer[]> {
    const { tracking, elbv2, settings, tags } = this.#deployment.tools;
    const key = stackTagKey(tracking);
    const value = stackIdText(this.#deployment.stack.id);
    const described = must(await elbv2.describeLoadBalancers({ tagged: { key, value } }));
    const inVpc = described.filter(({ vpcId }) => vpcId === settings.vpcId);
    const tagsOf = await tags.tagsOf(inVpc.map(({ loadBalancerArn }) => loadBalancerArn));
    return inVpc
      .map((it) => ({ ...it, tags: tagsOf.get(it.loadBalancerArn) ?? {} }))
      .filter((it) => isOfCluster(tracking, it.tags) && it.tags[key] === value);
  }

  async #create(id: string, spec: LoadBalancerSpec): Promise<LoadBalancer> {
    const { elbv2 } = this.#deployment.tools;
    const made = must(
      await elbv2.createLoadBalancer({
        name: spec.name,
        type: spec.type,
        scheme: spec.scheme,
        ipAddressType: spec.ipAddressType,
        subnetMappings: mappingsOf(spec),
        securityGroups: this.#changes.groupsOf(spec),
        customerOwnedIpv4Pool: spec.customerOwnedIPv4Pool,
        ipv4IpamPoolId: spec.ipv4IPAMPool || undefined,
        enablePrefixForIpv6SourceNat: spec.enablePrefixForIpv6SourceNat || undefined,
        tags: this.#deployment.tagsFor(id, spec.tags),
      }),
    );
    await this.#changes.attributes(spec, made);
    if (spec.type === 'network' && spec.securityGroupsInboundRulesOnPrivateLink !== undefined)
      await this.#changes.securityGroups(spec, made);
    return made;
  }

  async #delete(loadBalancerArn: string): Promise<void> {
    const { elbv2, tags } = this.#deployment.tools;
    tags.forget(loadBalancerArn);
    const refused = await elbv2.deleteLoadBalancer({ loadBalancerArn });
    if (!isAwsError(refused)) return;
    const isProtected =
      refused.code === 'OperationNotPermitted' && refused.message.includes('deletion protection');
    if (!isProtected) must(refused);
    // What comes of it is not looked at: the second try says it.
    await elbv2.modifyLoadBalancerAttributes({
      loadBalancerArn,
      attributes: { 'deletion_protection.enabled': 'false' },
    });
    must(await elbv2.deleteLoadBalancer({ loadBalancerArn }));
  }

  async #waitUntilProvisioned({ loadBalancerArn, loadBalancerName }: LoadBalancer): Promise<void> {
    const { elbv2, settings } = this.#deployment.tools;
    const described = await elbv2.describeLoadBalancers({ loadBalancerArns: [loadBalancerArn] });
    if (must(described)[0]?.state !== 'provisioning') return;
    throw new DeployError(`monitor provisioning state for load balancer: ${loadBalancerName}`, {
      requeueAfterMs: settings.lbStabilizationMonitorInterval,
    });
  }

  /** Nothing said leaves it as it is; zero units reset it. */
  async #reserve(spec: LoadBalancerSpec, loadBalancerArn: string): Promise<void> {
    const wanted = spec.minimumLoadBalancerCapacity;
    if (wanted === undefined) return;
    const { elbv2 } = this.#deployment.tools;
    const minimumCapacityUnits = wanted.capacityUnits === 0 ? undefined : wanted.capacityUnits;
    const current = must(await elbv2.describeCapacityReservation({ loadBalancerArn }));
    if (current.minimumCapacityUnits === minimumCapacityUnits) return;
    must(await elbv2.modifyCapacityReservation({ loadBalancerArn, minimumCapacityUnits }));
  }
}
