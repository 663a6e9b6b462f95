/**
 * analysis/capacity/plan — how many addresses a cluster that does not exist yet will take of one
 * subnet, beside the guides' estimate.
 *
 * The worst case the estimate is about: every node, load balancer address, NAT gateway and control
 * plane interface in the one subnet. Pods are spread evenly; aws-node and kube-proxy take pod slots
 * but no addresses.
 */

import {
  type InstanceType,
  instanceType,
  nearestInstanceTypes,
} from '../../model/ec2/instance-type.ts';
import { RESERVED_PER_SUBNET } from '../../model/ec2/subnet.ts';
import { type MaxPods, managedGroupMaxPods } from '../../model/eks/max-pods.ts';
import { InputError } from '../../model/input-error.ts';
import { BLOCK_SIZE } from '../../net/index.ts';
import {
  type CniVariables,
  cniEnvironment,
  MANIFEST_VARIABLES,
  withVariables,
} from './cni-environment.ts';
import { type NodeDemand, nodeDemand } from './demand.ts';
import type { NodeLoad } from './node-load.ts';
import { type SeedEstimate, seedEstimate } from './seed-formula.ts';
import { lengthFor, type SettingRow, type SettingsQuestion, settingRows } from './settings.ts';

export interface PlanFlags {
  readonly nodes: number;
  readonly instanceType: string;
  /** Pods with an address, over all nodes. */
  readonly pods: number;
  /** 16 to 28. */
  readonly prefixLength: number;
  readonly loadBalancers: number;
  readonly natGateways: number;
  /** aws-node variables that differ from the manifest's. */
  readonly variables: CniVariables;
}

/** A line of the sum. */
export interface PlanTerm {
  readonly what: string;
  readonly count: number;
  readonly each: number;
  readonly addresses: number;
  readonly because: string;
}

export interface Plan {
  readonly size: number;
  readonly usable: number;
  readonly seed: SeedEstimate & { readonly fits: boolean };
  readonly terms: readonly PlanTerm[];
  readonly total: number;
  readonly fits: boolean;
  /** Smallest subnet that holds the total. */
  readonly prefixLengthNeeded: number;
  readonly maxPods: MaxPods;
  /** Pods beyond the nodes' limits. */
  readonly podsWithoutSlot: number;
  /** Pods that get no address although they have a slot. */
  readonly podsWithoutAddress: number;
  /** The node with most pods. */
  readonly perNode: NodeDemand;
  readonly settings: readonly SettingRow[];
}

/** aws-node and kube-proxy. */
const HOST_NETWORK_PODS = 2;

/** EKS puts two to four interfaces into a cluster's subnets; two is what one subnet always sees. */
const CONTROL_PLANE_ENIS = 2;

const PLANNED_SUBNET = 'the subnet';
const PLANNED_ZONE = 'the same zone';

/** Everyone but nodes, with a word on each. */
function otherTerms(flags: PlanFlags): readonly PlanTerm[] {
  const term = (what: string, count: number, because: string): PlanTerm => ({
    what,
    count,
    each: 1,
    addresses: count,
    because,
  });
  return [
    term(
      'load balancers',
      flags.loadBalancers,
      'an NLB takes 1 per subnet; an ALB 1 or more, and wants 8 free to scale',
    ),
    term('NAT gateways', flags.natGateways, '1 each'),
    term('control plane', CONTROL_PLANE_ENIS, 'EKS places 2 to 4 of its own ENIs in your subnets'),
    term('reserved by AWS', RESERVED_PER_SUBNET, 'the first four addresses and the last'),
  ];
}

/** The type of that name. @throws InputError with the nearest names */
export function knownType(name: string, flag: string): InstanceType {
  const type = instanceType(name);
  if (type !== undefined) return type;
  const nearest = nearestInstanceTypes(name);
  throw new InputError(
    `${flag} ${name}`.trim(),
    `no EC2 instance type is called "${name}"`,
    nearest.length > 0 ? `did you mean ${nearest.join(' or ')}?` : 'write it as m5.large',
  );
}

