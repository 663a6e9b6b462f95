/**
 * formats/linux/iptables-matches — the matches in the text of an iptables rule: what stands in the
 * IP header, then `-m` extensions. What the twin does not simulate is refused, not skipped.
 */
import type { AddressType, ConntrackState, IptablesMatch } from '../../model/linux/netfilter.ts';
import { PORT_MAX, PROTOCOL_ALL, parseProtocol } from '../../net/index.ts';
import { blockOf, maskedOf, numberOf, portsOf } from './iptables-values.ts';
import { mistake, type Word, type WordReader } from './iptables-words.ts';

const ADDRESS_TYPES: readonly string[] = ['LOCAL', 'UNICAST', 'BROADCAST', 'MULTICAST'];
const STATES: readonly string[] = [
  'NEW',
  'ESTABLISHED',
  'RELATED',
  'INVALID',
  'UNTRACKED',
  'SNAT',
  'DNAT',
];
const PORT_MODULES: readonly string[] = ['tcp', 'udp', 'sctp'];

/** `-s`, `-d`, `-i`, `-o` or `-p`; undefined where the option is none of them. */
export function headerMatch(
  option: string,
  words: WordReader,
  negated: boolean,
): IptablesMatch | undefined {
  switch (option) {
    case '-s':
      return { kind: 'source', cidr: blockOf(words.take('a block')), negated };
    case '-d':
      return { kind: 'destination', cidr: blockOf(words.take('a block')), negated };
    case '-i':
      return { kind: 'in-interface', name: words.take('a link').text, negated };
    case '-o':
      return { kind: 'out-interface', name: words.take('a link').text, negated };
    case '-p': {
      const word = words.take('a protocol');
      const protocol = parseProtocol(word.text);
      if (protocol === undefined || protocol === PROTOCOL_ALL) {
        throw mistake(word, `unknown protocol "${word.text}" specified`, 'write tcp, udp, 47, …');
      }
      return { kind: 'protocol', protocol, negated };
    }
    default:
      return undefined;
  }
}

function oneOf<Name extends string>(word: Word, text: string, names: readonly string[]): Name {
  if (!names.includes(text)) {
    throw mistake(word, `"${text}" is not simulated`, `one of ${names.join(', ')}`);
  }
  return text as Name;
}

/** The options of `recent` come in any order. */
function recentOf(words: WordReader, first: Word): IptablesMatch {
  let action: 'set' | 'rcheck' | undefined;
  let name = 'DEFAULT';
  let seconds: number | undefined;
  let reap = false;
  const read = (option: string | undefined): boolean => {
    if (option === '--set' || option === '--rcheck') action = option === '--set' ? 'set' : 'rcheck';
    else if (option === '--name') name = words.take('a name').text;
    else if (option === '--seconds') seconds = numberOf(words.take('seconds'));
    else if (option === '--reap') reap = true;
    else if (option === '--mask') words.take('a mask');
    else return option === '--rsource';
    return true;
  };
  read(first.text);
  const options = ['--set', '--rcheck', '--name', '--seconds', '--reap', '--mask', '--rsource'];
  while (options.includes(words.peek() ?? '')) read(words.take('an option').text);
  if (action === undefined) {
    throw mistake(first, 'only --set and --rcheck of recent are simulated', 'write one of them');
  }
  const within = seconds === undefined ? {} : { seconds };
  return { kind: 'recent', action, name, ...within, reap };
}

function statisticOf(words: WordReader, first: Word): IptablesMatch {
  const mode = words.take('a mode');
  if (first.text !== '--mode' || mode.text !== 'random') {
    throw mistake(mode, 'only --mode random is simulated', 'write --mode random --probability P');
  }
  const option = words.take('--probability');
  const { text, where } = words.take('a probability');
  const probability = Number(text);
  if (option.text !== '--probability' || !(probability >= 0 && probability <= 1)) {
    throw mistake({ text, where }, `bad probability "${text}"`, 'write a number from 0 to 1');
  }
  return { kind: 'statistic', probability, text };
}

function addressTypeOf(words: WordReader, option: Word, negated: boolean): IptablesMatch {
  const side = option.text === '--src-type' ? 'source' : 'destination';
  const word = words.take('an address type');
  const type = oneOf<AddressType>(word, word.text, ADDRESS_TYPES);
  const limit = words.takeIf('--limit-iface-in')
    ? ({ limitInterface: 'in' } as const)
    : words.takeIf('--limit-iface-out')
      ? ({ limitInterface: 'out' } as const)
      : {};
  return { kind: 'address-type', side, type, ...limit, negated };
}

