/**
 * shell/network/caller — who opens connections: a pod, a node, or somebody on the internet.
 */
import { INTERNET_ADDRESS } from '../../analysis/trace/endpoint.ts';
import type { Vantage } from '../../datapath/dns/answer.ts';
import type { Origin } from '../../datapath/walk/flow.ts';
import { familyOf, type Ip, parseIp } from '../../net/index.ts';
import type { Millis } from '../../sim/clock.ts';
import { hostOf } from '../host.ts';
import { type Memory, memoryOf } from '../memory.ts';
import type { Run } from '../run.ts';
import type { Machine, ShellWorld } from '../session.ts';

export interface Caller {
  readonly world: ShellWorld;
  readonly memory: Memory;
  readonly origin: Origin;
  readonly vantage: Vantage;
  readonly addresses: readonly Ip[];
  sleep(forMs: Millis): Promise<void>;
}

/** A client anywhere on the internet. */
export interface Internet {
  readonly kind: 'internet';
}

/** The program that runs. */
export const callerOf = ({ host, patience }: Pick<Run, 'host' | 'patience'>): Caller => ({
  world: host.world,
  memory: host.memory,
  origin: host.origin,
  vantage: host.vantage,
  addresses: host.addresses,
  sleep: (forMs) => patience.sleep(forMs),
});

/** undefined: there is no such machine. */
export function callerAt(world: ShellWorld, origin: Machine | Internet): Caller | undefined {
  const around = { world, memory: memoryOf(world.twin), sleep: (ms: Millis) => world.sleep(ms) };
  if (origin.kind === 'internet') {
    return {
      ...around,
      origin: { kind: 'outside', place: { kind: 'internet' }, label: 'internet' },
      vantage: { kind: 'outside' },
      addresses: [parseIp(INTERNET_ADDRESS[4])!, parseIp(INTERNET_ADDRESS[6])!],
    };
  }
  const host = hostOf(world, origin);
  if (host === undefined) return undefined;
  return { ...around, origin: host.origin, vantage: host.vantage, addresses: host.addresses };
}

/** The address it would send from; undefined: it has none of the family, or no route. */
export function sourceFor(caller: Caller, to: Ip, protocol: number): Ip | undefined {
  const { datapath } = caller.world.twin;
  const chosen = datapath.sourceFor(caller.origin, to, protocol);
  return chosen ?? caller.addresses.find((it) => familyOf(it) === familyOf(to));
}
