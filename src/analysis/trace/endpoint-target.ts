/**
 * analysis/trace/endpoint-target — what a packet is sent to: an address and a port, or a name that
 * has to be looked up first.
 */

import { AWS_SERVICES, awsServiceName } from '../../datapath/dns/aws-service-names.ts';
import { addressesOfInterface } from '../../model/ec2/network-interface.ts';
import { endpointHost } from '../../model/eks/endpoint-host.ts';
import { InputError } from '../../model/input-error.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { addressesOfNode, addressesOfPod } from '../../model/kubernetes/addresses.ts';
import { serviceHost } from '../../model/kubernetes/cluster-domain.ts';
import type { Service } from '../../model/kubernetes/core.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { nearestWords } from '../../model/nearest.ts';
import { formatIp, type Ip, type IpFamily, parseIp } from '../../net/index.ts';
import { balancedService, clusterIpNote, ingressTarget } from './balanced-ends.ts';
import { controlPlaneEnds } from './control-plane-ends.ts';
import { familyError, nodeName, ofFamily } from './end-addresses.ts';
import { type InterfaceText, interfaceOf } from './end-interface.ts';
import { podsOf } from './end-pods.ts';
import { portNumber, portOfPod, portOfService } from './end-port.ts';
import { type EndpointContext, INTERNET_SERVER, type Target } from './endpoint.ts';
import type { EndpointText } from './endpoint-text.ts';

/** @throws InputError where the target does not exist, has no address, or needs a port */
export function targetOf(text: EndpointText, context: EndpointContext, where: string): Target {
  switch (text.kind) {
    case 'object':
      return objectTarget(text, context, where);
    case 'address':
      refuseGroupAddress(text.address, where);
      return {
        kind: 'address',
        label: formatIp(text.address),
        address: text.address,
        port: neededPort(text.port, context, where, formatIp(text.address)),
      };
    case 'name':
      return nameTarget(text.host, neededPort(text.port, context, where, text.host));
    case 'internet': {
      const address = parseIp(INTERNET_SERVER[context.family ?? 4])!;
      const port = portNumber(text.port, where) ?? 443;
      const note = `any server on the internet; ${formatIp(address)} stands for it`;
      return { kind: 'address', label: 'internet', address, port, note };
    }
    case 'apiserver':
      return apiServerTarget(context, where);
    case 'aws-service':
      return awsServiceTarget(text, context, where);
    default:
      return interfaceTarget(text, context, where);
  }
}

/** Addresses no single host has: what becomes of a packet to one is not modelled. */
function refuseGroupAddress(address: Ip, where: string): void {
  const text = formatIp(address);
  const isMany = typeof address === 'number' ? address >>> 28 >= 14 : address >> 120n === 0xffn;
  const isNone = BigInt(address) === 0n;
  if (!isMany && !isNone) return;
  throw new InputError(
    where,
    isNone
      ? `${text} is no address that a packet can be sent to`
      : `declared, not simulated: ${text} is a multicast, broadcast or reserved address`,
    'write the address of one host',
  );
}

function awsServiceTarget(
  { name, port }: Extract<EndpointText, { kind: 'aws-service' }>,
  { region }: EndpointContext,
  where: string,
): Target {
  const service = name.toLowerCase();
  if (!AWS_SERVICES.has(service)) {
    const near = nearestWords(service, AWS_SERVICES).map((word) => `aws/${word}`);
    const meant = near.length === 0 ? '' : `did you mean ${near.join(' or ')}? `;
    const hint = `${meant}any other by its host name: https://${service}.${region}.amazonaws.com`;
    throw new InputError(where, `"${name}" is no AWS service that is known here`, hint);
  }
  return nameTarget(awsServiceName(service, region), portNumber(port, where) ?? 443);
}

const nameTarget = (host: string, port: number | undefined): Target => ({
  kind: 'name',
  label: host,
  host,
  port,
});

function neededPort(
  text: string | undefined,
  { needsPort }: EndpointContext,
  where: string,
  label: string,
): number | undefined {
  const port = portNumber(text, where);
  if (port !== undefined || !needsPort) return port;
  throw new InputError(where, `${label} has no port`, `write ${label}:PORT, or --proto icmp`);
}

