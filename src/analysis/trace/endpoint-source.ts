/**
 * analysis/trace/endpoint-source — where a packet starts: a pod, a node, an interface, the control
 * plane, or a client outside AWS.
 */

import type { OutsidePlace } from '../../datapath/vpc/outcome.ts';
import { addressesOfInterface, type NetworkInterface } from '../../model/ec2/network-interface.ts';
import { InputError } from '../../model/input-error.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { addressesOfNode, addressesOfPod } from '../../model/kubernetes/addresses.ts';
import { isPodTerminal } from '../../model/kubernetes/condition.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { namespaceOfPod } from '../../model/linux/namespace.ts';
import {
  cidrTextContains,
  contains,
  formatIp,
  type Ip,
  PRIVATE_BLOCKS,
  parseIp,
} from '../../net/index.ts';
import { nodeName } from './end-addresses.ts';
import { interfaceOf } from './end-interface.ts';
import { podsOf } from './end-pods.ts';
import { type EndpointContext, INTERNET_ADDRESS, type Source } from './endpoint.ts';
import type { EndpointText } from './endpoint-text.ts';

/** @throws InputError where the source does not exist or cannot send */
export function sourceOf(text: EndpointText, context: EndpointContext, where: string): Source {
  const { store } = context;
  switch (text.kind) {
    case 'object':
      return objectSource(text, context, where);
    case 'internet':
      return {
        label: 'internet',
        origin: { kind: 'outside', place: { kind: 'internet' }, label: 'internet' },
        vantage: { kind: 'outside' },
        addresses: [parseIp(INTERNET_ADDRESS[4])!, parseIp(INTERNET_ADDRESS[6])!],
      };
    case 'apiserver':
      return controlPlaneSource(store, where);
    case 'instance':
    case 'interface':
    case 'database':
      return interfaceSource(interfaceOf(store, text, where), store, where);
    case 'address':
      return addressSource(text.address, context, where);
    default:
      throw new InputError(
        where,
        'a name or an AWS service cannot be where a packet starts',
        'start at a pod, deploy/NS/NAME, node/NAME, i-…, eni-…, db/NAME, apiserver, internet or an address',
      );
  }
}

/** A pod, one of a workload's pods, or a node. @throws InputError for what cannot send */
export function objectSource(
  { word, namespace, name }: Extract<EndpointText, { readonly kind: 'object' }>,
  context: Pick<EndpointContext, 'store' | 'namespace'>,
  where: string,
): Source {
  const { store } = context;
  if (word === 'node') return nodeSource(store, name, where);
  if (word === 'service' || word === 'ingress') {
    throw new InputError(
      where,
      `a ${word} sends nothing: it is a rule for packets to it`,
      'start at a pod, deploy/NS/NAME, node/NAME or internet',
    );
  }
  const object = { word, namespace: namespace ?? context.namespace, name };
  return podSource(podsOf(store, object, where));
}

function podSource(pods: readonly Pod[]): Source {
  const pod = pods[0]!;
  const key = keyOf(pod);
  const note =
    pods.length === 1 ? undefined : `it is sent by pod/${key}, one of ${pods.length} pods`;
  return {
    label: `pod/${key}`,
    origin: {
      kind: 'namespace',
      id: namespaceOfPod(pod),
      label: `pod/${key}`,
    },
    vantage: { kind: 'pod', namespace: pod.metadata.namespace ?? '', name: pod.metadata.name },
    addresses: addressesOfPod(pod),
    note,
  };
}

function nodeSource(store: TwinStore, name: string, where: string): Source {
  const node = nodeName(store, name, where);
  return {
    label: `node/${node}`,
    origin: { kind: 'namespace', id: `node/${node}`, label: `node/${node}` },
    vantage: { kind: 'node', name: node },
    addresses: addressesOfNode(store.get('Node', node)),
  };
}

function controlPlaneSource(store: TwinStore, where: string): Source {
  const cluster = store.list('eks/cluster')[0];
  const id = cluster?.networkInterfaceIds[0];
  const eni = id === undefined ? undefined : store.get('ec2/network-interface', id);
  if (eni === undefined) {
    throw new InputError(
      where,
      "the cluster's control plane has no network interface in this VPC",
      'add "aws ec2 describe-network-interfaces" to the exports',
    );
  }
  return {
    label: `apiserver (${cluster!.name})`,
    origin: {
      kind: 'interface',
      networkInterfaceId: eni.networkInterfaceId,
      label: 'apiserver',
    },
    vantage: { kind: 'vpc', vpcId: eni.vpcId },
    addresses: addressesOfInterface(eni),
    isControlPlane: true,
    note: `through ${eni.networkInterfaceId}, one of its ${cluster!.networkInterfaceIds.length} interfaces`,
  };
}

function interfaceSource(eni: NetworkInterface, store: TwinStore, where: string): Source {
  const instanceId = eni.attachment?.instanceId;
  const node =
    instanceId === undefined ? undefined : store.lookup('Node', 'instance', instanceId)[0];
  if (node !== undefined) return nodeSource(store, node.metadata.name, where);
  const label = instanceId ?? eni.networkInterfaceId;
  return {
    label,
    origin: { kind: 'interface', networkInterfaceId: eni.networkInterfaceId, label },
    vantage: { kind: 'vpc', vpcId: eni.vpcId },
    addresses: addressesOfInterface(eni),
  };
}

/** A source by its address: a pod, a node, another interface, or somebody outside. */
function addressSource(address: Ip, context: EndpointContext, where: string): Source {
  const { store } = context;
  const text = formatIp(address);
  // The address of a pod that has ended may be another's by now.
  const pod = store
    .lookup('Pod', 'address', text)
    .find((it) => it.spec.hostNetwork !== true && !isPodTerminal(it));
  if (pod !== undefined) return podSource([pod]);
  const [eni, ...others] = context.interfacesAt(address);
  if (eni !== undefined) {
    const source = interfaceSource(eni, store, where);
    const note = `${eni.networkInterfaceId} in ${eni.vpcId} has it, and so has an interface of ${others.map(({ vpcId }) => vpcId).join(', ')}`;
    return {
      ...source,
      addresses: [address],
      isAddressGiven: true,
      note: others.length === 0 ? source.note : note,
    };
  }
  return {
    label: text,
    origin: { kind: 'outside', place: outsidePlace(text, store, where), label: text },
    vantage: { kind: 'outside' },
    addresses: [address],
    note: 'no interface of the twin has this address: taken as a client outside AWS',
  };
}

/** How an address beyond every interface gets in: by VPN where one says it is behind it. */
function outsidePlace(text: string, store: TwinStore, where: string): OutsidePlace {
  const gateway = store
    .list('ec2/vpn-gateway')
    .find(({ remoteCidrs }) => remoteCidrs.some((cidr) => cidrTextContains(cidr, text)));
  if (gateway !== undefined) return { kind: 'vpn', via: gateway.vpnGatewayId };
  const ip = parseIp(text);
  const isPrivate = ip !== undefined && PRIVATE_BLOCKS.some((block) => contains(block, ip));
  if (!isPrivate) return { kind: 'internet' };
  throw new InputError(
    where,
    `${text} is a private address that no interface has, and no VPN gateway leads to it`,
    'name a pod, a node or an interface, or add the VPN (describe-vpn-connections) to the input',
  );
}
