/**
 * shell/busybox/ping — ping of BusyBox.
 *
 * Upstream: mirror/busybox 1.37 networking/ping.c (FEATURE_FANCY_PING).
 */
import { familyOf, formatIp, type Ip, PROTOCOL_ICMP, PROTOCOL_ICMPV6 } from '../../net/index.ts';
import { callerOf } from '../network/caller.ts';
import { flowTo, sendOnce } from '../network/connect.ts';
import { ROUND_TRIP, timeToLive } from '../network/ping.ts';
import { parseOptions } from '../options.ts';
import { DeadlinePassed } from '../patience.ts';
import type { Run } from '../run.ts';
import { addressOf } from './texts.ts';

const HEADERS = { 4: 28, 6: 48 } as const;
const SIZE_MAX = 65_507;
const WAIT_S = 10;
const USAGE = `Usage: ping [OPTIONS] HOST

Send ICMP ECHO_REQUESTs to HOST

\t-4,-6\t\tForce IP or IPv6 name resolution
\t-c CNT\t\tSend only CNT pings
\t-s SIZE\t\tSend SIZE data bytes in packets (default 56)
\t-i SECS\t\tInterval
\t-W SEC\t\tSeconds to wait for the first response (default 10)
\t-w SEC\t\tSeconds until ping exits (default:infinite)
\t-q\t\tQuiet
`;

export async function ping(run: Run): Promise<number> {
  const options = parseOptions(run.args, { flags: '46qvA', valued: 'cWwsiItp' });
  if (typeof options === 'string' || options.words.length !== 1) {
    run.err(typeof options === 'string' ? `ping: ${options}\n${USAGE}` : USAGE);
    return 1;
  }
  const number = (letter: string, otherwise: number): number =>
    options.has(letter) ? Number(options.value(letter)) : otherwise;
  const [count, size] = [number('c', 0), number('s', 56)];
  const [interval, waitS, allS] = [number('i', 1), number('W', WAIT_S), number('w', 0)];
  const isWrong = [count, size, interval, waitS, allS].some((it) => !(it >= 0));
  if (isWrong || size > SIZE_MAX) {
    const wrong = ['c', 's', 'i', 'W', 'w']
      .map((it) => options.value(it))
      .find((it) => !(Number(it) >= 0));
    run.err(`ping: invalid number '${wrong ?? options.value('s')}'\n`);
    return 1;
  }
  const name = options.words[0]!;
  const family = run.name === 'ping6' || options.has('6') ? 6 : options.has('4') ? 4 : undefined;
  const to = await addressOf(run, name, family);
  if (to === undefined) return 1;
  run.out(`PING ${name} (${formatIp(to)}): ${size} data bytes\n`);
  const patience = allS > 0 ? run.patience.atMost(allS * 1_000) : run.patience;
  const pings = { run: { ...run, patience }, name, to, size, isQuiet: options.has('q') };
  return sent(pings, count === 0 ? Number.POSITIVE_INFINITY : count, interval, waitS);
}

interface Pings {
  readonly run: Run;
  readonly name: string;
  readonly to: Ip;
  readonly size: number;
  readonly isQuiet: boolean;
}

async function sent(pings: Pings, count: number, interval: number, waitS: number): Promise<number> {
  const { run, name } = pings;
  let [transmitted, received] = [0, 0];
  try {
    for (let seq = 0; seq < count; seq++) {
      await run.patience.turn();
      const heard = one(pings, seq);
      if (heard === undefined) return 1;
      transmitted++;
      if (heard) received++;
      if (seq < count - 1) await run.patience.sleep(interval * 1_000);
      else if (!heard) await run.patience.sleep(received > 0 ? 1_000 : waitS * 1_000);
    }
  } catch (ended) {
    if (!(ended instanceof DeadlinePassed)) throw ended;
  }
  const lost = transmitted === 0 ? 0 : Math.floor(((transmitted - received) * 100) / transmitted);
  run.out(
    `\n--- ${name} ping statistics ---\n${transmitted} packets transmitted, ` +
      `${received} packets received, ${lost}% packet loss\n` +
      (received > 0
        ? `round-trip min/avg/max = ${ROUND_TRIP}/${ROUND_TRIP}/${ROUND_TRIP} ms\n`
        : ''),
  );
  return received > 0 ? 0 : 1;
}

/** Whether it is answered; undefined: it cannot be sent, which was said. */
function one({ run, to, size, isQuiet }: Pings, seq: number): boolean | undefined {
  const family = familyOf(to);
  const protocol = family === 4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6;
  const sizeBytes = size + HEADERS[family];
  const flow = flowTo(callerOf(run), to, 0, { protocol, sizeBytes, dontFragment: false });
  if (flow === undefined) {
    run.err('ping: sendto: Network is unreachable\n');
    return undefined;
  }
  const { hears, verdict } = sendOnce(callerOf(run), flow);
  if (verdict.disposition === 'not-simulated') {
    run.err(`ekstwin: not simulated: ${verdict.text}\n`);
    return undefined;
  }
  if (hears !== 'answer') return false;
  const line = `${size + 8} bytes from ${formatIp(to)}: seq=${seq} ttl=${timeToLive(run, to)}`;
  if (!isQuiet) run.out(`${line} time=${ROUND_TRIP} ms\n`);
  return true;
}
