import { expect, test } from 'vitest';
import { applyAll, buildTwin } from '../../../twin/build.ts';
import { forkTwin } from '../../../twin/fork.ts';
import { planBetween } from './plan.ts';
import { type PlannedResource, plannedChanges } from './planned-change.ts';

const CLUSTER = `
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: shop, region: eu-west-1}
managedNodeGroups: [{name: a, instanceType: m5.large, desiredCapacity: 2, privateNetworking: true}]
`;

const resource = (
  key: string,
  fields: PlannedResource['fields'],
  role?: string,
): PlannedResource => ({
  kind: 'listener',
  key,
  name: key,
  role,
  fields,
});

test('what is the same is no change, lists are compared member by member', () => {
  const before = [
    resource('a', { Port: '80', Targets: ['x', 'y'] }),
    resource('b', { Port: '81' }),
  ];
  const after = [resource('a', { Port: '80', Targets: ['y', 'z'] }), resource('b', { Port: '81' })];
  expect(plannedChanges(before, after)).toEqual([
    { action: 'change', kind: 'listener', name: 'a', details: ['Targets: + z', 'Targets: - x'] },
  ]);
});

test('one that takes the role of one that goes replaces it', () => {
  const before = [resource('old', { Scheme: 'internal' }, 'web')];
  const after = [resource('new', { Scheme: 'internet-facing' }, 'web')];
  expect(plannedChanges(before, after)).toEqual([
    {
      action: 'replace',
      kind: 'listener',
      name: 'new',
      details: ['instead of old', 'Scheme: internal -> internet-facing'],
    },
  ]);
});

test('a Service of type LoadBalancer is planned in a fork, and the twin stays as it was', async () => {
  const twin = await buildTwin([{ path: 'cluster.yaml', text: CLUSTER }], {
    seed: 1,
    with: ['aws-load-balancer-controller'],
  });
  await twin.settle();
  const fork = await forkTwin(twin);
  const object = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'api', namespace: 'default' },
    spec: { type: 'LoadBalancer', selector: { app: 'api' }, ports: [{ port: 80 }] },
  };
  applyAll(fork, [{ object, where: 'api.yaml:1:1' }]);
  await fork.settle();
  const plan = planBetween(twin.store, fork.store, 'eu-west-1');
  // The load balancer, its listener and target group, and two security groups; rules on the nodes'.
  expect(plan.changes.map(({ action, kind }) => `${action} ${kind}`).sort()).toEqual([
    'change security group',
    'create listener',
    'create load balancer',
    'create security group',
    'create security group',
    'create target group',
  ]);
  // eksctl makes private subnets in three zones.
  expect([plan.addresses, plan.refusals]).toEqual([3, []]);
  expect(plan.perMonth).toBeCloseTo(0.0252 * 730, 3);
  expect(twin.store.count('elbv2/load-balancer')).toBe(0);
});
