/**
 * controllers/network-policy/pack-endpoints — a resolved policy cut into endpoint objects of at
 * most 200 entries a list: what is there stays where it is, gaps are filled, objects that are left
 * with nothing are used again or deleted, and only then new ones are made.
 *
 * Upstream: aws/amazon-network-policy-controller-k8s@ecc7e6a pkg/policyendpoints/manager.go
 * computePolicyEndpoints, processExistingPolicyEndpoints, packingIngressRules,
 * combineRulesEndpoints (there in the order of a Go map, here in the order rules were resolved;
 * there entries of one block are combined after packing, so that the next look packs them anew,
 * here before it).
 */
import type { EndpointInfo, PodEndpoint } from '../../model/kubernetes/policy-endpoint.ts';

/** --endpoint-chunk-size. */
const CHUNK_SIZE = 200;

/** The lists of one endpoint object; `name` is absent on one that does not exist yet. */
export interface Chunk<Info> {
  readonly name?: string | undefined;
  readonly ingress: readonly Info[];
  readonly egress: readonly Info[];
  readonly pods: readonly PodEndpoint[];
}

interface OpenChunk<Info> {
  readonly name: string | undefined;
  ingress: Info[];
  egress: Info[];
  pods: PodEndpoint[];
  isUsed: boolean;
}

export interface Packed<Info> {
  /** To write: those with a name as they are to be, those without are new. */
  readonly keep: readonly Chunk<Info>[];
  /** Names of objects that nothing is left for. */
  readonly remove: readonly string[];
}

/** Fits what is wanted into what exists. */
export function packEndpoints<Info extends EndpointInfo>(
  existing: readonly Chunk<Info>[],
  wanted: Omit<Chunk<Info>, 'name'>,
  chunkSize = CHUNK_SIZE,
): Packed<Info> {
  const ingress = keyed(wanted.ingress, infoKey);
  const egress = keyed(wanted.egress, infoKey);
  const pods = keyed(wanted.pods, podKey);
  const open = existing.map((chunk): OpenChunk<Info> => {
    const kept = {
      name: chunk.name,
      ingress: taken(chunk.ingress, ingress, infoKey),
      egress: taken(chunk.egress, egress, infoKey),
      pods: taken(chunk.pods, pods, podKey),
    };
    return { ...kept, isUsed: sizeOf(kept) > 0 };
  });
  // Objects that keep something are filled first, then the empty ones.
  const order = [...open.filter((it) => it.isUsed), ...open.filter((it) => !it.isUsed)];
  fill(order, 'ingress', [...ingress.values()], chunkSize);
  fill(order, 'egress', [...egress.values()], chunkSize);
  fill(order, 'pods', [...pods.values()], chunkSize);
  // A policy always has one, for its isolation.
  if (!order.some((it) => it.isUsed)) {
    if (order.length === 0) order.push(fresh());
    order[0]!.isUsed = true;
  }
  return {
    keep: order
      .filter((it) => it.isUsed)
      .map(({ name, ingress: into, egress: out, pods: selected }) => ({
        name,
        ingress: into,
        egress: out,
        pods: selected,
      })),
    remove: order.flatMap(({ isUsed, name }) => (isUsed || name === undefined ? [] : [name])),
  };
}

/** One entry for a block: ports of both, or all of them where either has all. */
export function combineEndpoints(infos: readonly EndpointInfo[]): readonly EndpointInfo[] {
  const combined = new Map<string, EndpointInfo>();
  for (const info of infos) {
    const key = [info.cidr, ...[...(info.except ?? [])].sort()].join('|');
    const known = combined.get(key);
    if (known === undefined) combined.set(key, info);
    else combined.set(key, withPortsOf(known, info));
  }
  return [...combined.values()];
}

function withPortsOf(info: EndpointInfo, other: EndpointInfo): EndpointInfo {
  const { ports, ...rest } = info;
  if ((ports ?? []).length === 0 || (other.ports ?? []).length === 0) return rest;
  const all = keyed([...ports!, ...other.ports!], (port) => JSON.stringify(port));
  return { ...rest, ports: [...all.values()] };
}

/** What tells two entries apart; the order of their ports does, as it does upstream. */
export const infoKey = (info: EndpointInfo): string =>
  JSON.stringify([
    info.domainName ?? '',
    info.cidr,
    info.except ?? [],
    (info.ports ?? []).map(({ protocol, port, endPort }) => [protocol, port, endPort]),
    'action' in info ? info.action : '',
  ]);

const podKey = ({ name, namespace, podIP, hostIP }: PodEndpoint): string =>
  `${namespace}/${name}|${podIP}|${hostIP}`;

const keyed = <Value>(
  values: readonly Value[],
  keyOf: (value: Value) => string,
): Map<string, Value> => {
  const map = new Map<string, Value>();
  for (const value of values) {
    const key = keyOf(value);
    if (!map.has(key)) map.set(key, value);
  }
  return map;
};

/** The entries that are still wanted; they are wanted no longer afterwards. */
const taken = <Value>(
  entries: readonly Value[],
  wanted: Map<string, Value>,
  keyOf: (value: Value) => string,
): Value[] => entries.filter((entry) => wanted.delete(keyOf(entry)));

const sizeOf = (chunk: Omit<Chunk<unknown>, 'name'>): number =>
  chunk.ingress.length + chunk.egress.length + chunk.pods.length;

const fresh = <Info>(): OpenChunk<Info> => ({
  name: undefined,
  ingress: [],
  egress: [],
  pods: [],
  isUsed: true,
});

function fill<Info, List extends 'ingress' | 'egress' | 'pods'>(
  chunks: OpenChunk<Info>[],
  list: List,
  entries: readonly OpenChunk<Info>[List][number][],
  chunkSize: number,
): void {
  let next = 0;
  for (const chunk of chunks) {
    const room = chunkSize - chunk[list].length;
    if (room <= 0 || next >= entries.length) continue;
    (chunk[list] as unknown[]).push(...entries.slice(next, next + room));
    chunk.isUsed = true;
    next += room;
  }
  while (next < entries.length) {
    const chunk = fresh<Info>();
    (chunk[list] as unknown[]).push(...entries.slice(next, next + chunkSize));
    chunks.push(chunk);
    next += chunkSize;
  }
}
