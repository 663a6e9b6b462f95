/**
 * net/protocol — IP protocol numbers and their names.
 *
 * EC2 takes names for tcp, udp, icmp and icmpv6 and numbers for the rest; Kubernetes writes TCP,
 * UDP and SCTP. Numbers follow IANA's "Assigned Internet Protocol Numbers".
 */

/** An IP protocol number 0..255. */
export type Protocol = number;

/** Every protocol, as EC2 writes it in rules. */
export const PROTOCOL_ALL = -1;
export const PROTOCOL_ICMP = 1;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;
export const PROTOCOL_ICMPV6 = 58;
export const PROTOCOL_SCTP = 132;

const NUMBER_BY_NAME: ReadonlyMap<string, number> = new Map([
  ['icmp', PROTOCOL_ICMP],
  ['igmp', 2],
  ['ipip', 4],
  ['tcp', PROTOCOL_TCP],
  ['udp', PROTOCOL_UDP],
  ['gre', 47],
  ['esp', 50],
  ['ah', 51],
  ['icmpv6', PROTOCOL_ICMPV6],
  ['sctp', PROTOCOL_SCTP],
  ['udplite', 136],
]);

const NAME_BY_NUMBER: ReadonlyMap<number, string> = new Map([
  ...[...NUMBER_BY_NAME].map(([name, number]) => [number, name] as const),
  [PROTOCOL_ALL, 'all'] as const,
]);

/**
 * Reads `tcp`, `TCP`, `6`, `-1` or `all`; `ipv6-icmp` (the kernel's spelling) is icmpv6.
 *
 * @returns 0..255, -1 for all, or undefined when the text names no protocol
 */
export function parseProtocol(text: string): Protocol | typeof PROTOCOL_ALL | undefined {
  const name = text.toLowerCase();
  if (name === 'all' || name === '-1') return PROTOCOL_ALL;
  if (name === 'ipv6-icmp') return PROTOCOL_ICMPV6;
  const known = NUMBER_BY_NAME.get(name);
  if (known !== undefined) return known;
  if (!/^(0|[1-9]\d{0,2})$/.test(name)) return undefined;
  const number = Number(name);
  return number <= 255 ? number : undefined;
}

/** Writes `tcp`, `all` for -1, or the number itself when it has no name here. */
export function formatProtocol(protocol: Protocol): string {
  return NAME_BY_NUMBER.get(protocol) ?? String(protocol);
}

const capitals = new Map<Protocol, string>();

/** Writes `TCP`, as policies, Services and people do. */
export function protocolInCapitals(protocol: Protocol): string {
  let name = capitals.get(protocol);
  if (name === undefined) {
    name = formatProtocol(protocol).toUpperCase();
    capitals.set(protocol, name);
  }
  return name;
}

/** True for the protocols whose packets carry ports: tcp, udp, sctp and udplite. */
export function hasPorts(protocol: Protocol): boolean {
  return (
    protocol === PROTOCOL_TCP ||
    protocol === PROTOCOL_UDP ||
    protocol === PROTOCOL_SCTP ||
    protocol === 136
  );
}

/** True for icmp and icmpv6, whose packets carry a type and a code. */
export function hasTypeAndCode(protocol: Protocol): boolean {
  return protocol === PROTOCOL_ICMP || protocol === PROTOCOL_ICMPV6;
}
