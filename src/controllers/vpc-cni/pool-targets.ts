/**
 * controllers/vpc-cni/pool-targets — is the pool too low, too high, by how much: upstream's
 * arithmetic, formula by formula.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd/ipamd.go:1488-1530, 2177-2260, 2551-2745.
 * Addresses in their cooldown count as available everywhere here, though no pod can have them yet.
 */
import type { PoolTargets } from '../../model/eks/pool-state.ts';
import { ADDRESSES_PER_PREFIX, divideUp } from './address-count.ts';
import type { Datastore } from './datastore.ts';
import {
  availableIps,
  freePrefixes,
  hasFreeableEni,
  poolStats,
  trunkEni,
  type WarmTargets,
} from './datastore-view.ts';

/** What the formulas depend on for one network card, apart from the datastore. */
export interface PoolSettings extends PoolTargets {
  /** Addresses for pods per ENI; with prefixes: 16 times as many. */
  readonly maxIpsPerEni: number;
}

export interface TargetState {
  /** Addresses missing; with prefixes: prefixes missing. */
  readonly short: number;
  /** Addresses to give back; with prefixes: prefixes. */
  readonly over: number;
  /** WARM_IP_TARGET or MINIMUM_IP_TARGET decides; else ENIs or prefixes are counted. */
  readonly enabled: boolean;
}

/** Whether WARM_IP_TARGET or MINIMUM_IP_TARGET is set; 0 is the same as unset. */
export const warmIpTargetsDefined = (
  settings: Pick<PoolSettings, 'warmIpTarget' | 'minimumIpTarget'>,
): boolean => settings.warmIpTarget !== 0 || settings.minimumIpTarget !== 0;

/** Upstream compares with `>= 0`, so any target counts as defined with prefix delegation. */
export const warmPrefixTargetDefined = (
  settings: Pick<PoolSettings, 'warmPrefixTarget' | 'prefixDelegation'>,
): boolean => settings.warmPrefixTarget >= 0 && settings.prefixDelegation;

const atLeast0 = (value: number): number => Math.max(value, 0);

/** What freeing an ENI must leave on the card. Further cards always keep one address warm. */
export const warmTargetsOf = (settings: PoolSettings, store: Datastore): WarmTargets =>
  store.networkCard === 0
    ? settings
    : { warmIpTarget: 1, minimumIpTarget: 1, warmPrefixTarget: settings.warmPrefixTarget };

/** How far the pool is from the warm IP targets. */
export function targetState(settings: PoolSettings, store: Datastore): TargetState {
  const onFirstCard = store.networkCard === 0;
  if (onFirstCard && !warmIpTargetsDefined(settings)) return { short: 0, over: 0, enabled: false };
  const { warmIpTarget: warm, minimumIpTarget: minimum } = warmTargetsOf(settings, store);
  const stats = poolStats(store, 4);
  const available = availableIps(stats);
  const short = Math.max(atLeast0(warm - available), minimum - stats.totalIps);
  if (onFirstCard && settings.prefixDelegation) {
    const free = freePrefixes(store);
    const keptForWarm = divideUp(stats.assignedIps + settings.warmIpTarget, ADDRESSES_PER_PREFIX);
    const keptForMinimum = divideUp(settings.minimumIpTarget, ADDRESSES_PER_PREFIX);
    const overWarm = atLeast0(Math.min(free, stats.totalPrefixes - keptForWarm));
    const over = atLeast0(Math.min(overWarm, stats.totalPrefixes - keptForMinimum));
    return { short: divideUp(short, ADDRESSES_PER_PREFIX), over, enabled: true };
  }
  const over = atLeast0(Math.min(atLeast0(available - warm), stats.totalIps - minimum));
  return { short, over, enabled: true };
}

export function isPoolTooLow(settings: PoolSettings, store: Datastore): boolean {
  const stats = poolStats(store, 4);
  if (stats.totalIps >= settings.maxPods) return false;
  const { short, enabled } = targetState(settings, store);
  if (enabled) return short > 0;
  const target = settings.prefixDelegation ? settings.warmPrefixTarget : settings.warmEniTarget;
  const unit = settings.prefixDelegation ? ADDRESSES_PER_PREFIX : settings.maxIpsPerEni;
  const available = availableIps(stats);
  return available < unit * target || (target === 0 && available === 0);
}

export function isPoolTooHigh(settings: PoolSettings, store: Datastore): boolean {
  const { over, enabled } = targetState(settings, store);
  if (enabled) return over > 0;
  if (!warmPrefixTargetDefined(settings)) return false;
  return freePrefixes(store) > settings.warmPrefixTarget;
}

/** Blocks a decrease gives back: addresses, or prefixes with prefix delegation. */
export function overTarget(settings: PoolSettings, store: Datastore): number {
  const { over, enabled } = targetState(settings, store);
  if (enabled) return over;
  if (!warmPrefixTargetDefined(settings)) return 0;
  return atLeast0(freePrefixes(store) - settings.warmPrefixTarget);
}

export function shouldRemoveExtraEnis(settings: PoolSettings, store: Datastore): boolean {
  if (warmIpTargetsDefined(settings) || store.networkCard > 0) return true;
  const target = settings.prefixDelegation ? settings.warmPrefixTarget : settings.warmEniTarget;
  const available = availableIps(poolStats(store, 4));
  if (available >= (target + 1) * settings.maxIpsPerEni) return true;
  return settings.prefixDelegation && hasFreeableEni(store);
}

export function prefixesNeeded(settings: PoolSettings, store: Datastore): number {
  const { short, enabled } = targetState(settings, store);
  if (enabled) return Math.max(1, short);
  if (!warmPrefixTargetDefined(settings)) return 1;
  return Math.max(1, settings.warmPrefixTarget - freePrefixes(store));
}

/** Addresses or prefixes a new ENI is made with. */
export function newEniResources(settings: PoolSettings, store: Datastore): number {
  if (settings.ipv6) return 1;
  if (settings.prefixDelegation)
    return Math.min(prefixesNeeded(settings, store), settings.maxPrefixesPerEni);
  const { short, enabled } = targetState(settings, store);
  return enabled ? Math.min(short, settings.maxIpsPerEni) : settings.maxIpsPerEni;
}

/** 1 while a slot is kept for a trunk that is not there yet. */
export function trunkReserve(settings: PoolSettings, store: Datastore): number {
  const wanted = settings.podEni && settings.trunkCompatible && store.networkCard === 0;
  return wanted && trunkEni(store) === undefined ? 1 : 0;
}

/** Whether another ENI may be attached. Upstream takes excluded ENIs off both sides (:2592). */
export function hasRoomForEni(settings: PoolSettings, store: Datastore): boolean {
  let excluded = 0;
  for (const eni of store.enis.values()) if (eni.excluded) excluded++;
  const reserve = trunkReserve(settings, store);
  return (
    store.enis.size - excluded < settings.maxEnis - settings.unmanagedEnis - reserve - excluded
  );
}
