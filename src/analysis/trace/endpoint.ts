/**
 * analysis/trace/endpoint — the two ends of a trace as things that exist: where a packet starts and
 * what it is sent to. What does not exist is said, with what is near.
 */
import type { Origin } from '../../datapath/walk/flow.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import { InputError } from '../../model/input-error.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Pod, Service } from '../../model/kubernetes/core.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { nearestWords } from '../../model/nearest.ts';
import { formatIp, type Ip, type IpFamily, parseIp } from '../../net/index.ts';
import { podsOf, type WorkloadWord } from './end-pods.ts';
import { portNumber, portOfPod, portOfService } from './end-port.ts';
import type { EndpointText } from './endpoint-text.ts';

/** Whose resolver a name is looked up by. */
export type Vantage =
  | { readonly kind: 'pod'; readonly key: string }
  | { readonly kind: 'node'; readonly name: string }
  | { readonly kind: 'vpc'; readonly vpcId: string }
  | { readonly kind: 'internet' };

export interface Source {
  readonly label: string;
  readonly origin: Origin;
  readonly vantage: Vantage;
  /** Addresses it sends from, one a family at most. */
  readonly addresses: readonly Ip[];
  /** What was chosen where the text left a choice. */
  readonly note?: string | undefined;
}

export type Target =
  | {
      readonly kind: 'address';
      readonly label: string;
      readonly address: Ip;
      /** undefined where the protocol has none. */
      readonly port?: number | undefined;
      readonly note?: string | undefined;
    }
  | {
      readonly kind: 'name';
      readonly label: string;
      readonly host: string;
      readonly port?: number | undefined;
      readonly note?: string | undefined;
    };

/** What the ends are looked up in, and what an end without a namespace is in. */
export interface EndpointContext {
  readonly store: TwinStore;
  readonly namespace: string;
  readonly region: string;
  /** False for ICMP: no port is asked for. */
  readonly needsPort: boolean;
  /** Of the flow, where both are possible. */
  readonly family?: IpFamily | undefined;
}

/** Stands for a client anywhere on the internet (RFC 5737 and RFC 3849 documentation addresses). */
export const INTERNET_ADDRESS = { 4: '198.51.100.7', 6: '2001:db8:ffff::7' } as const;
/** Stands for a server anywhere on the internet. */
export const INTERNET_SERVER = { 4: '203.0.113.80', 6: '2001:db8:ffff::80' } as const;

/** @throws InputError where the source does not exist or cannot send */
export function sourceOf(text: EndpointText, context: EndpointContext, where: string): Source {
  const { store } = context;
  switch (text.kind) {
    case 'object':
      if (text.word === 'node') return nodeSource(store, text.name, where);
      if (text.word === 'service' || text.word === 'ingress') {
        throw new InputError(
          where,
          `a ${text.word} sends nothing: it is a rule for packets to it`,
          'start at a pod, deploy/NS/NAME, node/NAME or internet',
        );
      }
      return podSource(podsOf(store, named(text, text.word, context), where), store);
    case 'internet':
      return {
        label: 'internet',
        origin: { kind: 'outside', place: 'internet', label: 'internet' },
        vantage: { kind: 'internet' },
        addresses: [parseIp(INTERNET_ADDRESS[4])!, parseIp(INTERNET_ADDRESS[6])!],
      };
    case 'apiserver':
      return controlPlaneSource(store, where);
    case 'instance':
    case 'interface':
    case 'database':
      return interfaceSource(interfaceOf(store, text, where), store, where);
    case 'address':
      return addressSource(text.address, store, where);
    default:
      throw new InputError(
        where,
        'a name or an AWS service cannot be where a packet starts',
        'start at a pod, deploy/NS/NAME, node/NAME, i-…, eni-…, db/NAME, apiserver, internet or an address',
      );
  }
}

const named = (
  text: { readonly namespace?: string | undefined; readonly name: string },
  word: WorkloadWord,
  context: EndpointContext,
) => ({ word, namespace: text.namespace ?? context.namespace, name: text.name });

const addressesOfPod = (pod: Pod): readonly Ip[] =>
  (pod.status?.podIPs ?? [{ ip: pod.status?.podIP ?? '' }]).flatMap(({ ip }) => parseIp(ip) ?? []);