function icmpOf(words: WordReader, negated: boolean): IptablesMatch {
  const word = words.take('a type');
  const [type = '', code] = word.text.split('/');
  const known = code === undefined ? {} : { code: numberOf(word, code) };
  return { kind: 'icmp-type', type: numberOf(word, type), ...known, negated };
}

const portList = (word: Word) => word.text.split(',').map((text) => portsOf(word, text));

/** One option of a module, its name taken already; undefined where the module has none such. */
function optionOf(
  module: string,
  option: Word,
  words: WordReader,
  negated: boolean,
): IptablesMatch | undefined {
  switch (`${PORT_MODULES.includes(module) ? 'port' : module} ${option.text}`) {
    case 'port --sport':
      return { kind: 'source-port', ...portsOf(words.take('a port')), negated };
    case 'port --dport':
      return { kind: 'destination-port', ...portsOf(words.take('a port')), negated };
    case 'multiport --sports':
      return { kind: 'source-ports', ports: portList(words.take('ports')), negated };
    case 'multiport --dports':
      return { kind: 'destination-ports', ports: portList(words.take('ports')), negated };
    case 'icmp --icmp-type':
    case 'icmp6 --icmpv6-type':
      return icmpOf(words, negated);
    case 'addrtype --src-type':
    case 'addrtype --dst-type':
      return addressTypeOf(words, option, negated);
    case 'conntrack --ctstate':
    case 'state --state': {
      const word = words.take('states');
      const states = word.text.split(',').map((one) => oneOf<ConntrackState>(word, one, STATES));
      return { kind: 'conntrack', states, negated };
    }
    case 'mark --mark':
      return { kind: 'mark', ...maskedOf(words.take('a mark')), negated };
    case 'connmark --mark':
      return { kind: 'connmark', ...maskedOf(words.take('a mark')), negated };
    case 'statistic --mode':
      return negated ? undefined : statisticOf(words, option);
    case 'recent --set':
    case 'recent --rcheck':
    case 'recent --name':
      return negated ? undefined : recentOf(words, option);
    case 'comment --comment':
      return negated ? undefined : { kind: 'comment', text: words.take('a comment').text };
    default:
      return undefined;
  }
}

/** `-m tcp` alone, or `-p tcp` alone before `--dport`: every port. */
const EVERY_PORT: IptablesMatch = {
  kind: 'destination-port',
  from: 0,
  to: PORT_MAX,
  negated: false,
};

/**
 * A port option that stands apart from its `-m tcp`, as kube-proxy writes rules: it takes the place
 * of what the bare module said. False where the option is none.
 */
export function addPort(
  matches: IptablesMatch[],
  option: Word,
  words: WordReader,
  negated: boolean,
): boolean {
  const match = optionOf('tcp', option, words, negated);
  if (match === undefined) return false;
  const bare = matches.indexOf(EVERY_PORT);
  if (bare >= 0) matches[bare] = match;
  else matches.push(match);
  return true;
}

const MODULES: readonly string[] = [
  ...PORT_MODULES,
  ...['multiport', 'icmp', 'icmp6', 'addrtype', 'conntrack', 'state', 'mark', 'connmark'],
  ...['statistic', 'recent', 'comment'],
];

/** Whether an option opens something else than a further option of the module. */
const isOtherOption = (text: string | undefined): boolean =>
  text === undefined || /^-[a-zA-Z]$/.test(text);

/** The matches of one `-m MODULE`, whose name is the next word. */
export function moduleMatches(words: WordReader): readonly IptablesMatch[] {
  const name = words.take('a module');
  if (!MODULES.includes(name.text)) {
    throw mistake(
      name,
      `match "${name.text}" is not simulated`,
      `the twin knows ${MODULES.join(', ')}`,
    );
  }
  const matches: IptablesMatch[] = [];
  while (!isOtherOption(words.peek(words.peek() === '!' ? 1 : 0))) {
    const first = words.take('an option');
    const negated = first.text === '!';
    const option = negated ? words.take('an option') : first;
    const match = optionOf(name.text, option, words, negated);
    if (match === undefined) {
      throw mistake(
        option,
        `option "${option.text}" of match ${name.text} is not simulated`,
        'remove the option, or the rule',
      );
    }
    matches.push(match);
  }
  if (matches.length > 0) return matches;
  if (!PORT_MODULES.includes(name.text)) {
    throw mistake(name, `match ${name.text} says nothing`, `write an option after -m ${name.text}`);
  }
  return [EVERY_PORT];
}
