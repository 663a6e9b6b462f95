/** What changes through the API do to a cluster: the verbs that kubectl's commands send. */
import { describe, expect, test } from 'vitest';
import { evictPod } from '../cluster/evict-pod.ts';
import { isApiStatus } from '../cluster/kubernetes.ts';
import { Names } from '../datapath/dns/names.ts';
import type { DaemonSet, Deployment } from '../model/kubernetes/apps.ts';
import { conditionOf } from '../model/kubernetes/condition.ts';
import { type KubernetesObject, keyOf } from '../model/kubernetes/meta.ts';
import { deploymentText, settledTwin, smallCluster } from './small-cluster.fixture.ts';
import type { Twin } from './twin.ts';

const WEB = deploymentText('default', 'web', 3, '{name: web, image: nginx}');
const web = (twin: Twin): Deployment => twin.store.get('Deployment', 'default/web')!;
const awsNode = (twin: Twin): DaemonSet => twin.store.get('DaemonSet', 'kube-system/aws-node')!;
const nodeNames = (twin: Twin): string[] =>
  twin.store.list('Node').map(({ metadata }) => metadata.name);
const webPods = (twin: Twin) =>
  twin.store.list('Pod').filter(({ metadata }) => metadata.labels?.app === 'web');
const kinds = (twin: Twin, kind: string): KubernetesObject[] =>
  twin.store.list('Unknown').filter((it) => it.kind === kind);

/** `kubectl rollout restart`. */
const restartPatch = (at: string) => ({
  spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': at } } } },
});

function accepted<Result>(result: Result): Result {
  if (isApiStatus(result)) throw new Error(result.message);
  return result;
}

describe('a DaemonSet', () => {
  test('kubectl set env daemonset aws-node restarts every ipamd with the new value', async () => {
    const twin = await settledTwin(smallCluster(2), WEB);
    const before = twin.store
      .list('Pod')
      .filter((it) => it.metadata.labels?.['k8s-app'] === 'aws-node');
    const env = [{ name: 'WARM_IP_TARGET', value: '3' }];
    accepted(
      twin.kubernetes.patch('DaemonSet', 'kube-system/aws-node', 'strategic', {
        spec: { template: { spec: { containers: [{ name: 'aws-node', env }] } } },
      }),
    );
    expect(awsNode(twin).metadata.generation).toBe(2);
    await twin.settle();
    const { status } = awsNode(twin);
    expect(status).toMatchObject({
      observedGeneration: 2,
      updatedNumberScheduled: 2,
      numberAvailable: 2,
    });
    for (const { metadata } of before)
      expect(twin.store.get('Pod', `kube-system/${metadata.name}`)).toBeUndefined();
    for (const name of nodeNames(twin)) {
      const card = twin.nodePool(name)!.cards[0]!;
      expect(card.settings.warmIpTarget).toBe(3);
      expect(card.availableIps).toBe(3);
    }
  });

  test('rollout history has both templates, and undo goes back to the first', async () => {
    const twin = await settledTwin(smallCluster(1), WEB);
    const env = [{ name: 'WARM_IP_TARGET', value: '3' }];
    const patch = { spec: { template: { spec: { containers: [{ name: 'aws-node', env }] } } } };
    accepted(twin.kubernetes.patch('DaemonSet', 'kube-system/aws-node', 'strategic', patch));
    await twin.settle();
    const revisions = kinds(twin, 'ControllerRevision')
      .filter((it) => it.metadata.name.startsWith('aws-node-'))
      .map((it) => it as KubernetesObject & { revision: number; data: object })
      .sort((a, b) => a.revision - b.revision);
    expect(revisions.map(({ revision }) => revision)).toEqual([1, 2]);
    // kubectl rollout undo sends the revision's data as a strategic merge patch.
    accepted(
      twin.kubernetes.patch('DaemonSet', 'kube-system/aws-node', 'strategic', revisions[0]!.data),
    );
    await twin.settle();
    const { template } = awsNode(twin).spec;
    const names = template.spec.containers[0]!.env!.map(({ name }) => name);
    expect(names).not.toContain('WARM_IP_TARGET');
    expect(JSON.stringify(template)).not.toContain('$patch');
    expect(twin.nodePool(nodeNames(twin)[0]!)!.cards[0]!.settings.warmIpTarget).toBe(0);
  });
});

