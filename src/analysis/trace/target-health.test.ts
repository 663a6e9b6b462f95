/**
 * Goal: what a load balancer says of its targets is what the network between them does.
 * Method: load balancers before a small real cluster; the network is changed and time goes on.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { TargetGroup } from '../../model/elbv2/target-group.ts';
import { assumedAnswers } from '../load-balancer/assumed-answers.ts';
import { Balancing, forwardTo, made } from './balanced.fixture.ts';
import { shop } from './trace.fixture.ts';

let it: Balancing;

/** How many targets say what: `2 healthy`, `1 unhealthy Target.Timeout`. */
function said({ targetGroupArn }: TargetGroup): readonly string[] {
  const counts = new Map<string, number>();
  for (const { health } of it.twin.store.lookup('elbv2/target', 'target-group', targetGroupArn)) {
    const text = `${health.state} ${health.reason ?? ''} ${health.description ?? ''}`.trim();
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].map(([text, count]) => `${count} ${text}`).sort();
}

const TIMED_OUT = 'unhealthy Target.Timeout Request timed out';

describe('pods behind an ALB', () => {
  let api: TargetGroup;

  beforeEach(async () => {
    it = new Balancing(await shop());
    api = it.targets();
    it.listener(it.balancer(), 80, 'HTTP', forwardTo(api));
    it.registerPods(api, 'api');
  });

  test('time out until a rule lets the load balancer in, and again when it goes', async () => {
    await it.twin.settle();
    expect(said(api)).toEqual([`3 ${TIMED_OUT}`]);
    it.letIn(it.open, 9000, 9000);
    await it.twin.settle();
    expect(said(api)).toEqual(['3 healthy']);
    expect(assumedAnswers(it.twin.store)).toEqual([
      {
        where: 'target group api',
        text:
          "assumed: what is behind it answers GET / on the target's port as the health check wants " +
          "it (200); the pods' own probes ask for nothing",
      },
    ]);
    const cluster = it.twin.store.list('eks/cluster')[0]!;
    const peer = { kind: 'group', groupId: it.open } as const;
    const rule = { protocol: 'tcp', fromPort: 9000, toPort: 9000, peer };
    const groupId = cluster.clusterSecurityGroupId;
    made(it.twin.cloud.ec2.revokeSecurityGroupIngress({ groupId, rules: [rule] }));
    await it.twin.settle();
    expect(said(api)).toEqual([`3 ${TIMED_OUT}`]);
  });

  test('time out where one zone of the load balancer is kept out', async () => {
    const { cloud, store } = it.twin;
    it.letIn(it.open);
    await it.twin.settle();
    expect(said(api)).toEqual(['3 healthy']);
    const second = store.list('elbv2/load-balancer')[0]!.zones[1]!;
    const { associationId } = store
      .list('ec2/network-acl')
      .flatMap(({ associations }) => associations)
      .find(({ subnetId }) => subnetId === second.subnetId)!;
    const vpcId = it.vpcId;
    const { networkAclId } = made(cloud.ec2.createNetworkAcl({ vpcId }));
    made(cloud.ec2.replaceNetworkAclAssociation({ associationId, networkAclId }));
    await it.twin.settle();
    expect(said(api)).toEqual([`3 ${TIMED_OUT}`]);
  });

  test('time out where a rule lets in one address of the load balancer only', async () => {
    const { cloud, store } = it.twin;
    const { networkInterfaceId } = store.list('elbv2/load-balancer')[0]!.zones[0]!;
    const eni = store.get('ec2/network-interface', networkInterfaceId)!;
    const groupId = store.list('eks/cluster')[0]!.clusterSecurityGroupId;
    const cidr = `${eni.privateIpAddresses[0]!.address}/32`;
    const rule = { protocol: '-1', peer: { kind: 'ipv4', cidr } } as const;
    made(cloud.ec2.authorizeSecurityGroupIngress({ groupId, rules: [rule] }));
    await it.twin.settle();
    expect(said(api)).toEqual([`3 ${TIMED_OUT}`]);
  });

  test('refuse where nothing listens on the port of the check', async () => {
    it.letIn(it.open);
    made(
      it.twin.cloud.elbv2.modifyTargetGroup({
        targetGroupArn: api.targetGroupArn,
        healthCheck: { port: '9999' },
      }),
    );
    await it.twin.settle();
    expect(said(api)).toEqual(['3 unhealthy Target.FailedHealthChecks Health checks failed']);
  });

  test('time out behind a policy that does not know the load balancer', async () => {
    it.letIn(it.open);
    await it.twin.settle();
    expect(said(api)).toEqual(['3 healthy']);
    const policy = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'closed', namespace: 'shop' },
      spec: { podSelector: { matchLabels: { app: 'api' } }, policyTypes: ['Ingress'] },
    };
    it.twin.apply([policy]);
    await it.twin.settle();
    expect(said(api)).toEqual([`3 ${TIMED_OUT}`]);
    it.twin.kubernetes.delete('NetworkPolicy', 'shop/closed');
    await it.twin.settle();
    expect(said(api)).toEqual(['3 healthy']);
  });

  test('that are gone time out, where nobody deregisters them', async () => {
    it.letIn(it.open);
    await it.twin.settle();
    it.twin.kubernetes.patch('Deployment', 'shop/api', 'merge', { spec: { replicas: 1 } });
    await it.twin.settle();
    expect(said(api)).toEqual(['1 healthy', `2 ${TIMED_OUT}`]);
  });
});

describe('nodes behind an NLB', () => {
  const SERVICE = `
---
apiVersion: v1
kind: Service
metadata: {name: local, namespace: shop}
spec:
  type: LoadBalancer
  loadBalancerClass: example.com/nobody
  externalTrafficPolicy: Local
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080}]
`;

  test('with traffic kept local only those are healthy that have a pod', async () => {
    it = new Balancing(await shop(SERVICE));
    const { ports, healthCheckNodePort } = it.twin.store.get('Service', 'shop/local')!.spec;
    const { nodePort } = ports![0]!;
    const group = it.targets({
      targetType: 'instance',
      protocol: 'TCP',
      port: nodePort!,
      healthCheck: { protocol: 'HTTP', port: String(healthCheckNodePort), path: '/healthz' },
    });
    const balancer = it.balancer({ type: 'network' });
    it.listener(balancer, 80, 'TCP', forwardTo(group));
    it.registerNodes(group, nodePort!);
    it.letIn(it.open);
    await it.twin.settle();
    // Codes of answers are told by Application Load Balancers only.
    const mismatch = 'unhealthy Target.FailedHealthChecks Health checks failed';
    expect(said(group)).toEqual(['1 healthy', `1 ${mismatch}`]);
    it.twin.kubernetes.patch('Deployment', 'shop/web', 'merge', { spec: { replicas: 0 } });
    await it.twin.settle();
    expect(said(group)).toEqual([`2 ${mismatch}`]);
    const [gone] = it.twin.store.list('ec2/instance');
    made(it.twin.cloud.ec2.terminateInstances({ instanceIds: [gone!.instanceId] }));
    await it.twin.settle();
    expect(said(group)).toContain('1 unused Target.InvalidState Target is in the terminated state');
  });
});
