/**
 * datapath/elb/candidates — which targets of a group a load balancer's node in one zone chooses
 * from: those it would use, not those that are registered.
 *
 * Source: Elastic Load Balancing, "Target group health" and "Cross-zone load balancing": healthy
 * targets; all of them where too few are healthy (fail open); none that drain or are in a zone
 * that is not enabled; without cross-zone load balancing only those of the node's own zone.
 */
import type { Choice } from '../chance.ts';
import type { Element } from '../trace.ts';
import type { ReadyBalancer } from './ready-balancer.ts';
import type { ReadyGroup, ReadyTarget } from './ready-group.ts';

export interface Candidates {
  readonly targets: readonly ReadyTarget[];
  /** Equal shares: round robin, or a hash of the flow. */
  readonly options: readonly Choice[];
  /** None is healthy enough: every target is used. */
  readonly isFailOpen: boolean;
  /** Registered and passed over, each with why. */
  readonly considered: readonly Element[];
  /** Why there is none; undefined: there is. */
  readonly missing?: 'unregistered' | 'draining' | 'zone' | 'unhealthy' | undefined;
  /** Only the node's own zone counts. */
  readonly isZonal: boolean;
}

const CROSS_ZONE = 'load_balancing.cross_zone.enabled';
const MIN_COUNT = 'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count';
const MIN_SHARE = 'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage';

/** Whether a node sends to targets of other zones too. */
export function isCrossZone({ kind, attributes }: ReadyBalancer, group: ReadyGroup): boolean {
  const own = group.attributes[CROSS_ZONE];
  if (own === 'true' || own === 'false') return own === 'true';
  const told = attributes[CROSS_ZONE];
  return told === undefined ? kind === 'application' : told === 'true';
}

type ByZone = Map<string, Candidates>;
const known = new WeakMap<ReadyGroup, WeakMap<ReadyBalancer, ByZone>>();

/** The candidates of a node in `zone`; made once for a group and a load balancer as they are. */
export function candidatesOf(balancer: ReadyBalancer, group: ReadyGroup, zone: string): Candidates {
  const byBalancer = known.get(group) ?? new WeakMap<ReadyBalancer, ByZone>();
  const byZone: ByZone = byBalancer.get(balancer) ?? new Map();
  const found = byZone.get(zone);
  if (found !== undefined) return found;
  const made = candidates(balancer, group, zone);
  known.set(group, byBalancer.set(balancer, byZone.set(zone, made)));
  return made;
}

function candidates(balancer: ReadyBalancer, group: ReadyGroup, zone: string): Candidates {
  const isZonal = !isCrossZone(balancer, group);
  const zones = new Set(balancer.zones.map(({ zoneName }) => zoneName));
  const isReached = ({ zone: its }: ReadyTarget): boolean =>
    its === undefined || (isZonal ? its === zone : zones.has(its));
  const isRegistered = ({ health }: ReadyTarget): boolean => health.state !== 'draining';
  const registered = group.targets.filter(isRegistered);
  const reached = registered.filter((it) => isReached(it) && !isNeverUsed(it));
  const healthy = reached.filter(isHealthy);
  const isFailOpen = group.failsOpen && healthy.length < leastHealthy(group, reached.length);
  const targets = isFailOpen ? reached : healthy;
  const missing =
    targets.length > 0
      ? undefined
      : group.targets.length === 0
        ? 'unregistered'
        : registered.length === 0
          ? 'draining'
          : reached.length === 0
            ? 'zone'
            : 'unhealthy';
  const probability = 1 / Math.max(1, targets.length);
  return {
    targets,
    options: targets.map(({ id, port }) => ({ label: targetLabel(id, port), probability })),
    isFailOpen,
    considered: group.targets.filter((it) => !targets.includes(it)).map(passedOver),
    missing,
    isZonal,
  };
}

/** An ALB's ARN by the name in it. */
export const targetLabel = (id: string, port: number): string =>
  `${/loadbalancer\/app\/([^/]+)/.exec(id)?.[1] ?? id}:${port}`;

const isHealthy = ({ health }: ReadyTarget): boolean =>
  health.state === 'healthy' || health.state === 'unavailable';

/** Stopped, or not to be used: no fail open brings it in. Zones that are off we see ourselves. */
const isNeverUsed = ({ health }: ReadyTarget): boolean =>
  health.reason === 'Target.InvalidState' || health.reason === 'Target.IpUnusable';

function leastHealthy({ attributes }: ReadyGroup, count: number): number {
  const least = Number(attributes[MIN_COUNT] ?? 1);
  const share = Number(attributes[MIN_SHARE]);
  const byShare = Number.isFinite(share) ? Math.ceil((share / 100) * count) : 0;
  return Math.max(Number.isFinite(least) ? least : 1, byShare);
}

const passedOver = ({ element, health, zone }: ReadyTarget): Element => ({
  ...element,
  field: [health.state, health.reason ?? (zone === undefined ? '' : `in ${zone}`)]
    .filter((part) => part !== '')
    .join(' '),
});