describe('a Deployment', () => {
  test('rollout restart makes a second ReplicaSet and says how far it is', async () => {
    const twin = await settledTwin(smallCluster(2), WEB);
    const before = webPods(twin).map(({ metadata }) => metadata.name);
    const at = '2026-01-01T00:10:00Z';
    accepted(twin.kubernetes.patch('Deployment', 'default/web', 'strategic', restartPatch(at)));
    const waiting = web(twin);
    expect(waiting.status!.observedGeneration).toBeLessThan(waiting.metadata.generation!);
    await twin.settle();
    const { metadata, status } = web(twin);
    expect(metadata.annotations!['deployment.kubernetes.io/revision']).toBe('2');
    expect(status).toMatchObject({
      observedGeneration: metadata.generation,
      updatedReplicas: 3,
      replicas: 3,
      availableReplicas: 3,
    });
    expect(conditionOf(status!.conditions, 'Progressing')).toMatchObject({
      status: 'True',
      reason: 'NewReplicaSetAvailable',
    });
    expect(conditionOf(status!.conditions, 'Available')?.status).toBe('True');
    const after = webPods(twin).map((pod) => pod.metadata.name);
    expect(after).toHaveLength(3);
    expect(after.some((name) => before.includes(name))).toBe(false);
  });

  test('scaling to nothing and back moves the addresses of its Service', async () => {
    const service = `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
`;
    const twin = await settledTwin(smallCluster(2), `${WEB}---\n${service}`);
    const endpoints = () => kinds(twin, 'Endpoints').find((it) => it.metadata.name === 'web')!;
    const addresses = () =>
      ((endpoints().subsets as { addresses?: { ip: string }[] }[] | undefined) ?? []).flatMap(
        (it) => (it.addresses ?? []).map(({ ip }) => ip),
      );
    const ips = () => webPods(twin).map(({ status }) => status!.podIP!);
    expect(addresses()).toEqual(ips().sort());
    accepted(
      twin.kubernetes.patch('Deployment', 'default/web', 'merge', { spec: { replicas: 0 } }),
    );
    await twin.settle();
    expect(addresses()).toEqual([]);
    accepted(
      twin.kubernetes.patch('Deployment', 'default/web', 'merge', { spec: { replicas: 5 } }),
    );
    await twin.settle();
    expect(addresses()).toEqual(ips().sort());
    expect(addresses()).toHaveLength(5);
  });
});

