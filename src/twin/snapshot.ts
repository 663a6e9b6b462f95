/**
 * twin/snapshot — a twin as data, and a twin of such data: what the store holds, and the little
 * that is not in it. Daemons start again from what the store says, as after a restart of
 * everything.
 */
import { type Cloud, createCloud } from '../cloud/cloud.ts';
import type { AvailabilityZone, Quotas } from '../cloud/region.ts';
import type { Note } from '../model/input-error.ts';
import type { TwinStore } from '../model/kinds.ts';
import type { Millis } from '../sim/clock.ts';
import { Simulation } from '../sim/simulation.ts';
import { assemble } from './build.ts';
import type { Twin } from './twin.ts';

/** Everything of a twin that is neither in its store nor begins anew. */
export interface TwinOrigin {
  readonly seed: number;
  readonly region: string;
  readonly accountId: string;
  readonly availabilityZones: readonly AvailabilityZone[];
  readonly quotas: Quotas;
  readonly addressChoice: Cloud['addressChoice'];
  readonly appliedAtMs: Millis;
  readonly notes: readonly Note[];
}

export function originOf({ clock, cloud, appliedAtMs, notes }: Twin): TwinOrigin {
  const { region, accountId, availabilityZones, quotas, addressChoice } = cloud;
  return {
    seed: clock.seed,
    region,
    accountId,
    availabilityZones,
    quotas,
    addressChoice,
    appliedAtMs,
    notes,
  };
}

export interface RestoreOptions {
  /** Where its clock goes on. */
  readonly nowMs: Millis;
  readonly timeline?: boolean | undefined;
  readonly immediateEvents?: boolean | undefined;
}

/** A twin over a store of its own, not started yet. */
export function restoreTwin(
  store: TwinStore,
  origin: TwinOrigin,
  { nowMs, timeline, immediateEvents }: RestoreOptions,
): Twin {
  const { seed, region, accountId, availabilityZones, quotas, addressChoice } = origin;
  const clock = new Simulation(seed, nowMs);
  const random = clock.random.split('cloud');
  const cloud = createCloud({
    clock,
    store,
    random,
    region,
    accountId,
    availabilityZones,
    quotas,
    addressChoice,
  });
  const twin = assemble({ clock, store, cloud }, { seed, timeline, immediateEvents });
  twin.appliedAtMs = origin.appliedAtMs;
  twin.notes.push(...origin.notes);
  return twin;
}
