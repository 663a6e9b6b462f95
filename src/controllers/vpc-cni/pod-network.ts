/**
 * controllers/vpc-cni/pod-network — the interface, rules and routes that CNI ADD makes for a pod.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 cmd/routed-eni-cni-plugin/driver/driver.go:60-260
 * (veth), 329-375, 529-652 (branch interfaces).
 */
import type { CniRequest, IpRoute, IpRule, PodInterface } from '../../model/linux/cni.ts';
import { hostLinkName, linkMacAddress } from './host-link-name.ts';
import { subnetGateway } from './node-network.ts';
import { branchRouteTable, MAIN_TABLE } from './route-table-id.ts';

const TO_POD = 512;
const FROM_POD = 1536;
const FROM_LINK = 10;
const IN_POD = 1;

/** A pod address out of the datastore. */
export interface PooledAddress {
  readonly ip: string;
  readonly eniId: string;
  readonly deviceNumber: number;
  readonly networkCard: number;
  readonly routeTableId: number;
  /** 0 = eth0; further interfaces only with ENABLE_MULTI_NIC. */
  readonly index: number;
}

/** What the resource controller wrote into the pod's annotation. */
export interface BranchAddress {
  readonly eniId: string;
  readonly macAddress: string;
  readonly ip: string;
  readonly vlanId: number;
  readonly subnetCidr: string;
  readonly trunkDeviceNumber: number;
}

const familyOf = (ip: string): 4 | 6 => (ip.includes(':') ? 6 : 4);
const hostBlock = (ip: string): string => `${ip}/${familyOf(ip) === 6 ? 128 : 32}`;

/** `169.254.1.1` for eth0; the next address for each further interface; fe80::1 in IPv6. */
const podGateway = (family: 4 | 6, index: number): string =>
  family === 6 ? `fe80::${index + 1}` : `169.254.1.${index + 1}`;

const toPod = (ip: string): IpRule => ({
  priority: TO_POD,
  match: { kind: 'to', value: ip },
  table: MAIN_TABLE,
});

const fromPod = (ip: string, table: number): IpRule => ({
  priority: FROM_POD,
  match: { kind: 'from', value: ip },
  table,
});

const NO_RULES: readonly IpRule[] = [];

/** By the gateway to everywhere. */
const routesInside = (
  name: string,
  family: 4 | 6,
  gateway: string,
  table: number,
): readonly IpRoute[] => [
  { destination: hostBlock(gateway), device: name, scope: 'link', table },
  { destination: family === 6 ? '::/0' : 'default', via: gateway, device: name, table },
];

/** Nearly every pod has these: one value for all of them. */
const USUAL_ROUTES = routesInside('eth0', 4, podGateway(4, 0), MAIN_TABLE);

/** What is inside the pod: one address, one gateway that answers by a permanent neighbour. */
function insidePod(name: string, hostName: string, ip: string, index: number) {
  const family = familyOf(ip);
  const gateway = podGateway(family, index);
  const table = index === 0 ? MAIN_TABLE : index;
  const podRules: readonly IpRule[] =
    index === 0 ? NO_RULES : [{ priority: IN_POD, match: { kind: 'from', value: ip }, table }];
  const isUsual = name === 'eth0' && family === 4 && index === 0;
  return {
    podRoutes: isUsual ? USUAL_ROUTES : routesInside(name, family, gateway, table),
    podRules,
    podNeighbours: [{ address: gateway, device: name, macAddress: linkMacAddress(hostName) }],
  };
}

/** The veth pair of a pod whose address comes from the node's ENIs. */
export function pooledInterface(
  request: CniRequest,
  vethPrefix: string,
  address: PooledAddress,
): PodInterface {
  const { ip, index, routeTableId } = address;
  const name = index === 0 ? request.ifName : `mNicIf${index}`;
  const hostName = hostLinkName(vethPrefix, request.namespace, request.podName, index);
  const isMain = routeTableId === MAIN_TABLE || routeTableId <= 1;
  return {
    name,
    hostName,
    macAddress: linkMacAddress(`${request.containerId} ${name}`),
    address: ip,
    family: familyOf(ip),
    networkInterfaceId: address.eniId,
    deviceNumber: address.deviceNumber,
    networkCardIndex: address.networkCard,
    ...insidePod(name, hostName, ip, index),
    hostRules: isMain ? [toPod(ip)] : [toPod(ip), fromPod(ip, routeTableId)],
    hostRoutes: [
      { destination: hostBlock(ip), device: hostName, scope: 'link', table: MAIN_TABLE },
    ],
  };
}

/** The pair of a pod with a branch ENI: a VLAN link on the trunk and a table of its own. */
export function branchInterface(
  request: CniRequest,
  mode: 'strict' | 'standard',
  vethPrefix: string,
  branch: BranchAddress,
): PodInterface {
  const { ip, vlanId } = branch;
  const name = request.ifName;
  const table = branchRouteTable(vlanId);
  const vlanLink = `vlan.eth.${vlanId}`;
  const prefix = mode === 'strict' ? 'vlan' : vethPrefix;
  const hostName = hostLinkName(prefix, request.namespace, request.podName);
  const gateway = familyOf(ip) === 6 ? 'fe80:ec2::1' : subnetGateway(branch.subnetCidr);
  const throughTrunk: readonly IpRoute[] = [
    { destination: hostBlock(gateway), device: vlanLink, scope: 'link', table },
    {
      destination: familyOf(ip) === 6 ? '::/0' : 'default',
      via: gateway,
      device: vlanLink,
      table,
    },
  ];
  const podTable = mode === 'strict' ? table : MAIN_TABLE;
  const strictRules: readonly IpRule[] = [
    { priority: FROM_LINK, match: { kind: 'iif', value: vlanLink }, table },
    { priority: FROM_LINK, match: { kind: 'iif', value: hostName }, table },
  ];
  return {
    name,
    hostName,
    macAddress: branch.macAddress,
    address: ip,
    family: familyOf(ip),
    networkInterfaceId: branch.eniId,
    deviceNumber: branch.trunkDeviceNumber,
    networkCardIndex: 0,
    vlanId,
    ...insidePod(name, hostName, ip, 0),
    hostRules: mode === 'strict' ? strictRules : [toPod(ip), fromPod(ip, table)],
    hostRoutes: [
      ...throughTrunk,
      { destination: hostBlock(ip), device: hostName, scope: 'link', table: podTable },
    ],
  };
}
