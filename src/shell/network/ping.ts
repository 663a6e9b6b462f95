/**
 * shell/network/ping — ping: echo requests through the twin, one a second.
 *
 * Upstream: iputils 20221126 ping/ping.c, ping_common.c (texts, exit status 1 without an answer,
 * 2 for other errors).
 */
import { familyOf, formatIp, type Ip, PROTOCOL_ICMP, PROTOCOL_ICMPV6 } from '../../net/index.ts';
import { namespaceOf } from '../host.ts';
import { parseOptions } from '../options.ts';
import { DeadlinePassed } from '../patience.ts';
import type { Run } from '../run.ts';
import { callerOf } from './caller.ts';
import { flowTo, sendOnce } from './connect.ts';
import { resolve } from './resolve.ts';

const HEADERS = { 4: 28, 6: 48 } as const;
const SIZE_MAX = 65_507;
const WAIT_MS = 10_000;
/** What a round trip is shown as, in milliseconds. */
export const ROUND_TRIP = '0.500';

export async function ping(run: Run): Promise<number> {
  const options = parseOptions(run.args, { flags: '46nqvADOf', valued: 'cWwisMtIp' });
  if (typeof options === 'string' || options.words.length === 0) {
    run.err(
      `ping: ${typeof options === 'string' ? options : 'usage error: Destination address required'}\n`,
    );
    return 2;
  }
  const [name = ''] = options.words;
  const number = (letter: string, otherwise: number): number => {
    if (!options.has(letter)) return otherwise;
    const value = Number(options.value(letter));
    return Number.isFinite(value) && value >= 0 ? value : Number.NaN;
  };
  const [count, size, interval] = [
    number('c', Number.POSITIVE_INFINITY),
    number('s', 56),
    number('i', 1),
  ];
  const [waitS, allS] = [number('W', WAIT_MS / 1_000), number('w', Number.POSITIVE_INFINITY)];
  if (
    [size, interval, waitS].some(Number.isNaN) ||
    size > SIZE_MAX ||
    (options.has('c') && !(count >= 1))
  ) {
    run.err(`ping: invalid argument: ${run.args.join(' ')}\n`);
    return 1;
  }
  const family = run.name === 'ping6' || options.has('6') ? 6 : options.has('4') ? 4 : undefined;
  const resolved = await resolve(callerOf(run), name, { family });
  if (resolved.kind !== 'found') {
    const why =
      resolved.kind === 'unknown'
        ? 'Name or service not known'
        : 'Temporary failure in name resolution';
    run.err(`ping: ${name}: ${why}\n`);
    return 2;
  }
  const to = resolved.addresses[0]!;
  const patience = Number.isFinite(allS) ? run.patience.atMost(allS * 1_000) : run.patience;
  return new Pings({ ...run, patience }, name, to, size, options.value('M') === 'do').send(
    count,
    interval * 1_000,
    waitS * 1_000,
  );
}

class Pings {
  readonly #run: Run;
  readonly #name: string;
  readonly #to: Ip;
  readonly #size: number;
  readonly #isWhole: boolean;
  #sent = 0;
  #received = 0;
  #errors = 0;

  constructor(run: Run, name: string, to: Ip, size: number, isWhole: boolean) {
    this.#run = run;
    this.#name = name;
    this.#to = to;
    this.#size = size;
    this.#isWhole = isWhole;
  }

