/**
 * analysis/capacity/capacity.fixture — a cluster written down by hand, for tests of what is asked
 * of it: m5.large nodes in 10.0.1.0/x, ENIs by their last octets.
 */
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { PoolState } from '../../model/eks/pool-state.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../../model/kinds.ts';
import type { Container } from '../../model/kubernetes/core.ts';
import { Store } from '../../sim/store.ts';
import { type CapacityAnswer, type CapacityFlags, capacity } from './answer.ts';

export const SUBNET = 'subnet-a';
const ZONE = 'us-west-2a';

/** Nothing runs; every address is where the test puts it. */
export class Cluster {
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

export const range = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => first + i);

export const small = (): Cluster => new Cluster().subnet('10.0.1.0/24');
