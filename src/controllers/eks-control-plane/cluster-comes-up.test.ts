import { describe, expect, test } from 'vitest';
import { createCloud } from '../../cloud/cloud.ts';
import type { AllEc2Operations, Ec2 } from '../../cloud/ec2/operations.ts';
import { createKubernetes } from '../../cluster/create-kubernetes.ts';
import { isAwsError } from '../../model/aws-error.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../../model/kinds.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import type { Cni } from '../../model/linux/cni.ts';
import { ControllerRun } from '../../sim/controller.ts';
import { Simulation } from '../../sim/simulation.ts';
import { Store } from '../../sim/store.ts';
import { fargate } from '../fargate/fargate.ts';
import { fargateWebhook } from '../fargate/fargate-webhook.ts';
import { kubelet } from '../kubelet/kubelet.ts';
import { nodeGroups } from './node-group.ts';
import { systemObjects } from './system-objects.ts';

/** EC2 that takes half a second per call. */
const timed = (clock: Simulation, operations: AllEc2Operations): Ec2 =>
  new Proxy(operations as unknown as Ec2, {
    get: (target, action: keyof Ec2) => async (input: never) => {
      await clock.sleep(500);
      return (target[action] as (input: never) => unknown)(input);
    },
  });

const made = <Value>(result: Value): Exclude<Value, { readonly kind: 'aws-error' }> => {
  if (isAwsError(result)) throw new Error(`${result.code}: ${result.message}`);
  return result as never;
};

/** A cluster in two zones with one node group and one Fargate profile, in the real AWS and API. */
class World {
  readonly clock = new Simulation(5);
  readonly store: TwinStore = new Store<Kinds>();
  readonly cloud;
  readonly kubernetes;

  constructor(desiredSize: number) {
    const { clock, store } = this;
    const { random } = clock;
    declareIndexes(store);
    const at = { region: 'us-west-2', accountId: '111122223333' };
    this.cloud = createCloud({ store, clock, random, ...at, addressChoice: 'random' });
    const { ec2, eks } = this.cloud;
    const { vpcId } = made(ec2.createVpc({ cidrBlock: '10.0.0.0/16' }));
    const subnetIds = ['a', 'b'].map((zone, i) => {
      const cidrBlock = `10.0.${i}.0/28`;
      const availabilityZone = `us-west-2${zone}`;
      return made(ec2.createSubnet({ vpcId, cidrBlock, availabilityZone })).subnetId;
    });
    made(eks.createCluster({ name: 'demo', version: '1.33', subnetIds }));
    for (const addonName of ['vpc-cni', 'kube-proxy', 'coredns']) {
      made(eks.createAddon({ clusterName: 'demo', addonName }));
    }
    made(
      eks.createNodegroup({
        clusterName: 'demo',
        nodegroupName: 'workers',
        subnetIds,
        instanceTypes: ['m5.large'],
        minSize: 0,
        desiredSize,
        maxSize: 50,
      }),
    );
    made(
      eks.createFargateProfile({
        clusterName: 'demo',
        fargateProfileName: 'fp',
        selectors: [{ namespace: 'default' }],
      }),
    );
    const serviceCidrs = { ipv4: '172.20.0.0/16' };
    this.kubernetes = createKubernetes({ store, clock, random, serviceCidrs });
    this.#start();
  }

  #start(): void {
    const { clock, store, kubernetes, cloud } = this;
    const { random } = clock;
    const ec2 = timed(clock, cloud.ec2);
    kubernetes.registerWebhook(fargateWebhook(store, 'demo'));
    const machines = fargate(clock, random, store, ec2, kubernetes, 'demo');
    const plugin = { isReady: () => true, changed: () => clock.signal().wait() } as Cni;
    const nodes = kubelet(clock, random, store, kubernetes, {
      cniOf: (nodeName) => machines.cniOf(nodeName) ?? plugin,
      hooks: { started: () => {}, stopped: () => {} },
    });
    const objects = systemObjects(store, kubernetes);
    for (const controller of [objects, nodeGroups(clock, store, ec2), nodes, machines.controller]) {
      new ControllerRun(clock, store, controller);
    }
  }
}

describe('a cluster comes up', () => {
  test('its nodes join Ready, two zones even, with the pod limit EKS worked out', async () => {
    const { clock, store } = new World(4);
    expect((await clock.settle(600_000)).kind).toBe('settled');
    const nodes = store.list('Node');
    expect(nodes).toHaveLength(4);
    const zones = nodes.map(({ metadata }) => metadata.labels?.['topology.kubernetes.io/zone']);
    expect(zones.filter((zone) => zone === 'us-west-2a')).toHaveLength(2);
    for (const { metadata, spec, status } of nodes) {
      expect(status?.conditions?.at(-1)?.status).toBe('True');
      expect(spec.taints).toEqual([]);
      expect(status?.capacity?.pods).toBe('29');
      expect(metadata.labels?.['topology.k8s.aws/zone-id']).toMatch(/^usw2-az/);
    }
    expect(store.list('eks/nodegroup')[0]?.status).toBe('ACTIVE');
    expect(store.get('DaemonSet', 'kube-system/aws-node')).toBeDefined();
    expect(store.get('EndpointSlice', 'default/kubernetes')?.endpoints.length).toBeGreaterThan(1);
  });

  test('subnets without addresses leave the group DEGRADED with the text of EC2', async () => {
    const { clock, store, cloud } = new World(30);
    expect((await clock.settle(600_000)).kind).toBe('settled');
    const group = store.list('eks/nodegroup')[0]!;
    expect(group.status).toBe('DEGRADED');
    expect(group.healthIssues[0]).toMatchObject({ code: 'AsgInstanceLaunchFailures' });
    expect(group.healthIssues[0]?.message).toContain('InsufficientFreeAddressesInSubnet');
    const before = store.count('Node');
    const eni = store
      .list('ec2/network-interface')
      .find(({ attachment }) => attachment?.instanceId !== undefined)!;
    const instanceIds = [eni.attachment!.instanceId!];
    cloud.ec2.terminateInstances({ instanceIds });
    await clock.settle(600_000);
    // The address came back, and the group took it again.
    const running = store.list('ec2/instance').filter(({ state }) => state === 'running');
    expect(running).toHaveLength(before);
  });

  test('a Fargate pod takes one address of a private subnet and gives it back', async () => {
    const { clock, store, kubernetes } = new World(0);
    await clock.settle(600_000);
    const before = store.count('ec2/network-interface');
    kubernetes.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'default' },
      spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] },
    } as Pod);
    await clock.settle(600_000);
    const pod = store.get('Pod', 'default/web');
    expect(pod?.status?.phase).toBe('Running');
    expect(pod?.status?.podIP).toBe(pod?.status?.hostIP);
    expect(store.count('ec2/network-interface')).toBe(before + 1);
    kubernetes.delete('Pod', 'default/web');
    await clock.settle(600_000);
    expect(store.count('ec2/network-interface')).toBe(before);
    expect(store.count('Node')).toBe(0);
  });
});