function apiServerTarget({ store }: EndpointContext, where: string): Target {
  const cluster = store.list('eks/cluster')[0];
  if (cluster === undefined) {
    throw new InputError(where, 'there is no EKS cluster', 'add -f cluster.yaml');
  }
  return { ...nameTarget(endpointHost(cluster), 443), label: 'apiserver' };
}

type ObjectText = Extract<EndpointText, { kind: 'object' }>;

function objectTarget(text: ObjectText, context: EndpointContext, where: string): Target {
  const { store, needsPort } = context;
  if (text.word === 'service') return serviceTarget(text, context, where);
  if (text.word === 'ingress') {
    const key = `${text.namespace ?? context.namespace}/${text.name}`;
    return ingressTarget(store, key, text.port, where);
  }
  if (text.word === 'node') {
    const name = nodeName(store, text.name, where);
    const address = ofFamily(addressesOfNode(store.get('Node', name)), context.family);
    if (address === undefined) throw familyError(where, `node ${name}`, context.family);
    const port = neededPort(text.port, context, where, `node/${name}`);
    return { kind: 'address', label: `node/${name}`, address, port };
  }
  const pods = podsOf(
    store,
    { word: text.word, namespace: text.namespace ?? context.namespace, name: text.name },
    where,
  );
  // Of a workload that sends to itself another pod is meant.
  const pod = pods.find((it) => `pod/${keyOf(it)}` !== context.sender) ?? pods[0]!;
  const address = ofFamily(addressesOfPod(pod), context.family);
  if (address === undefined) throw familyError(where, `pod ${keyOf(pod)}`, context.family);
  const port = needsPort ? portOfPod(pod, text.port, where) : undefined;
  const notes = [
    ...(pods.length === 1 ? [] : [`it is sent to pod/${keyOf(pod)}, one of ${pods.length} pods`]),
    ...(port?.note === undefined ? [] : [port.note]),
  ];
  return {
    kind: 'address',
    label: `pod/${keyOf(pod)}`,
    address,
    port: port?.port,
    note: notes.length === 0 ? undefined : notes.join('; '),
  };
}

function serviceTarget(text: ObjectText, context: EndpointContext, where: string): Target {
  const key = `${text.namespace ?? context.namespace}/${text.name}`;
  const service = context.store.get('Service', key);
  if (service === undefined) throw unknownService(context.store, key, text.name, where);
  const { port, note } = portOfService(service, text.port, where);
  const [namespace, name] = key.split('/') as [string, string];
  if (context.isFromControlPlane) return controlPlaneEnds(context.store, service, port);
  const isBalanced = service.spec.type === 'LoadBalancer';
  if (isBalanced && context.isFromOutside)
    return balancedService(context.store, service, port, where);
  const label = `svc/${key}`;
  const address = serviceAddress(service, context.family);
  if (address !== undefined)
    return { kind: 'address', label, address, port, note: note ?? clusterIpNote(service) };
  // A headless service and an ExternalName are names only.
  return { kind: 'name', label, host: `${serviceHost(namespace, name)}.`, port, note };
}

function serviceAddress(service: Service, family: IpFamily | undefined): Ip | undefined {
  const { clusterIPs, clusterIP } = service.spec;
  const texts = clusterIPs ?? (clusterIP === undefined ? [] : [clusterIP]);
  return ofFamily(
    texts.flatMap((text) => parseIp(text) ?? []),
    family,
  );
}

function unknownService(store: TwinStore, key: string, name: string, where: string): InputError {
  const keys = store.list('Service').map(keyOf);
  const same = keys.filter((it) => it.endsWith(`/${name}`));
  const near = same.length > 0 ? same : nearestWords(key, keys);
  const hint =
    near.length > 0
      ? `did you mean ${near.map((it) => `svc/${it}`).join(' or ')}?`
      : '"ekstwin get services -A" lists what there is';
  return new InputError(where, `service "${key}" not found`, hint);
}

function interfaceTarget(text: InterfaceText, context: EndpointContext, where: string): Target {
  const eni = interfaceOf(context.store, text, where);
  const address = ofFamily(addressesOfInterface(eni), context.family);
  if (address === undefined) throw familyError(where, eni.networkInterfaceId, context.family);
  const label = text.kind === 'database' ? `db/${text.name}` : text.name;
  const listens = eni.listens?.[0];
  const asked = portNumber(text.port, where) ?? listens?.port;
  const port = asked ?? neededPort(undefined, context, where, label);
  return { kind: 'address', label, address, port };
}
