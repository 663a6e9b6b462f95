/**
 * model/linux/iptables-text — one rule of iptables as `iptables-save` v1.8.9 prints it. Whole
 * tables, and reading them, are in formats/linux.
 *
 * Matches of the IP header come first in the tool's own order (-s, -d, -i, -o, -p); the extensions
 * after them keep the rule's order. Checked against the real tool in test/.
 */
import {
  formatCidr,
  formatIp,
  formatSocketAddress,
  IPV6_MAX,
  type IpFamily,
  PORT_MAX,
  PROTOCOL_ICMPV6,
} from '../../net/index.ts';
import { protocolName } from './ip-text.ts';
import type { IptablesMatch, IptablesRule, IptablesTarget } from './netfilter.ts';

const WHOLE_ADDRESS: Readonly<Record<IpFamily, string>> = {
  4: '255.255.255.255',
  6: formatIp(IPV6_MAX),
};
const ALL_BITS = 0xffffffff;
/** Order in which the tool prints what stands in the IP header. */
const HEADER_ORDER = ['source', 'destination', 'in-interface', 'out-interface', 'protocol'];

/** Where the tool prints a match: what stands in the IP header first, then extensions alike. */
export function headerRank({ kind }: IptablesMatch): number {
  const rank = HEADER_ORDER.indexOf(kind);
  return rank < 0 ? HEADER_ORDER.length : rank;
}

const HEADER_OPTION: Readonly<Record<string, string>> = {
  source: '-s',
  destination: '-d',
  'in-interface': '-i',
  'out-interface': '-o',
};

/** `0x80`, as marks are printed. */
const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;

/** `0x80/0x80`, or `0x80` where every bit counts. */
const maskedMark = (value: number, mask: number): string =>
  mask >>> 0 === ALL_BITS ? hex(value) : `${hex(value)}/${hex(mask)}`;

/** A text as the tool quotes it: bare where nothing in it needs quotes. */
export function quoted(text: string): string {
  if (/^[A-Za-z0-9_-]+$/.test(text)) return text;
  return `"${text.replace(/["\\']/g, '\\$&')}"`;
}

const range = ({ from, to }: { from: number; to: number }): string =>
  from === to ? String(from) : `${from}:${to}`;

/** Nothing for every port: the tool then names the module only. */
const portWords = (
  option: string,
  match: { readonly from: number; readonly to: number; readonly negated: boolean },
): string[] =>
  match.from === 0 && match.to === PORT_MAX && !match.negated
    ? []
    : [...(match.negated ? ['!'] : []), option, range(match)];

function portModule(protocol: number | undefined): string {
  return protocol === undefined ? 'tcp' : protocolName(protocol);
}

/** The words of one extension, from its `-m`; `modules` are those already named by the rule. */
function extensionWords(
  match: IptablesMatch,
  protocol: number | undefined,
  modules: Set<string>,
  family: IpFamily,
): readonly string[] {
  const not = 'negated' in match && match.negated ? ['!'] : [];
  const once = (name: string): string[] => {
    if (modules.has(name)) return [];
    modules.add(name);
    return ['-m', name];
  };
  switch (match.kind) {
    case 'source-port':
      return [...once(portModule(protocol)), ...portWords('--sport', match)];
    case 'destination-port':
      return [...once(portModule(protocol)), ...portWords('--dport', match)];
    case 'source-ports':
      return ['-m', 'multiport', ...not, '--sports', match.ports.map(range).join(',')];
    case 'destination-ports':
      return ['-m', 'multiport', ...not, '--dports', match.ports.map(range).join(',')];
    case 'icmp-type': {
      const [module, option] =
        protocol === PROTOCOL_ICMPV6 ? ['icmp6', '--icmpv6-type'] : ['icmp', '--icmp-type'];
      const type = match.code === undefined ? `${match.type}` : `${match.type}/${match.code}`;
      return ['-m', module, ...not, option, type];
    }
    case 'address-type': {
      const option = match.side === 'source' ? '--src-type' : '--dst-type';
      const limit =
        match.limitInterface === undefined ? [] : [`--limit-iface-${match.limitInterface}`];
      return [...once('addrtype'), ...not, option, match.type, ...limit];
    }
    case 'conntrack':
      return ['-m', 'conntrack', ...not, '--ctstate', match.states.join(',')];
    case 'mark':
    case 'connmark':
      return ['-m', match.kind, ...not, '--mark', maskedMark(match.value, match.mask)];
    case 'statistic':
      return ['-m', 'statistic', '--mode', 'random', '--probability', match.text];
    case 'recent': {
      const seconds = match.seconds === undefined ? [] : ['--seconds', String(match.seconds)];
      const reap = match.reap ? ['--reap'] : [];
      const side = ['--mask', WHOLE_ADDRESS[family], '--rsource'];
      return [
        '-m',
        'recent',
        `--${match.action}`,
        ...seconds,
        ...reap,
        '--name',
        match.name,
        ...side,
      ];
    }
    case 'comment':
      return ['-m', 'comment', '--comment', quoted(match.text)];
    default:
      return [];
  }
}

