/**
 * load-balancer/target-group-binding/registration — endpoints as RegisterTargets wants them. An
 * address outside the group's VPC needs a zone: `all`, or the pod's own where AWS insists on one.
 *
 * Upstream: aws-load-balancer-controller@225f4456
 * pkg/targetgroupbinding/resource_manager.go:563-720.
 */
import type { Ec2 } from '../../../cloud/ec2/operations.ts';
import type { TargetDescription } from '../../../cloud/elbv2/operations.ts';
import type { Vpc } from '../../../model/ec2/vpc.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import type { Pod } from '../../../model/kubernetes/core.ts';
import type { TargetGroupBinding } from '../../../model/kubernetes/load-balancer.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import { cidrTextContains, parseIp } from '../../../net/index.ts';
import type { Clock } from '../../../sim/clock.ts';
import { codeOf, DeployError, must } from '../deploy/deploy-error.ts';
import { ExpiringMap } from '../expiring-map.ts';
import type { PodEndpoint } from './pod-endpoints.ts';
import type { Targets } from './targets.ts';

/** How long a VPC's blocks are believed (vpc_info_provider.go), and a group's need of zones. */
const VPC_TTL_MS = 600_000;
const ZONE_TTL_MS = 3_600_000;

/** Whether an address needs a zone when it is registered. */
export type NeedsZone = (ip: string) => boolean;

export class Registration {
  readonly #store: TwinStore;
  readonly #ec2: Pick<Ec2, 'describeVpcs'>;
  readonly #targets: Targets;
  readonly #vpcId: string;
  readonly #vpcs: ExpiringMap<Vpc>;
  /** Bindings whose targets AWS wants a zone of its own for. */
  readonly #zoned: ExpiringMap<true>;

  constructor(
    clock: Clock,
    store: TwinStore,
    ec2: Pick<Ec2, 'describeVpcs'>,
    targets: Targets,
    vpcId: string,
  ) {
    this.#store = store;
    this.#ec2 = ec2;
    this.#targets = targets;
    this.#vpcId = vpcId;
    this.#vpcs = new ExpiringMap(clock, VPC_TTL_MS);
    this.#zoned = new ExpiringMap(clock, ZONE_TTL_MS);
  }

  /** Registers pods by address. */
  async register(binding: TargetGroupBinding, endpoints: readonly PodEndpoint[]): Promise<void> {
    const { targetGroupARN = '', vpcID = '' } = binding.spec;
    const needsZone = await this.#zoneRule(vpcID === '' ? this.#vpcId : vpcID, binding);
    const key = keyOf(binding);
    const described = (usePodZone: boolean): TargetDescription[] =>
      targetDescriptions(binding, endpoints, needsZone, (pod) =>
        usePodZone ? this.#zoneOf(pod) : undefined,
      );
    const isZoned = this.#zoned.get(key) === true;
    try {
      await this.#targets.register(targetGroupARN, described(isZoned));
    } catch (error) {
      if (isZoned || !wantsZone(error)) throw error;
      this.#zoned.set(key, true);
      await this.#targets.register(targetGroupARN, described(true));
    }
  }

  async #zoneRule(vpcId: string, { spec }: TargetGroupBinding): Promise<NeedsZone> {
    let vpc = this.#vpcs.get(vpcId);
    if (vpc === undefined) {
      const found = await this.#ec2.describeVpcs({ vpcIds: [vpcId] });
      // Another account's VPC that is peered with ours is not shown to its role.
      const isForeign = !Array.isArray(found) && (spec.iamRoleArnToAssume ?? '') !== '';
      if (isForeign && 'code' in found && found.code === 'InvalidVpcID.NotFound') return () => true;
      [vpc] = must(found);
      if (vpc !== undefined) this.#vpcs.set(vpcId, vpc);
    }
    const blocks = vpc === undefined ? [] : blocksOf(vpc);
    return (ip) => !blocks.some((block) => cidrTextContains(block, ip));
  }

  /** The zone in the labels of the pod's node. */
  #zoneOf(pod: Pod): string | undefined {
    const { nodeName = '' } = pod.spec;
    if (nodeName === '') throw new DeployError(`pod ${keyOf(pod)} has no node assigned`);
    const node = this.#store.get('Node', nodeName);
    if (node === undefined) throw new DeployError(`Node ${JSON.stringify(nodeName)} not found`);
    return node.metadata.labels?.['topology.kubernetes.io/zone'];
  }
}

const blocksOf = ({ cidrBlocks, ipv6CidrBlocks }: Vpc): readonly string[] =>
  [...cidrBlocks, ...ipv6CidrBlocks].map((it) => (typeof it === 'string' ? it : it.cidrBlock));

const wantsZone = (error: unknown): boolean =>
  codeOf(error) === 'ValidationError' &&
  (error as DeployError).message.includes('you must specify an Availability Zone');

/**
 * What to register: `all` as zone where an address needs one and `zoneOf` knows none. A QUIC group
 * takes only pods with a server id of their own; nobody here gives any, so it takes none.
 */
export function targetDescriptions(
  { spec }: TargetGroupBinding,
  endpoints: readonly PodEndpoint[],
  needsZone: NeedsZone,
  zoneOf: (pod: Pod) => string | undefined,
): TargetDescription[] {
  const isForeign = (spec.iamRoleArnToAssume ?? '') !== '';
  const { targetGroupProtocol } = spec;
  if (targetGroupProtocol === 'QUIC' || targetGroupProtocol === 'TCP_QUIC') return [];
  return endpoints.map(({ ip, port, pod }) => {
    if (parseIp(ip) === undefined) {
      throw new DeployError(`ParseAddr(${JSON.stringify(ip)}): unable to parse IP`);
    }
    if (!needsZone(ip)) return { id: ip, port };
    return { id: ip, port, availabilityZone: (isForeign ? undefined : zoneOf(pod)) ?? 'all' };
  });
}
