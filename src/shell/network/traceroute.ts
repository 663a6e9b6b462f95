/**
 * shell/network/traceroute — traceroute and tracepath: AWS's network shows no hops, so what is
 * between the two ends is stars; the end answers where it is reached.
 */
import {
  formatIp,
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
  const hops = Math.max(1, Math.min(255, Number(options.value('m') ?? HOPS_MAX) || HOPS_MAX));
  run.out(`traceroute to ${name} (${address}), ${hops} hops max, 60 byte packets\n`);
  const icmp = typeof to === 'number' ? PROTOCOL_ICMP : PROTOCOL_ICMPV6;
  const protocol = options.has('I') ? icmp : options.has('T') ? PROTOCOL_TCP : PROTOCOL_UDP;
  const port = Number(options.value('p') ?? (options.has('T') ? 80 : FIRST_PORT));
  const caller = callerOf(run);
  const flow = flowTo(caller, to, port, { protocol });
  if (flow === undefined) {
    run.err('connect: Network is unreachable\n');
    return 1;
  }
  const { hears, arrived } = sendOnce(caller, flow);
  const isThere = hears !== undefined && arrived !== undefined;
  const own = run.host.pod?.spec.hostNetwork === true || run.host.pod === undefined;
  const node = run.host.node?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
  const rows: string[] =
    own || node === undefined ? [] : [`${node} (${node})  0.050 ms  0.020 ms  0.020 ms`];
  const between = run.host.addresses.includes(to) ? 0 : 1;
  for (let i = 0; i < between; i++) rows.push('* * *');
  if (isThere)
    rows.push(
      `${options.has('n') ? address : `${name} (${address})`}  0.500 ms  0.480 ms  0.470 ms`,
    );
  while (!isThere && rows.length < hops) rows.push('* * *');
  for (const [i, row] of rows.slice(0, hops).entries()) {
    await run.patience.turn();
    if (row.startsWith('*')) await run.patience.sleep(WAIT_MS);
    run.out(`${String(i + 1).padStart(2)}  ${row}\n`);
  }
  return 0;
}
