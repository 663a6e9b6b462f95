import { describe, expect, test } from 'vitest';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { PoolState } from '../../model/eks/pool-state.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../../model/kinds.ts';
import type { Container } from '../../model/kubernetes/core.ts';
import { Store } from '../../sim/store.ts';
import { type CapacityAnswer, type CapacityFlags, capacity } from './answer.ts';

const SUBNET = 'subnet-a';
const ZONE = 'us-west-2a';

/** A cluster written down by hand: nothing runs, every address is where the test puts it. */
class Cluster {
  readonly store: TwinStore = new Store<Kinds>();
  readonly pools = new Map<string, PoolState>();
  #enis = 0;

  constructor() {
    declareIndexes(this.store);
    this.put('ec2/vpc', 'vpc-1', {
      vpcId: 'vpc-1',
      cidrBlock: '10.0.0.0/16',
      cidrBlocks: [{ associationId: 'a', cidrBlock: '10.0.0.0/16' }],
    });
  }

  put(kind: keyof Kinds & string, key: string, value: object): void {
    this.store.put(kind, key, value as never);
  }

  subnet(cidrBlock: string, subnetId = SUBNET, more: object = {}): this {
    this.put('ec2/subnet', subnetId, {
      subnetId,
      vpcId: 'vpc-1',
      cidrBlock,
      availabilityZone: ZONE,
      mapPublicIpOnLaunch: false,
      cidrReservations: [],
      tags: { Name: `private-${subnetId}` },
      ...more,
    });
    return this;
  }

  /** Last octets; the first is the primary address. */
  eni(octets: readonly number[], more: Partial<NetworkInterface> = {}): NetworkInterface {
    const networkInterfaceId = `eni-${++this.#enis}`;
    const eni = {
      networkInterfaceId,
      subnetId: SUBNET,
      description: '',
      interfaceType: 'interface',
      status: 'in-use',
      privateIpAddresses: octets.map((octet, i) => ({
        address: `10.0.1.${octet}`,
        primary: i === 0,
      })),
      ipv4Prefixes: [],
      groups: ['sg-node'],
      tags: {},
      ...more,
    } as unknown as NetworkInterface;
    this.put('ec2/network-interface', networkInterfaceId, eni);
    return eni;
  }

  node(nodeName: string, enis: readonly (readonly number[])[], maxPods = 29): this {
    const instanceId = `i-${nodeName}`;
    this.put('ec2/instance', instanceId, {
      instanceId,
      instanceType: 'm5.large',
      state: 'running',
      vpcId: 'vpc-1',
      subnetId: SUBNET,
      availabilityZone: ZONE,
      tags: {},
    });
    this.put('Node', nodeName, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: nodeName, labels: { 'eks.amazonaws.com/nodegroup': 'main' } },
      spec: { providerID: `aws:///${ZONE}/${instanceId}` },
      status: {
        allocatable: { pods: maxPods, cpu: '1930m', memory: '7177280Ki' },
        conditions: [{ type: 'Ready', status: 'True' }],
      },
    });
    enis.forEach((octets, deviceIndex) => {
      const attachment = { instanceId, deviceIndex, networkCardIndex: 0 };
      this.eni(octets, { attachment } as unknown as Partial<NetworkInterface>);
    });
    return this;
  }

  pod(name: string, nodeName: string, octet?: number, containers: readonly Container[] = []): this {
    this.put('Pod', `default/${name}`, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default', labels: { app: 'web' } },
      spec: { containers, nodeName, hostNetwork: octet === undefined },
      status: { phase: 'Running', podIP: octet === undefined ? undefined : `10.0.1.${octet}` },
    });
    return this;
  }

  env(variables: Readonly<Record<string, string>>): this {
    const env = Object.entries({ ENABLE_IPv4: 'true', ...variables });
    const container = { name: 'aws-node', env: env.map(([name, value]) => ({ name, value })) };
    this.put('DaemonSet', 'kube-system/aws-node', {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'aws-node', namespace: 'kube-system' },
      spec: { selector: {}, template: { spec: { containers: [container] } } },
    });
    return this;
  }

  deployment(name: string, spec: object): this {
    this.put('Deployment', `default/${name}`, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: 'default' },
      spec: { selector: {}, template: { metadata: { labels: { app: name } }, spec } },
    });
    return this;
  }

  ask(flags: Partial<CapacityFlags> = {}): CapacityAnswer {
    const source = { store: this.store, nodePools: (name: string) => this.pools.get(name) };
    return capacity(source, { subnets: [], ...flags });
  }
}

const range = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => first + i);

const small = (): Cluster => new Cluster().subnet('10.0.1.0/24');

