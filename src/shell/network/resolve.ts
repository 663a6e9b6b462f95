/**
 * shell/network/resolve — what a program gets for a name, and how long that takes: the queries are
 * walked as packets; servers that do not answer are waited for as glibc does.
 *
 * Upstream: glibc 2.39 resolv/res_send.c: 5 s for a server, two rounds (resolv.conf(5) timeout,
 * attempts); getaddrinfo's EAI_NONAME and EAI_AGAIN.
 */
import { recordQueries } from '../../analysis/logs/query-log.ts';
import { servedHost } from '../../analysis/trace/served-host.ts';
import { strayName } from '../../analysis/trace/stray-name.ts';
import type { ResolvConf } from '../../datapath/dns/answer.ts';
import type { Branch } from '../../datapath/walk/flow.ts';
import type { NameWalk, QueryWay } from '../../datapath/walk/name-walk.ts';
import { canonicalIpText, type Ip, parseIp } from '../../net/index.ts';
import type { Millis } from '../../sim/clock.ts';
import type { Caller } from './caller.ts';
import { logDenial } from './policy-log.ts';

export type Resolved =
  | {
      readonly kind: 'found';
      /** The asker's own family first. */
      readonly addresses: readonly Ip[];
      readonly canonical: string;
      readonly ms: Millis;
    }
  /** There is no such name, or it has no address of the family. */
  | { readonly kind: 'unknown'; readonly ms: Millis; readonly hasName: boolean }
  /** Nobody who knows could be asked: EAI_AGAIN. */
  | { readonly kind: 'unreachable'; readonly ms: Millis }
  /** The program did not wait so long. */
  | { readonly kind: 'timed-out'; readonly ms: Millis }
  | { readonly kind: 'not-simulated'; readonly text: string; readonly ms: Millis };

const QUERY_MS = 1;
const TIMEOUT_S = 5;
const ATTEMPTS = 2;

export interface ResolveOptions {
  readonly timeoutMs?: Millis | undefined;
  readonly family?: 4 | 6 | undefined;
}

/** Asks as getaddrinfo does. */
export async function resolve(
  caller: Caller,
  name: string,
  { timeoutMs = Number.POSITIVE_INFINITY, family }: ResolveOptions = {},
): Promise<Resolved> {
  const literal = canonicalIpText(name);
  const walk = caller.world.twin.datapath.lookup(caller.vantage, name, caller.origin);
  tell(caller, walk);
  const { lookup } = walk;
  const ms = lookup.queries.length * QUERY_MS;
  const waitMs = literal === undefined ? silenceMs(caller, walk) : 0;
  if (waitMs > 0) {
    const wait = Math.min(waitMs, timeoutMs);
    await caller.sleep(wait);
    if (wait < waitMs || waitMs === timeoutMs) return { kind: 'timed-out', ms: wait };
    if (isLost(walk)) return { kind: 'unreachable', ms: wait };
  }
  if (isLost(walk)) return { kind: 'unreachable', ms };
  if (lookup.rcode === 'NOT-SIMULATED') {
    const text = walk.failure?.text ?? `who answers for ${name} is not simulated`;
    return { kind: 'not-simulated', text, ms };
  }
  const doubt = doubtOf(caller, walk);
  if (doubt !== undefined) return { ...doubt, ms };
  const addresses = lookup.addresses
    .flatMap((text) => parseIp(text) ?? [])
    .filter((ip) => family === undefined || (typeof ip === 'number') === (family === 4));
  if (addresses.length > 0) {
    const canonical = lookup.answeredName.replace(/\.$/, '');
    return { kind: 'found', addresses, canonical, ms: ms + waitMs };
  }
  if (lookup.rcode === 'SERVFAIL' || lookup.rcode === 'REFUSED' || lookup.rcode === 'TIMEOUT')
    return { kind: 'unreachable', ms };
  return { kind: 'unknown', ms, hasName: lookup.rcode === 'NOERROR' };
}

/** A made-up public address is no answer where `ekstwin trace` does not take it for one either. */
function doubtOf({ world, origin, vantage }: Caller, walk: NameWalk) {
  const { store } = world.twin;
  if (strayName(store, { label: origin.label, vantage }, walk) !== undefined)
    return { kind: 'unknown', hasName: false } as const;
  const served = servedHost(store, origin.label, walk);
  return served && ({ kind: 'not-simulated', text: served.text } as const);
}

/** The packets that the queries took are flows like all others. */
function tell(caller: Caller, { lookup, ways }: NameWalk): void {
  const { twin, onTrace } = caller.world;
  recordQueries(twin, lookup.queries);
  for (const { from, branches } of ways) {
    const branch = branches.find((it) => it.disposition !== 'delivered') ?? branches[0];
    if (branch === undefined) continue;
    if (from === caller.origin.label)
      logDenial(caller, { origin: caller.origin, packet: branch.sent }, branch, branch.forward);
    onTrace?.({ ...branch, atMs: twin.clock.now() });
  }
}

const isSilent = ({ disposition }: Branch): boolean =>
  !['delivered', 'refused', 'no-endpoints', 'no-route'].includes(disposition);

/** No query of the asker's gets an answer, or none of the server's own. */
const isLost = ({ ways, lookup }: NameWalk): boolean =>
  lookup.rcode === 'TIMEOUT' ||
  ways.some(({ branches }) => branches.every((it) => it.disposition !== 'delivered'));

/** How long the resolver waits for servers that say nothing. */
function silenceMs(caller: Caller, walk: NameWalk): Millis {
  const { lookup, ways } = walk;
  const { timeoutS, attempts } = patienceOf(lookup.resolver);
  const all = timeoutS * 1_000 * attempts * Math.max(1, lookup.resolver.servers.length);
  if (ways.some(({ branches }) => branches.every(isSilent))) return all;
  if (lookup.rcode === 'TIMEOUT') {
    const isRefused = ways.some(({ branches }) =>
      branches.some((it) => it.disposition !== 'delivered'),
    );
    return isRefused ? 0 : all;
  }
  // One of several backends is silent: the query that went there is asked again.
  const lost = ways.find((way) => way.branches.some(isSilent));
  if (lost === undefined) return 0;
  return caller.memory.random.next() < shareLost(lost) ? timeoutS * 1_000 : 0;
}

const shareLost = ({ branches }: QueryWay): number =>
  branches.filter(isSilent).reduce((sum, { probability }) => sum + probability, 0);

/** `options timeout:` and `attempts:` of resolv.conf. */
export function patienceOf({ options }: Pick<ResolvConf, 'options'>): {
  readonly timeoutS: number;
  readonly attempts: number;
} {
  const of = (name: string): number | undefined => {
    const found = options.find((it) => it.startsWith(`${name}:`));
    const value = found === undefined ? Number.NaN : Number(found.slice(name.length + 1));
    return Number.isInteger(value) && value > 0 ? value : undefined;
  };
  return {
    timeoutS: Math.min(30, of('timeout') ?? TIMEOUT_S),
    attempts: Math.min(5, of('attempts') ?? ATTEMPTS),
  };
}
