/**
 * test/wire/fuzz/store-invariants — what is true of a twin's store whatever clients do: indexes
 * agree with values, addresses with interfaces, and nothing is allocated twice.
 */

import type { TwinStore } from '../../../src/model/kinds.ts';
import { contains, parseCidr } from '../../../src/net/cidr.ts';
import { parseIp } from '../../../src/net/index.ts';

/** Every invariant that does not hold, as a sentence. */
export function brokenInvariants(store: TwinStore): string[] {
  return [
    ...store.indexProblems(),
    ...interfacesBroken(store),
    ...servicesBroken(store),
    ...podsBroken(store),
    ...namespacesBroken(store),
  ];
}

/** Says what the second owner of a thing takes from the first. */
class Owners {
  readonly #of = new Map<string, string>();
  readonly problems: string[] = [];

  take(thing: string, owner: string): void {
    const before = this.#of.get(thing);
    if (before === undefined) this.#of.set(thing, owner);
    else this.problems.push(`${thing} is ${before}'s and ${owner}'s`);
  }
}

function interfacesBroken(store: TwinStore): string[] {
  const owners = new Owners();
  for (const eni of store.list('ec2/network-interface')) {
    const { networkInterfaceId: id, vpcId, subnetId } = eni;
    const subnet = store.get('ec2/subnet', subnetId);
    if (subnet === undefined || store.get('ec2/vpc', vpcId) === undefined) {
      owners.problems.push(`${id} is in ${subnetId} of ${vpcId}, which is not there`);
      continue;
    }
    if (subnet.vpcId !== vpcId) owners.problems.push(`${id} is in another VPC than its subnet`);
    const cidr = parseCidr(subnet.cidrBlock)!;
    for (const { address } of eni.privateIpAddresses) {
      owners.take(`${vpcId} ${address}`, id);
      const ip = parseIp(address);
      if (ip === undefined || !contains(cidr, ip)) {
        owners.problems.push(`${address} of ${id} is outside of ${subnet.cidrBlock}`);
      }
    }
    const instanceId = eni.attachment?.instanceId;
    if (instanceId !== undefined && store.get('ec2/instance', instanceId) === undefined) {
      owners.problems.push(`${id} is attached to ${instanceId}, which is not there`);
    }
  }
  return owners.problems;
}

function servicesBroken(store: TwinStore): string[] {
  const owners = new Owners();
  for (const { metadata, spec } of store.list('Service')) {
    const name = `${metadata.namespace}/${metadata.name}`;
    for (const ip of spec.clusterIPs ?? [])
      if (ip !== 'None') owners.take(`cluster IP ${ip}`, name);
    const ports = new Set(
      (spec.ports ?? []).flatMap(({ nodePort, protocol }) =>
        nodePort === undefined ? [] : [`node port ${nodePort}/${protocol}`],
      ),
    );
    for (const port of ports) owners.take(port, name);
  }
  return owners.problems;
}

function podsBroken(store: TwinStore): string[] {
  const owners = new Owners();
  for (const { metadata, spec, status } of store.list('Pod')) {
    const isOver = status?.phase === 'Succeeded' || status?.phase === 'Failed';
    if (spec.hostNetwork === true || status?.podIP === undefined || isOver) continue;
    owners.take(`pod address ${status.podIP}`, `${metadata.namespace}/${metadata.name}`);
  }
  return owners.problems;
}

/** Objects of namespaces that are not there. */
function namespacesBroken(store: TwinStore): string[] {
  const there = new Set(store.list('Namespace').map(({ metadata }) => metadata.name));
  return (['Pod', 'Service', 'Deployment', 'NetworkPolicy', 'ConfigMap'] as const).flatMap((kind) =>
    store
      .list(kind)
      .filter(({ metadata }) => !there.has(metadata.namespace ?? ''))
      .map(({ metadata }) => `${kind} ${metadata.namespace}/${metadata.name} has no namespace`),
  );
}
