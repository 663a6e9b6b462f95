import { expect, test } from 'vitest';
import { must } from '../../../cloud/cloud.fixture.ts';
import { taken } from '../../../cluster/cluster.fixture.ts';
import { isApiStatus } from '../../../cluster/kubernetes.ts';
import { bindingWorld } from '../target-group-binding/binding.fixture.ts';
import { bindingMutator } from './binding-mutator.ts';
import { bindingValidator } from './binding-validator.ts';
import { readinessGateMutator } from './readiness-gate-mutator.ts';

function admitted() {
  const world = bindingWorld();
  const { kubernetes, store, cloud, vpc } = world;
  kubernetes.registerWebhook(bindingMutator(cloud.elbv2));
  kubernetes.registerWebhook(bindingValidator(store, cloud.elbv2, vpc.vpcId));
  kubernetes.registerWebhook(readinessGateMutator(store));
  return world;
}

const refusal = (work: () => unknown): string => {
  try {
    const result = work();
    return isApiStatus(result) ? result.message : 'taken';
  } catch (error) {
    return (error as Error).message;
  }
};
const DENIED = 'admission webhook "vtargetgroupbinding.elbv2.k8s.aws" denied the request: ';

test('a binding by name learns the rest from its target group', () => {
  const world = admitted();
  const { targetGroupArn } = world.group();
  expect(world.binding({ targetGroupName: 'web' }).spec).toEqual({
    targetGroupName: 'web',
    targetGroupARN: targetGroupArn,
    serviceRef: { name: 'web', port: 80 },
    targetType: 'ip',
    ipAddressType: 'ipv4',
    vpcID: world.vpc.vpcId,
    targetGroupProtocol: 'HTTP',
  });
});

test('a second binding of a group is refused, a node selector with addresses too', () => {
  const world = admitted();
  const { targetGroupArn: targetGroupARN } = world.group();
  const again = { targetGroupARN, nodeSelector: { matchLabels: { a: 'b' } } };
  expect(refusal(() => world.binding(again))).toBe(
    `${DENIED}TargetGroupBinding cannot set NodeSelector when TargetType is ip`,
  );
  world.binding({ targetGroupARN });
  const second = {
    apiVersion: 'elbv2.k8s.aws/v1beta1',
    kind: 'TargetGroupBinding',
    metadata: { name: 'second', namespace: 'default' },
    spec: { targetGroupARN, serviceRef: { name: 'web', port: 80 } },
  };
  expect(refusal(() => world.kubernetes.create(second))).toBe(
    `${DENIED}TargetGroup ${targetGroupARN} is already bound to following TargetGroupBindings ` +
      `[default/web]. Please enable MultiCluster mode on all TargetGroupBindings referencing ` +
      `${targetGroupARN} or choose a different Target Group ARN.`,
  );
});

test('what a binding binds, and how, never changes', () => {
  const world = admitted();
  const first = world.group();
  const other = world.group({ name: 'other' });
  const binding = world.binding({ targetGroupARN: first.targetGroupArn });
  const spec = { ...binding.spec, targetGroupARN: other.targetGroupArn, targetType: 'instance' };
  expect(refusal(() => world.kubernetes.update({ ...binding, spec }))).toBe(
    `${DENIED}TargetGroupBinding update may not change these immutable fields: ` +
      'spec.targetGroupARN,spec.targetType',
  );
});

test('a new pod gets a gate for every binding by address whose Service selects it', () => {
  const world = admitted();
  const { targetGroupArn } = world.group();
  world.service();
  world.binding({ targetGroupARN: targetGroupArn });
  const node = world.node('n1');
  expect(world.pod('p1', node).spec.readinessGates).toEqual([
    { conditionType: 'target-health.elbv2.k8s.aws/web' },
  ]);
  const plain = taken(
    world.kubernetes.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'other', namespace: 'default', labels: { app: 'other' } },
      spec: { containers: [{ name: 'c', image: 'c' }] },
    }),
  );
  expect((plain.spec as { readinessGates?: unknown }).readinessGates).toBeUndefined();
});

test('a group of another VPC is refused where the binding says ours', () => {
  const world = admitted();
  const { vpcId } = must(world.cloud.ec2.createVpc({ cidrBlock: '10.9.0.0/16' }));
  const { targetGroupArn: targetGroupARN } = world.group({ vpcId });
  expect(refusal(() => world.binding({ targetGroupARN, vpcID: world.vpc.vpcId }))).toBe(
    `${DENIED}invalid VpcID ${world.vpc.vpcId} doesnt match VpcID from TargetGroup ` +
      targetGroupARN,
  );
});
