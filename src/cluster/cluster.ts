/**
 * cluster/cluster — what every verb works with: the store, the time, fresh names, the addresses of
 * Services and the webhooks.
 */
import type { TwinStore } from '../model/kinds.ts';
import { EPOCH_MS, timestamp } from '../model/time.ts';
import type { Clock } from '../sim/clock.ts';
import type { Random } from '../sim/random.ts';
import type { Webhook } from './kubernetes.ts';
import type { PortRange } from './port-allocator.ts';
import { ServedResources } from './served-resources.ts';
import { ServiceAddresses, type ServiceCidrs } from './service-addresses.ts';

export interface ClusterParts {
  readonly store: TwinStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly serviceCidrs: ServiceCidrs;
  readonly nodePortRange?: PortRange | undefined;
  /** Events are stored when `flushEvents` is called; for runs nobody watches as they go. */
  readonly deferEvents?: boolean | undefined;
}

export interface Cluster {
  readonly store: TwinStore;
  readonly clock: Clock;
  readonly addresses: ServiceAddresses;
  readonly webhooks: Webhook[];
  /** The registry, and what the cluster's CustomResourceDefinitions define. */
  readonly served: ServedResources;
  /** A fresh uid. */
  uid(): string;
  /** The same, of a chance of its own: what is drawn there changes nobody else's. */
  uidApart(): string;
  /** The present as metav1.Time. */
  now(): string;
  /** What generateName ends with: five characters. */
  suffix(): string;
  /** The class that gives pods without one their priority; undefined when there is none. */
  defaultPriorityClass(): string | undefined;
}

/** apimachinery util/rand: no vowels and nothing that looks like another character. */
const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** Builds it from a store: addresses in use are read from the stored Services. */
export function clusterOf(parts: ClusterParts): Cluster {
  const { store, clock } = parts;
  // A fork's chance must not repeat what the store already holds, so the revision is part of it.
  const random = parts.random.split(`kubernetes-${store.revision}`);
  const uids = random.split('uid');
  const suffixes = random.split('suffix');
  const apart = random.split('uid apart');
  const addresses = new ServiceAddresses(parts.serviceCidrs, parts.nodePortRange, random);
  for (const service of store.list('Service')) addresses.reserve(service);
  let textAt = Number.NaN;
  let text = '';
  return {
    store,
    clock,
    addresses,
    webhooks: [],
    served: new ServedResources(store),
    uid: () => uidFrom(uids),
    uidApart: () => uidFrom(apart),
    now() {
      const at = Math.floor(clock.now() / 1000);
      if (at !== textAt) {
        textAt = at;
        text = timestamp(clock.now());
      }
      return text;
    },
    suffix: () => suffixes.text(5, SUFFIX_ALPHABET),
    defaultPriorityClass: defaultClassOf(store),
  };
}

const WORD = 2 ** 32;

/** Eight hex digits. */
const word = (random: Random): string => (random.int(WORD) + WORD).toString(16).slice(1);

/**
 * A version 4 UUID. Joined, not added up: V8 would keep a sum as the tree of its parts, seven times
 * as large, and a cluster has hundreds of thousands.
 */
function uidFrom(random: Random): string {
  const second = word(random);
  const third = word(random);
  const fourth = word(random);
  const first = word(random);
  const variant = '89ab'[random.int(4)]!;
  return [
    first,
    second.slice(0, 4),
    `4${second.slice(5)}`,
    `${variant}${third.slice(0, 3)}`,
    `${third.slice(4)}${fourth}`,
  ].join('-');
}

/** Asked for every pod, so it is worked out again only when a PriorityClass changed. */
function defaultClassOf(store: TwinStore): () => string | undefined {
  let known: { readonly name: string | undefined } | undefined;
  store.subscribe('PriorityClass', () => {
    known = undefined;
  });
  return () => {
    known ??= {
      name: store.list('PriorityClass').find((it) => it.globalDefault === true)?.metadata.name,
    };
    return known.name;
  };
}

/** The instant of `forSeconds` from now as metav1.Time. */
export const timestampAfter = (cluster: Cluster, forSeconds: number): string =>
  timestamp(Math.max(cluster.clock.now() + forSeconds * 1000, -EPOCH_MS));
