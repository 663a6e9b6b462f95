/**
 * datapath/linux/iptables-match — whether a packet at a hook passes one match of an iptables rule.
 *
 * `statistic` is not here: a run of such rules is one choice (iptables-chain.ts).
 */
import { iptablesRuleText } from '../../model/linux/iptables-text.ts';
import type { ConntrackState, IptablesMatch, IptablesRule } from '../../model/linux/netfilter.ts';
import { contains, hasPorts, hasTypeAndCode, type IpFamily } from '../../net/index.ts';
import type { HookContext } from './hook-context.ts';

const isWithin = (port: number, { from, to }: { from: number; to: number }): boolean =>
  port >= from && port <= to;

/** `eni+` names every link that begins with `eni`. */
function isLinkNamed(link: string | undefined, name: string): boolean {
  const known = link ?? '';
  return name.endsWith('+') ? known.startsWith(name.slice(0, -1)) : known === name;
}

function isInState(context: HookContext, state: ConntrackState): boolean {
  const { connection } = context;
  if (state === 'SNAT') return connection?.isSourceRewritten === true;
  if (state === 'DNAT') return connection?.isDestinationRewritten === true;
  return context.state === state;
}

function isInOne(context: HookContext, states: readonly ConntrackState[]): boolean {
  for (const state of states) if (isInState(context, state)) return true;
  return false;
}

function isAddressType(
  context: HookContext,
  match: Extract<IptablesMatch, { kind: 'address-type' }>,
): boolean {
  const { packet, host, inLink, outLink } = context;
  const ip = match.side === 'source' ? packet.source : packet.destination;
  const { limitInterface } = match;
  const link = limitInterface === 'in' ? inLink : limitInterface === 'out' ? outLink : undefined;
  return host.addressType(ip, link) === match.type;
}

function isRecent(
  { host, packet }: HookContext,
  { action, name }: Extract<IptablesMatch, { kind: 'recent' }>,
): boolean {
  const seen = host.recent.get(name);
  if (action === 'rcheck') return seen?.has(packet.source) === true;
  if (seen === undefined) host.recent.set(name, new Set([packet.source]));
  else seen.add(packet.source);
  return true;
}

function holds(match: IptablesMatch, context: HookContext): boolean {
  const { packet } = context;
  switch (match.kind) {
    case 'protocol':
      return packet.protocol === match.protocol;
    case 'source':
      return contains(match.cidr, packet.source);
    case 'destination':
      return contains(match.cidr, packet.destination);
    case 'in-interface':
      return isLinkNamed(context.inLink, match.name);
    case 'out-interface':
      return isLinkNamed(context.outLink, match.name);
    case 'source-port':
      return hasPorts(packet.protocol) && isWithin(packet.sourcePort, match);
    case 'destination-port':
      return hasPorts(packet.protocol) && isWithin(packet.destinationPort, match);
    case 'source-ports':
      return match.ports.some((range) => isWithin(packet.sourcePort, range));
    case 'destination-ports':
      return match.ports.some((range) => isWithin(packet.destinationPort, range));
    case 'icmp-type':
      return (
        hasTypeAndCode(packet.protocol) &&
        packet.icmpType === match.type &&
        (match.code === undefined || packet.icmpCode === match.code)
      );
    case 'address-type':
      return isAddressType(context, match);
    case 'conntrack':
      return isInOne(context, match.states);
    case 'mark':
      context.markRead |= match.mask;
      return ((context.mark.value & match.mask) ^ match.value) === 0;
    case 'connmark':
      return (((context.connection?.mark.value ?? 0) & match.mask) ^ match.value) === 0;
    case 'recent':
      return isRecent(context, match);
    case 'comment':
    case 'statistic':
      return true;
  }
}

/** What every packet passes is not asked. */
const isAsked = ({ kind }: IptablesMatch): boolean => kind !== 'comment' && kind !== 'statistic';

const isNegated = (match: IptablesMatch): boolean => 'negated' in match && match.negated;

/** A rule, ready to be asked of many packets and to be cited. */
export class FiledRule {
  readonly rule: IptablesRule;
  readonly comment: string | undefined;
  readonly #asked: readonly IptablesMatch[];
  readonly #wanted: readonly boolean[];
  #text: string | undefined;

  constructor(rule: IptablesRule) {
    this.rule = rule;
    this.comment = rule.matches.find((match) => match.kind === 'comment')?.text;
    this.#asked = rule.matches.filter(isAsked);
    this.#wanted = this.#asked.map((match) => !isNegated(match));
  }

  /** The rule as iptables-save has it, without its comment. A rule is of one family. */
  text(family: IpFamily): string {
    this.#text ??= iptablesRuleText(this.rule, family, false);
    return this.#text;
  }

  /** Whether the packet passes every match; those after the first that fails are not looked at. */
  passes(context: HookContext): boolean {
    for (let i = 0; i < this.#asked.length; i++)
      if (holds(this.#asked[i]!, context) !== this.#wanted[i]) return false;
    return true;
  }
}
