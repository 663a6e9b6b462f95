/**
 * conformance/cni-datastore-query — the expectations of datastore-sequences.json: paths into the
 * store in upstream's names, and comparisons.
 */
import type { Datastore, DatastoreEni } from '../src/controllers/vpc-cni/datastore.ts';
import {
  allocatableEnis,
  assignedIpv4,
  assignedIpv6,
  availableIps,
  efaEnis,
  freeableCidrs,
  freeableIps,
  freeablePrefixes,
  freePrefixes,
  hasFreeableEni,
  poolStats,
  trunkEni,
} from '../src/controllers/vpc-cni/datastore-view.ts';

type Json = Readonly<Record<string, unknown>>;

/** The set's mark for "some time, not compared": a second in nanoseconds. */
const ANY_TIME = 1_000_000_000;

/** Equality of JSON values, whatever the order of keys. */
export const same = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  ) ?? 'undefined';

function statsOf(store: Datastore, family: unknown): Json {
  const stats = poolStats(store, family === '6' ? 6 : 4);
  return {
    TotalIPs: stats.totalIps,
    TotalPrefixes: stats.totalPrefixes,
    AssignedIPs: stats.assignedIps,
    CooldownIPs: stats.cooldownIps,
  };
}

const eniView = (eni: DatastoreEni): Json => ({
  SubnetID: eni.subnetId,
  IsExcludedForPodIPs: eni.excluded,
  AssignedIPv4Addresses: assignedIpv4(eni),
  AssignedIPv6Addresses: assignedIpv6(eni),
  AvailableIPv4Cidrs: Object.fromEntries([...eni.ipv4.keys()].map((cidr) => [cidr, {}])),
  IPv6Cidrs: Object.fromEntries([...eni.ipv6.keys()].map((cidr) => [cidr, {}])),
  DeviceNumber: eni.deviceNumber,
  IsPrimary: eni.isPrimary,
  IsTrunk: eni.isTrunk,
  IsEFA: eni.isEfa,
  RouteTableID: eni.routeTableId,
  ID: eni.id,
});

const pool = (store: Datastore): Json =>
  Object.fromEntries([...store.enis.values()].map((eni) => [eni.id, eniView(eni)]));

/** Upstream's accessors by name. */
const ACCESSORS: Readonly<Record<string, (store: Datastore, args: readonly unknown[]) => unknown>> =
  {
    GetIPStats: (store, [family]) => statsOf(store, family),
    GetENIs: (store) => store.enis.size,
    GetTrunkENI: (store) => trunkEni(store) ?? '',
    GetEFAENIs: (store) => Object.fromEntries([...efaEnis(store)].map((id) => [id, true])),
    GetAllocatableENIs: (store, [max, skipPrimary]) =>
      [...allocatableEnis(store, Number(max), skipPrimary === true)].map(eniView),
    FreeablePrefixes: (store, [eni]) =>
      store.enis.has(String(eni)) ? freeablePrefixes(store, String(eni)) : null,
    FreeableIPs: (store, [eni]) =>
      store.enis.has(String(eni)) ? freeableIps(store, String(eni)) : null,
    GetFreePrefixes: (store) => freePrefixes(store),
    FindFreeableCidrs: (store, [eni]) =>
      store.enis.has(String(eni)) ? freeableCidrs(store, String(eni)).map((one) => one.cidr) : null,
    CheckFreeableENIexists: (store) => hasFreeableEni(store),
    AllocatedIPs: (store) => [...store.assignments()].map(({ address }) => address.ip),
    GetENIInfos: (store) => ({
      ENIs: pool(store),
      TotalIPs: store.total,
      AssignedIPs: store.assigned,
    }),
    IsENIExcludedForPodIPs: (store, [eni]) => store.enis.get(String(eni))?.excluded ?? false,
    ENIExists: (store, [eni]) => store.enis.has(String(eni)),
    CIDRExists: (store, [eni, family, cidr]) => {
      const found = store.enis.get(String(eni));
      return (family === 'IPv4' ? found?.ipv4 : found?.ipv6)?.has(String(cidr)) ?? false;
    },
  };

const fieldOf = (store: Datastore, field: unknown): unknown => {
  const fields: Json = {
    eniPool: pool(store),
    total: store.total,
    assigned: store.assigned,
    isPDEnabled: store.prefixDelegation,
    ipCooldownPeriod: ANY_TIME,
    allocatedPrefix: store.allocatedPrefixes,
  };
  return fields[String(field)];
};

