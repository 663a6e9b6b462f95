/**
 * controllers/vpc-cni/paper-ec2 — an EC2 on paper, for the tests of this room only: one subnet,
 * lowest address first, no time. The twin's EC2 is src/cloud; these tests must not depend on it.
 */
import type { Ec2 } from '../../cloud/ec2/operations.ts';
import type { Kubernetes } from '../../cluster/kubernetes.ts';
import { type AwsError, awsError } from '../../model/aws-error.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../../model/kinds.ts';
import type { KubernetesObject } from '../../model/kubernetes/meta.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { addressAt, cidrTextContains, formatIp, parseCidr4 } from '../../net/index.ts';
import { Simulation } from '../../sim/simulation.ts';
import { Store } from '../../sim/store.ts';

export interface PaperOptions {
  readonly instanceType: string;
  readonly subnetCidr?: string;
  /** Answers instead of EC2 while it returns an error. */
  readonly refuse?: (action: string) => AwsError | undefined;
}

export interface Paper {
  readonly clock: Simulation;
  readonly store: TwinStore;
  readonly ec2: Ec2;
  readonly kubernetes: Kubernetes;
  readonly calls: string[];
  readonly events: { readonly reason: string; readonly message: string }[];
  readonly freed: () => void;
  readonly signals: { freed(subnetId: string): Promise<void> };
}

export const SUBNET = 'subnet-1';
export const INSTANCE = 'i-1';
export const NODE = 'node-1';

/** A VPC with one subnet, an instance with its primary ENI, and its Node. */
export function paper(options: PaperOptions): Paper {
  const clock = new Simulation(1);
  const store: TwinStore = new Store<Kinds>();
  declareIndexes(store);
  const subnetCidr = options.subnetCidr ?? '10.0.1.0/24';
  const calls: string[] = [];
  const events: { reason: string; message: string }[] = [];
  const freed = clock.signal();
  const enis = new PaperEnis(store, clock, subnetCidr);
  store.put('ec2/vpc', 'vpc-1', {
    vpcId: 'vpc-1',
    cidrBlocks: [{ associationId: 'a', cidrBlock: '10.0.0.0/16' }],
    ipv6CidrBlocks: [],
  } as never);
  putSubnet(store, SUBNET, subnetCidr, {});
  store.put('ec2/instance', INSTANCE, {
    instanceId: INSTANCE,
    instanceType: options.instanceType,
    vpcId: 'vpc-1',
    subnetId: SUBNET,
    availabilityZone: 'us-west-2a',
    state: 'running',
    tags: {},
  } as never);
  const primary = enis.create({ subnetId: SUBNET, groups: ['sg-1'] });
  enis.attach(primary, INSTANCE, 0, 0);
  store.put('Node', NODE, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: NODE, uid: 'n' },
    spec: { providerID: `aws:///us-west-2a/${INSTANCE}` },
    status: { capacity: { pods: '110' } },
  });
  const answer = <T>(action: string, detail: string, run: () => T): Promise<T | AwsError> => {
    calls.push(`${action}${detail === '' ? '' : ` ${detail}`}`);
    return Promise.resolve(options.refuse?.(action) ?? run());
  };
  const ec2 = paperOperations(enis, store, answer, () => freed.notify()) as unknown as Ec2;
  const kubernetes = paperKubernetes(store, events);
  return {
    clock,
    store,
    ec2,
    kubernetes,
    calls,
    events,
    freed: () => freed.notify(),
    signals: { freed: () => freed.wait() },
  };
}

export function putSubnet(
  store: TwinStore,
  subnetId: string,
  cidrBlock: string,
  tags: Readonly<Record<string, string>>,
): void {
  store.put('ec2/subnet', subnetId, {
    subnetId,
    vpcId: 'vpc-1',
    cidrBlock,
    ipv6CidrBlock: { associationId: 'b', cidrBlock: '2600:1f14::/64' },
    availabilityZone: 'us-west-2a',
    tags,
  } as never);
}

class PaperEnis {
  readonly #store: TwinStore;
  readonly #clock: Simulation;
  #made = 0;

  constructor(store: TwinStore, clock: Simulation, _subnetCidr: string) {
    this.#store = store;
    this.#clock = clock;
  }

  get(id: string): NetworkInterface {
    return this.#store.get('ec2/network-interface', id)!;
  }

  put(eni: NetworkInterface): void {
    this.#store.put('ec2/network-interface', eni.networkInterfaceId, eni);
  }

