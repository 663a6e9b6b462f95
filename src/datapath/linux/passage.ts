/**
 * datapath/linux/passage — one packet on its way through the hooks of one namespace: conntrack,
 * the base chains in order, address translation. It is the context that the chains see.
 *
 * Where hooks stand: net/ipv4/ip_input.c, ip_forward.c, ip_output.c. The nat chains are asked once
 * for each side of a connection, in order until one translates (net/netfilter/nf_nat_core.c
 * nf_nat_inet_fn); later packets are translated without asking.
 */
import type { ConntrackState, NetfilterHook } from '../../model/linux/netfilter.ts';
import {
  formatDestination,
  formatSource,
  hasPorts,
  type Ip,
  type Packet,
} from '../../net/index.ts';
import type { Chance } from '../chance.ts';
import type { Recorder } from '../recorder.ts';
import type { Element, Layer } from '../trace.ts';
import {
  type Side,
  setDestination,
  setSource,
  translated,
  translatedAbout,
} from './address-translation.ts';
import { type BaseChains, chainsAt, NO_CHAINS } from './base-chains.ts';
import { type Conntrack, type Part, type Tracked, UNTRACKED } from './conntrack.ts';
import { type Decision, type Mark, NO_MARK } from './decision.ts';
import type { BaseChain, HookAnswer, HookContext, HookHost } from './hook-context.ts';
import type { Stopped } from './outcome.ts';
import { refusal } from './refusal.ts';

/** What the passage asks of its host, besides what chains ask. */
export interface PassageHost extends HookHost {
  readonly conntrack: Conntrack;
  /** The address that MASQUERADE takes on a link. */
  masqueradeAddress(outLink: string, towards: Ip): Ip | undefined;
}

const sideOf = (hook: NetfilterHook): Side | undefined => {
  if (hook === 'prerouting' || hook === 'output') return 'destination';
  return hook === 'forward' ? undefined : 'source';
};

const ends = { destination: formatDestination, source: formatSource };

/**
 * Who rewrites, by the rule's comment: kube-proxy's at an endpoint is the Service's name and nothing
 * else; a CNI plugin's is its network's name and the container's id, of which the name tells.
 */
const deciderText = ({ chain, comment }: Decision): string =>
  chain.startsWith('KUBE-SEP-')
    ? `Service ${comment}`
    : (/^name: "([^"]+)"/.exec(comment ?? '')?.[1] ?? `${comment}`);

/** Whether one side of two headers is the same. */
const sameEnd = (a: Packet, b: Packet, side: Side): boolean =>
  side === 'destination'
    ? a.destination === b.destination &&
      (a.destinationPort === b.destinationPort || !hasPorts(a.protocol))
    : a.source === b.source && (a.sourcePort === b.sourcePort || !hasPorts(a.protocol));

function isAmong({ kind, rule, field }: Element, elements: readonly Element[]): boolean {
  for (const it of elements)
    if (it.kind === kind && it.rule === rule && it.field === field) return true;
  return false;
}

const NO_LEADS: readonly Element[] = [];

/** One packet in one namespace. */
export class Passage implements HookContext {
  readonly host: PassageHost;
  readonly recorder: Recorder;
  readonly chance: Chance;
  readonly #chains: BaseChains;
  #tracked: Tracked = UNTRACKED;
  #isTracked = false;
  packet: Packet;
  part: Part;
  hook: NetfilterHook = 'prerouting';
  inLink: string | undefined;
  outLink: string | undefined;
  mark: Mark = NO_MARK;
  markRead = 0;
  /** What routed it so far and no step has told yet. */
  #leads: readonly Element[] = NO_LEADS;
  /** A rule after address translation said ACCEPT. */
  isAcceptedByRule = false;

  constructor(
    host: PassageHost,
    chains: BaseChains,
    packet: Packet,
    part: Part,
    recorder: Recorder,
    chance: Chance,
  ) {
    this.host = host;
    this.#chains = chains;
    this.packet = packet;
    this.part = part;
    this.recorder = recorder;
    this.chance = chance;
  }

