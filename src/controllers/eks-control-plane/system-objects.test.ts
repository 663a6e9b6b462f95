import { describe, expect, test } from 'vitest';
import { createKubernetes } from '../../cluster/create-kubernetes.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { Addon, EksCluster } from '../../model/eks/cluster.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../../model/kinds.ts';
import { ControllerRun } from '../../sim/controller.ts';
import { Simulation } from '../../sim/simulation.ts';
import { Store } from '../../sim/store.ts';
import { declaredCnis } from './declared-cnis.ts';
import { systemObjects } from './system-objects.ts';

const cluster = {
  name: 'demo',
  arn: 'arn:aws:eks:us-west-2:111122223333:cluster/demo',
  version: '1.33',
  endpoint: 'https://ABC.sk1.us-west-2.eks.amazonaws.com',
  vpcId: 'vpc-1',
  ipFamily: 'ipv4',
  serviceIpv4Cidr: '10.100.0.0/16',
  networkInterfaceIds: ['eni-x1', 'eni-x2'],
} as unknown as EksCluster;

const addon = (addonName: string, configurationValues?: string): Addon => ({
  clusterName: 'demo',
  addonName,
  addonVersion: 'v1.20.4-eksbuild.1',
  configurationValues,
  status: 'ACTIVE',
  createdAtMs: 0,
  tags: {},
});

class World {
  readonly clock = new Simulation(3);
  readonly store: TwinStore = new Store<Kinds>();
  readonly kubernetes;
  constructor(...addons: readonly Addon[]) {
    declareIndexes(this.store);
    this.kubernetes = createKubernetes({
      store: this.store,
      clock: this.clock,
      random: this.clock.random,
      serviceCidrs: { ipv4: '10.100.0.0/16' },
    });
    for (const [id, address] of [
      ['eni-x1', '10.0.2.7'],
      ['eni-x2', '10.0.1.9'],
    ] as const) {
      const eni = { networkInterfaceId: id, privateIpAddresses: [{ address, primary: true }] };
      this.store.put('ec2/network-interface', id, eni as unknown as NetworkInterface);
    }
    for (const one of addons) this.put(one);
    this.store.put('eks/cluster', 'demo', cluster);
  }
  put(one: Addon): void {
    this.store.put('eks/addon', `demo/${one.addonName}`, one);
  }
  async run(): Promise<this> {
    new ControllerRun(this.clock, this.store, systemObjects(this.store, this.kubernetes));
    await this.clock.settle();
    return this;
  }
  awsNode() {
    return this.store.get('DaemonSet', 'kube-system/aws-node')!;
  }
  env(): Record<string, string | undefined> {
    const container = this.awsNode().spec.template.spec.containers[0]!;
    return Object.fromEntries(container.env!.map(({ name, value }) => [name, value]));
  }
}

describe('a cluster holds', () => {
  test('the kubernetes Service at .1 in front of the X-ENIs, whatever its add-ons', async () => {
    const { store } = await new World().run();
    expect(store.get('Service', 'default/kubernetes')?.spec.clusterIP).toBe('10.100.0.1');
    const slice = store.get('EndpointSlice', 'default/kubernetes');
    expect(slice?.endpoints.map(({ addresses }) => addresses[0])).toEqual(['10.0.1.9', '10.0.2.7']);
    expect(store.get('PriorityClass', 'system-node-critical')?.value).toBe(2_000_001_000);
    expect(store.list('CustomResourceDefinition').map(({ metadata }) => metadata.name)).toContain(
      'eniconfigs.crd.k8s.amazonaws.com',
    );
  });

  test('kube-dns at .10, two CoreDNS replicas and the add-on Corefile', async () => {
    const { store } = await new World(addon('coredns')).run();
    expect(store.get('Service', 'kube-system/kube-dns')?.spec.clusterIP).toBe('10.100.0.10');
    const deployment = store.get('Deployment', 'kube-system/coredns');
    expect(deployment?.spec.replicas).toBe(2);
    expect(deployment?.spec.strategy?.rollingUpdate).toEqual({
      maxUnavailable: 1,
      maxSurge: '25%',
    });
    expect(store.get('ConfigMap', 'kube-system/coredns')?.data?.Corefile).toContain(
      'pods insecure',
    );
  });

  test('kube-proxy with EKS configuration: no cluster CIDR, iptables, mark bit 14', async () => {
    const { store } = await new World(addon('kube-proxy', '{"mode":"ipvs"}')).run();
    const config = store.get('ConfigMap', 'kube-system/kube-proxy-config')?.data?.config ?? '';
    expect(config).toContain('clusterCIDR: ""');
    expect(config).toContain('masqueradeBit: 14');
    expect(config).toContain('mode: "ipvs"');
  });

  test('aws-node with the defaults of the manifest, not those of the code', async () => {
    const world = await new World(addon('vpc-cni')).run();
    expect(world.env()).toMatchObject({
      ENABLE_IPv4: 'true',
      WARM_ENI_TARGET: '1',
      WARM_PREFIX_TARGET: '1',
      CLUSTER_NAME: 'demo',
      VPC_ID: 'vpc-1',
    });
    const { spec } = world.awsNode().spec.template;
    expect(spec.hostNetwork).toBe(true);
    expect(spec.tolerations).toEqual([{ operator: 'Exists' }]);
    expect(spec.containers.map(({ name }) => name)).toEqual(['aws-node', 'aws-eks-nodeagent']);
    expect(world.store.get('ConfigMap', 'kube-system/amazon-vpc-cni')?.data).toMatchObject({
      'enable-network-policy-controller': 'false',
      'branch-eni-cooldown': '60',
    });
  });
});

