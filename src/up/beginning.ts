/**
 * up/beginning — when a new twin begins: so long before now that its clock is the wall's once it
 * has come to rest, and what kubectl makes of its timestamps is right.
 */
import { EPOCH_MS } from '../model/time.ts';
import type { Millis } from '../sim/clock.ts';
import type { Twin } from '../twin/twin.ts';
import type { Speed } from './pacer.ts';

/** A cluster with load balancers is at rest in ten minutes; an idle twin's minutes cost nothing. */
const LEAD_MS = 30 * 60_000;
/** What hurried work may use up before the twin's clock is ahead of the wall. */
const LAG_MS = 15 * 60_000;

const lagOf = (speed: Speed): Millis => (speed === 1 ? 0 : LAG_MS);

/** Where the clock of a twin begins that is built now. */
export const beginningMs = (nowMs: number, speed: Speed): Millis =>
  nowMs - EPOCH_MS - LEAD_MS - lagOf(speed);

/** Where the clock of a twin is that is up now: the wall's, less what hurry may use up. */
export const presentMs = (nowMs: number, speed: Speed): Millis => nowMs - EPOCH_MS - lagOf(speed);

/** Brings a built twin to rest, and its clock to the wall's less what hurry may use up. */
export async function bringToNow(twin: Twin, nowMs: () => number, speed: Speed): Promise<void> {
  await twin.settle();
  await twin.clock.runUntil(presentMs(nowMs(), speed));
}
