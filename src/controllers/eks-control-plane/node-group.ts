/**
 * controllers/eks-control-plane/node-group — keeps `desiredSize` instances of every node group
 * running, as the Auto Scaling group behind it does.
 *
 * Source: EC2 Auto Scaling User Guide (balance over zones, another zone when one fails); EKS API
 * reference, Issue (AsgInstanceLaunchFailures, InsufficientFreeAddresses). A launch that failed is
 * tried again when addresses come back to one of the group's subnets (the interfaces of the store
 * tell), and in the background from time to time. Reads: NodeGroup, Instance, Subnet,
 * NetworkInterface, Node.  Writes: instances through EC2; the group's status and health, which are
 * EKS's own.
 */

import type { Ec2, RunInstancesInput } from '../../cloud/ec2/operations.ts';
import { type AwsError, isAwsError } from '../../model/aws-error.ts';
import type { Instance, InstanceState } from '../../model/ec2/instance.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { Tags } from '../../model/ec2/tags.ts';
import type { NodeGroup } from '../../model/eks/cluster.ts';
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import { instanceIdOf } from '../../model/kubernetes/provider-id.ts';
import type { Clock } from '../../sim/clock.ts';
import { type Controller, done, type Result, requeue, watch } from '../../sim/controller.ts';
import { fnv1a } from '../../sim/fnv.ts';
import { isReadyNode, NodeCreation } from './node-creation.ts';
import { departures, type PlacedInstance, placements, type SubnetPlace } from './zone-balance.ts';

/** Auto Scaling looks again at a group that could not launch. */
const LAUNCH_AGAIN_MS = 60_000;

const LIVES: ReadonlySet<InstanceState> = new Set(['pending', 'running']);
/** Unhealthy to Auto Scaling, which replaces and then terminates what somebody stopped. */
const STOPPED: ReadonlySet<InstanceState> = new Set(['stopping', 'stopped']);

/** Errors that end when addresses come back. */
const ADDRESS_ERRORS = new Set(['InsufficientFreeAddressesInSubnet', 'InsufficientCidrBlocks']);

const ADDRESSES_MESSAGE =
  'Amazon AutoScaling was unable to launch instances because there are not enough free addresses ' +
  'in the subnet associated with your AutoScaling group(s).';

/** The tag an instance is found by: managed groups and self-managed ones have different ones. */
const nameTag = (group: NodeGroup): string =>
  group.managed ? 'eks:nodegroup-name' : 'alpha.eksctl.io/nodegroup-name';

const groupKeyOf = (store: TwinStore, { tags }: Instance): string | undefined => {
  for (const { key, value } of store.entries('eks/nodegroup')) {
    if (isOf(value, tags)) return key;
  }
  return undefined;
};

/** Whether an instance with these tags is a node group's. */
export const isOf = (group: NodeGroup, tags: Tags): boolean =>
  tags[nameTag(group)] === group.nodegroupName &&
  (tags['eks:cluster-name'] === group.clusterName ||
    tags[`kubernetes.io/cluster/${group.clusterName}`] === 'owned');

const instanceTags = (group: NodeGroup): Tags => {
  const { clusterName, nodegroupName } = group;
  const owned = { [`kubernetes.io/cluster/${clusterName}`]: 'owned' };
  const autoscaler = {
    [`k8s.io/cluster-autoscaler/${clusterName}`]: 'owned',
    'k8s.io/cluster-autoscaler/enabled': 'true',
  };
  const own = group.managed
    ? { 'eks:cluster-name': clusterName, 'eks:nodegroup-name': nodegroupName, ...autoscaler }
    : {
        'alpha.eksctl.io/cluster-name': clusterName,
        'alpha.eksctl.io/nodegroup-name': nodegroupName,
        Name: `${clusterName}-${nodegroupName}-Node`,
      };
  return { ...owned, ...own, ...group.instanceTags };
};

/** The AMI of a group: the user's, or one that stands for EKS's of this type and version. */
const imageIdOf = ({ imageId, amiType, version }: NodeGroup): string => {
  if (imageId !== undefined) return imageId;
  const hash = fnv1a(`${amiType}/${version}`);
  return `ami-0${(hash * 0x100000 + (hash >>> 12)).toString(16).padStart(16, '0').slice(-16)}`;
};

const launchInput = (group: NodeGroup, subnetId: string, count: number): RunInstancesInput => ({
  imageId: imageIdOf(group),
  instanceType: group.instanceTypes[0] ?? 't3.medium',
  minCount: 1,
  maxCount: count,
  subnetId,
  securityGroupIds: group.securityGroupIds,
  associatePublicIpAddress: group.associatePublicIpAddress,
  httpTokens: 'required',
  httpPutResponseHopLimit: group.httpPutResponseHopLimit,
  tags: instanceTags(group),
});

