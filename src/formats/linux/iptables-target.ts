/**
 * formats/linux/iptables-target — what follows `-j` or `-g` in the text of an iptables rule.
 *
 * Other spellings of one meaning (`--set-mark`, `--or-mark`) become the one that iptables-save
 * prints. Targets that the twin does not simulate are refused, not skipped.
 */
import type { IptablesRandom, IptablesTarget } from '../../model/linux/netfilter.ts';
import type { IpFamily } from '../../net/index.ts';
import { addressOf, destinationOf, maskedOf, numberOf } from './iptables-values.ts';
import { mistake, type Word, type WordReader } from './iptables-words.ts';

const ALL_BITS = 0xffffffff;

const unknownOption = (word: Word, target: string): Error =>
  mistake(
    word,
    `option "${word.text}" of target ${target} is not simulated`,
    'remove the option, or the rule',
  );

/** `(mark & ~mask) ^ value`, of any of the spellings; `setKeeps` is what `--set-mark` zeroes. */
function markOf(option: Word, words: WordReader, target: string): { value: number; mask: number } {
  const word = words.take('a mark');
  switch (option.text) {
    case '--set-xmark':
      return maskedOf(word);
    case '--set-mark': {
      const { value, mask } = maskedOf(word);
      return { value, mask: (value | mask) >>> 0 };
    }
    case '--or-mark': {
      const value = numberOf(word);
      return { value, mask: value };
    }
    case '--xor-mark':
      return { value: numberOf(word), mask: 0 };
    case '--and-mark':
      return { value: 0, mask: ~numberOf(word) >>> 0 };
    default:
      throw unknownOption(option, target);
  }
}

function connmarkOf(words: WordReader): IptablesTarget {
  const option = words.take('an option of CONNMARK');
  const isSave = option.text === '--save-mark';
  if (!isSave && option.text !== '--restore-mark') {
    return { kind: 'connmark-set', ...markOf(option, words, 'CONNMARK') };
  }
  let masks: number[] = [];
  while (['--nfmask', '--ctmask', '--mask'].includes(words.peek() ?? '')) {
    const name = words.take('a mask');
    const mask = numberOf(words.take('a mask'));
    masks = [...masks, mask];
    if (masks[0] !== mask) {
      throw mistake(name, 'two different masks are not simulated', 'write --mask VALUE');
    }
  }
  return { kind: isSave ? 'connmark-save' : 'connmark-restore', mask: masks[0] ?? ALL_BITS };
}

function randomOf(words: WordReader): IptablesRandom {
  if (words.takeIf('--random-fully')) return 'random-fully';
  return words.takeIf('--random') ? 'random' : 'none';
}

function prefixed(words: WordReader, name: 'nflog' | 'log'): IptablesTarget {
  let prefix: string | undefined;
  let group: number | undefined;
  for (;;) {
    if (words.takeIf(`--${name}-prefix`)) prefix = words.take('a prefix').text;
    else if (name === 'nflog' && words.takeIf('--nflog-group')) {
      group = numberOf(words.take('a group'));
    } else break;
  }
  const named = prefix === undefined ? {} : { prefix };
  if (name === 'log') return { kind: 'log', ...named };
  return { kind: 'nflog', ...(group === undefined ? {} : { group }), ...named };
}

/** The target named by the next word, with its options. */
export function targetOf(
  words: WordReader,
  family: IpFamily,
  isChain: (name: string) => boolean,
): IptablesTarget {
  const name = words.take('a target');
  switch (name.text) {
    case 'ACCEPT':
      return { kind: 'accept' };
    case 'DROP':
      return { kind: 'drop' };
    case 'RETURN':
      return { kind: 'return' };
    case 'REJECT': {
      const usual = family === 4 ? 'icmp-port-unreachable' : 'icmp6-port-unreachable';
      const isNamed = words.takeIf('--reject-with');
      return { kind: 'reject', with: isNamed ? words.take('a kind of error').text : usual };
    }
    case 'MARK':
      return { kind: 'mark', ...markOf(words.take('an option of MARK'), words, 'MARK') };
    case 'CONNMARK':
      return connmarkOf(words);
    case 'DNAT': {
      const option = words.take('--to-destination');
      if (option.text !== '--to-destination') throw unknownOption(option, 'DNAT');
      return { kind: 'dnat', ...destinationOf(words.take('an address')) };
    }
    case 'SNAT': {
      const option = words.take('--to-source');
      if (option.text !== '--to-source') throw unknownOption(option, 'SNAT');
      const address = addressOf(words.take('an address'));
      return { kind: 'snat', address, random: randomOf(words) };
    }
    case 'MASQUERADE':
      return { kind: 'masquerade', random: randomOf(words) };
    case 'NFLOG':
      return prefixed(words, 'nflog');
    case 'LOG':
      return prefixed(words, 'log');
    case 'NOTRACK':
      return { kind: 'notrack' };
    case 'CT':
      if (words.takeIf('--notrack')) return { kind: 'notrack' };
      throw unknownOption(words.take('--notrack'), 'CT');
    default:
      if (isChain(name.text)) return { kind: 'jump', chain: name.text };
      throw mistake(
        name,
        `Couldn't load target "${name.text}": no such chain or target is known`,
        `declare the chain before its first use: :${name.text} - [0:0]`,
      );
  }
}
