/**
 * shell/busybox/traceroute — traceroute of BusyBox; what lies between the ends is as in the other.
 *
 * Upstream: mirror/busybox 1.37 networking/traceroute.c.
 */
import { formatIp } from '../../net/index.ts';
import { type Hop, hopsTo } from '../network/traceroute.ts';
import { parseOptions } from '../options.ts';
import type { Run } from '../run.ts';
import { addressOf } from './texts.ts';

const HOPS_MAX = 30;
const WAIT_S = 3;
const PROBES = 3;
const PACKET_BYTES = 46;
const USAGE = `Usage: traceroute [-46lFIn] [-f FIRST_TTL] [-m MAXTTL] [-q PROBES] [-p PORT]
\t[-w WAIT_SEC] HOST [BYTES]

Trace the route to HOST
`;

export async function traceroute(run: Run): Promise<number> {
  const options = parseOptions(run.args, { flags: '46lFInrv', valued: 'fmqpwtsigz' });
  const [name] = typeof options === 'string' ? [] : options.words;
  if (typeof options === 'string' || name === undefined) {
    run.err(typeof options === 'string' ? `${run.name}: ${options}\n${USAGE}` : USAGE);
    return 1;
  }
  const family = run.name.endsWith('6') || options.has('6') ? 6 : options.has('4') ? 4 : undefined;
  const to = await addressOf(run, name, family);
  if (to === undefined) return 1;
  const number = (letter: string, otherwise: number): number =>
    Math.max(1, Math.min(255, Number(options.value(letter) ?? otherwise) || otherwise));
  const [max, probes] = [number('m', HOPS_MAX), number('q', PROBES)];
  run.out(
    `${run.name} to ${name} (${formatIp(to)}), ${max} hops max, ${PACKET_BYTES} byte packets\n`,
  );
  const hops = hopsTo(run, to, name, {
    port: options.has('p') ? Number(options.value('p')) : undefined,
    way: options.has('I') ? 'icmp' : 'udp',
    max,
  });
  if (hops === undefined) {
    run.err(`${run.name}: sendto: Network is unreachable\n`);
    return 1;
  }
  for (const [i, hop] of hops.entries()) {
    await run.patience.turn();
    if (hop === undefined) await run.patience.sleep(number('w', WAIT_S) * 1_000 * probes);
    const text = hop === undefined ? '  *'.repeat(probes) : hopText(hop, options.has('n'), probes);
    run.out(`${String(i + 1).padStart(2)}${text}\n`);
  }
  return 0;
}

function hopText({ name, address, tookMs }: Hop, isNumeric: boolean, probes: number): string {
  const times = Array.from({ length: probes }, () => `  ${tookMs.toFixed(3)} ms`).join('');
  return `  ${isNumeric ? address : `${name} (${address})`}${times}`;
}