/** The health issues EKS shows for a refused launch. */
const issuesOf = (group: NodeGroup, error: AwsError): NodeGroup['healthIssues'] => {
  const market = group.capacityType === 'SPOT' ? 'Spot' : 'On-Demand';
  const launch = {
    code: 'AsgInstanceLaunchFailures',
    message:
      `Could not launch ${market} Instances. ${error.code} - ${error.message} ` +
      'Launching EC2 instance failed.',
  };
  if (!ADDRESS_ERRORS.has(error.code)) return [launch];
  return [launch, { code: 'InsufficientFreeAddresses', message: ADDRESSES_MESSAGE }];
};

const addressCount = (eni: NetworkInterface): number =>
  eni.privateIpAddresses.length + eni.ipv4Prefixes.length;

/** The Auto Scaling groups of a twin's node groups. Requests are node groups. */
export const nodeGroups = (clock: Clock, store: TwinStore, ec2: Ec2): Controller<Kinds> => {
  const creation = new NodeCreation(clock, store, (key) => scaler.report(key));
  const scaler = new Scaler(store, ec2, creation);
  return {
    name: 'eks-node-group',
    concurrency: 16,
    watches: [
      watch<Kinds, 'eks/nodegroup'>('eks/nodegroup', ({ key, value, previous }) =>
        isScaled(value, previous) ? [key] : [],
      ),
      watch<Kinds, 'ec2/instance'>('ec2/instance', ({ value, previous }) => {
        const left = previous !== undefined && (value === undefined || !LIVES.has(value.state));
        const key = left && LIVES.has(previous.state) ? groupKeyOf(store, previous) : undefined;
        return key === undefined ? [] : [key];
      }),
      watch<Kinds, 'ec2/network-interface'>('ec2/network-interface', ({ value, previous }) => {
        if (previous === undefined || !scaler.isStarved(previous.subnetId)) return [];
        const freed = value === undefined || addressCount(value) < addressCount(previous);
        return freed ? scaler.starvedIn(previous.subnetId) : [];
      }),
      watch<Kinds, 'Node'>('Node', ({ value, previous }) => {
        if (isReadyNode(value) && !isReadyNode(previous))
          creation.ready(instanceIdOf(value!) ?? '');
        return [];
      }),
    ],
    reconcile: (key) => scaler.reconcile(key),
    stop: () => creation.stop(),
  };
};

/** A change of status or health alone is this controller's own writing. */
const isScaled = (value: NodeGroup | undefined, previous: NodeGroup | undefined): boolean =>
  value === undefined ||
  previous === undefined ||
  value.desiredSize !== previous.desiredSize ||
  value.subnetIds !== previous.subnetIds ||
  value.instanceTypes !== previous.instanceTypes;

class Scaler {
  readonly #store: TwinStore;
  readonly #ec2: Ec2;
  /** Subnet → groups that wait for an address there. */
  readonly #starved = new Map<string, Set<string>>();
  /** Groups seen, so that their instances go when the group goes. */
  readonly #seen = new Map<string, NodeGroup>();
  readonly #creation: NodeCreation;
  /** Group → what EC2 refused when it last launched for it. */
  readonly #refusals = new Map<string, NodeGroup['healthIssues']>();

  constructor(store: TwinStore, ec2: Ec2, creation: NodeCreation) {
    this.#store = store;
    this.#ec2 = ec2;
    this.#creation = creation;
  }

  isStarved(subnetId: string): boolean {
    return this.#starved.has(subnetId);
  }