describe('who has the addresses of a subnet', () => {
  test('every address is counted once: size = reserved + used + free', () => {
    const cluster = small()
      .node('n1', [range(10, 10), range(30, 10)])
      .pod('p', 'n1', 11);
    cluster.eni([50], { interfaceType: 'network_load_balancer', description: 'ELB net/web/1' });
    cluster.eni([51], { description: 'Amazon EKS twin', requesterManaged: true });
    cluster.eni([52], { interfaceType: 'nat_gateway' });
    cluster.eni([53], { description: 'RDSNetworkInterface' });
    cluster.eni(range(60, 10), { description: 'aws-K8S-i-gone', status: 'available' });
    const [usage] = cluster.ask().subnets;
    expect(usage?.usedBy).toEqual({
      'node-primary': 1,
      'eni-primary': 1,
      pod: 1,
      warm: 17,
      'load-balancer': 1,
      'control-plane': 1,
      'nat-gateway': 1,
      rds: 1,
      'leaked-eni': 10,
    });
    expect(usage?.used).toBe(34);
    expect(usage!.size - usage!.reserved - usage!.used).toBe(usage!.free);
  });

  test('a /28 prefix counts 16: its pods as pods, the rest as idle prefix', () => {
    const cluster = small().env({ ENABLE_PREFIX_DELEGATION: 'true', WARM_PREFIX_TARGET: '1' });
    cluster.node('n1', [[10]], 110).pod('p', 'n1', 33);
    const attachment = { instanceId: 'i-n1', deviceIndex: 1, networkCardIndex: 0 };
    cluster.eni([20], { attachment, ipv4Prefixes: ['10.0.1.32/28'] } as never);
    const { subnets, nodes } = cluster.ask();
    expect(subnets[0]?.usedBy).toEqual({
      'node-primary': 1,
      'eni-primary': 1,
      pod: 1,
      'prefix-idle': 15,
    });
    expect(subnets[0]?.fragmentation.map[0]?.blocks).toBe('++P............r');
    expect(nodes[0]).toMatchObject({ poolAddresses: 16, assigned: 1, prefixes: 1 });
  });

  test('one address in each /28 leaves hundreds free and no prefix', () => {
    const cluster = small();
    for (const block of range(0, 16)) cluster.eni([block * 16 + 7], { description: 'EFS mount' });
    const [usage] = cluster.ask().subnets;
    expect(usage?.free).toBe(235);
    expect(usage?.fragmentation).toMatchObject({ freeBlocks: [], spoiltByOne: 14 });
  });
});

describe('what limits the next pod', () => {
  test('max pods: 29 bound of 29', () => {
    const cluster = small().node('n1', [range(10, 10), range(30, 10), range(50, 10)]);
    for (const i of range(0, 27)) cluster.pod(`p${i}`, 'n1', 11 + (i % 9) + Math.floor(i / 9) * 20);
    cluster.pod('aws-node', 'n1').pod('kube-proxy', 'n1');
    const { nodes, fit } = cluster.ask();
    expect(nodes[0]?.nextPod).toMatchObject({ fits: 0, stop: { kind: 'max-pods' } });
    expect(fit.nextState).toBe('Pending');
  });

  test('no ENI slot left although the kubelet would take 110', () => {
    const cluster = small().node('n1', [range(10, 10), range(30, 10), range(50, 10)], 110);
    const { nodes, fit } = cluster.ask();
    expect(nodes[0]?.nextPod).toMatchObject({ fits: 27, stop: { kind: 'eni-slots' } });
    expect(fit).toMatchObject({ fits: 27, schedulable: 110, startBeforeFirstStuck: 27 });
    expect(fit.nextState).toBe('ContainerCreating');
  });

  test('a new ENI needs 1 + 9 addresses at once: 8 free are not enough', () => {
    const cluster = new Cluster().subnet('10.0.1.0/27').node('n1', [range(4, 10)]);
    cluster.eni(range(14, 9), { description: 'something else' });
    const { nodes, subnets } = cluster.ask();
    expect(subnets[0]?.free).toBe(8);
    expect(nodes[0]?.nextPod).toMatchObject({ fits: 9, stop: { kind: 'subnet-addresses' } });
    expect(nodes[0]?.nextPod.stop.text).toContain('1 + 9 = 10 addresses, 8 are free');
  });

  test('MINIMUM_IP_TARGET without WARM_IP_TARGET: ipamd asks for no more', () => {
    const cluster = small()
      .env({ MINIMUM_IP_TARGET: '3' })
      .node('n1', [range(10, 4)]);
    const { nodes } = cluster.ask();
    expect(nodes[0]?.nextPod).toMatchObject({ fits: 3, stop: { kind: 'aws-node' } });
  });

  test('prefixes wanted, only broken blocks left: fragmentation', () => {
    const cluster = small().env({ ENABLE_PREFIX_DELEGATION: 'true', WARM_PREFIX_TARGET: '1' });
    cluster.node('n1', [[10]], 110);
    for (const block of range(1, 15)) cluster.eni([block * 16 + 3], { description: 'EFS mount' });
    const { nodes, fit } = cluster.ask();
    expect(nodes[0]?.nextPod).toMatchObject({ fits: 0, stop: { kind: 'fragmentation' } });
    expect(fit.next?.text).toContain('InsufficientCidrBlocks');
  });
});

