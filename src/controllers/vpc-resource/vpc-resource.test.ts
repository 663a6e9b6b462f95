import { describe, expect, test } from 'vitest';
import type { Ec2 } from '../../cloud/ec2/operations.ts';
import type { Kubernetes } from '../../cluster/kubernetes.ts';
import { awsError } from '../../model/aws-error.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../../model/kinds.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import type { KubernetesObject } from '../../model/kubernetes/meta.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { POD_ENI } from '../../model/kubernetes/pod-eni.ts';
import { ControllerRun } from '../../sim/controller.ts';
import { Simulation } from '../../sim/simulation.ts';
import { Store } from '../../sim/store.ts';
import { reviewAnnotations } from './annotation-webhook.ts';
import { branchCooldownMs } from './branch-cooldown.ts';
import { createVpcResource } from './vpc-resource.ts';

const NODE = 'node-1';

/** One node of a type, its primary interface, and an EC2 that makes what it is asked for. */
function twin(instanceType: string, refuse?: (action: string) => string | undefined) {
  const clock = new Simulation(1);
  const store: TwinStore = new Store<Kinds>();
  declareIndexes(store);
  const calls: string[] = [];
  const events: string[] = [];
  let made = 0;
  const eni = (over: Partial<NetworkInterface>): NetworkInterface =>
    ({
      networkInterfaceId: `eni-${made++}`,
      subnetId: 'subnet-1',
      interfaceType: 'interface',
      macAddress: `02:00:00:00:00:${made}`,
      privateIpAddresses: [{ address: `10.0.1.${10 + made}`, primary: true }],
      ipv6Addresses: [],
      groups: ['sg-node'],
      tags: {},
      ...over,
    }) as unknown as NetworkInterface;
  const put = (one: NetworkInterface) => {
    store.put('ec2/network-interface', one.networkInterfaceId, one);
    return one;
  };
  const get = (id: string) => store.get('ec2/network-interface', id)!;
  const answer = <T>(action: string, run: () => T) => {
    calls.push(action);
    const code = refuse?.(action);
    return Promise.resolve(code === undefined ? run() : awsError(code, code));
  };
  store.put('ec2/subnet', 'subnet-1', { subnetId: 'subnet-1', cidrBlock: '10.0.1.0/24' } as never);
  store.put('ec2/instance', 'i-1', {
    instanceId: 'i-1',
    instanceType,
    subnetId: 'subnet-1',
  } as never);
  put(eni({ attachment: { instanceId: 'i-1', deviceIndex: 0, networkCardIndex: 0 } as never }));
  const ec2 = {
    createNetworkInterface: (input: Partial<NetworkInterface>) =>
      answer('create', () =>
        put(eni({ ...input, privateIpAddresses: eni({}).privateIpAddresses })),
      ),
    attachNetworkInterface: (input: { networkInterfaceId: string; deviceIndex: number }) =>
      answer(`attach ${input.deviceIndex}`, () => {
        const attachment = {
          instanceId: 'i-1',
          deviceIndex: input.deviceIndex,
          networkCardIndex: 0,
        };
        put({ ...get(input.networkInterfaceId), attachment: attachment as never });
        return { attachmentId: 'a', networkCardIndex: 0 };
      }),
    associateTrunkInterface: (input: {
      trunkInterfaceId: string;
      branchInterfaceId: string;
      vlanId: number;
    }) =>
      answer(`associate ${input.vlanId}`, () => {
        const trunk = { ...input, associationId: `assoc-${input.branchInterfaceId}` };
        put({ ...get(input.branchInterfaceId), trunk: trunk as never });
        return { associationId: trunk.associationId };
      }),
    disassociateTrunkInterface: () => answer('disassociate', () => true),
    deleteNetworkInterface: ({ networkInterfaceId }: { networkInterfaceId: string }) =>
      answer('delete', () => {
        store.delete('ec2/network-interface', networkInterfaceId);
        return true;
      }),
  } as unknown as Ec2;
  const write = (object: KubernetesObject) => {
    store.put(object.kind as 'Pod', keyOf(object), object as never);
    return object;
  };
  const kubernetes = {
    create: write,
    update: write,
    updateStatus: write,
    patch: (kind: 'Pod', key: string, _type: string, patch: { metadata: Pod['metadata'] }) => {
      const before = store.get(kind, key)!;
      const annotations = { ...before.metadata.annotations, ...patch.metadata.annotations };
      return write({ ...before, metadata: { ...before.metadata, annotations } });
    },
    delete: (kind: 'Pod', key: string) => store.delete(kind, key),
    recordEvent: (_about: unknown, event: { reason: string; message: string }) =>
      events.push(`${event.reason}: ${event.message}`),
  } as unknown as Kubernetes;
  const resource = createVpcResource(clock, clock.random, store, ec2, kubernetes, {
    clusterName: 'demo',
  });
  for (const controller of resource.controllers) new ControllerRun(clock, store, controller);
  store.put('Node', NODE, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: NODE, uid: 'n', labels: { 'vpc.amazonaws.com/has-trunk-attached': 'false' } },
    spec: { providerID: 'aws:///us-west-2a/i-1' },
    status: { capacity: { pods: '29' } },
  });
  store.put('SecurityGroupPolicy', 'default/db', {
    apiVersion: 'vpcresources.k8s.aws/v1beta1',
    kind: 'SecurityGroupPolicy',
    metadata: { name: 'db', namespace: 'default' },
    spec: { podSelector: {}, securityGroups: { groupIds: ['sg-db'] } },
  });
  return { clock, store, calls, events, resource };
}

