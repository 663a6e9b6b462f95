/**
 * controllers/vpc-cni/ipam — what one node's ipamd knows: its settings, its datastores, its clock
 * of last actions. The passes (increase, decrease, reconcile) are functions of this.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd/ipamd.go:180-260 (IPAMContext).
 */
import type { AwsError } from '../../model/aws-error.ts';
import type { InstanceType } from '../../model/ec2/instance-type.ts';
import type { Taint } from '../../model/kubernetes/core.ts';
import type { EniConfig } from '../../model/kubernetes/networking.ts';
import type { Clock, Millis } from '../../sim/clock.ts';
import { ADDRESSES_PER_PREFIX } from './address-count.ts';
import type { Datastore } from './datastore.ts';
import type { EniApi, EniMetadata } from './eni-api.ts';
import type { IpamdEnv } from './env.ts';
import type { PoolSettings } from './pool-targets.ts';

/** Upstream: insufficientCidrErrorCooldown, ipamd.go:96. */
export const INSUFFICIENT_CIDR_PAUSE_MS = 120_000;

/** The node object, as far as ipamd reads it. */
export interface NodeView {
  readonly taints: readonly Taint[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** `status.capacity.pods`; undefined before the kubelet registered. */
  readonly podCapacity: number | undefined;
}

/** Counters behind the awscni_* metrics. */
export interface IpamCounters {
  ipamdErrors: Map<string, number>;
  reconciles: Map<string, number>;
  adds: number;
  dels: number;
  noAvailableAddresses: number;
  podEniErrors: number;
  startedAtMs: Millis;
  readyAtMs: Millis | undefined;
}

/** All at nought, counted from now. */
export const newCounters = (nowMs: Millis): IpamCounters => ({
  ipamdErrors: new Map(),
  reconciles: new Map(),
  adds: 0,
  dels: 0,
  noAvailableAddresses: 0,
  podEniErrors: 0,
  startedAtMs: nowMs,
  readyAtMs: undefined,
});

export interface Ipam {
  readonly clock: Clock;
  readonly env: IpamdEnv;
  readonly api: EniApi;
  readonly node: () => NodeView;
  readonly eniConfig: (name: string) => EniConfig | undefined;
  /** By network card; card 0 first. */
  readonly stores: ReadonlyMap<number, Datastore>;
  readonly settings: (networkCard: number) => PoolSettings;
  /** Told of every ENI that is set up, so that its links and routes are written down. */
  readonly networkOf: (eni: EniMetadata) => void;
  readonly networkGone: (eniId: string) => void;
  readonly primaryEni: () => EniMetadata | undefined;
  /** EC2's error when an action failed; the loop decides from it what to wait for. */
  readonly failed: (action: string, error: AwsError, subnetIds: readonly string[]) => void;
  readonly counters: IpamCounters;
  lastInsufficientCidrMs: Millis | undefined;
  lastPoolActionMs: Millis;
  lastDecreaseMs: Millis | undefined;
  terminating: boolean;
  /** Addresses freed lately: reconcile must not take them back from stale metadata. */
  readonly recentlyFreed: Map<string, Millis>;
}

export interface PoolSettingsFacts {
  readonly env: IpamdEnv;
  readonly prefixDelegation: boolean;
  readonly type: InstanceType | undefined;
  readonly networkCard: number;
  readonly unmanagedEnis: number;
  readonly maxPods: number;
}

/** The limits of upstream for a type nobody has listed, ipamd.go falls back to EC2's own answer. */
const SMALLEST = { maxEnis: 2, ipv4PerEni: 2 };

/** Puts environment and instance type together, as ipamd.go:480-560 does. */
export function poolSettings(facts: PoolSettingsFacts): PoolSettings {
  const { env, type, networkCard } = facts;
  const limit =
    networkCard === 0
      ? (type?.maxEnis ?? SMALLEST.maxEnis)
      : (type?.networkCards.find((card) => card.networkCardIndex === networkCard)?.maxInterfaces ??
        1);
  const maxPrefixesPerEni = (type?.ipv4PerEni ?? SMALLEST.ipv4PerEni) - 1;
  return {
    warmEniTarget: env.warmEniTarget,
    warmIpTarget: env.warmIpTarget,
    minimumIpTarget: env.minimumIpTarget,
    warmPrefixTarget: env.warmPrefixTarget,
    maxEnis: env.maxEni !== undefined && env.maxEni < limit ? env.maxEni : limit,
    maxIpsPerEni: facts.prefixDelegation
      ? maxPrefixesPerEni * ADDRESSES_PER_PREFIX
      : maxPrefixesPerEni,
    maxPrefixesPerEni,
    maxPods: facts.maxPods,
    prefixDelegation: facts.prefixDelegation,
    customNetworking: env.customNetworking,
    ipv6: env.ipv6,
    unmanagedEnis: facts.unmanagedEnis,
    podEni: env.podEni,
    trunkCompatible: type?.trunkCompatible ?? true,
  };
}

/** Cordoned: ipamd leaves such a node's ENIs alone unless told otherwise. */
export const isNonSchedulable = (node: NodeView): boolean =>
  node.taints.some(
    (taint) => taint.key === 'node.kubernetes.io/unschedulable' && taint.effect === 'NoSchedule',
  );

/** The two codes that start the pause; other errors do not. */
export const isInsufficientCidr = (error: { readonly code: string }): boolean =>
  error.code === 'InsufficientCidrBlocks' || error.code === 'InsufficientFreeAddressesInSubnet';

export const isPrivateIpLimitExceeded = (error: { readonly code: string }): boolean =>
  error.code === 'PrivateIpAddressLimitExceeded';

/** Less than two minutes since EC2 said the subnet has no room. */
export const inInsufficientCidrPause = (nowMs: Millis, lastErrorMs: Millis | undefined): boolean =>
  lastErrorMs !== undefined && nowMs - lastErrorMs < INSUFFICIENT_CIDR_PAUSE_MS;

export const countUp = (counts: Map<string, number>, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1);
};
