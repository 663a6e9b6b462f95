/**
 * controllers/eks-control-plane/zone-balance — in which subnet a group's next instances go, and
 * which of them go first when it shrinks.
 *
 * Source: Amazon EC2 Auto Scaling User Guide, "Availability Zone distribution" (the zone with the
 * fewest instances first) and "Termination policies" (the zone with the most instances; then the
 * oldest, as EKS sets OldestInstance on its groups). Pure.
 */

/** A subnet of a group. */
export interface SubnetPlace {
  readonly subnetId: string;
  readonly zone: string;
}

/** An instance of a group. */
export interface PlacedInstance extends SubnetPlace {
  readonly instanceId: string;
  readonly launchedAtMs: number;
}

const countBy = <Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
};

/**
 * How many instances each subnet gets: one at a time, each to the zone with the fewest and there to
 * the subnet with the fewest; ties go to the subnet named first.
 */
export const placements = (
  subnets: readonly SubnetPlace[],
  present: readonly SubnetPlace[],
  wanted: number,
): Map<string, number> => {
  const zones = countBy(present, ({ zone }) => zone);
  const perSubnet = countBy(present, ({ subnetId }) => subnetId);
  const placed = new Map<string, number>();
  for (let i = 0; i < wanted && subnets.length > 0; i++) {
    let best = subnets[0]!;
    for (const candidate of subnets) {
      const zoneGap = (zones.get(candidate.zone) ?? 0) - (zones.get(best.zone) ?? 0);
      const gap = (perSubnet.get(candidate.subnetId) ?? 0) - (perSubnet.get(best.subnetId) ?? 0);
      if (zoneGap < 0 || (zoneGap === 0 && gap < 0)) best = candidate;
    }
    zones.set(best.zone, (zones.get(best.zone) ?? 0) + 1);
    perSubnet.set(best.subnetId, (perSubnet.get(best.subnetId) ?? 0) + 1);
    placed.set(best.subnetId, (placed.get(best.subnetId) ?? 0) + 1);
  }
  return placed;
};

/** The instances to terminate, first to go first. */
export const departures = (present: readonly PlacedInstance[], count: number): PlacedInstance[] => {
  const byZone = new Map<string, PlacedInstance[]>();
  for (const instance of [...present].sort((a, b) => a.launchedAtMs - b.launchedAtMs)) {
    const zone = byZone.get(instance.zone);
    if (zone === undefined) byZone.set(instance.zone, [instance]);
    else zone.push(instance);
  }
  const leaving: PlacedInstance[] = [];
  while (leaving.length < count && leaving.length < present.length) {
    let fullest: PlacedInstance[] = [];
    for (const zone of byZone.values()) if (zone.length > fullest.length) fullest = zone;
    leaving.push(fullest.shift()!);
  }
  return leaving;
};