function podSource(pods: readonly Pod[], store: TwinStore): Source {
  const pod = pods[0]!;
  const key = keyOf(pod);
  const onHost = pod.spec.hostNetwork === true;
  const note = pods.length === 1 ? undefined : `one of ${pods.length} pods`;
  const node = pod.spec.nodeName ?? '';
  return {
    label: `pod/${key}`,
    origin: {
      kind: 'namespace',
      id: onHost ? `node/${node}` : (`pod/${key}` as `pod/${string}/${string}`),
      label: `pod/${key}`,
    },
    vantage: { kind: 'pod', key },
    addresses: onHost ? addressesOfNode(store, node) : addressesOfPod(pod),
    note,
  };
}

function addressesOfNode(store: TwinStore, name: string): readonly Ip[] {
  const addresses = store.get('Node', name)?.status?.addresses ?? [];
  return addresses.flatMap(({ type, address }) =>
    type === 'InternalIP' ? (parseIp(address) ?? []) : [],
  );
}

function nodeSource(store: TwinStore, name: string, where: string): Source {
  const node = nodeName(store, name, where);
  return {
    label: `node/${node}`,
    origin: { kind: 'namespace', id: `node/${node}`, label: `node/${node}` },
    vantage: { kind: 'node', name: node },
    addresses: addressesOfNode(store, node),
  };
}

/** A node by its name, the part before the first dot, or its instance id. */
function nodeName(store: TwinStore, name: string, where: string): string {
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
      kind: 'control-plane',
      networkInterfaceId: eni.networkInterfaceId,
      label: 'apiserver',
    },
    vantage: { kind: 'vpc', vpcId: eni.vpcId },
    addresses: addressesOfInterface(eni),
    note: `through ${eni.networkInterfaceId}, one of its ${cluster!.networkInterfaceIds.length} interfaces`,
  };
}

const addressesOfInterface = (eni: NetworkInterface): readonly Ip[] =>
  [eni.privateIpAddresses[0]?.address ?? '', eni.ipv6Addresses[0] ?? ''].flatMap(
    (text) => parseIp(text) ?? [],
  );

function interfaceSource(eni: NetworkInterface, store: TwinStore, where: string): Source {
  const instanceId = eni.attachment?.instanceId;
  const node = instanceId && store.lookup('Node', 'instance', instanceId)[0];
  if (node !== undefined && node !== '') return nodeSource(store, node.metadata.name, where);
  const label = instanceId ?? eni.networkInterfaceId;
  return {
    label,
    origin: { kind: 'interface', networkInterfaceId: eni.networkInterfaceId, label },
    vantage: { kind: 'vpc', vpcId: eni.vpcId },
    addresses: addressesOfInterface(eni),
  };
}

/** A source by its address: a pod, a node, another interface, or somebody outside. */
function addressSource(address: Ip, store: TwinStore, where: string): Source {
  const text = formatIp(address);
  const pod = store
    .list('Pod')
    .find((it) => it.status?.podIP === text && it.spec.hostNetwork !== true);
  if (pod !== undefined) return podSource([pod], store);
  const eni = store
    .list('ec2/network-interface')
    .find(
      (it) =>
        it.privateIpAddresses.some((held) => held.address === text) ||
        it.ipv6Addresses.includes(text),
    );
  if (eni !== undefined) return { ...interfaceSource(eni, store, where), addresses: [address] };
  return {
    label: text,
    origin: { kind: 'outside', place: isPrivate(text) ? 'vpn' : 'internet', label: text },
    vantage: { kind: 'internet' },
    addresses: [address],
    note: 'no interface of the twin has this address: taken as a client outside AWS',
  };
}

const isPrivate = (text: string): boolean =>
  /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd])/.test(
    text,
  );