const pod = (name: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: name },
  spec: {
    nodeName: NODE,
    containers: [{ name: 'c', resources: { limits: { [POD_ENI]: '1' } } }],
  },
});

const annotationOf = (store: TwinStore, name: string): string | undefined =>
  store.get('Pod', `default/${name}`)?.metadata.annotations?.[POD_ENI];

describe('a node for pods with security groups', () => {
  test('gets a trunk at its highest slot and says how many branches it carries', async () => {
    const { clock, store, calls, events } = twin('m5.large');
    await clock.settle();
    expect(calls).toEqual(['create', 'attach 2']); // an m5.large has slots 0, 1 and 2
    expect(store.get('Node', NODE)?.status?.capacity?.[POD_ENI]).toBe('9');
    expect(store.get('CNINode', NODE)?.metadata.finalizers).toEqual([
      'networking.k8s.aws/resource-cleanup',
    ]);
    expect(events).toEqual([
      'NodeTrunkInitiated: The node has trunk interface initialized successfully',
    ]);
  });

  test('is told when its type cannot carry one', async () => {
    const { clock, events } = twin('t3.large');
    await clock.settle();
    expect(events[0]).toContain('Unsupported: The instance type t3.large is not supported');
  });

  test('is told which right is missing, once', async () => {
    const { clock, events } = twin('m5.large', () => 'UnauthorizedOperation');
    expect((await clock.settle()).kind).toBe('settled');
    expect(events.filter((event) => event.startsWith('TrunkENICreationFailed'))).toEqual([
      'TrunkENICreationFailed: Failed to create trunk interface: Error Code: ' +
        'UnauthorizedOperation: Please verify the cluster IAM role has ' +
        'AmazonEKSVPCResourceController policy',
    ]);
  });
});