  /** Free single addresses of a subnet, lowest first; short when it is full. */
  addresses(subnetId: string, count: number): string[] {
    const block = parseCidr4(this.#store.get('ec2/subnet', subnetId)!.cidrBlock)!;
    const size = 2 ** (32 - block.bits);
    const found: string[] = [];
    for (let i = 4; i < size - 1 && found.length < count; i++) {
      const ip = formatIp(addressAt(block, i));
      if (!this.#isTaken(subnetId, ip)) found.push(ip);
    }
    return found;
  }

  prefixes(subnetId: string, count: number): string[] {
    const block = parseCidr4(this.#store.get('ec2/subnet', subnetId)!.cidrBlock)!;
    const size = 2 ** (32 - block.bits);
    const found: string[] = [];
    for (let i = 16; i + 16 < size && found.length < count; i += 16) {
      const ips = Array.from({ length: 16 }, (_, k) => formatIp(addressAt(block, i + k)));
      if (!ips.some((ip) => this.#isTaken(subnetId, ip))) found.push(`${ips[0]}/28`);
    }
    return found;
  }

  #isTaken(subnetId: string, ip: string): boolean {
    return this.#store
      .lookup('ec2/network-interface', 'subnet', subnetId)
      .some(
        (eni) =>
          eni.privateIpAddresses.some((one) => one.address === ip) ||
          eni.ipv4Prefixes.some((prefix) => cidrTextContains(prefix, ip)),
      );
  }

  create(input: {
    subnetId: string;
    groups?: readonly string[];
    tags?: Readonly<Record<string, string>>;
    description?: string;
    interfaceType?: string;
    secondaryPrivateIpAddressCount?: number;
    ipv4PrefixCount?: number;
  }): string | undefined {
    const wanted = 1 + (input.secondaryPrivateIpAddressCount ?? 0);
    const addresses = this.addresses(input.subnetId, wanted);
    if (addresses.length < wanted) return undefined;
    const id = `eni-${this.#made++}`;
    this.put({
      networkInterfaceId: id,
      subnetId: input.subnetId,
      vpcId: 'vpc-1',
      ownerId: '1',
      availabilityZone: 'us-west-2a',
      description: input.description ?? '',
      interfaceType: input.interfaceType ?? 'interface',
      macAddress: `02:00:00:00:00:${this.#made.toString(16).padStart(2, '0')}`,
      requesterManaged: false,
      sourceDestCheck: true,
      status: 'available',
      privateIpAddresses: addresses.map((address, i) => ({ address, primary: i === 0 })),
      ipv4Prefixes: this.prefixes(input.subnetId, input.ipv4PrefixCount ?? 0),
      ipv6Addresses: [],
      ipv6Prefixes: [],
      groups: input.groups ?? [],
      createdAtMs: this.#clock.now(),
      tags: input.tags ?? {},
    } as unknown as NetworkInterface);
    return id;
  }

  attach(id: string | undefined, instanceId: string, deviceIndex: number, card: number): void {
    this.put({
      ...this.get(id!),
      status: 'in-use',
      attachment: {
        attachmentId: `attach-${id}`,
        instanceId: instanceId as never,
        instanceOwnerId: '1',
        deviceIndex,
        networkCardIndex: card,
        deleteOnTermination: true,
        attachedAtMs: this.#clock.now(),
      },
    });
  }
}

type Answer = <T>(action: string, detail: string, run: () => T) => Promise<T | AwsError>;

function paperOperations(
  enis: PaperEnis,
  store: TwinStore,
  answer: Answer,
  freed: () => void,
): unknown {
  const full = awsError('InsufficientFreeAddressesInSubnet', 'The subnet has no free addresses');
  return {
    createNetworkInterface: (input: Parameters<PaperEnis['create']>[0]) =>
      answer('CreateNetworkInterface', input.subnetId, () => {
        const id = enis.create(input);
        return id === undefined ? full : enis.get(id);
      }),
    attachNetworkInterface: (input: {
      networkInterfaceId: string;
      instanceId: string;
      deviceIndex: number;
      networkCardIndex?: number;
    }) =>
      answer('AttachNetworkInterface', `${input.deviceIndex}`, () => {
        const card = input.networkCardIndex ?? 0;
        enis.attach(input.networkInterfaceId, input.instanceId, input.deviceIndex, card);
        return { attachmentId: `attach-${input.networkInterfaceId}`, networkCardIndex: card };
      }),
    detachNetworkInterface: ({ attachmentId }: { attachmentId: string }) =>
      answer('DetachNetworkInterface', attachmentId, () => {
        const { attachment: _gone, ...rest } = enis.get(attachmentId.slice('attach-'.length));
        enis.put({ ...rest, status: 'available' });
        return true;
      }),
    deleteNetworkInterface: ({ networkInterfaceId }: { networkInterfaceId: string }) =>
      answer('DeleteNetworkInterface', networkInterfaceId, () => {
        store.delete('ec2/network-interface', networkInterfaceId);
        freed();
        return true;
      }),
    assignPrivateIpAddresses: (input: {
      networkInterfaceId: string;
      secondaryPrivateIpAddressCount?: number;
      ipv4PrefixCount?: number;
    }) =>
      answer('AssignPrivateIpAddresses', input.networkInterfaceId, () => {
        const eni = enis.get(input.networkInterfaceId);
        const count = input.secondaryPrivateIpAddressCount ?? 0;
        const privateIpAddresses = enis.addresses(eni.subnetId, count);
        const ipv4Prefixes = enis.prefixes(eni.subnetId, input.ipv4PrefixCount ?? 0);
        if (privateIpAddresses.length < count) return full;
        if (ipv4Prefixes.length < (input.ipv4PrefixCount ?? 0))
          return awsError('InsufficientCidrBlocks', 'no free /28');
        const added = privateIpAddresses.map((address) => ({ address, primary: false }));
        enis.put({
          ...eni,
          privateIpAddresses: [...eni.privateIpAddresses, ...added],
          ipv4Prefixes: [...eni.ipv4Prefixes, ...ipv4Prefixes],
        });
        return { networkInterfaceId: eni.networkInterfaceId, privateIpAddresses, ipv4Prefixes };
      }),
    unassignPrivateIpAddresses: (input: {
      networkInterfaceId: string;
      privateIpAddresses?: readonly string[];
      ipv4Prefixes?: readonly string[];
    }) =>
      answer('UnassignPrivateIpAddresses', input.networkInterfaceId, () => {
        const eni = enis.get(input.networkInterfaceId);
        const gone = new Set([...(input.privateIpAddresses ?? []), ...(input.ipv4Prefixes ?? [])]);
        enis.put({
          ...eni,
          privateIpAddresses: eni.privateIpAddresses.filter((one) => !gone.has(one.address)),
          ipv4Prefixes: eni.ipv4Prefixes.filter((prefix) => !gone.has(prefix)),
        });
        freed();
        return true;
      }),
    assignIpv6Addresses: ({ networkInterfaceId }: { networkInterfaceId: string }) =>
      answer('AssignIpv6Addresses', networkInterfaceId, () => {
        const ipv6Prefixes = ['2600:1f14::1:0:0:0/80'];
        enis.put({ ...enis.get(networkInterfaceId), ipv6Prefixes });
        return { networkInterfaceId, ipv6Addresses: [], ipv6Prefixes };
      }),
    modifyNetworkInterfaceAttribute: (input: {
      networkInterfaceId: string;
      groups?: readonly string[];
    }) =>
      answer('ModifyNetworkInterfaceAttribute', '', () => {
        if (input.groups !== undefined)
          enis.put({ ...enis.get(input.networkInterfaceId), groups: input.groups as never });
        return true;
      }),
    createTags: ({ resources, tags }: { resources: string[]; tags: Record<string, string> }) =>
      answer('CreateTags', '', () => {
        for (const id of resources) {
          const eni = enis.get(id);
          enis.put({ ...eni, tags: { ...eni.tags, ...tags } });
        }
        return true;
      }),
    associateTrunkInterface: (input: { branchInterfaceId: string; vlanId: number }) =>
      answer('AssociateTrunkInterface', `${input.branchInterfaceId} ${input.vlanId}`, () => ({
        associationId: `trunk-assoc-${input.branchInterfaceId}`,
      })),
    disassociateTrunkInterface: ({ associationId }: { associationId: string }) =>
      answer('DisassociateTrunkInterface', associationId, () => true),
    describeNetworkInterfaces: (input: {
      networkInterfaceIds?: readonly string[];
      filters?: readonly { name: string }[];
    }) =>
      answer('DescribeNetworkInterfaces', '', () =>
        store
          .list('ec2/network-interface')
          .filter((eni) => input.networkInterfaceIds?.includes(eni.networkInterfaceId) ?? true)
          .filter(
            (eni) =>
              input.filters?.[0]?.name !== 'attachment.instance-id' || eni.attachment !== undefined,
          ),
      ),
    describeSubnets: (input: { subnetIds?: readonly string[] }) =>
      answer('DescribeSubnets', '', () =>
        store
          .list('ec2/subnet')
          .filter((subnet) => input.subnetIds?.includes(subnet.subnetId) ?? true)
          .map((subnet) => ({
            ...subnet,
            availableIpAddressCount: enis.addresses(subnet.subnetId, 999).length,
          })),
      ),
  };
}

/** Just enough of an API server: puts what it is given, records events. */
function paperKubernetes(
  store: TwinStore,
  events: { reason: string; message: string }[],
): Kubernetes {
  const put = <Object extends KubernetesObject>(object: Object): Object => {
    store.put(object.kind as 'Pod', keyOf(object), object as never);
    return object;
  };
  return {
    create: put,
    update: put,
    updateStatus: put,
    updateEphemeralContainers: put,
    apply: put,
    patch: (kind, key, _type, patch) => {
      const before = store.get(kind, key) as KubernetesObject;
      const { metadata } = patch as { metadata?: { annotations?: Record<string, string> } };
      const annotations = { ...before.metadata.annotations, ...metadata?.annotations };
      return put({ ...before, metadata: { ...before.metadata, annotations } });
    },
    delete: (kind, key) => {
      store.delete(kind, key);
      return true;
    },
    bind: () => true,
    recordEvent: (_about, { reason, message }) => {
      events.push({ reason, message });
    },
    registerWebhook: () => {},
  };
}
