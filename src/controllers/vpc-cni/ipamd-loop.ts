/**
 * controllers/vpc-cni/ipamd-loop — the pool loop: half a turn, look at the pool, half a turn,
 * compare with metadata. It parks when no look could change anything.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd/ipamd.go:769-835. Every action here happens
 * at a time upstream's own loop would have looked.
 */
import type { Millis, Signal } from '../../sim/clock.ts';
import type { Datastore } from './datastore.ts';
import type { EniMetadata } from './eni-api.ts';
import type { Ipam } from './ipam.ts';
import type { Obstacle } from './obstacle.ts';
import { DECREASE_INTERVAL_MS, decreasePool, tryFreeEni } from './pool-decrease.ts';
import { increasePool } from './pool-increase.ts';
import { nextPoolActionMs } from './pool-outlook.ts';
import { isPoolTooHigh, isPoolTooLow, shouldRemoveExtraEnis } from './pool-targets.ts';
import { isOutOfStep, RECONCILE_INTERVAL_MS, reconcilePool, trunkIsMissing } from './reconcile.ts';

export const HALF_TURN_MS = 2_500;
const TURN_MS = 2 * HALF_TURN_MS;

export interface LoopState {
  /** Set when the ENIs of the instance changed since they were last compared. */
  enisChanged: boolean;
  obstacle: Obstacle | undefined;
  readonly wake: Signal;
  readonly isManaged: (eni: EniMetadata) => boolean;
  /** Called after every pass that changed the pool: addresses may have become available. */
  readonly afterPass: () => void;
}

interface Plan {
  readonly what: 'pool' | 'reconcile';
  readonly atMs: Millis;
  readonly background: boolean;
}

/** The first time at or after `atMs` on the grid that starts at `originMs`. */
const onGrid = (originMs: Millis, atMs: Millis): Millis =>
  originMs + Math.max(0, Math.ceil((atMs - originMs) / TURN_MS)) * TURN_MS;

/** What to do next and when; undefined = park. */
function plan(ipam: Ipam, state: LoopState, poolOriginMs: Millis): Plan | undefined {
  const now = ipam.clock.now();
  let poolMs: Millis | undefined;
  let reconcileMs: Millis | undefined;
  const earlier = (a: Millis | undefined, b: Millis): Millis => Math.min(a ?? b, b);
  let outOfStep = false;
  for (const store of ipam.stores.values()) {
    if (state.obstacle !== 'needs-change' || !growthWanted(ipam, store)) {
      const atMs = nextPoolActionMs(ipam, store);
      if (atMs !== undefined) poolMs = earlier(poolMs, atMs);
    }
    if (!state.enisChanged) continue;
    if (trunkIsMissing(ipam, store)) reconcileMs = earlier(reconcileMs, now);
    else if (isOutOfStep(ipam, store, state.isManaged))
      reconcileMs = earlier(reconcileMs, ipam.lastPoolActionMs + RECONCILE_INTERVAL_MS + 1);
    outOfStep ||= reconcileMs !== undefined;
  }
  if (!outOfStep) state.enisChanged = false;
  const background = state.obstacle === 'lasting';
  const pool: Plan | undefined =
    poolMs === undefined
      ? undefined
      : { what: 'pool', atMs: onGrid(poolOriginMs, Math.max(now, poolMs)), background };
  if (reconcileMs === undefined) return pool;
  // A reconcile follows the look at the pool by half a turn.
  const at = onGrid(poolOriginMs - HALF_TURN_MS, Math.max(now, reconcileMs));
  const reconcile: Plan = { what: 'reconcile', atMs: at, background: false };
  return pool !== undefined && pool.atMs <= reconcile.atMs ? pool : reconcile;
}

/** With an obstacle to growth the pool may still shrink; a pool that is low only wants to grow. */
const growthWanted = (ipam: Ipam, store: Datastore): boolean =>
  isPoolTooLow(ipam.settings(store.networkCard), store);

/** Changes with every block and ENI that comes or goes. */
function shapeOf(ipam: Ipam): string {
  let shape = '';
  for (const store of ipam.stores.values())
    for (const eni of store.enis.values()) shape += `${eni.id} ${[...eni.ipv4.keys()].join(' ')};`;
  return shape;
}

/** updateIPPoolIfRequired, for every card. */
export async function lookAtPool(ipam: Ipam): Promise<void> {
  for (const store of ipam.stores.values()) {
    const settings = ipam.settings(store.networkCard);
    if (isPoolTooLow(settings, store)) await increasePool(ipam, store);
    else if (isPoolTooHigh(settings, store)) {
      const sinceMs = ipam.clock.now() - (ipam.lastDecreaseMs ?? Number.NEGATIVE_INFINITY);
      if (sinceMs > DECREASE_INTERVAL_MS) await decreasePool(ipam, store);
    }
    if (ipam.terminating) return;
    if (shouldRemoveExtraEnis(settings, store)) await tryFreeEni(ipam, store);
  }
}

/** Runs until ipamd terminates. */
export async function runPoolLoop(ipam: Ipam, state: LoopState): Promise<void> {
  const { clock } = ipam;
  let poolOriginMs = clock.now() + HALF_TURN_MS;
  while (!ipam.terminating) {
    const next = plan(ipam, state, poolOriginMs);
    if (next === undefined) {
      await state.wake.wait();
      continue;
    }
    if (next.atMs > clock.now()) {
      // Anything that happens meanwhile may change the plan.
      await state.wake.waitAtMost(next.atMs - clock.now(), { background: next.background });
      if (clock.now() < next.atMs) continue;
    }
    if (ipam.terminating) return;
    state.obstacle = undefined;
    const before = shapeOf(ipam);
    if (next.what === 'pool') await lookAtPool(ipam);
    else
      for (const store of ipam.stores.values()) await reconcilePool(ipam, store, state.isManaged);
    const changed = shapeOf(ipam) !== before;
    // A look that changed nothing and met no error would change nothing the next time either.
    if (next.what === 'pool' && !changed) state.obstacle ??= 'lasting';
    // EC2 contradicts the metadata: the next change of the ENIs is the time to compare again.
    if (next.what === 'reconcile' && !changed) state.enisChanged = false;
    if (changed) state.afterPass();
    poolOriginMs = clock.now() + (next.what === 'pool' ? TURN_MS : HALF_TURN_MS);
  }
}
