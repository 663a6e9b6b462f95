/**
 * conformance/cni-ipam — an ipamd without a node, for the CNI's vector sets: real datastore, real
 * targets, real passes; an AWS that the set scripts.
 */
import { Datastore } from '../src/controllers/vpc-cni/datastore.ts';
import type { EniApi, EniMetadata } from '../src/controllers/vpc-cni/eni-api.ts';
import { parseIpamdEnv } from '../src/controllers/vpc-cni/env.ts';
import type { Ipam, NodeView } from '../src/controllers/vpc-cni/ipam.ts';
import type { PoolSettings } from '../src/controllers/vpc-cni/pool-targets.ts';
import type { EniConfig } from '../src/model/kubernetes/networking.ts';
import type { Clock } from '../src/sim/clock.ts';

/** A clock that moves when told to; nothing in these sets waits. */
export class HandClock {
  nowMs: number;

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  now(): number {
    return this.nowMs;
  }
}

/** The sets' names of ipamd's settings, as upstream's struct fields. */
export interface VectorConfig {
  readonly maxIPsPerENI?: number;
  readonly maxENI?: number;
  readonly maxPrefixesPerENI?: number;
  readonly warmENITarget?: number;
  readonly warmIPTarget?: number;
  readonly minimumIPTarget?: number;
  readonly warmPrefixTarget?: number;
  readonly maxPods?: number;
  readonly enablePrefixDelegation?: boolean;
  readonly useCustomNetworking?: boolean;
  readonly useSubnetDiscovery?: boolean;
  readonly manageENIsNonSchedulable?: boolean;
  readonly enablePodENI?: boolean;
  readonly trunkingCompatible?: boolean;
  readonly unmanagedENI?: number;
}

/** Settings of a vector; what it leaves out is Go's zero, or room enough not to matter. */
export const settingsOf = (config: VectorConfig): PoolSettings => ({
  warmEniTarget: config.warmENITarget ?? 0,
  warmIpTarget: config.warmIPTarget ?? 0,
  minimumIpTarget: config.minimumIPTarget ?? 0,
  warmPrefixTarget: config.warmPrefixTarget ?? 0,
  maxEnis: config.maxENI ?? 4,
  maxIpsPerEni: config.maxIPsPerENI ?? 14,
  maxPrefixesPerEni: config.maxPrefixesPerENI ?? 14,
  maxPods: config.maxPods ?? 110,
  prefixDelegation: config.enablePrefixDelegation ?? false,
  customNetworking: config.useCustomNetworking ?? false,
  ipv6: false,
  unmanagedEnis: config.unmanagedENI ?? 0,
  podEni: config.enablePodENI ?? false,
  trunkCompatible: config.trunkingCompatible ?? true,
});

const unasked = (): never => {
  throw new Error('the set asks AWS for something it does not script');
};

/** An AWS that answers only what is given. */
export const scriptedApi = (answers: Partial<EniApi>): EniApi => ({
  allocIpAddresses: unasked,
  allocEni: unasked,
  waitForEniAndIpsAttached: unasked,
  allocIpv6Prefix: unasked,
  describeCidrs: unasked,
  deallocCidrs: () => Promise.resolve(true),
  freeEni: () => Promise.resolve(true),
  tagEni: () => Promise.resolve(true),
  setSecurityGroups: () => Promise.resolve(true),
  attachedEnis: () => [],
  attachedInEc2: () => Promise.resolve(new Set<string>()),
  describeAllEnis: () => Promise.resolve([]),
  ...answers,
});

export const metadata = (
  eniId: string,
  deviceNumber: number,
  blocks: { readonly addresses?: readonly string[]; readonly prefixes?: readonly string[] },
): EniMetadata => ({
  eniId,
  macAddress: '',
  deviceNumber,
  networkCard: 0,
  subnetId: '',
  subnetCidr: '10.0.0.0/16',
  primaryIp: '10.0.0.4',
  secondaryCidrs: blocks.addresses ?? [],
  prefixes: blocks.prefixes ?? [],
  ipv6Prefixes: [],
  groups: [],
  isTrunk: false,
  isEfa: false,
  tags: {},
});

export interface IpamParts {
  readonly clock: HandClock;
  readonly config: VectorConfig;
  readonly settings: () => PoolSettings;
  readonly stores: ReadonlyMap<number, Datastore>;
  readonly api: EniApi;
  readonly node?: Partial<NodeView>;
  readonly eniConfig?: (name: string) => EniConfig | undefined;
  readonly primaryEniId?: string;
}

export function vectorIpam(parts: IpamParts): Ipam {
  const { config } = parts;
  const env = {
    ...parseIpamdEnv({ ENABLE_IPv4: 'true' }),
    subnetDiscovery: config.useSubnetDiscovery ?? false,
    manageEnisNonSchedulable: config.manageENIsNonSchedulable ?? false,
    customNetworking: config.useCustomNetworking ?? false,
    podEni: config.enablePodENI ?? false,
    prefixDelegation: config.enablePrefixDelegation ?? false,
  };
  const node: NodeView = {
    taints: [],
    labels: {},
    annotations: {},
    podCapacity: undefined,
    ...parts.node,
  };
  const primary = parts.primaryEniId;
  return {
    clock: parts.clock as unknown as Clock,
    env,
    api: parts.api,
    node: () => node,
    eniConfig: parts.eniConfig ?? (() => undefined),
    stores: parts.stores,
    settings: parts.settings,
    networkOf: () => {},
    networkGone: () => {},
    primaryEni: () => (primary === undefined ? undefined : metadata(primary, 0, {})),
    failed: () => {},
    counters: {
      ipamdErrors: new Map(),
      reconciles: new Map(),
      adds: 0,
      dels: 0,
      noAvailableAddresses: 0,
      podEniErrors: 0,
      startedAtMs: 0,
      readyAtMs: undefined,
    },
    lastInsufficientCidrMs: undefined,
    lastPoolActionMs: 0,
    lastDecreaseMs: undefined,
    terminating: false,
    recentlyFreed: new Map(),
  };
}

/** A datastore that keeps no checkpoint. */
export const plainDatastore = (
  clock: HandClock,
  prefixDelegation: boolean,
  cooldownMs = 30_000,
): Datastore =>
  new Datastore({
    clock,
    prefixDelegation,
    networkCard: 0,
    cooldownMs,
    writeCheckpoint: () => undefined,
  });
