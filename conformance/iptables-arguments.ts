/**
 * conformance/iptables-arguments — an iptables rule given as the arguments of the command, as
 * upstream's Go tests write it, read into the product's own form.
 *
 * Knows the matches and targets the VPC CNI uses; anything else throws, so that no case passes
 * unread.
 */
import type {
  ConntrackState,
  IptablesMatch,
  IptablesRule,
  IptablesTarget,
} from '../src/model/linux/netfilter.ts';
import { parseCidrOrIp, parseIp } from '../src/net/index.ts';

const VERDICTS: Readonly<Record<string, IptablesTarget>> = {
  RETURN: { kind: 'return' },
  ACCEPT: { kind: 'accept' },
  DROP: { kind: 'drop' },
};

class Arguments {
  readonly #words: readonly string[];
  #at = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  get done(): boolean {
    return this.#at >= this.#words.length;
  }

  take(): string {
    const word = this.#words[this.#at++];
    if (word === undefined) throw new Error(`rule ends early: ${this.#words.join(' ')}`);
    return word;
  }

  takeIf(word: string): boolean {
    if (this.#words[this.#at] !== word) return false;
    this.#at++;
    return true;
  }
}

/** `0x80/0x80`; a mark without a mask sets every bit. */
function mark(text: string): { value: number; mask: number } {
  const [value = '', mask = '0xffffffff'] = text.split('/');
  return { value: Number(value), mask: Number(mask) };
}

/** The block; none for `0.0.0.0/0`, which the kernel drops from a rule. */
function address(
  kind: 'source' | 'destination',
  text: string,
  negated: boolean,
): IptablesMatch | undefined {
  const cidr = parseCidrOrIp(text);
  if (cidr === undefined) throw new Error(`not an address: ${text}`);
  return cidr.bits === 0 ? undefined : { kind, cidr, negated };
}

function addressType(words: Arguments): IptablesMatch {
  const negated = words.takeIf('!');
  const side = words.take() === '--src-type' ? 'source' : 'destination';
  const type = words.take() as 'LOCAL';
  const limited = words.takeIf('--limit-iface-in');
  return {
    kind: 'address-type',
    side,
    type,
    ...(limited ? { limitInterface: 'in' as const } : {}),
    negated,
  };
}

function extension(words: Arguments): IptablesMatch {
  const module = words.take();
  if (module === 'addrtype') return addressType(words);
  const negated = words.takeIf('!');
  const option = words.take();
  if (module === 'comment' && option === '--comment')
    return { kind: 'comment', text: words.take() };
  if (option === '--ctstate' || option === '--state')
    return { kind: 'conntrack', states: words.take().split(',') as ConntrackState[], negated };
  throw new Error(`match not known: -m ${module} ${option}`);
}

function connmark(words: Arguments): IptablesTarget {
  const option = words.take();
  if (option === '--set-mark' || option === '--set-xmark')
    return { kind: 'connmark-set', ...mark(words.take()) };
  if (option !== '--restore-mark') throw new Error(`CONNMARK ${option}`);
  const mask = words.takeIf('--mask') ? Number(words.take()) : 0xffffffff;
  return { kind: 'connmark-restore', mask };
}

function target(words: Arguments): IptablesTarget {
  const name = words.take();
  const verdict = VERDICTS[name];
  if (verdict !== undefined) return verdict;
  if (name === 'CONNMARK') return connmark(words);
  if (name === 'REJECT')
    return {
      kind: 'reject',
      with: words.takeIf('--reject-with') ? words.take() : 'port-unreachable',
    };
  if (name !== 'SNAT') return { kind: 'jump', chain: name };
  if (!words.takeIf('--to-source')) throw new Error('SNAT without --to-source');
  const to = parseIp(words.take());
  if (to === undefined) throw new Error('SNAT to no address');
  const random = words.takeIf('--random-fully')
    ? 'random-fully'
    : words.takeIf('--random')
      ? 'random'
      : 'none';
  return { kind: 'snat', address: to, random };
}

/** One rule. */
export function ruleOfArguments(list: readonly string[]): IptablesRule {
  const words = new Arguments(list);
  const matches: IptablesMatch[] = [];
  let jump: IptablesTarget | undefined;
  while (!words.done) {
    const negated = words.takeIf('!');
    const option = words.take();
    if (option === '-m') matches.push(extension(words));
    else if (option === '-j') jump = target(words);
    else if (option === '-i' || option === '-o')
      matches.push({
        kind: option === '-i' ? 'in-interface' : 'out-interface',
        name: words.take(),
        negated,
      });
    else if (option === '-d' || option === '-s') {
      const match = address(option === '-d' ? 'destination' : 'source', words.take(), negated);
      if (match !== undefined) matches.push(match);
    } else throw new Error(`option not known: ${option}`);
  }
  return jump === undefined ? { matches } : { matches, target: jump };
}
