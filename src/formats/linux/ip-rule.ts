/**
 * formats/linux/ip-rule — `ip rule` and `ip -6 rule` as iproute2 6.1 prints them, and read back.
 *
 * A rule of the twin asks one thing of a packet; a line that asks two (`from A to B`) is refused.
 */
import { InputError } from '../../model/input-error.ts';
import type { IpRule } from '../../model/linux/cni.ts';
import { ipRuleAction, tableNumber } from '../../model/linux/ip-text.ts';
import type { NetworkNamespace } from '../../model/linux/namespace.ts';
import { familyOf, type IpFamily, parseCidrOrIp, parseProtocol } from '../../net/index.ts';
import { mistake, type Word, WordReader, wordsOf } from './iptables-words.ts';

/** Whether the rule stands in the list of this family; one without an address is in both. */
export function isRuleOfFamily({ match }: IpRule, family: IpFamily): boolean {
  const block =
    match.kind === 'from' || match.kind === 'to' ? parseCidrOrIp(match.value ?? '') : undefined;
  return block === undefined || familyOf(block.first) === family;
}

/** `ip rule` (4) or `ip -6 rule` (6) of a namespace. */
export function ipRuleText({ rules }: NetworkNamespace, family: IpFamily = 4): string {
  return rules
    .filter((rule) => isRuleOfFamily(rule, family))
    .toSorted((a, b) => a.priority - b.priority)
    .map((rule) => `${rule.priority}:\t${ipRuleAction(rule)}\n`)
    .join('');
}

function tableOf(word: Word): number {
  const table = tableNumber(word.text);
  if (table === undefined) {
    throw mistake(word, `table "${word.text}" is unknown`, 'write main, local, default, a number');
  }
  return table;
}

function matchOf(words: WordReader, line: string): { match: IpRule['match']; table: number } {
  const asked: IpRule['match'][] = [];
  let protocol: number | undefined;
  for (;;) {
    const word = words.take('lookup TABLE');
    switch (word.text) {
      case 'from':
      case 'to': {
        const value = words.take('an address').text;
        if (value !== 'all') asked.push({ kind: word.text, value });
        break;
      }
      case 'iif':
      case 'fwmark':
        asked.push({ kind: word.text, value: words.take('a value').text });
        words.takeIf('[detached]');
        break;
      case 'ipproto': {
        const name = words.take('a protocol');
        protocol = parseProtocol(name.text);
        if (protocol === undefined) throw mistake(name, 'unknown protocol', 'write tcp, udp, 58');
        break;
      }
      case 'lookup': {
        const table = tableOf(words.take('a table'));
        if (asked.length > 1 || !words.isAtEnd) {
          throw mistake(word, `"${line}" is not simulated`, 'a rule asks one thing of a packet');
        }
        const match = asked[0] ?? { kind: 'all' };
        return { match: protocol === undefined ? match : { ...match, protocol }, table };
      }
      default:
        throw mistake(word, `"${word.text}" of ip rule is not simulated`, 'write from, to, iif, …');
    }
  }
}

/** Reads `ip rule`; @throws InputError with file:line:column. */
export function parseIpRules(text: string, file: string): readonly IpRule[] {
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return [];
    const found = /^(\d+):\s/.exec(line);
    if (found === null) {
      throw new InputError(
        `${file}:${i + 1}:1`,
        `"${line}" is no line of ip rule`,
        'a line begins with the priority: 512:\tfrom all to 10.0.3.50 lookup main',
      );
    }
    const end = `${file}:${i + 1}:${line.length + 1}`;
    const words = new WordReader(wordsOf(line, file, i + 1), end);
    words.take('a priority');
    return [{ priority: Number(found[1]), ...matchOf(words, line) }];
  });
}
