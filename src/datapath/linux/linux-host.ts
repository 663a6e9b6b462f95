/**
 * datapath/linux/linux-host — one network namespace during one session: packets that come in by a
 * link or are made in it, one after the other, with the connections it remembers in between.
 *
 * It interprets what `NetworkNamespace` says and nothing else, in the order of the kernel:
 * PREROUTING, (early demux), route, reverse path, INPUT or FORWARD, POSTROUTING; for packets made
 * here route, OUTPUT, route again where OUTPUT changed it, POSTROUTING. The caller enters the hop
 * of the Recorder; steps are written only for what decided something.
 */
import type { NetworkNamespace } from '../../model/linux/namespace.ts';
import type { AddressType } from '../../model/linux/netfilter.ts';
import { familyOf, formatIp, type Ip, type Packet, PROTOCOL_TCP } from '../../net/index.ts';
import type { Chance } from '../chance.ts';
import type { Recorder } from '../recorder.ts';
import { type CompiledNamespace, compile, setting } from './compiled-namespace.ts';
import { Conntrack, type Part } from './conntrack.ts';
import { NO_MARK } from './decision.ts';
import { exit, type FindNamespace } from './exit.ts';
import type { Outcome, Stopped } from './outcome.ts';
import { Passage, type PassageHost } from './passage.ts';
import { type RouteAnswer, RouteQuestion, routeElements, routeReason } from './policy-routing.ts';
import { RememberedRoutes } from './remembered-routes.ts';
import { checkReversePath } from './reverse-path.ts';
import { linkAddress, routeSource } from './source-address.ts';
import { earlyDemux, noRoute, notForwarding, refusedByRoute, reversePath } from './stop.ts';

const LOOPBACK = 'lo';

const isMulticast = (ip: Ip): boolean =>
  typeof ip === 'number' ? ip >>> 28 === 0xe : ip >> 120n === 0xffn;

const isLoopback = (ip: Ip): boolean => (typeof ip === 'number' ? ip >>> 24 === 127 : ip === 1n);

/** A namespace with its memory of one session. */
export class LinuxHost implements PassageHost {
  readonly namespace: NetworkNamespace;
  readonly label: string;
  readonly conntrack = new Conntrack();
  #recent: Map<string, Set<Ip>> | undefined;
  readonly compiled: CompiledNamespace;
  readonly #routes: RememberedRoutes;
  readonly #others: FindNamespace | undefined;
  /** First packets of TCP connections that programs here opened. */
  readonly #opened: Packet[] = [];

  /** @param others  with them the far end of a veth pair is asked whether it answers */
  constructor(namespace: NetworkNamespace, others?: FindNamespace) {
    this.namespace = namespace;
    this.compiled = compile(namespace);
    this.#routes = new RememberedRoutes(this.compiled);
    this.label = this.compiled.label;
    this.#others = others;
  }

  /** `-m recent` lists and nftables' dynamic sets. */
  get recent(): Map<string, Set<Ip>> {
    this.#recent ??= new Map();
    return this.#recent;
  }

  /** As `-m addrtype` and `fib … type` see an address. */
  addressType(ip: Ip, onLink?: string): AddressType {
    if (this.compiled.local.has(ip)) {
      if (onLink === undefined) return 'LOCAL';
      const isThere = this.compiled.links.get(onLink)?.addresses.some((one) => one.ip === ip);
      return isThere === true ? 'LOCAL' : 'UNICAST';
    }
    if (isLoopback(ip) && (onLink === undefined || onLink === LOOPBACK)) return 'LOCAL';
    if (isMulticast(ip)) return 'MULTICAST';
    if (ip === 0xffffffff || this.compiled.local.isBroadcast(ip)) return 'BROADCAST';
    return 'UNICAST';
  }

  /** What MASQUERADE writes as the source on a link; a link without address borrows one. */
  masqueradeAddress(outLink: string, towards: Ip): Ip | undefined {
    const link = this.compiled.links.get(outLink);
    return link && linkAddress(this.compiled, link, towards);
  }

  /** The source address of what a program here sends without binding; undefined: no route. */
  sourceFor(destination: Ip, protocol: number): Ip | undefined {
    const question = new RouteQuestion(undefined, destination, LOOPBACK, NO_MARK, protocol);
    const answer = this.#routes.lookUp(question);
    return answer && routeSource(this.compiled, answer.route, destination);
  }

