/**
 * controllers/endpoint-slice/topology — zone hints: which zone's clients an endpoint is for.
 *
 * Upstream: kubernetes/endpointslice@daa4d01 topologycache/{topologycache,sliceinfo,utils}.go for
 * the annotation `service.kubernetes.io/topology-mode: Auto`, trafficdist/trafficdist.go for
 * `spec.trafficDistribution`.
 */
import { isConditionTrue } from '../../model/kubernetes/condition.ts';
import type { Node } from '../../model/kubernetes/core.ts';
import type { Endpoint } from '../../model/kubernetes/networking.ts';
import { milliOf } from '../../model/kubernetes/quantity.ts';
import { ZONE_LABEL } from './endpoint.ts';
import type { Draft } from './slice-changes.ts';

type Hints = Endpoint['hints'];

/** Share of the cluster's CPU by zone; undefined when the nodes do not tell enough. */
export type ZoneShares = ReadonlyMap<string, number> | undefined;

/** topologycache.go:44 overloadThreshold: a zone may carry a fifth more than its share. */
const OVERLOAD = 0.2;
const EXCLUDED = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

/** topologycache.go:190 SetNodes. */
export function zoneShares(nodes: Iterable<Node>): ZoneShares {
  const cpuOf = new Map<string, number>();
  let total = 0;
  for (const { metadata, status } of nodes) {
    if (EXCLUDED.some((label) => metadata.labels?.[label] !== undefined)) continue;
    if (!isConditionTrue(status?.conditions, 'Ready')) continue;
    const zone = metadata.labels?.[ZONE_LABEL] ?? '';
    const cpu = milliOf(status?.allocatable?.cpu);
    if (zone === '' || cpu === 0) return undefined;
    total += cpu;
    cpuOf.set(zone, (cpuOf.get(zone) ?? 0) + cpu);
  }
  if (total === 0 || cpuOf.size < 2) return undefined;
  return new Map([...cpuOf].map(([zone, cpu]) => [zone, cpu / total]));
}

interface Allocation {
  readonly maximum: number;
  readonly desired: number;
}

/** Why the Auto mode gives no hints, in upstream's words. */
export interface HintsRefused {
  readonly refused: string;
}

/** topologycache/event.go. */
const INSUFFICIENT_NODES =
  'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes';
const INSUFFICIENT_ENDPOINTS = 'Insufficient number of endpoints';
const OVERLOADED =
  'Unable to allocate minimum required endpoints to each zone without exceeding overload threshold';
const NO_ZONE = 'One or more endpoints do not have a zone specified';

/** topologycache.go:257 getAllocations. */
function allocationsOf(
  shares: ZoneShares,
  count: number,
): ReadonlyMap<string, Allocation> | HintsRefused {
  if (shares === undefined) return { refused: INSUFFICIENT_NODES };
  const sizes = `(${count} endpoints, ${shares.size} zones)`;
  if (shares.size > count) return { refused: `${INSUFFICIENT_ENDPOINTS} ${sizes}` };
  const minimums = new Map<string, number>();
  let total = 0;
  for (const [zone, share] of shares) {
    const minimum = Math.ceil(share * count * (1 / (1 + OVERLOAD)));
    minimums.set(zone, minimum);
    total += minimum;
    if (total > count) return { refused: `${OVERLOADED} ${sizes}` };
  }
  const allocations = new Map<string, Allocation>();
  for (const [zone, minimum] of minimums) {
    const desired = Math.max(shares.get(zone)! * count, minimum);
    allocations.set(zone, { maximum: minimum + count - total, desired });
  }
  return allocations;
}

const isReady = ({ conditions }: Endpoint): boolean => conditions?.ready === true;

const forZone = (zone: string): Hints => ({ forZones: [{ name: zone }] });

function setHints(draft: Draft, at: number, hints: Hints): void {
  const { hints: before, ...endpoint } = draft.endpoints[at]!;
  if (JSON.stringify(before) === JSON.stringify(hints)) return;
  draft.endpoints[at] = hints === undefined ? endpoint : { ...endpoint, hints };
  draft.changed = true;
}

/** Takes all hints away. */
export function removeHints(drafts: readonly Draft[]): void {
  for (const draft of drafts) {
    for (let i = 0; i < draft.endpoints.length; i++) setHints(draft, i, undefined);
  }
}

/**
 * `topology-mode: Auto`: endpoints are shared out by the zones' CPU; slices that need no change
 * keep their hints.
 *
 * @returns why there are no hints, when there are none
 */