  /** Rules and routes that the packet followed; the next step that routes or ends it cites them. */
  ledBy(elements: readonly Element[]): void {
    if (this.#leads.length === 0) {
      this.#leads = elements;
      return;
    }
    const all = [...this.#leads];
    for (const it of elements) if (!isAmong(it, this.#leads)) all.push(it);
    this.#leads = all;
  }

  takeLeads(): readonly Element[] {
    const leads = this.#leads;
    this.#leads = NO_LEADS;
    return leads;
  }

  get connection() {
    return this.#tracked.connection;
  }

  /** A rule decided on the connection's source address. */
  get isSourceTranslated(): boolean {
    return typeof this.connection?.sourceNat === 'object';
  }

  get state(): ConntrackState {
    return this.#tracked.state;
  }

  /** Runs one hook; the outcome when the packet goes no further. */
  at(hook: NetfilterHook): Stopped | undefined {
    this.hook = hook;
    if (this.#chains === NO_CHAINS) return undefined;
    const { raw, beforeNat, afterNat } = chainsAt(this.#chains, hook);
    for (const chain of raw) {
      const answer = chain.run(this);
      if (answer.kind === 'untracked') this.#isTracked = true;
      const stopped = this.#stop(answer);
      if (stopped !== undefined) return stopped;
    }
    if ((hook === 'prerouting' || hook === 'output') && !this.#isTracked) {
      this.#isTracked = true;
      this.#tracked = this.host.conntrack.track(this.packet, this.part);
    }
    const stopped = this.#run(beforeNat) ?? this.#translate() ?? this.#run(afterNat);
    if (stopped !== undefined) return stopped;
    if ((hook === 'input' || hook === 'postrouting') && this.connection !== undefined) {
      this.host.conntrack.confirm(this.connection);
    }
    return undefined;
  }

  #run(chains: readonly BaseChain[]): Stopped | undefined {
    for (const chain of chains) {
      const answer = chain.run(this);
      if (answer.kind === 'accept' && answer.isByRule === true) this.isAcceptedByRule = true;
      const stopped = this.#stop(answer);
      if (stopped !== undefined) return stopped;
    }
    return undefined;
  }

  #stop(answer: HookAnswer): Stopped | undefined {
    if (answer.kind !== 'drop' && answer.kind !== 'reject') return undefined;
    const verdict = refusal(answer.by, answer.kind === 'drop');
    this.recorder.step({
      layer: answer.by.layer,
      kind: 'packet-filter',
      action: answer.kind === 'drop' ? 'drop' : 'deny',
      text: verdict.text,
      evidence: { decisive: [...answer.by.decisive, ...this.takeLeads()], code: verdict.code },
    });
    if (answer.kind === 'drop') return { kind: 'stopped', packet: this.packet, verdict };
    const back = answer.with === 'tcp-reset' ? 'reset' : 'icmp-unreachable';
    return { kind: 'stopped', packet: this.packet, verdict, answer: back };
  }

  /** Asks the nat chains where the connection is new to this side, then rewrites the packet. */
  #translate(): Stopped | undefined {
    const side = sideOf(this.hook);
    const { connection, isReply } = this.#tracked;
    if (connection === undefined || side === undefined) return undefined;
    const field = side === 'destination' ? 'destinationNat' : 'sourceNat';
    if (!isReply && connection[field] === undefined) {
      const chains = chainsAt(this.#chains, this.hook).nat;
      connection[field] = 'none';
      const stopped = this.#ask(chains, side);
      if (stopped !== undefined) return stopped;
    }
    this.#rewrite(side);
    return undefined;
  }

  #ask(chains: readonly BaseChain[], side: Side): Stopped | undefined {
    const connection = this.connection!;
    const { conntrack } = this.host;
    for (const chain of chains) {
      const answer = chain.run(this);
      if (answer.kind === 'drop' || answer.kind === 'reject') return this.#stop(answer);
      if (answer.kind === 'dnat' && side === 'destination') {
        setDestination(connection, answer.address, answer.port);
        connection.destinationNat = answer.by;
        return undefined;
      }
      if ((answer.kind === 'snat' || answer.kind === 'masquerade') && side === 'source') {
        const address =
          answer.kind === 'snat'
            ? answer.address
            : this.host.masqueradeAddress(this.outLink ?? 'lo', this.packet.destination);
        if (address === undefined) return this.#withoutAddress(answer.by);
        setSource(conntrack, connection, address, answer.random !== 'none');
        connection.sourceNat = answer.by;
        return undefined;
      }
    }
    const isFirst = !connection.isConfirmed;
    if (side === 'source' && isFirst && chains.length > 0) {
      setSource(conntrack, connection, connection.original.source, false);
    }
    return undefined;
  }

  /** MASQUERADE drops what it has no address for. */
  #withoutAddress(by: Decision): Stopped {
    const verdict = {
      disposition: 'denied-by-netfilter',
      text: `MASQUERADE has no address to give on ${this.outLink}`,
      code: 'NODE_NO_SOURCE_ADDRESS',
      remedy: { text: `give ${this.outLink} an address of this family` },
    } as const;
    return this.#stop({ kind: 'drop', by: { ...by, verdict } })!;
  }

  #rewrite(side: Side): void {
    const { connection, isReply } = this.#tracked;
    if (connection === undefined) return;
    if (typeof this.part === 'object') {
      const about = translatedAbout(this.part.errorAbout, connection, isReply, side);
      this.part = { errorAbout: about };
    }
    const before = this.packet;
    const after = translated(before, connection, isReply, side);
    if (sameEnd(before, after, side)) return;
    this.packet = after;
    this.#record(side, before, after, this.#decider(side));
  }

  /** A reply is rewritten on the other side: its destination because the source was. */
  #decider(side: Side): Decision | undefined {
    const { connection, isReply } = this.#tracked;
    const isDestination = (side === 'destination') !== isReply;
    const by = isDestination ? connection?.destinationNat : connection?.sourceNat;
    return by === 'none' ? undefined : by;
  }

  #record(side: Side, before: Packet, after: Packet, by: Decision | undefined): void {
    const why = by?.comment === undefined ? '' : ` (${deciderText(by)})`;
    const change = `${ends[side](before)} becomes ${ends[side](after)}`;
    const { isReply } = this.#tracked;
    const layer: Layer = by?.layer ?? 'cni';
    const isAws = by?.chain.startsWith('AWS-SNAT') === true;
    this.recorder.step({
      layer,
      kind: isReply ? 'conntrack' : side === 'destination' ? 'dnat' : 'snat',
      action: 'rewrite',
      text: isReply ? `${side} ${change} again` : `${side} ${change}${why}`,
      evidence: {
        decisive: by?.decisive ?? [],
        code: isAws && !isReply ? 'CNI_SNAT_APPLIED' : undefined,
      },
      rewritten: { before, after },
    });
  }
}