/** @throws InputError where the target does not exist, has no address, or needs a port */
export function targetOf(text: EndpointText, context: EndpointContext, where: string): Target {
  switch (text.kind) {
    case 'object':
      return objectTarget(text, context, where);
    case 'address':
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
      return nameTarget(
        awsServiceName(text.name, context.region),
        portNumber(text.port, where) ?? 443,
      );
    default:
      return interfaceTarget(text, context, where);
  }
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
  const host = cluster.endpoint.replace(/^https:\/\//, '').replace(/\/.*$/, '');
  return { ...nameTarget(host, 443), label: 'apiserver' };
}

/** Names of AWS's services as their SDKs call them. */
function awsServiceName(service: string, region: string): string {
  const names: Readonly<Record<string, string>> = {
    ecr: `api.ecr.${region}.amazonaws.com`,
    'ecr.api': `api.ecr.${region}.amazonaws.com`,
    'ecr.dkr': `111122223333.dkr.ecr.${region}.amazonaws.com`,
    elb: `elasticloadbalancing.${region}.amazonaws.com`,
  };
  return names[service] ?? `${service}.${region}.amazonaws.com`;
}

type ObjectText = Extract<EndpointText, { kind: 'object' }>;

function objectTarget(text: ObjectText, context: EndpointContext, where: string): Target {
  const { store, needsPort } = context;
  if (text.word === 'service') return serviceTarget(text, context, where);
  if (text.word === 'ingress') {
    throw new InputError(
      where,
      'load balancers are not simulated yet',
      'trace to the Service behind it: svc/NS/NAME:PORT',
    );
  }
  if (text.word === 'node') {
    const name = nodeName(store, text.name, where);
    const address = ofFamily(addressesOfNode(store, name), context.family);
    if (address === undefined) throw familyError(where, `node ${name}`, context.family);
    const port = neededPort(text.port, context, where, `node/${name}`);
    return { kind: 'address', label: `node/${name}`, address, port };
  }
  const pods = podsOf(store, named(text, text.word, context), where);
  const pod = pods[0]!;
  const address = ofFamily(addressesOfPod(pod), context.family);
  if (address === undefined) throw familyError(where, `pod ${keyOf(pod)}`, context.family);
  const port = needsPort ? portOfPod(pod, text.port, where) : undefined;
  const notes = [
    ...(pods.length === 1 ? [] : [`one of ${pods.length} pods`]),
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

const ofFamily = (addresses: readonly Ip[], family: IpFamily | undefined): Ip | undefined =>
  addresses.find((it) => family === undefined || (typeof it === 'number' ? 4 : 6) === family);

const familyError = (where: string, what: string, family: IpFamily | undefined): InputError =>
  new InputError(
    where,
    `${what} has no ${family === undefined ? '' : `IPv${family} `}address`,
    'the two ends must have addresses of the same family',
  );

function serviceTarget(text: ObjectText, context: EndpointContext, where: string): Target {
  const key = `${text.namespace ?? context.namespace}/${text.name}`;
  const service = context.store.get('Service', key);
  if (service === undefined) throw unknownService(context.store, key, text.name, where);
  const { port, note } = portOfService(service, text.port, where);
  const [namespace, name] = key.split('/') as [string, string];
  const label = `svc/${key}`;
  const address = serviceAddress(service, context.family);
  if (address !== undefined) return { kind: 'address', label, address, port, note };
  // A headless service and an ExternalName are names only.
  return { kind: 'name', label, host: `${name}.${namespace}.svc.cluster.local.`, port, note };
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

type InterfaceText = Extract<
  EndpointText,
  { kind: 'instance' | 'interface' | 'database' | 'aws-service' }
>;

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

/** The interface an instance, an interface id or a database's name stands for. */
function interfaceOf(store: TwinStore, text: InterfaceText, where: string): NetworkInterface {
  const { kind, name } = text;
  if (kind === 'interface') {
    const eni = store.get('ec2/network-interface', name);
    if (eni !== undefined) return eni;
    const ids = store.list('ec2/network-interface').map((it) => it.networkInterfaceId);
    throw missing(where, `network interface ${name}`, nearestWords(name, ids), 'ekstwin get enis');
  }
  if (kind === 'instance') {
    const enis = store.lookup('ec2/network-interface', 'instance', name);
    const primary = enis.find((it) => it.attachment?.deviceIndex === 0) ?? enis[0];
    if (primary !== undefined) return primary;
    const ids = store.list('ec2/instance').map((it) => it.instanceId);
    throw missing(where, `instance ${name}`, nearestWords(name, ids), 'ekstwin get instances');
  }
  const databases = databaseInterfaces(store);
  const found = databases.find((it) => it.name === name);
  if (found !== undefined) return found.eni;
  throw missing(
    where,
    `database ${name}`,
    databases.map((it) => `db/${it.name}`).slice(0, 3),
    'ekstwin get enis',
  );
}

const missing = (where: string, what: string, near: readonly string[], list: string): InputError =>
  new InputError(
    where,
    `${what} not found`,
    near.length > 0 ? `did you mean ${near.join(' or ')}?` : `"${list}" lists what there is`,
  );

/** Databases by the name RDS has for them, or the interface's Name tag. */
function databaseInterfaces(
  store: TwinStore,
): readonly { readonly name: string; readonly eni: NetworkInterface }[] {
  return store.list('ec2/network-interface').flatMap((eni) => {
    if (!/^RDSNetworkInterface|^ElastiCache/.test(eni.description)) return [];
    const name = eni.tags['ekstwin:db-instance'] ?? eni.tags.Name;
    return name === undefined ? [] : [{ name, eni }];
  });
}
