/**
 * formats/linux/ip-neigh — `ip neigh` as iproute2 6.1 prints it, and read back.
 */
import type { Neighbour, NetworkNamespace } from '../../model/linux/namespace.ts';
import { parseIp } from '../../net/index.ts';
import { mistake, WordReader, wordsOf } from './iptables-words.ts';

/** `169.254.1.1 dev eth0 lladdr 02:… PERMANENT`, a line per entry. */
export function ipNeighText({ neighbours }: NetworkNamespace): string {
  return neighbours
    .map(
      ({ address, device, macAddress, state }) =>
        `${address} dev ${device} lladdr ${macAddress} ${state}\n`,
    )
    .join('');
}

const STATES = ['PERMANENT', 'REACHABLE'] as const;

/** Reads `ip neigh`; STALE and DELAY count as reachable; @throws InputError with its place. */
export function parseIpNeigh(text: string, file: string): readonly Neighbour[] {
  return text.split('\n').flatMap((line, i): readonly Neighbour[] => {
    if (line.trim() === '') return [];
    const end = `${file}:${i + 1}:${line.length + 1}`;
    const words = new WordReader(wordsOf(line, file, i + 1), end);
    const address = words.take('an address');
    if (parseIp(address.text) === undefined) {
      throw mistake(address, `"${address.text}" is no address`, 'a line begins with an address');
    }
    const known = new Map<string, string>();
    while (words.peek() === 'dev' || words.peek() === 'lladdr') {
      known.set(words.take('dev').text, words.take('a value').text);
    }
    words.takeIf('router');
    const word = words.take('a state');
    const state = /^(STALE|DELAY|PROBE)$/.test(word.text)
      ? 'REACHABLE'
      : STATES.find((one) => one === word.text);
    if (state === undefined || !known.has('dev')) {
      if (word.text === 'FAILED' || word.text === 'INCOMPLETE') return [];
      throw mistake(word, `"${word.text}" is no state of a neighbour`, 'PERMANENT or REACHABLE');
    }
    const device = known.get('dev') ?? '';
    return [{ address: address.text, device, macAddress: known.get('lladdr') ?? '', state }];
  });
}
