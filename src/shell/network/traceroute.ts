/**
 * shell/network/traceroute — traceroute and tracepath: AWS's network shows no hops, so what is
 * between the two ends is stars; the end answers where it is reached.
 */
import {
  formatIp,
  type Ip,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
} from '../../net/index.ts';
import { parseOptions } from '../options.ts';
import type { Run } from '../run.ts';
import { callerOf } from './caller.ts';
import { flowTo, sendOnce } from './connect.ts';
import { resolve } from './resolve.ts';

const FIRST_PORT = 33_434;
const HOPS_MAX = 30;
const WAIT_MS = 1_000;

export async function traceroute(run: Run): Promise<number> {
  const options = parseOptions(run.args, { flags: 'nITU46b', valued: 'mwqpfz' });
  const [name] = typeof options === 'string' ? [] : options.words;
  if (typeof options === 'string' || name === undefined) {
    run.err(
      `${run.name}: ${typeof options === 'string' ? options : 'Specify "host" missing argument.'}\n`,
    );
    return 2;
  }
  const family = run.name.endsWith('6') || options.has('6') ? 6 : options.has('4') ? 4 : undefined;
  const resolved = await resolve(callerOf(run), name, { family });
  if (resolved.kind !== 'found') {
    run.err(`${name}: Name or service not known\n`);
    return 2;
  }
  const to = resolved.addresses[0]!;
  const address = formatIp(to);
  const max = Math.max(1, Math.min(255, Number(options.value('m') ?? HOPS_MAX) || HOPS_MAX));
  run.out(`traceroute to ${name} (${address}), ${max} hops max, 60 byte packets\n`);
  const hops = hopsTo(run, to, name, {
    port: options.has('p') ? Number(options.value('p')) : undefined,
    way: options.has('I') ? 'icmp' : options.has('T') ? 'tcp' : 'udp',
    max,
  });
  if (hops === undefined) {
    run.err('connect: Network is unreachable\n');
    return 1;
  }
  for (const [i, hop] of hops.entries()) {
    await run.patience.turn();
    if (hop === undefined) await run.patience.sleep(WAIT_MS);
    run.out(`${String(i + 1).padStart(2)}  ${hopText(hop, options.has('n'))}\n`);
  }
  return 0;
}

function hopText(hop: Hop | undefined, isNumeric: boolean): string {
  if (hop === undefined) return '* * *';
  const { name, address, tookMs } = hop;
  const times = [0, -0.02, -0.03].map((less) => `${(tookMs + less).toFixed(3)} ms`).join('  ');
  return `${isNumeric ? address : `${name} (${address})`}  ${times}`;
}

/** A machine on the way that answers. */
export interface Hop {
  readonly name: string;
  readonly address: string;
  readonly tookMs: number;
}

interface Way {
  readonly port: number | undefined;
  readonly way: 'icmp' | 'tcp' | 'udp';
  readonly max: number;
}

/** The hops to an address, silent ones undefined; undefined: nothing can be sent there. */
export function hopsTo(
  run: Run,
  to: Ip,
  name: string,
  { port, way, max }: Way,
): readonly (Hop | undefined)[] | undefined {
  const { host } = run;
  const caller = callerOf(run);
  const icmp = typeof to === 'number' ? PROTOCOL_ICMP : PROTOCOL_ICMPV6;
  const protocol = way === 'icmp' ? icmp : way === 'tcp' ? PROTOCOL_TCP : PROTOCOL_UDP;
  const flow = flowTo(caller, to, port ?? (way === 'tcp' ? 80 : FIRST_PORT), { protocol });
  if (flow === undefined) return undefined;
  const { hears, arrived } = sendOnce(caller, flow);
  const isThere = hears !== undefined && arrived !== undefined;
  const isOnNode = host.pod?.spec.hostNetwork === true || host.pod === undefined;
  const node = host.node?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
  const hops: (Hop | undefined)[] =
    isOnNode || node === undefined ? [] : [{ name: node, address: node, tookMs: 0.05 }];
  if (!host.addresses.includes(to)) hops.push(undefined);
  if (isThere) hops.push({ name, address: formatIp(to), tookMs: 0.5 });
  while (!isThere && hops.length < max) hops.push(undefined);
  return hops.slice(0, max);
}
