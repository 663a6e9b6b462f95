/**
 * formats/linux/ip-addr — `ip addr` as iproute2 6.1 prints it, and read back as far as it tells.
 *
 * Link numbers are the places in the list. A veth's other end is in another namespace; the tool
 * would print its number there (`@if12`), here its name stands (`@eth0`).
 */
import { InputError } from '../../model/input-error.ts';
import type { Link, NetworkNamespace } from '../../model/linux/namespace.ts';
import { formatIp, lastAddress, parseCidrOrIp } from '../../net/index.ts';

const LOOPBACK: Link = {
  name: 'lo',
  kind: 'loopback',
  macAddress: '00:00:00:00:00:00',
  mtu: 65536,
  addresses: ['127.0.0.1/8', '::1/128'],
};

function header(link: Link, number: number): string {
  const isLoopback = link.kind === 'loopback';
  const name = link.kind === 'veth' ? `${link.name}@${link.peer?.link ?? 'NONE'}` : link.name;
  const flags = isLoopback ? 'LOOPBACK,UP,LOWER_UP' : 'BROADCAST,MULTICAST,UP,LOWER_UP';
  const queue = link.kind === 'ena' ? 'mq' : 'noqueue';
  const state = isLoopback ? 'UNKNOWN' : 'UP';
  const length = link.kind === 'veth' || link.kind === 'vlan' ? '' : ' qlen 1000';
  return (
    `${number}: ${name}: <${flags}> mtu ${link.mtu} qdisc ${queue} state ${state} ` +
    `group default${length}`
  );
}

function addressLine(link: Link, text: string): readonly string[] {
  const block = parseCidrOrIp(text);
  if (block === undefined) return [];
  const forever = '       valid_lft forever preferred_lft forever';
  const isHost = link.kind === 'loopback';
  if (block.family === 6) {
    const scope = isHost ? 'host' : text.startsWith('fe80:') ? 'link' : 'global';
    return [`    inet6 ${text} scope ${scope}`, forever];
  }
  const broadcast =
    isHost || block.bits > 30 || link.kind === 'veth' ? '' : ` brd ${formatIp(lastAddress(block))}`;
  const scope = isHost ? 'host' : 'global';
  return [`    inet ${text}${broadcast} scope ${scope} ${link.name}`, forever];
}

/** `ip addr` of a namespace. */
export function ipAddrText({ links }: NetworkNamespace): string {
  const all = links.some(({ kind }) => kind === 'loopback') ? links : [LOOPBACK, ...links];
  return all
    .flatMap((link, i) => [
      header(link, i + 1),
      link.kind === 'loopback'
        ? `    link/loopback ${link.macAddress} brd 00:00:00:00:00:00`
        : `    link/ether ${link.macAddress} brd ff:ff:ff:ff:ff:ff`,
      ...link.addresses.flatMap((address) => addressLine(link, address)),
    ])
    .map((line) => `${line}\n`)
    .join('');
}

type LinkDraft = { -readonly [Key in keyof Link]: Link[Key] };

function kindOf(name: string, at: string | undefined, flags: string): Link['kind'] {
  if (flags.includes('LOOPBACK')) return 'loopback';
  if (name.startsWith('vlan.')) return 'vlan';
  return at === undefined ? 'ena' : 'veth';
}

/**
 * Reads `ip addr`: names, MACs, MTUs and addresses. The kind of a link is told by its name: an `@`
 * is a veth's, `vlan.` a branch interface's.
 *
 * @throws InputError with file:line:column
 */
export function parseIpAddr(text: string, file: string): readonly Link[] {
  const links: LinkDraft[] = [];
  text.split('\n').forEach((line, i) => {
    const found = /^\d+: ([^:@\s]+)(@\S+)?: <([^>]*)> mtu (\d+)/.exec(line);
    if (found !== null) {
      const [, name = '', at, flags = '', mtu] = found;
      const kind = kindOf(name, at, flags);
      links.push({ name, kind, macAddress: '', mtu: Number(mtu), addresses: [] });
      return;
    }
    const link = links.at(-1);
    const [word, value] = line.trim().split(/\s+/);
    if (link === undefined) {
      if (line.trim() === '') return;
      throw new InputError(
        `${file}:${i + 1}:1`,
        `"${line}" is no line of ip addr`,
        'the text begins with a link: 1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 …',
      );
    }
    if (word?.startsWith('link/')) link.macAddress = value ?? '';
    else if (word === 'inet' || word === 'inet6') link.addresses = [...link.addresses, value ?? ''];
  });
  return links;
}
