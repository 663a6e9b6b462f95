/** analysis/trace/end-addresses — the addresses of pods, nodes and interfaces that an end names. */
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import { InputError } from '../../model/input-error.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { nearestWords } from '../../model/nearest.ts';
import { type Ip, type IpFamily, parseIp } from '../../net/index.ts';

/** A pod's addresses, the primary family first. */
export const addressesOfPod = (pod: Pod): readonly Ip[] =>
  (pod.status?.podIPs ?? [{ ip: pod.status?.podIP ?? '' }]).flatMap(({ ip }) => parseIp(ip) ?? []);

/** A node's own addresses: those of its primary ENI. */
export function addressesOfNode(store: TwinStore, name: string): readonly Ip[] {
  const addresses = store.get('Node', name)?.status?.addresses ?? [];
  return addresses.flatMap(({ type, address }) =>
    type === 'InternalIP' ? (parseIp(address) ?? []) : [],
  );
}

/** A node by its name, the part before the first dot, or its instance id. */
export function nodeName(store: TwinStore, name: string, where: string): string {
  const names = store.list('Node').map(({ metadata }) => metadata.name);
  const exact = names.filter((it) => it === name || it.startsWith(`${name}.`));
  if (exact.length === 1) return exact[0]!;
  const near = nearestWords(name, names);
  throw new InputError(
    where,
    exact.length === 0 ? `node "${name}" not found` : `node "${name}" could be several`,
    (exact.length > 0 ? exact : near.length > 0 ? near : names.slice(0, 3)).length > 0
      ? `did you mean ${(exact.length > 0 ? exact : near.length > 0 ? near : names.slice(0, 3)).map((it) => `node/${it}`).join(' or ')}?`
      : 'there are no nodes; "ekstwin events" shows why',
  );
}

/** The primary address of each family. */
export const addressesOfInterface = (eni: NetworkInterface): readonly Ip[] =>
  [eni.privateIpAddresses[0]?.address ?? '', eni.ipv6Addresses[0] ?? ''].flatMap(
    (text) => parseIp(text) ?? [],
  );

/** The first address of the family, or of any. */
export const ofFamily = (addresses: readonly Ip[], family: IpFamily | undefined): Ip | undefined =>
  addresses.find((it) => family === undefined || (typeof it === 'number' ? 4 : 6) === family);

/** The two ends share no family. */
export const familyError = (
  where: string,
  what: string,
  family: IpFamily | undefined,
): InputError =>
  new InputError(
    where,
    `${what} has no ${family === undefined ? '' : `IPv${family} `}address`,
    'the two ends must have addresses of the same family',
  );