/** Plans one subnet. @throws InputError when the type is unknown */
export function plan(flags: PlanFlags): Plan {
  const type = knownType(flags.instanceType, '--type');
  const environment = withVariables(cniEnvironment(MANIFEST_VARIABLES), flags.variables);
  const { env } = environment;
  const maxPods = managedGroupMaxPods([type], {
    prefixDelegation: env.prefixDelegation,
    customNetworking: env.customNetworking && !env.ipv6,
  });
  const slots = Math.max(0, maxPods.maxPods - HOST_NETWORK_PODS);
  const podsOn = (index: number): number =>
    Math.min(
      slots,
      Math.floor(flags.pods / flags.nodes) + (index < flags.pods % flags.nodes ? 1 : 0),
    );
  const loads = Array.from(
    { length: flags.nodes },
    (_, index): NodeLoad => ({
      type,
      pods: podsOn(index),
      hostNetworkPods: HOST_NETWORK_PODS,
      maxPods: maxPods.maxPods,
      limitedBy: 'managed-group',
      subnetId: PLANNED_SUBNET,
      availabilityZone: PLANNED_ZONE,
    }),
  );
  const size = 2 ** (32 - flags.prefixLength);
  const others = otherTerms(flags);
  const taken = others.reduce((total, it) => total + it.addresses, 0);
  const question: SettingsQuestion = {
    loads,
    subnets: [
      { subnetId: PLANNED_SUBNET, addresses: size - taken, blocks: wholeBlocks(size, taken) },
    ],
    environment,
  };
  const demands = loads.map((load) => nodeDemand(type, env, maxPods.maxPods, load.pods));
  const settings = settingRows(question);
  const terms = [...nodeTerms(demands), ...others];
  const total = terms.reduce((sum, it) => sum + it.addresses, 0);
  const prefixes = demands.reduce((sum, it) => sum + it.prefixes, 0);
  const seed = seedEstimate(flags);
  const placed = loads.reduce((sum, load) => sum + load.pods, 0);
  return {
    size,
    usable: size - RESERVED_PER_SUBNET,
    seed: { ...seed, fits: seed.total <= size },
    terms,
    total,
    fits: settings[0]?.subnets.find((it) => it.subnetId === PLANNED_SUBNET)?.fits ?? true,
    prefixLengthNeeded: lengthFor({ addresses: total - RESERVED_PER_SUBNET, prefixes }),
    maxPods,
    podsWithoutSlot: flags.pods - placed,
    podsWithoutAddress: placed - demands.reduce((sum, it) => sum + it.assigned, 0),
    perNode: demands[0]!,
    settings,
  };
}

/** Best case: single addresses of others lie in the two end blocks first. */
function wholeBlocks(size: number, taken: number): number {
  const inner = size / BLOCK_SIZE - 2;
  const spilt = Math.ceil(Math.max(0, taken - 2 * BLOCK_SIZE) / BLOCK_SIZE);
  return Math.max(0, inner - spilt);
}

/** Nodes of the same demand on one line. */
function nodeTerms(demands: readonly NodeDemand[]): readonly PlanTerm[] {
  const groups = new Map<string, { demand: NodeDemand; count: number }>();
  for (const demand of demands) {
    const key = `${demand.nodeSubnetAddresses} ${demand.assigned}`;
    const group = groups.get(key) ?? { demand, count: 0 };
    group.count++;
    groups.set(key, group);
  }
  return [...groups.values()].map(({ demand, count }) => ({
    what: `nodes with ${demand.assigned} pods`,
    count,
    each: demand.nodeSubnetAddresses,
    addresses: count * demand.nodeSubnetAddresses,
    because: nodeReason(demand),
  }));
}

function nodeReason(demand: NodeDemand): string {
  const { enis, prefixes, podAddresses, assigned, idle, podSubnetAddresses } = demand;
  const eniText = `${enis} ENI${enis === 1 ? '' : 's'}`;
  if (podSubnetAddresses > 0)
    return `the primary ENI; ${podSubnetAddresses} more in the pod subnet (custom networking)`;
  const pool = prefixes > 0 ? `${prefixes} × /28` : `${podAddresses} for pods`;
  if (demand.perEni.length === 0) return `${eniText}; pods have IPv6`;
  return `${eniText} (1 primary each) + ${pool}: ${assigned} in use, ${idle} warm`;
}
