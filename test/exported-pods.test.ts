/**
 * Goal: an exported cluster is taken as it is. Its revision hashes were made by Go and cannot be
 * computed again, yet no pod is replaced for that; a changed template still rolls.
 */
import { expect, test } from 'vitest';
import { readInputFiles } from '../src/cli/input-files.ts';
import { buildTwin, type Twin } from '../src/twin/index.ts';

const FILES = ['examples/traffic-flows/aws', 'examples/traffic-flows/kubernetes'];

const SET = `
apiVersion: v1
kind: List
items:
  - apiVersion: apps/v1
    kind: StatefulSet
    metadata: {name: db, namespace: shop, uid: 00000000-0000-4000-8000-00000000d0b0, generation: 4}
    spec:
      serviceName: db
      replicas: 1
      selector: {matchLabels: {app: db}}
      template:
        metadata: {labels: {app: db}}
        spec: {containers: [{name: db, image: db}]}
    status: {observedGeneration: 4, replicas: 1, currentRevision: db-6bc6d8f7b5, updateRevision: db-6bc6d8f7b5}
  - apiVersion: v1
    kind: Pod
    metadata:
      name: db-0
      namespace: shop
      uid: 00000000-0000-4000-8000-00000000d0b1
      labels: {app: db, controller-revision-hash: db-6bc6d8f7b5, statefulset.kubernetes.io/pod-name: db-0}
      ownerReferences:
        - {apiVersion: apps/v1, kind: StatefulSet, name: db, uid: 00000000-0000-4000-8000-00000000d0b0, controller: true}
    spec: {nodeName: ip-10-0-3-10.ec2.internal, containers: [{name: db, image: db}]}
    status: {phase: Running, podIP: 10.0.3.52, podIPs: [{ip: 10.0.3.52}]}
`;

const names = (twin: Twin, prefix: string): string[] =>
  twin.store
    .list('Pod')
    .map(({ metadata }) => metadata.name)
    .filter((name) => name.startsWith(prefix))
    .sort();

test('pods of exported DaemonSets and StatefulSets stay, and roll when their template changes', async () => {
  const files = [...readInputFiles(FILES), { path: 'db.yaml', text: SET }];
  const twin = await buildTwin(files, { seed: 1 });
  await twin.settle();
  expect(names(twin, 'aws-node')).toEqual(['aws-node-7k2xp', 'aws-node-m4q8d']);
  expect(names(twin, 'kube-proxy')).toEqual(['kube-proxy-2zc9w', 'kube-proxy-tb6fn']);
  expect(twin.store.get('Pod', 'shop/db-0')?.status?.podIP).toBe('10.0.3.52');
  twin.setEnv([{ kind: 'daemonset', name: 'aws-node', key: 'WARM_IP_TARGET', value: '2' }]);
  await twin.settle();
  const rolled = names(twin, 'aws-node');
  expect(rolled).toHaveLength(2);
  expect(rolled).not.toContain('aws-node-7k2xp');
  expect(names(twin, 'kube-proxy')).toEqual(['kube-proxy-2zc9w', 'kube-proxy-tb6fn']);
});
