/**
 * controllers/multus/attached-interface — one further interface of a pod, made from its
 * NetworkAttachmentDefinition on an ENI of the node.
 *
 * The ENI should carry the tag node.k8s.amazonaws.com/no_manage=true: without it the VPC CNI gives
 * its addresses to pods too.
 */

import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { instanceIdOf } from '../../model/kubernetes/provider-id.ts';
import type { CniRequest, IpRoute, PodInterface } from '../../model/linux/cni.ts';
import { canonicalCidrText } from '../../net/index.ts';
import { fnv1a } from '../../sim/fnv.ts';
import type { NetworkConfig } from './network-config.ts';
import type { NetworkSelection } from './network-selection.ts';
import { holderOf, type RangeAddresses } from './range-addresses.ts';

export interface AttachParts {
  readonly store: TwinStore;
  readonly nodeName: string;
  readonly instanceId: string;
  readonly addresses: RangeAddresses;
}

export interface AttachProblem {
  readonly problem: string;
}

const MAIN_TABLE = 254;

/** The ENI behind a host link: its network description first, else `ethN` is device N. */
export function eniOfLink(
  { store, nodeName, instanceId }: AttachParts,
  link: string,
): NetworkInterface | undefined {
  const described = store
    .get('node/network', nodeName)
    ?.links.find((one) => one.name === link)?.networkInterfaceId;
  if (described !== undefined) return store.get('ec2/network-interface', described);
  // A plugin may be put in place before its node is registered.
  const node = store.get('Node', nodeName);
  const instance = instanceId || (node === undefined ? '' : (instanceIdOf(node) ?? ''));
  const device = /^(?:eth|ens)(\d+)$/.exec(link);
  if (device === null) return undefined;
  // ens5 is the first device of a Nitro instance.
  const index = Number(device[1]) - (link.startsWith('ens') ? 5 : 0);
  return store
    .lookup('ec2/network-interface', 'instance', instance)
    .find((eni) => eni.attachment?.deviceIndex === index && eni.attachment.networkCardIndex === 0);
}

/** The address with its length: asked for by the pod, written in the config, or from the range. */
function addressFor(
  parts: AttachParts,
  config: NetworkConfig,
  selection: NetworkSelection,
  holder: string,
): string | undefined {
  const { ipam } = config;
  const [asked] = selection.ips;
  if (ipam.kind === 'none') return asked;
  if (ipam.kind === 'static') return asked ?? ipam.addresses[0];
  const scope = ipam.scope === 'node' ? parts.nodeName : 'cluster';
  const taken = parts.addresses.take(ipam.range, scope, holder);
  return taken === undefined ? undefined : `${taken}/${ipam.range.subnet.split('/')[1]}`;
}

/** A locally administered MAC for a macvlan link, a function of its name. */
function macFor(linkName: string): string {
  const digits = fnv1a(linkName).toString(16).padStart(8, '0');
  return ['0a', '58', ...[0, 2, 4, 6].map((at) => digits.slice(at, at + 2))].join(':');
}

/** Makes the interface, or says why the plugin would not. */
export function attachInterface(
  parts: AttachParts,
  request: CniRequest,
  name: string,
  selection: NetworkSelection,
  config: NetworkConfig,
): PodInterface | AttachProblem {
  const eni = eniOfLink(parts, config.master);
  if (eni?.attachment === undefined)
    return { problem: `failed to lookup master "${config.master}": Link not found` };
  const address = addressFor(parts, config, selection, holderOf(request, name));
  if (address === undefined && config.ipam.kind === 'range')
    return { problem: `no IP addresses available in range set: ${config.ipam.range.subnet}` };
  const [ip = '', bits = ''] = (address ?? '').split('/');
  const subnet = bits === '' ? undefined : canonicalCidrText(`${ip}/${bits}`);
  const routes: IpRoute[] =
    subnet === undefined
      ? []
      : [{ destination: subnet, device: name, scope: 'link', table: MAIN_TABLE }];
  const { ipam } = config;
  if (ipam.kind !== 'none')
    for (const { destination, gateway } of ipam.routes) {
      const via = gateway ?? (ipam.kind === 'range' ? ipam.range.gateway : undefined);
      routes.push({ destination, via, device: name, table: MAIN_TABLE });
    }
  return {
    name,
    hostName: config.master,
    attachedAs: config.type,
    // An ipvlan link has its master's MAC, a moved device its own.
    macAddress:
      selection.mac ??
      (config.type === 'macvlan'
        ? macFor(`${request.namespace}/${request.podName} ${name}`)
        : eni.macAddress),
    address: ip,
    family: ip.includes(':') ? 6 : 4,
    networkInterfaceId: eni.networkInterfaceId,
    deviceNumber: eni.attachment.deviceIndex,
    networkCardIndex: eni.attachment.networkCardIndex,
    podRoutes: routes,
    podRules: [],
    podNeighbours: [],
    hostRules: [],
    hostRoutes: [],
  };
}
