/** @kubernetes/client-node 1.4.0 against the served Kubernetes API: what programs do with it. */
import { PassThrough, Writable } from 'node:stream';
import {
  ADD,
  type ApiType,
  AppsV1Api,
  CoreV1Api,
  Exec,
  KubeConfig,
  KubernetesObjectApi,
  Log,
  makeInformer,
  NetworkingV1Api,
  PatchStrategy,
  PortForward,
  setHeaderOptions,
  UPDATE,
  type V1ConfigMap,
  type V1Pod,
  type V1Status,
  Watch,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runningTwin, SERVED } from '../../src/api/running-twin.fixture.ts';
import { deploymentText, settledTwin, smallCluster } from '../../src/twin/small-cluster.fixture.ts';
import type { Twin } from '../../src/twin/twin.ts';
import { type ServedApi, servedApi } from './served-api.ts';

const namespace = 'default';

/** Keeps what is written to it. */
class Kept extends Writable {
  text = '';
  override _write(piece: Buffer, _encoding: string, done: () => void): void {
    this.text += piece.toString();
    done();
  }
}

describe('@kubernetes/client-node', () => {
  let api: ServedApi;
  let twin: Twin;
  let config: KubeConfig;
  const client = <Api extends ApiType>(make: new (configuration: never) => Api): Api =>
    config.makeApiClient(make as never) as Api;
  let core: CoreV1Api;

  beforeAll(async () => {
    const web = deploymentText(
      namespace,
      'web',
      2,
      '{name: web, image: "nginx:1.27", ports: [{containerPort: 80}]}',
    );
    twin = await settledTwin(smallCluster(2), web);
    api = await servedApi(runningTwin(twin));
    config = new KubeConfig();
    config.loadFromOptions({
      clusters: [
        { name: 'c', server: api.url, caData: Buffer.from(api.authority).toString('base64') },
      ],
      users: [{ name: 'u', token: SERVED.token }],
      contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
      currentContext: 'x',
    });
    core = client(CoreV1Api);
  }, 60_000);
  afterAll(() => api?.close());

  const configMap = (name: string, data: Record<string, string> = {}): V1ConfigMap => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace },
    data,
  });
  const podName = async (): Promise<string> => {
    const { items } = await core.listNamespacedPod({ namespace, labelSelector: 'app=web' });
    return items[0]!.metadata!.name!;
  };

  test('creates, reads, replaces, patches, lists and deletes', async () => {
    const made = await core.createNamespacedConfigMap({
      namespace,
      body: configMap('crud', { a: '1' }),
    });
    expect(made.metadata?.uid).toBeDefined();
    const replaced = await core.replaceNamespacedConfigMap({
      name: 'crud',
      namespace,
      body: { ...made, data: { a: '2' } },
    });
    expect(replaced.metadata?.resourceVersion).not.toBe(made.metadata?.resourceVersion);
    await expect(
      core.replaceNamespacedConfigMap({ name: 'crud', namespace, body: made }),
    ).rejects.toMatchObject({ code: 409 });
    const patched = await core.patchNamespacedConfigMap(
      { name: 'crud', namespace, body: { data: { b: '3' } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
    expect(patched.data).toEqual({ a: '2', b: '3' });
    const { items } = await core.listNamespacedConfigMap({
      namespace,
      fieldSelector: 'metadata.name=crud',
    });
    expect(items.map((it) => it.metadata?.name)).toEqual(['crud']);
    await core.deleteNamespacedConfigMap({ name: 'crud', namespace });
    await expect(core.readNamespacedConfigMap({ name: 'crud', namespace })).rejects.toMatchObject({
      code: 404,
    });
  });

  test('pages of a list join to the whole', async () => {
    const whole = await core.listPodForAllNamespaces();
    const names: string[] = [];
    let _continue: string | undefined;
    do {
      const page = await core.listPodForAllNamespaces({
        limit: 3,
        ...(_continue === undefined ? {} : { _continue }),
      });
      names.push(...page.items.map((it) => it.metadata!.name!));
      _continue = page.metadata?._continue;
    } while (_continue !== undefined && _continue !== '');
    expect(names).toEqual(whole.items.map((it) => it.metadata!.name!));
  });

  test('server-side apply owns fields, and another owner conflicts', async () => {
    const object = (color: string) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'applied', namespace },
      data: { color },
    });
    const objects = KubernetesObjectApi.makeApiClient(config);
    const apply = (color: string, manager: string, force = false) =>
      objects.patch(
        object(color),
        undefined,
        undefined,
        manager,
        force,
        PatchStrategy.ServerSideApply,
      );
    await apply('red', 'one');
    await expect(apply('blue', 'two')).rejects.toMatchObject({ code: 409 });
    const forced = (await apply('blue', 'two', true)) as V1ConfigMap;
    expect(forced.data).toEqual({ color: 'blue' });
    expect(forced.metadata?.managedFields?.map((it) => it.manager)).toContain('two');
  });

  test('a Deployment that is scaled has so many pods; a policy is what it was', async () => {
    const apps = client(AppsV1Api);
    await apps.patchNamespacedDeploymentScale(
      { name: 'web', namespace, body: { spec: { replicas: 3 } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
    await expect
      .poll(
        async () =>
          (await apps.readNamespacedDeployment({ name: 'web', namespace })).status?.readyReplicas,
        { timeout: 20_000 },
      )
      .toBe(3);
    const policy = await client(NetworkingV1Api).createNamespacedNetworkPolicy({
      namespace,
      body: {
        metadata: { name: 'deny' },
        spec: { podSelector: { matchLabels: { app: 'nobody' } }, policyTypes: ['Ingress'] },
      },
    });
    expect(policy.spec?.policyTypes).toEqual(['Ingress']);
  });

  test('an informer sees what is and what comes, and goes on after its connection is lost', async () => {
    const list = () => core.listNamespacedConfigMap({ namespace });
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    const informer = makeInformer(config, path, list);
    const added: string[] = [];
    const updated: string[] = [];
    let losses = 0;
    informer.on(ADD, (it) => added.push(it.metadata!.name!));
    informer.on(UPDATE, (it) => updated.push(it.metadata!.name!));
    informer.on('error', () => {
      losses++;
      setTimeout(() => void informer.start(), 20);
    });
    await informer.start();
    await core.createNamespacedConfigMap({ namespace, body: configMap('seen-1') });
    await expect.poll(() => added, { timeout: 10_000 }).toContain('seen-1');
    api.cutConnections();
    await core.createNamespacedConfigMap({ namespace, body: configMap('seen-2') });
    await expect.poll(() => added, { timeout: 20_000 }).toContain('seen-2');
    await core.patchNamespacedConfigMap(
      { name: 'seen-1', namespace, body: { data: { x: 'y' } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
    await expect.poll(() => updated, { timeout: 10_000 }).toContain('seen-1');
    expect(added.filter((it) => it === 'seen-1')).toHaveLength(1);
    expect(losses).toBeLessThanOrEqual(2);
    await informer.stop();
  });

  /** So many writes that what was before them is no longer kept. */
  const churn = (): void => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'churn', namespace } };
    for (let i = 0; i < 11_000; i++) {
      twin.store.put('ConfigMap', `${namespace}/churn`, { ...object, data: { i: String(i) } });
    }
  };

  test('an informer whose revision is gone meanwhile lists again', async () => {
    let lists = 0;
    const list = () => {
      lists++;
      return core.listNamespacedConfigMap({ namespace });
    };
    const informer = makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, list);
    const added: string[] = [];
    informer.on(ADD, (it) => added.push(it.metadata!.name!));
    informer.on('error', () => void informer.start());
    await informer.start();
    expect(lists).toBe(1);
    churn();
    api.cutConnections();
    await core.createNamespacedConfigMap({ namespace, body: configMap('after-the-gap') });
    await expect.poll(() => added, { timeout: 20_000 }).toContain('after-the-gap');
    expect(lists).toBeGreaterThanOrEqual(2);
    await informer.stop();
  });

  test('a watch from a revision that is gone is told 410', async () => {
    const watch = new Watch(config);
    const events: { readonly type: string; readonly code?: number }[] = [];
    churn();
    const done = new Promise<void>((resolve) => {
      void watch.watch(
        `/api/v1/namespaces/${namespace}/configmaps`,
        { resourceVersion: '1' },
        (type, it: V1Status) => events.push({ type, ...(it.code && { code: it.code }) }),
        () => resolve(),
      );
    });
    await done;
    expect(events.at(-1)).toEqual({ type: 'ERROR', code: 410 });
  });

  test('execs in a pod: output, input, and the Status with its exit code', async () => {
    const name = await podName();
    const [stdout, stderr] = [new Kept(), new Kept()];
    const status = await new Promise<V1Status>((resolve, reject) => {
      new Exec(config)
        .exec(
          namespace,
          name,
          'web',
          ['sh', '-c', 'echo out; echo err >&2; exit 5'],
          stdout,
          stderr,
          null,
          false,
          resolve,
        )
        .catch(reject);
    });
    expect([stdout.text, stderr.text]).toEqual(['out\n', 'err\n']);
    expect(status).toMatchObject({ status: 'Failure', reason: 'NonZeroExitCode' });
    expect(status.details?.causes).toEqual([{ reason: 'ExitCode', message: '5' }]);
    const stdin = new PassThrough();
    const counted = new Kept();
    const over = new Promise<V1Status>((resolve) => {
      void new Exec(config).exec(
        namespace,
        name,
        'web',
        ['wc', '-c'],
        counted,
        null,
        stdin,
        false,
        resolve,
      );
    });
    stdin.end('x'.repeat(12_345));
    expect((await over).status).toBe('Success');
    expect(counted.text.trim()).toBe('12345');
  });

  test('forwards a port to a pod', async () => {
    const name = await podName();
    const input = new PassThrough();
    const output = new Kept();
    const forwarded = await new PortForward(config).portForward(
      namespace,
      name,
      [80],
      output,
      null,
      input,
    );
    input.write('GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await expect.poll(() => output.text, { timeout: 10_000 }).toContain(`"pod": "${name}"`);
    expect(output.text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    (forwarded as { close(): void }).close();
  });

  test('reads a log, and follows one', async () => {
    const name = await podName();
    const kept = new Kept();
    const controller = await new Log(config).log(namespace, name, 'web', kept, { follow: true });
    await expect.poll(() => kept.text, { timeout: 10_000 }).toContain('container web started');
    controller.abort();
    const text = await core.readNamespacedPodLog({ name, namespace, tailLines: 1 });
    expect(text).toContain('container web started');
  });

  test('refusals are the API server’s: code, reason and message', async () => {
    const body: V1Pod = { metadata: { name: 'UPPER' }, spec: { containers: [] } };
    await expect(core.createNamespacedPod({ namespace, body })).rejects.toMatchObject({
      code: 422,
    });
    await expect(
      core.listNamespacedPod({ namespace, labelSelector: 'a in (' }),
    ).rejects.toMatchObject({ code: 400 });
  });
});