  starvedIn(subnetId: string): readonly string[] {
    return [...(this.#starved.get(subnetId) ?? [])];
  }

  async reconcile(key: string): Promise<Result> {
    this.#feed(key);
    const group = this.#store.get('eks/nodegroup', key);
    if (group === undefined) return this.#dissolve(key);
    this.#seen.set(key, group);
    if (group.status === 'DELETING') return done;
    const ended = await this.#terminate(this.#instancesOf(group, STOPPED));
    if (ended.kind !== 'done') return ended;
    const present = this.#instancesOf(group);
    if (present.length > group.desiredSize) {
      return this.#terminate(departures(present, present.length - group.desiredSize));
    }
    const failure = await this.#launch(group, present);
    if (group.managed) this.#creation.expect(key, this.#instancesOf(group));
    if (failure === undefined) this.#refusals.delete(key);
    else this.#refusals.set(key, issuesOf(group, failure));
    this.report(key);
    if (failure === undefined) return done;
    if (ADDRESS_ERRORS.has(failure.code)) this.#starve(key, group.subnetIds);
    return requeue(LAUNCH_AGAIN_MS, failure.code, { background: true });
  }

  /** Launches what is missing, zone by zone; the last refusal when something is still missing. */
  async #launch(
    group: NodeGroup,
    present: readonly PlacedInstance[],
  ): Promise<AwsError | undefined> {
    const standing: SubnetPlace[] = [...present];
    let open = this.#places(group);
    let failure: AwsError | undefined;
    while (standing.length < group.desiredSize && open.length > 0) {
      const missing = group.desiredSize - standing.length;
      for (const [subnetId, count] of placements(open, standing, missing)) {
        const launched = await this.#runInstances(group, subnetId, count);
        const place = open.find((other) => other.subnetId === subnetId)!;
        for (let i = 0; i < launched.count; i++) standing.push(place);
        if (launched.count === count) continue;
        // Auto Scaling goes on in the other zones; what it then launches is unbalanced.
        failure = launched.failure;
        open = open.filter((other) => other !== place);
      }
    }
    return standing.length < group.desiredSize ? failure : undefined;
  }

  /** Launches up to `count`; EC2 launches fewer when the subnet has fewer addresses. */
  async #runInstances(
    group: NodeGroup,
    subnetId: string,
    count: number,
  ): Promise<{ readonly count: number; readonly failure?: AwsError | undefined }> {
    const result = await this.#ec2.runInstances(launchInput(group, subnetId, count));
    if (isAwsError(result)) return { count: 0, failure: result };
    if (result.length === count) return { count };
    // EC2 does not say why there are fewer; asked for the rest, it does.
    const rest = await this.#ec2.runInstances(launchInput(group, subnetId, count - result.length));
    if (isAwsError(rest)) return { count: result.length, failure: rest };
    return { count: result.length + rest.length };
  }

  #places(group: NodeGroup): SubnetPlace[] {
    return group.subnetIds.flatMap((subnetId) => {
      const subnet = this.#store.get('ec2/subnet', subnetId);
      return subnet === undefined ? [] : [{ subnetId, zone: subnet.availabilityZone }];
    });
  }

  #instancesOf(group: NodeGroup, states = LIVES): PlacedInstance[] {
    const found: PlacedInstance[] = [];
    for (const { value } of this.#store.entries('ec2/instance')) {
      if (!states.has(value.state) || !isOf(group, value.tags)) continue;
      const { instanceId, subnetId, availabilityZone: zone, launchedAtMs } = value;
      found.push({ instanceId, subnetId, zone, launchedAtMs });
    }
    return found;
  }

  async #terminate(leaving: readonly PlacedInstance[]): Promise<Result> {
    if (leaving.length === 0) return done;
    const instanceIds = leaving.map(({ instanceId }) => instanceId);
    const result = await this.#ec2.terminateInstances({ instanceIds });
    return isAwsError(result) ? { kind: 'retry', reason: result.code } : done;
  }

  /** The group is gone: so are its instances. */
  async #dissolve(key: string): Promise<Result> {
    const group = this.#seen.get(key);
    const result = group === undefined ? done : await this.#terminate(this.#instancesOf(group));
    if (result.kind === 'done') this.#seen.delete(key);
    return result;
  }

  #starve(key: string, subnetIds: readonly string[]): void {
    for (const subnetId of subnetIds) {
      const groups = this.#starved.get(subnetId) ?? new Set();
      this.#starved.set(subnetId, groups.add(key));
    }
  }

  #feed(key: string): void {
    for (const [subnetId, groups] of this.#starved) {
      groups.delete(key);
      if (groups.size === 0) this.#starved.delete(subnetId);
    }
  }

  /** Writes the group's health; ACTIVE once it has what it should have. */
  report(key: string): void {
    const group = this.#store.get('eks/nodegroup', key);
    // A creation that failed is told for good: only deleting the group ends it.
    if (group === undefined || group.status === 'CREATE_FAILED') return;
    const failures = this.#creation.issues(key);
    const healthIssues = [...(this.#refusals.get(key) ?? []), ...failures];
    const failsCreation = failures.length > 0 && !this.#creation.wasComplete(key);
    const degraded = healthIssues.length === 0 ? 'ACTIVE' : 'DEGRADED';
    const status = failsCreation ? 'CREATE_FAILED' : degraded;
    const unchanged = JSON.stringify(group.healthIssues) === JSON.stringify(healthIssues);
    if (group.status === status && unchanged) return;
    this.#store.put('eks/nodegroup', key, { ...group, status, healthIssues });
  }
}