describe('how many more pods of a Deployment fit', () => {
  const spec = (cpu: string): object => ({
    containers: [{ name: 'web', resources: { requests: { cpu } } }],
  });

  test('CPU first: three pods of 500m on a node with 1930m', () => {
    const cluster = small()
      .node('n1', [range(10, 10)])
      .deployment('web', spec('500m'));
    const { fit } = cluster.ask({ deployment: 'default/web' });
    expect(fit).toMatchObject({ fits: 3, schedulable: 3, next: { kind: 'cpu' } });
  });

  test('two nodes share one subnet: what one takes the other lacks', () => {
    const cluster = new Cluster().subnet('10.0.1.0/27');
    cluster.node('n1', [range(4, 10)]).node('n2', [range(14, 10)]);
    const { fit } = cluster.ask();
    expect(fit.fits).toBe(18);
    expect(fit.next?.kind).toBe('subnet-addresses');
  });

  test('host network pods need no address', () => {
    const cluster = new Cluster().subnet('10.0.1.0/27').node('n1', [range(4, 10)]);
    cluster.deployment('agent', { containers: [], hostNetwork: true });
    expect(cluster.ask({ deployment: 'agent' }).fit).toMatchObject({ fits: 29, schedulable: 29 });
  });

  test('a planned number is answered with what is missing', () => {
    const cluster = small()
      .node('n1', [range(10, 10)])
      .deployment('web', spec('500m'));
    const { planned } = cluster.ask({ deployment: 'web', pods: 10 });
    expect(planned).toEqual({ pods: 10, missing: 7 });
  });

  test('a Deployment that is not there is told with those that are', () => {
    const cluster = small().deployment('web', spec('1'));
    expect(() => cluster.ask({ deployment: 'default/wbe' })).toThrow(/default\/web/);
  });
});

describe('remedies', () => {
  const full = (): CapacityAnswer => {
    const cluster = new Cluster().subnet('10.0.1.0/27');
    return cluster
      .node('n1', [range(4, 10)])
      .node('n2', [range(14, 10)])
      .ask();
  };

  test('come in order of effort, from warm targets to IPv6, and never resize a subnet', () => {
    const { remedies } = full();
    const efforts = remedies.map((it) => it.effort);
    expect(efforts).toEqual(efforts.toSorted((a, b) => a - b));
    expect(remedies[0]?.title).toBe('keep fewer addresses warm');
    expect(remedies.at(-1)?.title).toBe('an IPv6 cluster');
    expect(JSON.stringify(remedies)).not.toMatch(/resize/i);
  });

  test('name a 100.64 block that the VPC does not have yet', () => {
    const custom = full().remedies.find((it) => it.title.includes('custom networking'));
    expect(custom?.commands[0]).toContain('--cidr-block 100.64.0.0/16');
  });

  test('CPU is short: no address remedy is offered', () => {
    const cluster = small().node('n1', [range(10, 10)]);
    cluster.deployment('web', {
      containers: [{ name: 'w', resources: { requests: { cpu: '1' } } }],
    });
    const titles = cluster.ask({ deployment: 'web' }).remedies.map((it) => it.title);
    expect(titles).toEqual(['add nodes, or larger ones']);
  });
});

test('the next node in a full subnet fails with EC2’s error', () => {
  const cluster = new Cluster().subnet('10.0.1.0/28').node('n1', [range(4, 10)]);
  cluster.eni([14]);
  const next = cluster.ask().subnets[0]?.nextNode;
  expect(next).toMatchObject({ outcome: 'fails', error: 'InsufficientFreeAddressesInSubnet' });
});

test('addresses in their cooldown are told apart from warm ones', () => {
  const cluster = small().node('n1', [range(10, 3)]);
  const asked = cluster.ask();
  expect(asked.subnets[0]?.usedBy.warm).toBe(2);
  cluster.pools.set('n1', {
    nodeName: 'n1',
    targets: {
      warmEniTarget: 1,
      warmIpTarget: 0,
      minimumIpTarget: 0,
      warmPrefixTarget: 0,
      maxEnis: 3,
      maxPrefixesPerEni: 9,
      maxPods: 29,
      prefixDelegation: false,
      customNetworking: false,
      ipv6: false,
      unmanagedEnis: 0,
      podEni: false,
      trunkCompatible: true,
    },
    enis: [
      {
        networkInterfaceId: 'eni-1',
        subnetId: SUBNET,
        networkCard: 0,
        isPrimary: true,
        isTrunk: false,
        excluded: false,
        cooling: 1,
        blocks: [
          { cidr: '10.0.1.11/32', isPrefix: false, size: 1, assigned: 0 },
          { cidr: '10.0.1.12/32', isPrefix: false, size: 1, assigned: 0 },
        ],
      },
    ],
  });
  const { subnets, nodes } = cluster.ask();
  expect(subnets[0]?.usedBy).toMatchObject({ cooling: 1, warm: 1 });
  expect(nodes[0]).toMatchObject({ poolAddresses: 2, cooling: 1, warm: 1, enis: 1, eniSlots: 3 });
});

test('the answer is plain data', () => {
  const answer = small()
    .node('n1', [range(10, 10)])
    .ask();
  expect(JSON.parse(JSON.stringify(answer))).toEqual(answer);
});
