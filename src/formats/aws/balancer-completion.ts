/**
 * formats/aws/balancer-completion — what documents of load balancers imply of one another: which
 * interface stands in which subnet, whose targets are whose, which servers a zone has.
 */
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { LoadBalancerZone } from '../../model/elbv2/load-balancer.ts';
import { targetKeyOf } from '../../model/elbv2/target-group.ts';
import type { AwsExport } from './aws-documents.ts';
import { UNKNOWN_INTERFACE } from './load-balancer.ts';

/** AWS names the load balancer in the description of the interfaces it makes for one. */
function findInterfaces({ nouns }: AwsExport): void {
  const interfaces = [...nouns['ec2/network-interface'].values()];
  const byPlace = new Map(interfaces.map((eni) => [placeOf(eni.description, eni.subnetId), eni]));
  const subnets = nouns['ec2/subnet'];
  const zonesWith = (description: string, zones: readonly LoadBalancerZone[]) =>
    zones.map((zone) => found(zone, byPlace.get(placeOf(description, zone.subnetId)), subnets));
  const balancers = nouns['elbv2/load-balancer'];
  for (const [arn, balancer] of balancers) {
    const path = arn.split(':loadbalancer/')[1] ?? '';
    balancers.set(arn, { ...balancer, zones: zonesWith(`ELB ${path}`, balancer.zones) });
  }
  const classic = nouns['elbv2/classic-load-balancer'];
  for (const [name, balancer] of classic)
    classic.set(name, { ...balancer, zones: zonesWith(`ELB ${name}`, balancer.zones) });
}

const placeOf = (description: string, subnetId: string): string => `${description} ${subnetId}`;

function found(
  zone: LoadBalancerZone,
  eni: NetworkInterface | undefined,
  subnets: AwsExport['nouns']['ec2/subnet'],
): LoadBalancerZone {
  const zoneName = subnets.get(zone.subnetId)?.availabilityZone ?? zone.zoneName;
  if (zone.networkInterfaceId !== UNKNOWN_INTERFACE || eni === undefined)
    return { ...zone, zoneName };
  return { ...zone, zoneName, networkInterfaceId: eni.networkInterfaceId };
}

/** Targets whose group only a file's name tells of, by the number at the end of its ARN. */
function findGroups({ nouns }: AwsExport): void {
  const targets = nouns['elbv2/target'];
  const groups = nouns['elbv2/target-group'];
  const byNumber = new Map([...groups.keys()].map((arn) => [arn.split('/').pop(), arn]));
  for (const [key, target] of [...targets]) {
    const targetGroupArn = byNumber.get(target.targetGroupArn);
    if (targetGroupArn === undefined) continue;
    const owned = { ...target, targetGroupArn };
    targets.delete(key);
    targets.set(targetKeyOf(owned), owned);
  }
}

/** A zone's own NS record names its servers. */
function findNameServers({ nouns }: AwsExport): void {
  const zones = nouns['route53/hosted-zone'];
  for (const { hostedZoneId, name, type, values } of nouns['route53/record-set'].values()) {
    const zone = zones.get(hostedZoneId);
    if (type !== 'NS' || zone?.name !== name || zone.nameServers.length > 0) continue;
    const nameServers = values.map((it) => it.replace(/\.$/, ''));
    zones.set(hostedZoneId, { ...zone, nameServers });
  }
}

/** Fills in, in place, what the documents imply. */
export function completeBalancers(read: AwsExport): void {
  findGroups(read);
  findInterfaces(read);
  findNameServers(read);
}