  async send(count: number, intervalMs: number, waitMs: number): Promise<number> {
    const { patience, out } = this.#run;
    const family = familyOf(this.#to);
    const address = formatIp(this.#to);
    const bytes = this.#size + HEADERS[family];
    out(
      `PING ${this.#name}${family === 6 ? `(${address})` : ` (${address})`} ${this.#size}${family === 4 ? `(${bytes}) bytes of data.` : ' data bytes'}\n`,
    );
    const start = patience.now();
    try {
      for (let seq = 1; seq <= count; seq++) {
        await patience.turn();
        const isLast = seq === count;
        const isHeard = this.#one(seq, bytes);
        if (isHeard === undefined) return 2;
        if (!isLast) await patience.sleep(intervalMs);
        else if (!isHeard) await patience.sleep(waitMs);
      }
    } catch (ended) {
      if (!(ended instanceof DeadlinePassed)) throw ended;
      // -w ended it, unless what is outside did.
      await this.#run.patience.turn().catch((again: unknown) => {
        if (!(again instanceof DeadlinePassed)) throw again;
      });
    }
    return this.#summary(patience.now() - start);
  }

  /** undefined: it cannot be sent at all. */
  #one(seq: number, bytes: number): boolean | undefined {
    const { out, err } = this.#run;
    const protocol = familyOf(this.#to) === 4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6;
    const caller = callerOf(this.#run);
    const flow = flowTo(caller, this.#to, 0, {
      protocol,
      sizeBytes: bytes,
      dontFragment: this.#isWhole,
    });
    if (flow === undefined) {
      err('ping: connect: Network is unreachable\n');
      return undefined;
    }
    this.#sent++;
    const address = formatIp(this.#to);
    const { hears, verdict } = sendOnce(caller, flow);
    if (hears === 'answer') {
      this.#received++;
      out(
        `${this.#size + 8} bytes from ${address}: icmp_seq=${seq} ttl=${timeToLive(this.#run, this.#to)} time=${ROUND_TRIP} ms\n`,
      );
      return true;
    }
    if (verdict.disposition === 'not-simulated') {
      err(`ekstwin: not simulated: ${verdict.text}\n`);
      return undefined;
    }
    if (verdict.disposition === 'too-big') {
      this.#errors++;
      const mtu = Math.min(
        ...(namespaceOf(this.#run.host)?.links ?? [])
          .filter(({ name }) => name === 'eth0' || name.startsWith('ens'))
          .map((link) => link.mtu),
      );
      if (Number.isFinite(mtu) && bytes > mtu)
        err(`ping: local error: message too long, mtu=${mtu}\n`);
      else out(`From ${address} icmp_seq=${seq} Frag needed and DF set\n`);
      return true;
    }
    if (hears === 'reset') {
      this.#errors++;
      const isRoute = verdict.disposition === 'no-route' || verdict.disposition === 'blackholed';
      out(
        `From ${formatIp(flow.packet.source)} icmp_seq=${seq} Destination ${isRoute ? 'Host' : 'Port'} Unreachable\n`,
      );
      return true;
    }
    return false;
  }

  #summary(tookMs: number): number {
    const [sent, received, errors] = [this.#sent, this.#received, this.#errors];
    const loss = sent === 0 ? 0 : Math.round(((sent - received) * 1_000_000) / sent) / 10_000;
    this.#run.out(
      `\n--- ${this.#name} ping statistics ---\n${sent} packets transmitted, ${received} received, ` +
        `${errors > 0 ? `+${errors} errors, ` : ''}${loss}% packet loss, time ${Math.round(tookMs)}ms\n` +
        (received > 0
          ? `rtt min/avg/max/mdev = ${ROUND_TRIP}/${ROUND_TRIP}/${ROUND_TRIP}/0.000 ms\n`
          : '\n'),
    );
    return received > 0 ? 0 : 1;
  }
}

/** Of an answer: a node takes one on each side; what is outside began with another number. */
export function timeToLive({ host }: Run, to: Ip): number {
  const { store, datapath } = host.world.twin;
  const address = formatIp(to);
  if (host.addresses.includes(to) || address.startsWith('127.')) return 64;
  const [pod] = store.lookup('Pod', 'address', address);
  if (pod === undefined)
    return datapath.world.fabric.addresses.everywhere(to).length > 0 ? 63 : 245;
  return pod.spec.nodeName === host.nodeName ? 63 : 62;
}
