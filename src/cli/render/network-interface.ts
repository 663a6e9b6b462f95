/** cli/render/network-interface — ENIs and the instances that carry them. */

import { humanDuration } from '../../api/kubernetes/table/human-duration.ts';
import type { Instance } from '../../model/ec2/instance.ts';
import { instanceType } from '../../model/ec2/instance-type.ts';
import { type NetworkInterface, primaryAddress } from '../../model/ec2/network-interface.ts';
import type { Printer, View } from './printer.ts';

const secondaries = (eni: NetworkInterface): number => eni.privateIpAddresses.length - 1;

/** `/28` prefixes for IPv4, `/80` for IPv6. */
const prefixes = (eni: NetworkInterface): number =>
  eni.ipv4Prefixes.length + eni.ipv6Prefixes.length;

const nodeOf = (view: View, instanceId: string | undefined): string | undefined =>
  instanceId === undefined
    ? undefined
    : view.store.lookup('Node', 'instance', instanceId)[0]?.metadata.name;

const trunkVlan = (eni: NetworkInterface): string | undefined =>
  eni.trunk === undefined ? undefined : `vlan ${eni.trunk.vlanId}`;

export const networkInterfaceColumns: Printer<NetworkInterface> = (view) => [
  { head: 'ID', cell: (eni) => eni.networkInterfaceId },
  { head: 'TYPE', cell: (eni) => eni.interfaceType },
  { head: 'STATUS', cell: (eni) => eni.status },
  { head: 'INSTANCE', cell: (eni) => eni.attachment?.instanceId },
  {
    head: 'DEVICE',
    cell: (eni) => trunkVlan(eni) ?? (eni.attachment?.instanceId && eni.attachment.deviceIndex),
  },
  { head: 'SUBNET', cell: (eni) => eni.subnetId },
  { head: 'ZONE', cell: (eni) => eni.availabilityZone },
  { head: 'PRIMARY', cell: primaryAddress },
  { head: 'SECONDARY', right: true, cell: secondaries },
  { head: 'PREFIXES', right: true, cell: prefixes },
  { head: 'DESCRIPTION', cell: (eni) => eni.description || undefined },
  {
    head: 'PUBLIC-IP',
    wide: true,
    cell: (eni) => eni.privateIpAddresses.find((it) => it.public)?.public?.publicIp,
  },
  { head: 'NODE', wide: true, cell: (eni) => nodeOf(view, eni.attachment?.instanceId) },
  { head: 'SECURITY-GROUPS', wide: true, cell: (eni) => eni.groups.join(',') || undefined },
  {
    head: 'BLOCKS',
    wide: true,
    cell: (eni) => [...eni.ipv4Prefixes, ...eni.ipv6Prefixes].join(',') || undefined,
  },
];

export const instanceColumns: Printer<Instance> = (view) => {
  const enis = (it: Instance): NetworkInterface[] =>
    view.store.lookup('ec2/network-interface', 'instance', it.instanceId);
  const sum = (it: Instance, count: (eni: NetworkInterface) => number): number =>
    enis(it).reduce((total, eni) => total + count(eni), 0);
  return [
    { head: 'ID', cell: (it) => it.instanceId },
    { head: 'TYPE', cell: (it) => it.instanceType },
    { head: 'STATE', cell: (it) => it.state },
    { head: 'ZONE', cell: (it) => it.availabilityZone },
    { head: 'PRIVATE-IP', cell: (it) => it.privateIpAddress },
    { head: 'PUBLIC-IP', cell: (it) => it.publicIpAddress },
    {
      head: 'ENIS',
      cell: (it) => `${enis(it).length}/${instanceType(it.instanceType)?.maxEnis ?? '?'}`,
    },
    { head: 'SECONDARY', right: true, cell: (it) => sum(it, secondaries) },
    { head: 'PREFIXES', right: true, cell: (it) => sum(it, prefixes) },
    { head: 'NODE', cell: (it) => nodeOf(view, it.instanceId) },
    { head: 'AGE', cell: (it) => humanDuration(view.nowMs - it.launchedAtMs) },
    { head: 'SUBNET', wide: true, cell: (it) => it.subnetId },
    { head: 'PRIVATE-DNS', wide: true, cell: (it) => it.privateDnsName },
  ];
};