function headerWords(match: IptablesMatch): readonly string[] {
  switch (match.kind) {
    case 'source':
    case 'destination':
      return [...(match.negated ? ['!'] : []), HEADER_OPTION[match.kind]!, formatCidr(match.cidr)];
    case 'in-interface':
    case 'out-interface':
      return [...(match.negated ? ['!'] : []), HEADER_OPTION[match.kind]!, match.name];
    case 'protocol':
      return [...(match.negated ? ['!'] : []), '-p', protocolName(match.protocol)];
    default:
      return [];
  }
}

const RANDOM_OPTION = { none: [], random: ['--random'], 'random-fully': ['--random-fully'] };

function targetWords(target: IptablesTarget): readonly string[] {
  switch (target.kind) {
    case 'accept':
    case 'drop':
    case 'return':
      return ['-j', target.kind.toUpperCase()];
    case 'jump':
      return ['-j', target.chain];
    case 'goto':
      return ['-g', target.chain];
    case 'reject':
      return ['-j', 'REJECT', '--reject-with', target.with];
    case 'mark':
      return ['-j', 'MARK', '--set-xmark', `${hex(target.value)}/${hex(target.mask)}`];
    case 'connmark-set':
      return ['-j', 'CONNMARK', '--set-xmark', `${hex(target.value)}/${hex(target.mask)}`];
    case 'connmark-save':
    case 'connmark-restore': {
      const way = target.kind === 'connmark-save' ? '--save-mark' : '--restore-mark';
      const mask = hex(target.mask);
      return ['-j', 'CONNMARK', way, '--nfmask', mask, '--ctmask', mask];
    }
    case 'dnat':
      return ['-j', 'DNAT', '--to-destination', formatSocketAddress(target.address, target.port)];
    case 'snat':
      return [
        '-j',
        'SNAT',
        '--to-source',
        formatIp(target.address),
        ...RANDOM_OPTION[target.random],
      ];
    case 'masquerade':
      return ['-j', 'MASQUERADE', ...RANDOM_OPTION[target.random]];
    case 'notrack':
      return ['-j', 'CT', '--notrack'];
    case 'nflog':
      return [
        ...['-j', 'NFLOG'],
        ...(target.prefix === undefined ? [] : ['--nflog-prefix', quoted(target.prefix)]),
        ...(target.group === undefined ? [] : ['--nflog-group', String(target.group)]),
      ];
    case 'log':
      return [
        ...['-j', 'LOG'],
        ...(target.prefix === undefined ? [] : ['--log-prefix', quoted(target.prefix)]),
      ];
  }
}

/**
 * `-d 172.20.0.1/32 -p tcp -m tcp --dport 443 -j KUBE-SVC-…`, what follows `-A CHAIN`.
 *
 * @param family    of the tables: `recent` prints a mask
 * @param comments  false leaves `-m comment` out, as evidence cites a rule
 */
export function iptablesRuleText(
  rule: IptablesRule,
  family: IpFamily = 4,
  comments = true,
): string {
  const header = HEADER_ORDER.flatMap((kind) =>
    rule.matches.filter((match) => match.kind === kind).flatMap(headerWords),
  );
  const protocol = rule.matches.find((match) => match.kind === 'protocol')?.protocol;
  const modules = new Set<string>();
  const extensions = rule.matches
    .filter((match) => comments || match.kind !== 'comment')
    .flatMap((match) => extensionWords(match, protocol, modules, family));
  const target = rule.target === undefined ? [] : targetWords(rule.target);
  return [...header, ...extensions, ...target].join(' ');
}
