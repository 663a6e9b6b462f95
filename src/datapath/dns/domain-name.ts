/**
 * datapath/dns/domain-name — arithmetic of domain names: `.` at the end, labels, zones, and the
 * names that stand for addresses (in-addr.arpa, ip6.arpa).
 *
 * Upstream: miekg/dns labels.go, coredns/coredns@4b26cced3 plugin/pkg/dnsutil/reverse.go.
 */
import { formatIp, type Ip, parseIp } from '../../net/index.ts';

const V4_REVERSE = '.in-addr.arpa.';
const V6_REVERSE = '.ip6.arpa.';
/** RFC 1035 §3.1: octets of a name, and of a label. */
const NAME_MAX = 254;
const LABEL_MAX = 63;

/** The name with its final dot: `a.b` → `a.b.`. */
export const fqdn = (name: string): string => (name.endsWith('.') ? name : `${name}.`);

/** `a.b.` → `['a', 'b']`; the root has none. */
export const labelsOf = (name: string): readonly string[] => {
  const bare = name.endsWith('.') ? name.slice(0, -1) : name;
  return bare === '' ? [] : bare.split('.');
};

/** Whether the name is the zone or below it; case does not count. Both end in a dot. */
export function isWithin(zone: string, name: string): boolean {
  if (zone === '.') return true;
  if (name.length < zone.length) return false;
  const [lowName, lowZone] = [name.toLowerCase(), zone.toLowerCase()];
  return lowName === lowZone || lowName.endsWith(`.${lowZone}`);
}

/** The longest of the zones that holds the name. */
export function longestZone(zones: readonly string[], name: string): string | undefined {
  let best: string | undefined;
  for (const zone of zones) {
    if (isWithin(zone, name) && (best === undefined || zone.length > best.length)) best = zone;
  }
  return best;
}

/** What stands before the zone, without a dot at the end: `a.b.c.` in `c.` → `a.b`. */
export function withoutZone(name: string, zone: string): string {
  if (zone === '.') return name.slice(0, -1);
  return name.length === zone.length ? '' : name.slice(0, -zone.length - 1);
}

/** Whether a resolver would send it at all: no empty or overlong label, not too long. */
export const isSoundName = (name: string): boolean =>
  name === '.' ||
  (fqdn(name).length <= NAME_MAX &&
    labelsOf(name).every((label) => label !== '' && label.length <= LABEL_MAX));

/** `10.0.3.10` → `10.3.0.10.in-addr.arpa.` */
export function reverseName(ip: Ip): string {
  if (typeof ip === 'number') return `${formatIp(ip).split('.').reverse().join('.')}${V4_REVERSE}`;
  const digits = ip.toString(16).padStart(32, '0');
  return `${[...digits].reverse().join('.')}${V6_REVERSE}`;
}

/** Whether the name lies in a reverse zone. */
export const isReverse = (name: string): boolean =>
  name.endsWith(V4_REVERSE) || name.endsWith(V6_REVERSE);

/** The address a whole reverse name stands for; undefined for any other name. */
export function addressOfReverse(name: string): Ip | undefined {
  if (name.endsWith(V4_REVERSE)) {
    const octets = name.slice(0, -V4_REVERSE.length).split('.');
    return octets.length === 4 ? parseIp(octets.reverse().join('.')) : undefined;
  }
  if (!name.endsWith(V6_REVERSE)) return undefined;
  const digits = name.slice(0, -V6_REVERSE.length).split('.');
  if (digits.length !== 32 || !digits.every((digit) => /^[0-9a-f]$/.test(digit))) return undefined;
  return BigInt(`0x${digits.reverse().join('')}`);
}
