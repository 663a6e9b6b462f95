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
