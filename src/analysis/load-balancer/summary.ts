/**
 * analysis/load-balancer/summary — every load balancer in a line: where it listens, how many of its
 * targets are healthy, how many addresses it has, who made it, what it costs for being there.
 */
import { groupsForwardedTo } from '../../cloud/elbv2/forwards.ts';
import type {
  ClassicLoadBalancer,
  LoadBalancer,
  LoadBalancerZone,
} from '../../model/elbv2/load-balancer.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { type Maker, makerOf } from './maker.ts';
import {
  HOURLY_PRICES,
  HOURS_PER_MONTH,
  PRICES_AS_OF,
  PUBLIC_ADDRESS_PER_HOUR,
} from './prices.data.ts';

export interface LoadBalancerSummary {
  readonly name: string;
  /** Absent for a Classic one. */
  readonly arn?: string | undefined;
  readonly type: 'application' | 'network' | 'classic';
  readonly scheme: 'internet-facing' | 'internal';
  readonly state: string;
  readonly dnsName: string;
  readonly maker: Maker | undefined;
  /** Ingresses whose status carries its name: the members of a group. */
  readonly ingresses: readonly string[];
  /** `HTTPS:443` */
  readonly listeners: readonly string[];
  readonly targets: { readonly healthy: number; readonly total: number };
  readonly zones: readonly string[];
  /** Of subnets, which it takes from everybody else. */
  readonly addresses: number;
  readonly publicAddresses: number;
  /** US dollars; undefined where the region's price is not known here. */
  readonly perMonth: MonthlyPrice | undefined;
}

export interface MonthlyPrice {
  readonly hours: number;
  readonly publicAddresses: number;
}

/** How the prices are to be read. */
export interface PriceBasis {
  readonly region: string;
  readonly asOf: string;
  readonly isKnown: boolean;
  readonly hoursPerMonth: number;
  readonly publicAddressPerHour: number;
}

export const priceBasis = (region: string): PriceBasis => ({
  region,
  asOf: PRICES_AS_OF,
  isKnown: HOURLY_PRICES[region] !== undefined,
  hoursPerMonth: HOURS_PER_MONTH,
  publicAddressPerHour: PUBLIC_ADDRESS_PER_HOUR,
});

/** All of a twin, in the order they were made. */
export function loadBalancers(store: TwinStore, region: string): LoadBalancerSummary[] {
  const ingresses = ingressesByHost(store);
  const current = store
    .list('elbv2/load-balancer')
    .map((it) => ({ at: it.createdAtMs, summary: summaryOf(store, it, ingresses, region) }));
  const classic = store
    .list('elbv2/classic-load-balancer')
    .map((it) => ({ at: it.createdAtMs, summary: classicSummary(store, it, region) }));
  return [...current, ...classic]
    .sort((a, b) => a.at - b.at || (a.summary.name < b.summary.name ? -1 : 1))
    .map(({ summary }) => summary);
}

function summaryOf(
  store: TwinStore,
  it: LoadBalancer,
  ingresses: ReadonlyMap<string, readonly string[]>,
  region: string,
): LoadBalancerSummary {
  const arn = it.loadBalancerArn;
  const listeners = store
    .lookup('elbv2/listener', 'load-balancer', arn)
    .sort((a, b) => a.port - b.port)
    .map(({ protocol, port }) => `${protocol}:${port}`);
  const targets = [...groupsForwardedTo(store, arn)].flatMap((group) =>
    store.lookup('elbv2/target', 'target-group', group),
  );
  const healthy = targets.filter(({ health }) => health.state === 'healthy').length;
  return {
    name: it.loadBalancerName,
    arn,
    type: it.type,
    scheme: it.scheme,
    state: it.state,
    dnsName: it.dnsName,
    maker: makerOf(it.tags),
    ingresses: ingresses.get(it.dnsName.toLowerCase()) ?? [],
    listeners,
    targets: { healthy, total: targets.length },
    ...standing(store, it.zones, it.type, region),
  };
}

function classicSummary(
  store: TwinStore,
  it: ClassicLoadBalancer,
  region: string,
): LoadBalancerSummary {
  const healthy = it.instances.filter(({ state }) => state === 'InService').length;
  return {
    name: it.loadBalancerName,
    type: 'classic',
    scheme: it.scheme,
    state: 'active',
    dnsName: it.dnsName,
    maker: makerOf(it.tags),
    ingresses: [],
    listeners: it.listeners.map(
      ({ protocol, loadBalancerPort }) => `${protocol}:${loadBalancerPort}`,
    ),
    targets: { healthy, total: it.instances.length },
    ...standing(store, it.zones, 'classic', region),
  };
}

type Standing = Pick<LoadBalancerSummary, 'zones' | 'addresses' | 'publicAddresses' | 'perMonth'>;

/** Where it stands, and what that costs. */
function standing(
  store: TwinStore,
  zones: readonly LoadBalancerZone[],
  type: LoadBalancerSummary['type'],
  region: string,
): Standing {
  const addresses = zones.flatMap(
    ({ networkInterfaceId }) =>
      store.get('ec2/network-interface', networkInterfaceId)?.privateIpAddresses ?? [],
  );
  const publicAddresses = addresses.filter((it) => it.public !== undefined).length;
  const price = HOURLY_PRICES[region];
  return {
    zones: zones.map(({ zoneName }) => zoneName),
    addresses: addresses.length,
    publicAddresses,
    perMonth: price && {
      hours: price[type] * HOURS_PER_MONTH,
      publicAddresses: publicAddresses * PUBLIC_ADDRESS_PER_HOUR * HOURS_PER_MONTH,
    },
  };
}

/** Ingresses by the host names in their status. */
function ingressesByHost(store: TwinStore): ReadonlyMap<string, readonly string[]> {
  const byHost = new Map<string, string[]>();
  for (const ingress of store.list('Ingress')) {
    for (const { hostname } of ingress.status?.loadBalancer?.ingress ?? []) {
      if (hostname === undefined) continue;
      const known = byHost.get(hostname.toLowerCase()) ?? [];
      byHost.set(hostname.toLowerCase(), [...known, keyOf(ingress)]);
    }
  }
  for (const keys of byHost.values()) keys.sort();
  return byHost;
}
