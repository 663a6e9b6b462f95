/**
 * controllers/external-dns/endpoint — one name in DNS as external-dns thinks of it: before it is a
 * record of Route 53, and after it was read from one.
 *
 * Upstream: kubernetes-sigs/external-dns@2bf1bf8a endpoint/endpoint.go, endpoint/utils.go,
 * source/wrappers/dedupsource.go.
 */
import type { RecordType } from '../../model/route53/hosted-zone.ts';
import { familyOf, type Ip, parseIp } from '../../net/index.ts';

export interface Endpoint {
  /** Without its final dot. */
  readonly dnsName: string;
  readonly recordType: RecordType;
  readonly targets: readonly string[];
  /** 0: nobody said. */
  readonly ttlSeconds: number;
  readonly setIdentifier: string;
  /** `owner`, `resource`: what the ownership record keeps. */
  readonly labels: Readonly<Record<string, string>>;
  /** `alias`, `aws/weight`: what only some providers know. */
  readonly properties: Readonly<Record<string, string>>;
}

export const ALIAS = 'alias';
export const EVALUATE_HEALTH = 'aws/evaluate-target-health';
export const OWNER = 'owner';
export const RESOURCE = 'resource';

const LABEL_LENGTH_MAX = 63;

/** A for IPv4, AAAA for IPv6, CNAME for everything else. */
export function suitableType(target: string): 'A' | 'AAAA' | 'CNAME' {
  const ip = parseIp(target);
  if (ip === undefined) return 'CNAME';
  return familyOf(ip) === 4 ? 'A' : 'AAAA';
}

/** An endpoint; undefined where a label of its name is longer than DNS allows. */
export function endpointOf(
  dnsName: string,
  recordType: RecordType,
  targets: readonly string[],
  more: Partial<Pick<Endpoint, 'ttlSeconds' | 'setIdentifier' | 'labels' | 'properties'>> = {},
): Endpoint | undefined {
  if (dnsName.split('.').some((label) => label.length > LABEL_LENGTH_MAX)) return undefined;
  const keepsDot = recordType === 'TXT' || recordType === 'SRV';
  return {
    dnsName: dnsName.replace(/\.$/, ''),
    recordType,
    targets: keepsDot ? targets : targets.map((target) => target.replace(/\.$/, '')),
    ttlSeconds: 0,
    setIdentifier: '',
    labels: {},
    properties: {},
    ...more,
  };
}

/** What an object says of all of its names. */
export interface NameDetails {
  readonly ttlSeconds: number;
  readonly setIdentifier: string;
  readonly properties: Readonly<Record<string, string>>;
  /** `ingress/shop/web`. */
  readonly resource: string;
}

/** A name's endpoints: one for each type that its targets need. */
export function endpointsForHostname(
  hostname: string,
  targets: readonly string[],
  { resource, ...details }: NameDetails,
): readonly Endpoint[] {
  return (['A', 'AAAA', 'CNAME'] as const).flatMap((type) => {
    const ofType = targets.filter((target) => suitableType(target) === type);
    if (ofType.length === 0) return [];
    const labels = { [RESOURCE]: resource };
    return endpointOf(hostname, type, ofType, { ...details, labels }) ?? [];
  });
}

/** Sorted, each once. */
export const uniqueTargets = (targets: readonly string[]): readonly string[] =>
  [...new Set(targets)].sort();

/**
 * Endpoints of one name, type, set and TTL become one with all of their targets; the first keeps
 * its labels. Of a CNAME only those with the same target do.
 */
export function mergeEndpoints(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const merged = new Map<string, Endpoint>();
  for (const it of endpoints) {
    const isCname = it.recordType === 'CNAME';
    if (isCname && it.targets.length === 0) continue;
    const target = isCname ? it.targets[0] : '';
    const key = [it.dnsName, it.recordType, it.setIdentifier, it.ttlSeconds, target].join(' ');
    const known = merged.get(key);
    const targets = uniqueTargets([...(known?.targets ?? []), ...it.targets]);
    merged.set(key, { ...(known ?? it), targets });
  }
  return [...merged.values()];
}

/** Each once, and none that DNS would not have: an A without an IPv4 address and the like. */
export function soundEndpoints(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const known = new Map<string, Endpoint>();
  for (const it of endpoints) {
    if (!isSound(it)) continue;
    const targets = it.targets.length > 1 ? uniqueTargets(it.targets) : it.targets;
    const key = [it.recordType, it.dnsName, it.setIdentifier, targets.join(';')].join('/');
    if (!known.has(key)) known.set(key, { ...it, targets });
  }
  return [...known.values()];
}

function isSound({ recordType, targets, properties }: Endpoint): boolean {
  const isAddress = recordType === 'A' || recordType === 'AAAA';
  if (isAddress && properties[ALIAS] !== 'true') {
    return targets.every((target) => suitableType(target) === recordType);
  }
  return isAddress || recordType === 'CNAME' || properties[ALIAS] === undefined;
}

/** Whether two lists name the same targets, whatever the order, the case and the spelling. */
export function sameTargets(some: readonly string[], others: readonly string[]): boolean {
  if (some.length !== others.length) return false;
  const plain = (targets: readonly string[]): readonly string[] =>
    targets.map((target) => String(parseIp(target) ?? target.toLowerCase())).sort();
  const [a, b] = [plain(some), plain(others)];
  return a.every((target, i) => target === b[i]);
}

/**
 * Which of two lists of targets is the lesser: the shorter, else the one whose first difference is
 * less; addresses come before names.
 */
export function compareTargets(some: readonly string[], others: readonly string[]): number {
  if (some.length !== others.length) return some.length - others.length;
  const [a, b] = [[...some].sort(), [...others].sort()];
  for (const [i, target] of a.entries()) {
    const other = b[i]!;
    if (target === other) continue;
    const [ip, otherIp] = [parseIp(target), parseIp(other)];
    if (ip !== undefined && otherIp !== undefined) return isLess(ip, otherIp) ? -1 : 1;
    if (ip !== undefined) return -1;
    if (otherIp !== undefined) return 1;
    return target < other ? -1 : 1;
  }
  return 0;
}

/** IPv4 before IPv6. */
const isLess = (a: Ip, b: Ip): boolean =>
  familyOf(a) === familyOf(b) ? a < b : familyOf(a) < familyOf(b);
