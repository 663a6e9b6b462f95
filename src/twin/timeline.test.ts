/** What a twin remembers of a pod's way, asked of the smallest cluster that has one. */
import { expect, test } from 'vitest';
import { buildTwin } from './build.ts';

const FILES = `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: small, region: us-west-2, version: "1.33"}
managedNodeGroups:
  - {name: ng, instanceType: m5.large, desiredCapacity: 1, privateNetworking: true}
---
apiVersion: batch/v1
kind: Job
metadata: {name: once, namespace: default}
spec:
  template:
    spec: {restartPolicy: Never, containers: [{name: work, image: busybox}]}
`;

test('CNI ADD and DEL are kept with what the plugin was asked and what it left', async () => {
  const twin = await buildTwin([{ path: 'all.yaml', text: FILES }], { seed: 1 });
  await twin.runUntil(600_000);
  const calls = twin.timeline.steps.filter(
    ({ key, sandbox }) => sandbox !== undefined && key.startsWith('default/once-'),
  );
  expect(calls.map(({ step }) => step)).toEqual(['cni-add', 'cni-del']);
  const [add, del] = calls;
  const pod = twin.store.get('Pod', add!.key as `default/${string}`)!;
  expect(add!.sandbox).toMatchObject({
    podName: pod.metadata.name,
    podUid: pod.metadata.uid,
    containerId: expect.stringMatching(/^[0-9a-f]{64}$/),
    interfaces: [{ name: 'eth0', family: 4 }],
  });
  expect(del!.sandbox).toEqual(add!.sandbox);
});

test('a load balancer and its targets are kept from CreateLoadBalancer to healthy', async () => {
  const service = `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}
`;
  const files = [
    { path: 'all.yaml', text: FILES },
    { path: 'service.yaml', text: service },
  ];
  const twin = await buildTwin(files, { seed: 1, with: ['aws-load-balancer-controller'] });
  await twin.settle();
  const steps = twin.timeline.balancerSteps.filter(({ stack }) => stack === 'default/web');
  const of = (kind: string): string[] =>
    steps.filter(({ object }) => object.startsWith(kind)).map(({ what }) => what);
  expect([of('nlb/'), of('listener/')]).toEqual([['made', 'state'], ['made']]);
  // One node, one target: registered, then judged by its health check.
  expect(of('target-group/').slice(0, 2)).toEqual(['made', 'target']);
  expect(steps.find(({ what }) => what === 'target')?.text).toContain('registered, initial');
});
