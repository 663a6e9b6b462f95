/**
 * load-balancer/loops/aws-reads — what builders of stacks ask AWS, answered by AWS. Some answers
 * are remembered, as upstream does.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * pkg/networking/vpc_info_provider.go (ten minutes), pkg/deploy/elbv2/tagging_manager.go
 * ListLoadBalancers.
 */
import type { Ec2 } from '../../../cloud/ec2/operations.ts';
import type { Elbv2 } from '../../../cloud/elbv2/operations.ts';
import { apiErrorText, isAwsError } from '../../../model/aws-error.ts';
import type { LoadBalancer } from '../../../model/elbv2/load-balancer.ts';
import type { Clock, Millis } from '../../../sim/clock.ts';
import { BuildError } from '../build-error.ts';
import { DeployError } from '../deploy/deploy-error.ts';
import { CLUSTER_TAG, stackTagKey, type Tracking } from '../deploy/tracking.ts';
import { resolveSecurityGroups } from '../security-groups/resolve-security-groups.ts';
import type { ControllerSettings } from '../settings/settings.ts';
import { type StackId, stackIdText } from '../stack/stack.ts';
import { discoverSubnets, resolveNamedSubnets } from '../subnets/resolve-subnets.ts';
import { type SubnetDemand, type SubnetReads, zoneTypeOf } from '../subnets/subnet-reads.ts';
import type { SubnetResolution } from '../subnets/subnet-resolution.ts';

const VPC_REMEMBERED_MS = 10 * 60_000;

/** Associated blocks of the VPC. */
export interface VpcBlocks {
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
}

export class AwsReads {
  readonly subnets: SubnetReads;
  readonly #clock: Clock;
  readonly #ec2: Ec2;
  readonly #elbv2: Elbv2;
  readonly #settings: ControllerSettings;
  #vpc: { readonly blocks: VpcBlocks; readonly untilMs: Millis } | undefined;

  constructor(clock: Clock, ec2: Ec2, elbv2: Elbv2, settings: ControllerSettings) {
    this.#clock = clock;
    this.#ec2 = ec2;
    this.#elbv2 = elbv2;
    this.#settings = settings;
    this.subnets = {
      describeSubnets: (input) => ec2.describeSubnets(input),
      describeRouteTables: (input) => ec2.describeRouteTables(input),
      zoneType: async (zoneId) => zoneTypeOf(zoneId),
    };
  }

  /** The stack's load balancer, by its tags. @throws BuildError where AWS refuses */
  async existingLoadBalancer(
    { prefix, clusterName }: Tracking,
    stack: StackId,
  ): Promise<LoadBalancer | undefined> {
    const key = stackTagKey({ prefix, clusterName });
    const value = stackIdText(stack);
    const found = await this.#elbv2.describeLoadBalancers({ tagged: { key, value } });
    if (isAwsError(found)) throw new BuildError(apiErrorText(found));
    return found.find(
      ({ vpcId, tags }) =>
        vpcId === this.#settings.vpcId && tags[key] === value && tags[CLUSTER_TAG] === clusterName,
    );
  }

  discoverSubnets(demand: SubnetDemand): Promise<SubnetResolution> {
    return discoverSubnets(this.subnets, this.#settings, demand);
  }

  namedSubnets(demand: SubnetDemand, namesOrIds: readonly string[]): Promise<SubnetResolution> {
    return resolveNamedSubnets(this.subnets, this.#settings, demand, namesOrIds);
  }

  securityGroups(
    namesOrIds: readonly string[],
  ): Promise<{ readonly groupIds: readonly string[] } | { readonly problem: string }> {
    return resolveSecurityGroups(this.#ec2, this.#settings.vpcId, namesOrIds);
  }

  /** @throws BuildError where AWS refuses */
  async vpcBlocks(): Promise<VpcBlocks> {
    if (this.#vpc !== undefined && this.#vpc.untilMs > this.#clock.now()) return this.#vpc.blocks;
    const { vpcId } = this.#settings;
    const found = await this.#ec2.describeVpcs({ vpcIds: [vpcId] });
    if (isAwsError(found)) throw new BuildError(apiErrorText(found));
    const vpc = found[0];
    if (vpc === undefined) throw new BuildError(`unable to fetch VPC info for vpcID: ${vpcId}`);
    const blocks = {
      ipv4: vpc.cidrBlocks.map(({ cidrBlock }) => cidrBlock),
      ipv6: vpc.ipv6CidrBlocks.map(({ cidrBlock }) => cidrBlock),
    };
    this.#vpc = { blocks, untilMs: this.#clock.now() + VPC_REMEMBERED_MS };
    return blocks;
  }
}

/** Runs a step of deploying inside a builder: its refusal ends the building. */
export async function whileBuilding<Answer>(step: () => Promise<Answer>): Promise<Answer> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof DeployError) throw new BuildError(error.message);
    throw error;
  }
}
