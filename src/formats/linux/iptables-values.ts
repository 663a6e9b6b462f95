/**
 * formats/linux/iptables-values — numbers, marks, addresses and ports as they stand in the text of
 * an iptables rule.
 */
import { type Cidr, canonicalCidr, type Ip, parseCidrOrIp, parseIp } from '../../net/index.ts';
import { mistake, type Word } from './iptables-words.ts';

const ALL_BITS = 0xffffffff;

/** A number of at most 32 bits, decimal or `0x…`. */
export function numberOf(word: Word, text = word.text): number {
  if (!/^(0[xX][0-9a-fA-F]{1,8}|\d{1,10})$/.test(text) || Number(text) > ALL_BITS) {
    throw mistake(word, `bad number "${text}"`, 'write a number of 32 bits, such as 128 or 0x80');
  }
  return Number(text);
}

/** `0x80/0x80`; every bit where no mask is written. */
export function maskedOf(word: Word): { value: number; mask: number } {
  const [value = '', mask] = word.text.split('/');
  return {
    value: numberOf(word, value),
    mask: mask === undefined ? ALL_BITS : numberOf(word, mask),
  };
}

/** A block; an address is the block of itself. */
export function blockOf(word: Word): Cidr {
  const block = parseCidrOrIp(word.text);
  if (block === undefined) {
    throw mistake(word, `host/network "${word.text}" not found`, 'write a block: 10.0.0.0/16');
  }
  return canonicalCidr(block);
}

/** An address. */
export function addressOf(word: Word, text = word.text): Ip {
  const ip = parseIp(text);
  if (ip === undefined) {
    throw mistake(word, `Bad IP address "${text}"`, 'write one address, such as 10.0.3.10');
  }
  return ip;
}

function portOf(word: Word, text: string): number {
  const port = numberOf(word, text);
  if (port > 65535) throw mistake(word, `invalid port "${text}"`, 'ports are 0 to 65535');
  return port;
}

/** `80`, `80:90`, `:90` or `80:`. */
export function portsOf(word: Word, text = word.text): { from: number; to: number } {
  const [first = '', last] = text.split(':');
  const from = first === '' && last !== undefined ? 0 : portOf(word, first);
  const to = last === undefined ? from : last === '' ? 65535 : portOf(word, last);
  if (from > to) throw mistake(word, `invalid portrange "${text}"`, 'the lower port comes first');
  return { from, to };
}

/** `10.0.4.50:8080`, `[fd00::1]:80`, or an address alone. */
export function destinationOf(word: Word): { address: Ip; port?: number } {
  const found =
    /^\[([^\]]+)\](?::(\d+))?$/.exec(word.text) ?? /^([\d.]+)(?::(\d+))?$/.exec(word.text);
  if (found === null) return { address: addressOf(word) };
  const address = addressOf(word, found[1]!);
  return found[2] === undefined ? { address } : { address, port: portOf(word, found[2]) };
}
