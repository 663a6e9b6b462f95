import { describe, expect, test } from 'vitest';
import type { CapacityAnswer } from './answer.ts';
import { Cluster, range, SUBNET, small } from './capacity.fixture.ts';

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

describe('where a new ENI may go', () => {
  const onePlus = (more: object): Cluster => {
    const cluster = new Cluster().subnet('10.0.1.0/28').node('n1', [range(4, 10)]);
    return cluster.subnet('10.0.9.0/24', 'subnet-b', more);
  };

  test('nowhere else without the tag, and tagging the spare subnet is a remedy', () => {
    const { nodes, remedies } = onePlus({}).ask();
    expect(nodes[0]?.nextPod).toMatchObject({ fits: 9, stop: { kind: 'subnet-addresses' } });
    const tagging = remedies.find((it) => it.title.includes('by tag'));
    expect(tagging?.commands).toEqual([
      'aws ec2 create-tags --resources subnet-b --tags Key=kubernetes.io/role/cni,Value=1',
    ]);
    expect(tagging?.yields).toContain('251');
  });

  test('into a tagged subnet of the same zone', () => {
    const tags = { 'kubernetes.io/role/cni': '1' };
    expect(onePlus({ tags }).ask().nodes[0]?.nextPod).toMatchObject({
      fits: 27,
      stop: { kind: 'eni-slots' },
    });
    const elsewhere = onePlus({ tags, availabilityZone: 'us-west-2b' }).ask();
    expect(elsewhere.nodes[0]?.nextPod.fits).toBe(9);
  });

  test('custom networking: the primary ENI serves no pods, and without an ENIConfig none do', () => {
    const cluster = small().env({ AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: 'true' });
    cluster.subnet('100.64.0.0/24', 'subnet-pods').node('n1', [[10]], 20);
    expect(cluster.ask().nodes[0]?.nextPod).toMatchObject({ fits: 0, stop: { kind: 'eniconfig' } });
    cluster.put('ENIConfig', 'default', {
      apiVersion: 'crd.k8s.amazonaws.com/v1alpha1',
      kind: 'ENIConfig',
      metadata: { name: 'default' },
      spec: { subnet: 'subnet-pods' },
    });
    const { nodes, settings } = cluster.ask();
    expect(nodes[0]?.nextPod).toMatchObject({ fits: 18, stop: { kind: 'eni-slots' } });
    expect(settings[0]?.subnets.map((it) => [it.subnetId, it.addresses])).toEqual([
      [SUBNET, 1],
      ['subnet-pods', 10],
    ]);
  });
});

describe('security groups for pods', () => {
  test('the ninth branch ENI is the last of an m5.large, whatever the pool holds', () => {
    const cluster = small()
      .env({ ENABLE_POD_ENI: 'true' })
      .node('n1', [range(10, 10)]);
    const node = cluster.store.get('Node', 'n1')!;
    const allocatable = { ...node.status?.allocatable, 'vpc.amazonaws.com/pod-eni': 9 };
    cluster.put('Node', 'n1', { ...node, status: { ...node.status, allocatable } });
    cluster.put('SecurityGroupPolicy', 'default/db', {
      apiVersion: 'vpcresources.k8s.aws/v1beta1',
      kind: 'SecurityGroupPolicy',
      metadata: { name: 'db', namespace: 'default' },
      spec: { podSelector: { matchLabels: { app: 'db' } } },
    });
    cluster.deployment('db', { containers: [{ name: 'db' }] });
    const { fit, nodes } = cluster.ask({ deployment: 'db' });
    expect(fit).toMatchObject({ fits: 9, next: { kind: 'branch-enis' }, nextState: 'Pending' });
    expect(nodes[0]?.branchEnis).toEqual({ used: 0, max: 9 });
  });
});

describe('nodes that take no pod at all', () => {
  const providerID = 'aws:///us-west-2a/i-n1';
  test.each([
    ['cordoned', { spec: { unschedulable: true, providerID } }, 'unschedulable'],
    [
      'tainted',
      { spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }], providerID } },
      'unschedulable',
    ],
    ['not Ready', { status: { conditions: [{ type: 'Ready', status: 'False' }] } }, 'not-ready'],
  ])('%s', (_, change, kind) => {
    const cluster = small().node('n1', [range(10, 10)]);
    cluster.put('Node', 'n1', { ...cluster.store.get('Node', 'n1')!, ...change });
    expect(cluster.ask().fit).toMatchObject({ fits: 0, next: { kind } });
  });

  test('a nodeSelector that matches none', () => {
    const cluster = small().node('n1', [range(10, 10)]);
    cluster.deployment('web', { containers: [], nodeSelector: { disk: 'ssd' } });
    expect(cluster.ask({ deployment: 'web' }).fit.next?.kind).toBe('not-selected');
  });

  test('one per node: two nodes take two pods with a host port', () => {
    const cluster = small()
      .node('n1', [range(10, 10)])
      .node('n2', [range(30, 10)]);
    const ports = [{ containerPort: 80, hostPort: 80 }];
    cluster.deployment('web', { containers: [{ name: 'web', ports }] });
    expect(cluster.ask({ deployment: 'web' }).fit).toMatchObject({
      fits: 2,
      next: { kind: 'spread' },
    });
  });
});