export function hintByShare(
  drafts: readonly Draft[],
  shares: ZoneShares,
): HintsRefused | undefined {
  const count = drafts.reduce((sum, it) => sum + it.endpoints.filter(isReady).length, 0);
  const allocations = allocationsOf(shares, count);
  if ('refused' in allocations) {
    removeHints(drafts);
    return allocations;
  }
  const allocated = new Map<string, number>();
  const open: Draft[] = drafts.filter((it) => it.changed);
  for (const draft of drafts) {
    if (draft.changed) continue;
    const hinted = hintsOf(draft, allocated, allocations);
    if (hinted === undefined) open.push(draft);
    else for (const [zone, hints] of hinted) add(allocated, zone, hints);
  }
  for (const draft of open) {
    for (let i = 0; i < draft.endpoints.length; i++) {
      const endpoint = draft.endpoints[i]!;
      if (!isReady(endpoint)) setHints(draft, i, undefined);
      else if (endpoint.zone === undefined) {
        removeHints(drafts);
        return { refused: NO_ZONE };
      } else {
        setHints(draft, i, forZone(endpoint.zone));
        add(allocated, endpoint.zone, 1);
      }
    }
  }
  redistribute(open, allocations, allocated);
  return undefined;
}

const add = (counts: Map<string, number>, zone: string, amount: number): void => {
  counts.set(zone, (counts.get(zone) ?? 0) + amount);
};

/** utils.go getHintsByZone; undefined when the slice's hints cannot stay. */
function hintsOf(
  { endpoints }: Draft,
  allocated: ReadonlyMap<string, number>,
  allocations: ReadonlyMap<string, Allocation>,
): ReadonlyMap<string, number> | undefined {
  const counts = new Map<string, number>();
  for (const endpoint of endpoints) {
    if (!isReady(endpoint)) continue;
    const zones = endpoint.hints?.forZones ?? [];
    if (zones.length === 0) return undefined;
    for (const { name } of zones) {
      if (!allocations.has(name)) return undefined;
      add(counts, name, 1);
    }
  }
  for (const [zone, count] of counts) {
    if (count + (allocated.get(zone) ?? 0) > allocations.get(zone)!.maximum) return undefined;
  }
  return counts;
}

/** utils.go getGivingAndReceivingZones, redistributeHints. Zones are taken in order of name. */
function redistribute(
  drafts: readonly Draft[],
  allocations: ReadonlyMap<string, Allocation>,
  allocated: ReadonlyMap<string, number>,
): void {
  const { giving, receiving } = transfers(allocations, allocated);
  for (const draft of drafts) {
    for (let i = 0; i < draft.endpoints.length; i++) {
      const endpoint = draft.endpoints[i]!;
      if (!isReady(endpoint)) continue;
      const left = giving.get(endpoint.zone!) ?? 0;
      if (left === 0) continue;
      const taker = [...receiving.keys()].sort().find((zone) => receiving.get(zone)! > 0);
      if (taker === undefined) return;
      setHints(draft, i, forZone(taker));
      giving.set(endpoint.zone!, left - 1);
      receiving.set(taker, receiving.get(taker)! - 1);
    }
  }
}

/** How many endpoints each zone gives away or gets. */
function transfers(
  allocations: ReadonlyMap<string, Allocation>,
  allocated: ReadonlyMap<string, number>,
): { readonly giving: Map<string, number>; readonly receiving: Map<string, number> } {
  const surplus = new Map<string, number>();
  const shortage = new Map<string, number>();
  for (const [zone, { desired }] of allocations) {
    const count = allocated.get(zone) ?? 0;
    if (count > desired) surplus.set(zone, count - desired);
    else if (count < desired) shortage.set(zone, desired - count);
  }
  const giving = new Map<string, number>();
  const receiving = new Map<string, number>();
  for (;;) {
    const [giver, toGive] = most(surplus);
    const [taker, toTake] = most(shortage);
    if ((toGive < 1 && toTake < 1) || toGive < 0.5 || toTake < 0.5) break;
    add(giving, giver, 1);
    add(surplus, giver, -1);
    add(receiving, taker, 1);
    add(shortage, taker, -1);
  }
  return { giving, receiving };
}

function most(counts: ReadonlyMap<string, number>): readonly [zone: string, count: number] {
  let best: readonly [string, number] = ['', 0];
  for (const zone of [...counts.keys()].sort()) {
    if (counts.get(zone)! > best[1]) best = [zone, counts.get(zone)!];
  }
  return best;
}

/** trafficdist.go closeTrafficDistribution. */
export const CLOSE: ReadonlySet<string> = new Set([
  'PreferClose',
  'PreferSameZone',
  'PreferSameNode',
]);

/** `trafficDistribution`: every ready endpoint is for its own zone, and node if asked. */
export function hintOwnZone(drafts: readonly Draft[], withNodes: boolean): void {
  for (const draft of drafts) {
    for (let i = 0; i < draft.endpoints.length; i++) {
      const endpoint = draft.endpoints[i]!;
      if (!isReady(endpoint)) continue;
      const { zone, nodeName } = endpoint;
      const hints = {
        ...(zone === undefined ? {} : { forZones: [{ name: zone }] }),
        ...(withNodes && nodeName !== undefined ? { forNodes: [{ name: nodeName }] } : {}),
      };
      setHints(draft, i, Object.keys(hints).length === 0 ? undefined : hints);
    }
  }
}
