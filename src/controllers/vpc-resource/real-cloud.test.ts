import { expect, test } from 'vitest';
import { createCloud } from '../../cloud/cloud.ts';
import { latent } from '../../cloud/decorate.ts';
import { createKubernetes } from '../../cluster/create-kubernetes.ts';
import { isApiStatus } from '../../cluster/kubernetes.ts';
import { isAwsError } from '../../model/aws-error.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../../model/kinds.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { ControllerRun } from '../../sim/controller.ts';
import { Simulation } from '../../sim/simulation.ts';
import { Store } from '../../sim/store.ts';
import { createVpcResource } from './vpc-resource.ts';

const ok = <T>(result: T): Exclude<T, { readonly kind: 'aws-error' }> => {
  if (isAwsError(result)) throw new Error(`${result.code}: ${result.message}`);
  return result as Exclude<T, { readonly kind: 'aws-error' }>;
};

/** An m5.large and the API server, EC2 and webhooks of a twin; policy: every pod gets `sg-…`. */
async function twin() {
  const clock = new Simulation(3);
  const store: TwinStore = new Store<Kinds>();
  declareIndexes(store);
  const random = clock.random;
  const cloud = createCloud({
    store,
    clock,
    random,
    region: 'us-west-2',
    accountId: '111122223333',
    addressChoice: 'random',
  });
  const vpc = ok(cloud.ec2.createVpc({ cidrBlock: '10.0.0.0/16' }));
  const subnet = ok(
    cloud.ec2.createSubnet({
      vpcId: vpc.vpcId,
      cidrBlock: '10.0.1.0/24',
      availabilityZone: 'us-west-2a',
    }),
  );
  const group = ok(
    cloud.ec2.createSecurityGroup({ vpcId: vpc.vpcId, groupName: 'db', description: 'db' }),
  );
  const [instance] = ok(
    cloud.ec2.runInstances({
      imageId: 'ami-1',
      instanceType: 'm5.large',
      minCount: 1,
      maxCount: 1,
      subnetId: subnet.subnetId,
    }),
  );
  const kubernetes = createKubernetes({
    store,
    clock,
    random,
    serviceCidrs: { ipv4: '172.20.0.0/16' } as never,
  });
  await clock.settle();
  const ec2 = latent(cloud.ec2, clock, random);
  const resource = createVpcResource(clock, random, store, ec2, kubernetes, {
    clusterName: 'demo',
  });
  for (const webhook of resource.webhooks) kubernetes.registerWebhook(webhook);
  for (const controller of resource.controllers) new ControllerRun(clock, store, controller);
  kubernetes.create({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n' },
    spec: { providerID: `aws:///us-west-2a/${instance!.instanceId}` },
    status: { capacity: { pods: '29' } },
  });
  kubernetes.create({
    apiVersion: 'vpcresources.k8s.aws/v1beta1',
    kind: 'SecurityGroupPolicy',
    metadata: { name: 'all', namespace: 'default' },
    spec: { podSelector: {}, securityGroups: { groupIds: [group.groupId] } },
  });
  await clock.settle();
  return { clock, store, kubernetes, groupId: group.groupId };
}

const pod = (name: string, over: Partial<Pod['metadata']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', ...over },
  spec: { containers: [{ name: 'c', image: 'nginx' }] },
});

test('a pod under a policy gets a branch of the twin’s own EC2, and gives it back', async () => {
  const { clock, store, kubernetes, groupId } = await twin();
  const cniNode = store.get('CNINode', 'n')!;
  kubernetes.update({ ...cniNode, spec: { features: [{ name: 'SecurityGroupsForPods' }] } });
  await clock.settle();
  expect(store.get('Node', 'n')?.status?.allocatable?.['vpc.amazonaws.com/pod-eni']).toBe('9');

  const created = kubernetes.create(pod('db'));
  if (isApiStatus(created)) throw new Error(created.message);
  expect(created.spec.containers[0]?.resources?.limits).toEqual({
    'vpc.amazonaws.com/pod-eni': '1',
  });
  expect(kubernetes.bind('default/db', 'n')).toBe(true);
  await clock.settle();
  const text = store.get('Pod', 'default/db')?.metadata.annotations?.['vpc.amazonaws.com/pod-eni'];
  const [branch] = JSON.parse(text!) as { eniId: string; vlanId: number }[];
  const eni = store.get('ec2/network-interface', branch!.eniId);
  expect(eni?.groups).toEqual([groupId]);
  expect(eni?.trunk?.vlanId).toBe(branch!.vlanId);

  const removed = kubernetes.patch('Pod', 'default/db', 'merge', {
    metadata: { annotations: { 'vpc.amazonaws.com/pod-eni': null } },
  });
  expect(isApiStatus(removed)).toBe(true);
  kubernetes.delete('Pod', 'default/db', { gracePeriodSeconds: 0 });
  expect((await clock.settle(3_600_000)).kind).toBe('settled');
  expect(store.get('ec2/network-interface', branch!.eniId)).toBeUndefined();
});

test('nobody brings a branch along with a new pod', async () => {
  const { kubernetes } = await twin();
  const annotations = { 'vpc.amazonaws.com/pod-eni': '[]' };
  const refused = kubernetes.create(pod('db', { annotations }));
  expect(isApiStatus(refused) && refused.message).toContain(
    'pod cannot be created with vpc.amazonaws.com/pod-eni annotation',
  );
});