describe('a node', () => {
  test('cordoned takes no pods, uncordoned it does', async () => {
    const twin = await settledTwin(smallCluster(1), '');
    const [name] = nodeNames(twin);
    accepted(twin.kubernetes.patch('Node', name!, 'strategic', { spec: { unschedulable: true } }));
    await twin.settle();
    expect(twin.store.get('Node', name!)!.spec.taints).toMatchObject([
      { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' },
    ]);
    accepted(
      twin.kubernetes.create({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'p', namespace: 'default' },
        spec: { containers: [{ name: 'c', image: 'nginx' }] },
      } as KubernetesObject),
    );
    await twin.settle();
    expect(twin.store.get('Pod', 'default/p')!.status!.phase).toBe('Pending');
    accepted(twin.kubernetes.patch('Node', name!, 'strategic', { spec: { unschedulable: null } }));
    await twin.settle();
    expect(twin.store.get('Node', name!)!.spec.taints ?? []).toEqual([]);
    expect(twin.store.get('Pod', 'default/p')!.status!.phase).toBe('Running');
  });

  test('a NoExecute taint evicts', async () => {
    const twin = await settledTwin(smallCluster(2), WEB);
    const name = webPods(twin)[0]!.spec.nodeName!;
    const taints = [{ key: 'maintenance', value: 'yes', effect: 'NoExecute' }];
    accepted(twin.kubernetes.patch('Node', name, 'strategic', { spec: { taints } }));
    await twin.settle();
    expect(webPods(twin)).toHaveLength(3);
    expect(webPods(twin).map(({ spec }) => spec.nodeName)).not.toContain(name);
  });

  test('deleted through kubectl stays away while its instance runs, as no kubelet registers twice', async () => {
    const twin = await settledTwin(smallCluster(2), WEB);
    const [name, other] = nodeNames(twin);
    accepted(twin.kubernetes.delete('Node', name!));
    await twin.settle();
    expect(nodeNames(twin)).toEqual([other]);
    expect(twin.store.list('ec2/instance').map(({ state }) => state)).toEqual([
      'running',
      'running',
    ]);
    // The pods that were on it are gone with it, and made again on the other.
    expect(webPods(twin).map(({ spec }) => spec.nodeName)).toEqual([other, other, other]);
  });

  test('whose instance is terminated goes, and the group brings another', async () => {
    const twin = await settledTwin(smallCluster(2), WEB);
    const before = nodeNames(twin);
    const { instanceId } = twin.store.list('ec2/instance')[0]!;
    accepted(twin.cloud.ec2.terminateInstances({ instanceIds: [instanceId] }));
    await twin.settle();
    const after = nodeNames(twin);
    expect(after).toHaveLength(2);
    expect(after.filter((name) => before.includes(name))).toHaveLength(1);
    const phases = webPods(twin).map(({ status, spec }) => ({
      phase: status!.phase,
      isThere: after.includes(spec.nodeName!),
    }));
    expect(phases).toEqual(Array(3).fill({ phase: 'Running', isThere: true }));
  });

  test('is drained: what a budget protects goes one by one, DaemonSets stay', async () => {
    const budget = `apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}
`;
    const twin = await settledTwin(smallCluster(2), `${WEB}---\n${budget}`);
    const status = () => twin.store.get('PodDisruptionBudget', 'default/web')!.status;
    expect(status()).toMatchObject({
      currentHealthy: 3,
      desiredHealthy: 2,
      expectedPods: 3,
      disruptionsAllowed: 1,
    });
    const evict = (key: string) => evictPod(twin.store, twin.kubernetes, twin.clock.now(), key);
    const name = webPods(twin)[0]!.spec.nodeName!;
    accepted(twin.kubernetes.patch('Node', name, 'strategic', { spec: { unschedulable: true } }));
    const [first, second] = webPods(twin).map(keyOf);
    expect(evict(first!)).toBe(true);
    expect(evict(second!)).toMatchObject({
      code: 429,
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: {
        causes: [
          {
            reason: 'DisruptionBudget',
            message: 'The disruption budget web needs 2 healthy pods and has 3 currently',
          },
        ],
      },
    });
    for (let round = 0; round < 3; round += 1) {
      await twin.settle();
      for (const pod of webPods(twin)) if (pod.spec.nodeName === name) evict(keyOf(pod));
    }
    await twin.settle();
    expect(webPods(twin).filter(({ spec }) => spec.nodeName === name)).toEqual([]);
    expect(status()).toMatchObject({ currentHealthy: 3, disruptionsAllowed: 1 });
    expect(twin.store.lookup('Pod', 'node', name).length).toBeGreaterThanOrEqual(2);
    expect(evict('default/nobody')).toMatchObject({
      code: 404,
      message: 'pods "nobody" not found',
    });
  });
});

test('an edit of the coredns ConfigMap changes what a pod is answered', async () => {
  const twin = await settledTwin(smallCluster(1), WEB);
  const { namespace, name } = webPods(twin)[0]!.metadata;
  const from = { kind: 'pod', namespace: namespace!, name } as const;
  const asked = () => new Names(twin.store).lookup(from, 'db.corp.internal', ['A']);
  expect(asked().records).toEqual([]);
  const corefile = twin.store.get('ConfigMap', 'kube-system/coredns')!.data!.Corefile!;
  const hosts = '    hosts {\n        10.9.8.7 db.corp.internal\n        fallthrough\n    }\n';
  const Corefile = corefile.replace(/\n( *)forward /, (line) => `\n${hosts.slice(0, -1)}${line}`);
  accepted(
    twin.kubernetes.patch('ConfigMap', 'kube-system/coredns', 'merge', { data: { Corefile } }),
  );
  await twin.settle();
  expect(asked().records.map(({ data }) => data)).toEqual(['10.9.8.7']);
});
