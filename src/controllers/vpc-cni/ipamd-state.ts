/**
 * controllers/vpc-cni/ipamd-state — one node's pool as analysis and people want to see it.
 */
import type { Millis } from '../../sim/clock.ts';
import { availableIps, poolStats } from './datastore-view.ts';
import { INSUFFICIENT_CIDR_PAUSE_MS, type Ipam, inInsufficientCidrPause } from './ipam.ts';
import type { Obstacle } from './obstacle.ts';
import { type GrowthLimit, growthLimit } from './pool-outlook.ts';
import {
  isPoolTooHigh,
  isPoolTooLow,
  type PoolSettings,
  type TargetState,
  targetState,
} from './pool-targets.ts';

export interface EniPoolState {
  readonly eniId: string;
  readonly deviceNumber: number;
  readonly networkCard: number;
  readonly isPrimary: boolean;
  readonly isTrunk: boolean;
  readonly excluded: boolean;
  readonly subnetId: string;
  readonly cidrs: readonly string[];
  readonly assigned: readonly { readonly ip: string; readonly pod: string }[];
  /** Counts of addresses; assigned + cooling + free = all addresses of the blocks. */
  readonly cooling: number;
  readonly free: number;
}

export interface CardPoolState {
  readonly networkCard: number;
  readonly totalIps: number;
  readonly assignedIps: number;
  readonly availableIps: number;
  readonly cooldownIps: number;
  readonly targets: TargetState;
  readonly tooLow: boolean;
  readonly tooHigh: boolean;
  readonly limit: GrowthLimit;
  readonly settings: PoolSettings;
}

export interface IpamdState {
  readonly nodeName: string;
  readonly instanceId: string;
  readonly ready: boolean;
  /** Why aws-node does not come up; undefined when it does. */
  readonly problem: string | undefined;
  /** What the loop waits for after EC2 refused. */
  readonly obstacle: Obstacle | undefined;
  /** Until when the pool does not grow after EC2 said the subnet is full. */
  readonly pausedUntilMs: Millis | undefined;
  readonly cards: readonly CardPoolState[];
  readonly enis: readonly EniPoolState[];
}

interface Facts {
  readonly nodeName: string;
  readonly instanceId: string;
  readonly ready: boolean;
  readonly problem: string | undefined;
  readonly obstacle: Obstacle | undefined;
}

export function stateOf(ipam: Ipam, facts: Facts): IpamdState {
  const paused = inInsufficientCidrPause(ipam.clock.now(), ipam.lastInsufficientCidrMs);
  return {
    ...facts,
    pausedUntilMs: paused ? ipam.lastInsufficientCidrMs! + INSUFFICIENT_CIDR_PAUSE_MS : undefined,
    cards: [...ipam.stores.values()].map((store) => {
      const settings = ipam.settings(store.networkCard);
      const stats = poolStats(store, ipam.env.ipv6 ? 6 : 4);
      return {
        networkCard: store.networkCard,
        totalIps: stats.totalIps,
        assignedIps: stats.assignedIps,
        availableIps: availableIps(stats),
        cooldownIps: stats.cooldownIps,
        targets: targetState(settings, store),
        tooLow: isPoolTooLow(settings, store),
        tooHigh: isPoolTooHigh(settings, store),
        limit: growthLimit(ipam, store),
        settings,
      };
    }),
    enis: eniStates(ipam),
  };
}

function eniStates(ipam: Ipam): readonly EniPoolState[] {
  const states: EniPoolState[] = [];
  for (const store of ipam.stores.values()) {
    for (const eni of store.enis.values()) {
      const pools = [...eni.ipv4.values(), ...eni.ipv6.values()];
      const assigned = pools.flatMap((pool) =>
        [...pool.addresses.values()]
          .filter((address) => address.owner !== undefined)
          .map(({ ip, metadata }) => ({
            ip,
            pod: `${metadata.k8sPodNamespace ?? ''}/${metadata.k8sPodName ?? ''}`,
          })),
      );
      const size = pools.reduce((sum, pool) => sum + pool.size, 0);
      const cooling = pools.reduce(
        (sum, pool) => sum + pool.cooling(store.now(), store.cooldownMs),
        0,
      );
      states.push({
        eniId: eni.id,
        deviceNumber: eni.deviceNumber,
        networkCard: store.networkCard,
        isPrimary: eni.isPrimary,
        isTrunk: eni.isTrunk,
        excluded: eni.excluded,
        subnetId: eni.subnetId,
        cidrs: pools.map((pool) => pool.cidr),
        assigned,
        cooling,
        free: size - assigned.length - cooling,
      });
    }
  }
  return states;
}