  /** A packet comes in by a link. */
  receive(
    packet: Packet,
    inLink: string,
    recorder: Recorder,
    chance: Chance,
    part: Part = 'request',
  ): Outcome {
    const passage = this.#passage(packet, recorder, chance, part);
    passage.inLink = inLink;
    const stopped = passage.at('prerouting');
    if (stopped !== undefined) return stopped;
    const question = this.#question(passage, inLink);
    const answer = this.#routes.lookUp(question);
    if (answer === undefined) return noRoute(this.compiled, passage, question);
    const { type, device } = answer.route;
    if (type !== 'unicast' && type !== 'local' && type !== 'broadcast') {
      return refusedByRoute(this.compiled, passage, answer);
    }
    const outLink = type === 'unicast' ? device : LOOPBACK;
    passage.ledBy(routeElements(this.compiled, answer, passage.mark));
    if (inLink !== LOOPBACK) {
      const back = checkReversePath(this.#routes, passage.packet, inLink, outLink);
      if (back.kind === 'refused') return reversePath(this.compiled, passage, inLink, back);
      passage.ledBy(back.decisive);
    }
    if (type === 'unicast') return this.#forward(passage, inLink, answer);
    return this.#deliver(passage);
  }

  /** A program here sends a packet; `sourceFor` gives the source where it does not bind. */
  send(packet: Packet, recorder: Recorder, chance: Chance, part: Part = 'request'): Outcome {
    const passage = this.#passage(packet, recorder, chance, part);
    const asked = this.#question(passage, LOOPBACK);
    const first = this.#routes.lookUp(asked);
    if (first === undefined) return noRoute(this.compiled, passage, asked);
    if (packet.protocol === PROTOCOL_TCP && part === 'request') {
      this.#opened.push(packet);
    }
    passage.outLink = first.route.device;
    passage.ledBy(routeElements(this.compiled, first, NO_MARK));
    const stopped = passage.at('output');
    if (stopped !== undefined) return stopped;
    const isChanged = passage.packet !== packet || passage.mark.value !== 0;
    const again = this.#question(passage, LOOPBACK);
    const answer = isChanged ? this.#routes.lookUp(again) : first;
    if (answer === undefined) return noRoute(this.compiled, passage, again);
    if (answer !== first) passage.ledBy(routeElements(this.compiled, answer, passage.mark));
    const { type } = answer.route;
    if (type === 'local' || type === 'broadcast') return this.#loop(passage);
    if (type !== 'unicast') return refusedByRoute(this.compiled, passage, answer);
    return this.#leave(passage, answer, false);
  }

  #passage(packet: Packet, recorder: Recorder, chance: Chance, part: Part): Passage {
    const chains = this.compiled.chains(familyOf(packet.destination));
    return new Passage(this, chains, packet, part, recorder, chance);
  }

  #question({ packet, mark }: Passage, inLink: string): RouteQuestion {
    const { source, destination, protocol } = packet;
    return new RouteQuestion(source, destination, inLink, mark, protocol);
  }

  #isForwarding(packet: Packet, inLink: string): boolean {
    if (typeof packet.destination === 'bigint') {
      return setting(this.compiled, 'net.ipv6.conf.all.forwarding', '0') === 1;
    }
    return this.compiled.settingsOf(inLink).isForwarding;
  }

  /**
   * With tcp_early_demux the kernel finds the socket before it routes, and ip_forward drops a
   * packet that has one: an answer that must leave again to come back by another link is lost.
   */
  #isTakenEarly(packet: Packet): boolean {
    return (
      packet.protocol === PROTOCOL_TCP &&
      this.#opened.length > 0 &&
      setting(this.compiled, 'net.ipv4.tcp_early_demux', '1') === 1 &&
      setting(this.compiled, 'net.ipv4.ip_early_demux', '1') === 1 &&
      this.#opened.some(
        (first) =>
          first.source === packet.destination &&
          first.sourcePort === packet.destinationPort &&
          first.destination === packet.source &&
          first.destinationPort === packet.sourcePort,
      )
    );
  }

  #forward(passage: Passage, inLink: string, answer: RouteAnswer): Outcome {
    if (!this.#isForwarding(passage.packet, inLink)) {
      return notForwarding(this.compiled, passage);
    }
    if (this.#isTakenEarly(passage.packet)) return earlyDemux(this.compiled, passage);
    passage.outLink = answer.route.device;
    const stopped = passage.at('forward');
    return stopped ?? this.#leave(passage, answer, true);
  }

  #leave(passage: Passage, answer: RouteAnswer, isForwarded: boolean): Outcome {
    const { device } = answer.route;
    passage.outLink = device;
    passage.recorder.step({
      layer: 'cni',
      kind: 'ip-route',
      action: 'forward',
      text: `leaves by ${device}: ${routeReason(answer)}`,
      evidence: { decisive: passage.takeLeads() },
    });
    const stopped: Stopped | undefined = passage.at('postrouting');
    return stopped ?? exit(this.compiled, this.#others, passage, answer, isForwarded);
  }

  #deliver(passage: Passage): Outcome {
    const stopped = passage.at('input');
    if (stopped !== undefined) return stopped;
    passage.recorder.step({
      layer: 'cni',
      kind: 'ip-route',
      action: 'deliver',
      text: `arrived: ${formatIp(passage.packet.destination)} is its own address`,
      evidence: { decisive: passage.takeLeads() },
    });
    return { kind: 'local', packet: passage.packet, part: passage.part };
  }

  /** What is sent to an own address goes round by `lo`, through the hooks of both directions. */
  #loop(passage: Passage): Outcome {
    passage.outLink = LOOPBACK;
    const stopped = passage.at('postrouting');
    if (stopped !== undefined) return stopped;
    passage.inLink = LOOPBACK;
    passage.outLink = undefined;
    return passage.at('prerouting') ?? this.#deliver(passage);
  }
}
