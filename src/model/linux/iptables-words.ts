/** model/linux/iptables-words — the words iptables rules are written with, in code. */
import type { Cidr, Protocol } from '../../net/index.ts';
import type { ConntrackState, IptablesMatch, IptablesRule, IptablesTarget } from './netfilter.ts';

/** A rule from its target, absent or not, and its matches in the order the tool prints them. */
export const ruleOf = (
  target: IptablesTarget | undefined,
  ...matches: readonly IptablesMatch[]
): IptablesRule => (target === undefined ? { matches } : { matches, target });

export const jumpTo = (chain: string): IptablesTarget => ({ kind: 'jump', chain });

export const commentOf = (text: string): IptablesMatch => ({ kind: 'comment', text });

export const sourceIn = (cidr: Cidr, negated = false): IptablesMatch => ({
  kind: 'source',
  cidr,
  negated,
});

export const destinationIn = (cidr: Cidr, negated = false): IptablesMatch => ({
  kind: 'destination',
  cidr,
  negated,
});

export const protocolOf = (protocol: Protocol): IptablesMatch => ({
  kind: 'protocol',
  protocol,
  negated: false,
});

export const toPort = (port: number): IptablesMatch => ({
  kind: 'destination-port',
  from: port,
  to: port,
  negated: false,
});

export const localAddress = (side: 'source' | 'destination', negated = false): IptablesMatch => ({
  kind: 'address-type',
  side,
  type: 'LOCAL',
  negated,
});

/** `-i NAME`; a name with a final `+` begins those that are meant. */
export const inInterface = (name: string): IptablesMatch => ({
  kind: 'in-interface',
  name,
  negated: false,
});

export const conntrackIn = (states: readonly ConntrackState[], negated = false): IptablesMatch => ({
  kind: 'conntrack',
  states,
  negated,
});

/** `--mark M/M`: every bit of the mark is set, or not all are. */
export const markSet = (mark: number, negated = false): IptablesMatch => ({
  kind: 'mark',
  value: mark,
  mask: mark,
  negated,
});
