/**
 * shell/network/connect — opens a connection (or sends a datagram, a ping): the packet is walked
 * through the twin, again for every retransmission, until something is heard or nobody waits.
 *
 * Upstream: Linux net/ipv4/tcp_timer.c, tcp_syn_retries 6: SYNs at 0, 1, 3, 7, 15, 31 and 63 s, and
 * ETIMEDOUT at 127 s.
 */
import { Chance, type Choice } from '../../datapath/chance.ts';
import type { AskedRequest } from '../../datapath/elb/http-request.ts';
import { Exchange, type Heard } from '../../datapath/walk/exchange.ts';
import type { Flow } from '../../datapath/walk/flow.ts';
import {
  familyOf,
  hasPorts,
  type Ip,
  isIcmp,
  type Packet,
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
  type Protocol,
} from '../../net/index.ts';
import type { Millis } from '../../sim/clock.ts';
import type { Random } from '../../sim/random.ts';
import { type Caller, sourceFor } from './caller.ts';
import { logDenial } from './policy-log.ts';

export type Attempt =
  | {
      readonly kind: 'connected';
      readonly heard: Heard;
      readonly sent: Packet;
      readonly ms: Millis;
    }
  /** ECONNREFUSED: a reset, or an ICMP error that says so. */
  | { readonly kind: 'refused'; readonly ms: Millis; readonly sent: Packet }
  /** EHOSTUNREACH. */
  | { readonly kind: 'no-route'; readonly ms: Millis; readonly sent: Packet }
  /** ENETUNREACH: no route in its own tables, no address of the family. */
  | { readonly kind: 'no-network'; readonly ms: Millis }
  | {
      readonly kind: 'timed-out';
      readonly ms: Millis;
      /** The kernel gave up, not the program. */
      readonly isByKernel: boolean;
      readonly heard: Heard;
      readonly sent: Packet;
    }
  /** Nobody here knows, and that is said. */
  | { readonly kind: 'not-simulated'; readonly text: string; readonly ms: Millis };

export interface ConnectOptions {
  readonly protocol?: Protocol | undefined;
  readonly timeoutMs?: Millis | undefined;
  readonly request?: AskedRequest | undefined;
  readonly sizeBytes?: number | undefined;
  readonly dontFragment?: boolean | undefined;
}

/** What a round trip inside a VPC takes about; shown, not waited for. */
export const ROUND_TRIP_MS = 1;
const KERNEL_GIVES_UP_MS = 127_000;
const FIRST_RETRY_MS = 1_000;
/** A TCP SYN with its options. */
const SYN_BYTES = 60;
const ECHO = { 4: 8, 6: 128 } as const;

/** Takes at each place of chance what was drawn for it; a retransmission takes the same. */
class DrawnChance extends Chance {
  readonly #draw: (place: number) => number;

  constructor(draw: (place: number) => number) {
    super();
    this.#draw = draw;
  }

  override choose(options: readonly Choice[]): number {
    let left = this.#draw(this.taken.length);
    let taken = options.findIndex(({ probability }) => {
      left -= probability;
      return probability > 0 && left < 0;
    });
    if (taken < 0) taken = super.choose(options);
    else this.taken.push({ options, taken });
    return taken;
  }
}

/** The same numbers in the same order, however often they are asked for. */
function drawer(random: Random): (place: number) => number {
  const drawn: number[] = [];
  return (place) => {
    while (drawn.length <= place) drawn.push(random.next());
    return drawn[place]!;
  };
}

/** One packet, and what its sender hears. */
export function sendOnce(caller: Caller, flow: Flow, draw = drawer(caller.memory.random)): Heard {
  const { twin, onTrace } = caller.world;
  const exchange = new Exchange(twin.datapath.world, new DrawnChance(draw), true);
  const heard = exchange.open(flow);
  const { verdict, receiver, arrived, http, notes } = heard;
  logDenial(caller, flow, verdict, exchange.there.hops());
  onTrace?.({
    atMs: twin.clock.now(),
    disposition: verdict.disposition,
    text: verdict.text,
    code: verdict.code,
    forward: exchange.there.hops(),
    return: exchange.back.hops(),
    receiver,
    sent: flow.packet,
    arrived,
    http,
    notes,
  });
  return heard;
}

/** The flow of a first packet; undefined: there is no address to send from. */
export function flowTo(
  caller: Caller,
  to: Ip,
  port: number,
  options: ConnectOptions = {},
): Flow | undefined {
  const { protocol = PROTOCOL_TCP, sizeBytes = SYN_BYTES, dontFragment = true, request } = options;
  const source = sourceFor(caller, to, protocol);
  if (source === undefined) return undefined;
  const withPorts = hasPorts(protocol);
  const packet: Packet = {
    protocol,
    source,
    destination: to,
    sourcePort: withPorts ? caller.memory.nextPort() : 0,
    destinationPort: withPorts ? port : 0,
    icmpType: -1,
    icmpCode: -1,
    sizeBytes,
    dontFragment,
  };
  const isPing = protocol === PROTOCOL_ICMP || isIcmp(packet);
  const ping = isPing ? { icmpType: ECHO[familyOf(to)], icmpCode: 0 } : {};
  return { origin: caller.origin, packet: { ...packet, ...ping }, request };
}

/** Opens a connection, however long that takes. */
export async function connect(
  caller: Caller,
  to: Ip,
  port: number,
  options: ConnectOptions = {},
): Promise<Attempt> {
  const flow = flowTo(caller, to, port, options);
  if (flow === undefined) return { kind: 'no-network', ms: 0 };
  const { timeoutMs = Number.POSITIVE_INFINITY } = options;
  const limit = Math.min(timeoutMs, KERNEL_GIVES_UP_MS);
  const draw = drawer(caller.memory.random);
  let [waited, retry] = [0, FIRST_RETRY_MS];
  for (;;) {
    const heard = sendOnce(caller, flow, draw);
    const known = told(heard, flow.packet, waited + ROUND_TRIP_MS);
    if (known !== undefined) return known;
    const wait = Math.min(retry, limit - waited);
    await caller.sleep(wait);
    waited += wait;
    retry *= 2;
    if (waited >= limit)
      return {
        kind: 'timed-out',
        ms: limit,
        isByKernel: timeoutMs >= KERNEL_GIVES_UP_MS,
        heard,
        sent: flow.packet,
      };
  }
}

/** Of an answer, of a refusal; undefined: silence. */
function told(heard: Heard, sent: Packet, ms: Millis): Attempt | undefined {
  const { verdict, hears } = heard;
  const { disposition, code, text } = verdict;
  if (disposition === 'not-simulated') return { kind: 'not-simulated', text, ms };
  // The handshake passes; what is too far is the answer to the PUT.
  if (hears === 'answer' || code === 'NODE_IMDS_HOP_LIMIT')
    return { kind: 'connected', heard, sent, ms };
  if (hears === undefined) return undefined;
  return disposition === 'no-route' || disposition === 'blackholed'
    ? { kind: 'no-route', ms, sent }
    : { kind: 'refused', ms, sent };
}