/** `'len'?` then `'q', accessor, args, …path` or `alias, store, accessor|'field', args, …path`. */
function evaluate(
  query: readonly unknown[],
  current: Datastore,
  stores: ReadonlyMap<string, Datastore>,
): unknown {
  const wantsLength = query[0] === 'len';
  const [head, second, third, fourth, ...tail] = wantsLength ? query.slice(1) : query;
  let value: unknown;
  let path: readonly unknown[];
  if (head === 'q') {
    value = ACCESSORS[String(second)]?.(current, (third ?? []) as readonly unknown[]);
    path = fourth === undefined ? tail : [fourth, ...tail];
  } else {
    const store = stores.get(String(second)) ?? current;
    value =
      third === 'field'
        ? fieldOf(store, fourth)
        : ACCESSORS[String(third)]?.(store, (fourth ?? []) as readonly unknown[]);
    path = tail;
  }
  for (const part of path) value = member(value, String(part));
  if (!wantsLength) return value;
  return lengthOf(value);
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const record = value as Record<string, unknown>;
  if (name === 'AvailableAddresses')
    return availableIps({
      totalIps: Number(record.TotalIPs),
      assignedIps: Number(record.AssignedIPs),
      totalPrefixes: 0,
      cooldownIps: 0,
    });
  return record[name];
}

const lengthOf = (value: unknown): number => {
  if (Array.isArray(value) || typeof value === 'string') return value.length;
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
};

/** Missing counters of a compared stats object are zero, as in Go. */
const padded = (wanted: unknown, got: unknown): unknown => {
  const bothObjects = [wanted, got].every(
    (one) => typeof one === 'object' && one !== null && !Array.isArray(one),
  );
  if (!bothObjects) return wanted;
  const zeros = Object.fromEntries(Object.keys(got as Json).map((key) => [key, 0]));
  return { ...zeros, ...(wanted as Json) };
};

/** `{$sameAs: [step, key]}`: what an earlier step came to. */
const referenceIn = (wanted: unknown): readonly [number, string] | undefined =>
  (wanted as { readonly $sameAs?: readonly [number, string] } | null | undefined)?.$sameAs;

/** One `Expect` step; undefined = it holds. */
export function checkExpectation(
  step: Json & { readonly query?: readonly unknown[] },
  current: Datastore,
  stores: ReadonlyMap<string, Datastore>,
  results: readonly Json[],
): string | undefined {
  const got = evaluate(step.query ?? [], current, stores);
  const wantedOf = (wanted: unknown): unknown => {
    const reference = referenceIn(wanted);
    return reference === undefined ? wanted : results[reference[0]]?.[reference[1]];
  };
  const isNothing = got === undefined || got === null || got === '';
  const check = (): boolean => {
    if ('eq' in step)
      return step.eq === ANY_TIME || got === ANY_TIME || same(got, padded(wantedOf(step.eq), got));
    if ('ne' in step) return !same(got, wantedOf(step.ne));
    if ('gt' in step) return Number(got) > Number(step.gt);
    if ('nil' in step) return isNothing === step.nil;
    if ('empty' in step) return (isNothing || lengthOf(got) === 0) === step.empty;
    if ('len' in step) return lengthOf(got) === step.len;
    return false;
  };
  if (check()) return undefined;
  const { op: _op, line: _line, query, ...wanted } = step;
  return `${(query ?? []).join('.')}: got ${canonical(got)}, wanted ${canonical(wanted)}`;
}

/** One entry of a step's `expect`. */
export function holds(
  result: Json,
  key: string,
  wanted: unknown,
  results: readonly Json[],
): boolean {
  const error = result.error as string | null | undefined;
  if (key === 'error') return wanted === null ? !error : Boolean(error);
  if (key === 'errorContains') return error?.includes(String(wanted)) ?? false;
  const [name = '', test] = key.split('.');
  const got = result[name];
  switch (test) {
    case 'empty':
      return (got === undefined || got === null || got === '') === wanted;
    case 'prefix':
      return String(got).startsWith(String(wanted));
    case 'len':
      return lengthOf(got) === wanted;
    case 'ne':
      return !same(got, wanted);
    default:
  }
  const reference = referenceIn(wanted);
  return same(got, reference === undefined ? wanted : results[reference[0]]?.[reference[1]]);
}