describe('an add-on changes', () => {
  test('configurationValues, JSON or YAML, set the environment of aws-node', async () => {
    const world = await new World(
      addon('vpc-cni', 'env:\n  ENABLE_PREFIX_DELEGATION: "true"\nenableNetworkPolicy: "true"\n'),
    ).run();
    expect(world.env().ENABLE_PREFIX_DELEGATION).toBe('true');
    expect(world.awsNode().spec.template.spec.containers[1]!.args).toContain(
      '--enable-network-policy=true',
    );
    world.put(addon('vpc-cni', '{"env":{"WARM_IP_TARGET":"5"}}'));
    await world.clock.settle();
    expect(world.env()).toMatchObject({ WARM_IP_TARGET: '5', ENABLE_PREFIX_DELEGATION: 'false' });
  });

  test('what a user set on the DaemonSet stays when the add-on changes something else', async () => {
    const world = await new World(addon('vpc-cni')).run();
    const live = world.awsNode();
    const { template } = live.spec;
    const [first, ...others] = template.spec.containers;
    const env = [
      ...first!.env!.filter(({ name }) => name !== 'WARM_ENI_TARGET'),
      { name: 'WARM_ENI_TARGET', value: '3' },
      { name: 'WARM_IP_TARGET', value: '2' },
    ];
    const spec = { ...template.spec, containers: [{ ...first!, env }, ...others] };
    world.kubernetes.update({ ...live, spec: { ...live.spec, template: { ...template, spec } } });
    world.put(addon('vpc-cni', '{"env":{"ENABLE_POD_ENI":"true"}}'));
    await world.clock.settle();
    expect(world.env()).toMatchObject({
      WARM_ENI_TARGET: '3',
      WARM_IP_TARGET: '2',
      ENABLE_POD_ENI: 'true',
    });
    expect(world.awsNode().metadata.generation).toBe(3);
  });

  test('a DaemonSet that was there before the twin is taken as it is', async () => {
    const first = await new World(addon('vpc-cni', '{"env":{"WARM_IP_TARGET":"9"}}')).run();
    const again = new World(addon('vpc-cni'));
    again.store.put('DaemonSet', 'kube-system/aws-node', first.awsNode());
    await again.run();
    expect(again.env().WARM_IP_TARGET).toBe('9');
  });

  test('an add-on that is removed takes its objects with it', async () => {
    const world = await new World(addon('metrics-server')).run();
    expect(world.store.get('Deployment', 'kube-system/metrics-server')?.spec.replicas).toBe(2);
    world.store.delete('eks/addon', 'demo/metrics-server');
    await world.clock.settle();
    expect(world.store.get('Deployment', 'kube-system/metrics-server')).toBeUndefined();
  });

  test('a plugin the twin does not run is named', async () => {
    const world = await new World().run();
    world.store.put('DaemonSet', 'kube-system/calico-node', {
      ...(await new World(addon('vpc-cni')).run()).awsNode(),
      metadata: { name: 'calico-node', namespace: 'kube-system' },
    });
    expect(declaredCnis(world.store)).toMatchObject([
      { where: 'DaemonSet kube-system/calico-node' },
    ]);
  });
});