describe('a pod with security groups', () => {
  test('gets a branch, told in its annotation in upstream’s order', async () => {
    const { clock, store, events } = twin('m5.large');
    store.put('Pod', 'default/a', pod('a'));
    await clock.settle();
    const [branch] = JSON.parse(annotationOf(store, 'a')!) as Record<string, unknown>[];
    expect(Object.keys(branch!)).toEqual([
      'eniId',
      'ifAddress',
      'privateIp',
      'ipv6Addr',
      'vlanId',
      'subnetCidr',
      'subnetV6Cidr',
      'associationID',
    ]);
    expect(branch).toMatchObject({ vlanId: 1, subnetCidr: '10.0.1.0/24' });
    const eni = store.get('ec2/network-interface', String(branch!.eniId));
    expect(eni?.groups).toEqual(['sg-db']);
    expect(eni?.tags).toMatchObject({
      'vpcresources.k8s.aws/vlan-id': '1',
      'eks:eni:owner': 'eks-vpc-resource-controller',
      'kubernetes.io/cluster/demo': 'owned',
    });
    expect(events).toContain(
      'SecurityGroupRequested: Pod will get the following Security Groups [sg-db]',
    );
  });

  test('waits when branches and those at rest fill the trunk; one freed lets it in', async () => {
    const { clock, store } = twin('m5.large');
    for (let i = 0; i < 10; i++) store.put('Pod', `default/p${i}`, pod(`p${i}`));
    await clock.settle();
    expect(annotationOf(store, 'p9')).toBeUndefined(); // nine branches is all an m5.large has
    const released = clock.now();
    store.delete('Pod', 'default/p3');
    await clock.settle();
    expect(JSON.parse(annotationOf(store, 'p9')!)).toMatchObject([{ vlanId: 4 }]);
    // 60 s of rest, looked at every 30 s.
    expect(clock.now() - released).toBeGreaterThanOrEqual(60_000);
    expect(clock.now() - released).toBeLessThanOrEqual(90_100);
  });

  test('gives its branch back when it completes', async () => {
    const { clock, store, calls } = twin('m5.large');
    store.put('Pod', 'default/job', pod('job'));
    await clock.settle();
    const running = store.get('Pod', 'default/job')!;
    store.put('Pod', 'default/job', { ...running, status: { phase: 'Succeeded' } });
    await clock.settle();
    expect(calls.slice(-2)).toEqual(['disassociate', 'delete']);
  });

  test('loses it a minute after its node left', async () => {
    const { clock, store, calls } = twin('m5.large');
    store.put('Pod', 'default/a', pod('a'));
    await clock.settle();
    const left = clock.now();
    store.delete('Node', NODE);
    await clock.settle();
    expect(clock.now() - left).toBeGreaterThanOrEqual(60_000);
    expect(calls).toContain('delete');
    expect(store.get('CNINode', NODE)).toBeUndefined();
  });
});

describe('the annotation', () => {
  const withEni = {
    ...pod('a'),
    metadata: { ...pod('a').metadata, annotations: { [POD_ENI]: '[]' } },
  };

  test('cannot come with a new pod', () => {
    const review = {
      operation: 'CREATE',
      username: 'me',
      pod: withEni,
      windowsIpam: false,
    } as const;
    expect(reviewAnnotations(review)).toBe(
      'pod cannot be created with vpc.amazonaws.com/pod-eni annotation',
    );
  });

  test('of a Windows pod is the controller’s too, once it gives Windows pods addresses', () => {
    const annotations = { 'vpc.amazonaws.com/PrivateIPv4Address': '10.0.0.9' };
    const windows = { ...pod('w'), metadata: { ...pod('w').metadata, annotations } };
    const review = { operation: 'CREATE', username: 'me', pod: windows } as const;
    expect(reviewAnnotations({ ...review, windowsIpam: false })).toBeUndefined();
    expect(reviewAnnotations({ ...review, windowsIpam: true })).toBe(
      'pod cannot be created with vpc.amazonaws.com/PrivateIPv4Address annotation',
    );
  });

  test('is the controller’s to write', () => {
    const review = {
      operation: 'UPDATE',
      pod: withEni,
      previous: pod('a'),
      windowsIpam: false,
    } as const;
    expect(reviewAnnotations({ ...review, username: 'me' })).toBe(
      'annotation is not set by vpc-resource-controller',
    );
    expect(
      reviewAnnotations({ ...review, username: 'eks:vpc-resource-controller' }),
    ).toBeUndefined();
  });
});

test.each([
  ['30', 30],
  ['29', 30],
  ['aaa', 60],
  [undefined, 60],
])('branch-eni-cooldown %s means %i seconds of rest', (text, seconds) => {
  const data = text === undefined ? {} : { 'branch-eni-cooldown': text };
  expect(branchCooldownMs({ data } as never)).toBe(seconds * 1_000);
});
