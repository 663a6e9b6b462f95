import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestService, testService } from './service.fixture.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';

const map = (name: string, labels: object = {}, data: object = { a: '1' }) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels },
  data,
});

const pod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'nginx:1' }] },
});

let api: TestService;
beforeAll(async () => {
  api = await testService();
});
afterAll(() => api.close());

const names = (list: { items: { metadata: { name: string } }[] }): string[] =>
  list.items.map((it) => it.metadata.name);

describe('a list', () => {
  beforeAll(async () => {
    for (let i = 0; i < 7; i++) {
      await api.ask('POST', '/api/v1/namespaces/kube-public/configmaps', {
        body: map(`page-${i}`, { odd: String(i % 2) }),
      });
    }
  });
  const LIST = '/api/v1/namespaces/kube-public/configmaps';

  test('comes in pages of one revision, whatever happens in between', async () => {
    const first = await api.ask('GET', `${LIST}?limit=3&labelSelector=odd`);
    expect(names(first.json)).toEqual(['page-0', 'page-1', 'page-2']);
    expect(first.json.metadata.remainingItemCount).toBeUndefined();
    await api.ask('DELETE', `${LIST}/page-4`);
    const { continue: token, resourceVersion } = first.json.metadata;
    const second = await api.ask('GET', `${LIST}?limit=3&labelSelector=odd&continue=${token}`);
    expect(names(second.json)).toEqual(['page-3', 'page-4', 'page-5']);
    expect(second.json.metadata.resourceVersion).toBe(resourceVersion);
    await api.ask('POST', LIST, { body: map('page-4', { odd: '0' }) });
  });

  test('says how many are left, unless a selector hides it', async () => {
    const { json } = await api.ask('GET', `${LIST}?limit=2`);
    const all = await api.ask('GET', LIST);
    expect(json.metadata.remainingItemCount).toBe(all.json.items.length - 2);
  });

  test('of a page that nobody remembers goes on inconsistently, with a token for it', async () => {
    const token = Buffer.from(
      JSON.stringify({ v: 'meta.k8s.io/v1', rv: 1, start: 'kube-public/page-1\0' }),
    ).toString('base64url');
    const gone = await api.ask('GET', `${LIST}?limit=1&labelSelector=odd&continue=${token}`);
    expect(gone.code).toBe(410);
    expect(gone.json.reason).toBe('Expired');
    expect(gone.json.message).toContain('The provided continue parameter is too old');
    const again = gone.json.metadata.continue;
    const next = await api.ask('GET', `${LIST}?limit=1&labelSelector=odd&continue=${again}`);
    expect(names(next.json)).toEqual(['page-2']);
  });

  test('at a revision that has not happened is a 504, at one long gone a 410', async () => {
    const ahead = await api.ask('GET', `${LIST}?resourceVersion=99999999`);
    expect([ahead.code, ahead.json.details.causes[0].reason]).toEqual([
      504,
      'ResourceVersionTooLarge',
    ]);
    const past = await api.ask('GET', `${LIST}?resourceVersion=1&resourceVersionMatch=Exact`);
    expect(past.code).toBe(410);
    expect((await api.ask('GET', `${LIST}?resourceVersion=1`)).code).toBe(200);
  });

  test('refuses parameters that contradict each other', async () => {
    const { code, json } = await api.ask('GET', `${LIST}?resourceVersionMatch=Exact`);
    expect(code).toBe(422);
    expect(json.message).toBe(
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: ' +
        'resourceVersionMatch is forbidden unless resourceVersion is provided',
    );
    expect((await api.ask('GET', `${LIST}?limit=many`)).code).toBe(400);
  });

  test('comes as a table or as YAML for who asks', async () => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
    const { json } = await api.ask('GET', `${LIST}?limit=1`, { accept });
    expect(json.kind).toBe('Table');
    expect(json.rows[0].cells[0]).toBe(json.rows[0].object.metadata.name);
    const yaml = await api.ask('GET', `${LIST}/page-1`, { accept: 'application/yaml' });
    expect(yaml.headers['content-type']).toBe('application/yaml');
    expect(yaml.text).toMatch(/^kind: ConfigMap\napiVersion: v1\n/);
  });
});

describe('a watch', () => {
  test('goes on from a revision, and from nothing with what there is', async () => {
    const before = (await api.ask('GET', MAPS)).json.metadata.resourceVersion;
    await api.ask('POST', MAPS, { body: map('w1') });
    const watch = await api.watch(`${MAPS}?watch=1&resourceVersion=${before}`);
    await api.ask('DELETE', `${MAPS}/w1`);
    await watch.until(2);
    expect(watch.events.map(({ type }) => type)).toEqual(['ADDED', 'DELETED']);
    const [added, deleted] = watch.events.map(({ object }) =>
      Number((object.metadata as { resourceVersion: string }).resourceVersion),
    );
    expect(deleted).toBeGreaterThan(added!);
    watch.close();
    const fresh = await api.watch('/api/v1/namespaces?watch=true');
    await fresh.until(4);
    expect(fresh.events.every(({ type }) => type === 'ADDED')).toBe(true);
    fresh.close();
  });

  test('of a selection sees objects come into it and leave it', async () => {
    await api.ask('POST', MAPS, { body: map('w2', { tier: 'fe' }) });
    const { resourceVersion } = (await api.ask('GET', MAPS)).json.metadata;
    const watch = await api.watch(
      `${MAPS}?watch=1&labelSelector=tier%3Dfe&resourceVersion=${resourceVersion}`,
    );
    const relabel = (tier: string) =>
      api.ask('PATCH', `${MAPS}/w2`, {
        type: 'application/merge-patch+json',
        body: { metadata: { labels: { tier } } },
      });
    await relabel('be');
    await relabel('fe');
    await api.ask('PATCH', `${MAPS}/w2`, {
      type: 'application/merge-patch+json',
      body: { data: { a: '2' } },
    });
    await watch.until(3);
    expect(watch.events.map(({ type }) => type)).toEqual(['DELETED', 'ADDED', 'MODIFIED']);
    // What leaves is shown as it was while it was in.
    expect((watch.events[0]!.object as { metadata: { labels: object } }).metadata.labels).toEqual({
      tier: 'fe',
    });
    watch.close();
  });

  test('that lists first marks the end of what there was', async () => {
    const watch = await api.watch(
      '/api/v1/namespaces?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan' +
        '&allowWatchBookmarks=true',
    );
    await watch.until(5);
    const { type, object } = watch.events[4]!;
    expect(type).toBe('BOOKMARK');
    expect((object.metadata as { annotations: object }).annotations).toEqual({
      'k8s.io/initial-events-end': 'true',
    });
    watch.close();
  });

  test('from a revision that is forgotten is told so, and ended', async () => {
    for (let i = 0; i < 10_500; i++) {
      api.twin.kubernetes.updateStatus({
        ...(api.twin.store.get('Namespace', 'kube-public') as never as ReturnType<typeof map>),
        status: { phase: 'Active', round: i },
      } as never);
    }
    const watch = await api.watch('/api/v1/namespaces?watch=1&resourceVersion=2');
    await watch.ended;
    const [event] = watch.events;
    expect([event?.type, event?.object.code, event?.object.reason]).toEqual([
      'ERROR',
      410,
      'Expired',
    ]);
  });

  test('lasts as long as it asks for', async () => {
    const watch = await api.watch(`${MAPS}?watch=1&resourceVersion=0&timeoutSeconds=1`);
    await watch.ended;
    expect(watch.response.statusCode).toBe(200);
  });

  test('of a client that does not read is ended; the others go on', async () => {
    const slow = await api.watch(`${MAPS}?watch=1&labelSelector=bulk`);
    slow.response.pause();
    const data = { a: 'x'.repeat(900_000) };
    for (let i = 0; i < 40; i++) {
      await api.ask('POST', MAPS, { body: map(`bulk-${i}`, { bulk: '1' }, data) });
    }
    slow.response.resume();
    await slow.ended;
    expect(slow.events.length).toBeLessThan(40);
    await api.ask('DELETE', `${MAPS}?labelSelector=bulk`);
  });

  test('is cheap: a thousand of them see a change', async () => {
    const watches = await Promise.all(
      Array.from({ length: 1_000 }, () => api.watch('/api/v1/nodes?watch=1')),
    );
    await api.ask('POST', '/api/v1/nodes', {
      body: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } },
    });
    await Promise.all(watches.map((it) => it.until(1)));
    for (const it of watches) it.close();
  });
});

describe('a write', () => {
  test('that is a dry run gives nothing away and writes nothing', async () => {
    const service = (name: string) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { type: 'NodePort', ports: [{ port: 80 }] },
    });
    const path = '/api/v1/namespaces/default/services';
    const { revision } = api.twin.store;
    const tried = await api.ask('POST', `${path}?dryRun=All`, { body: service('dry') });
    expect(tried.code).toBe(201);
    expect(tried.json.spec.clusterIP).toMatch(/^172\.20\./);
    expect(api.twin.store.revision).toBe(revision);
    const { clusterIP } = tried.json.spec;
    const taken = { ...service('wet'), spec: { ports: [{ port: 80 }], clusterIP } };
    expect((await api.ask('POST', path, { body: taken })).json.spec.clusterIP).toBe(clusterIP);
    expect((await api.ask('DELETE', `${path}/wet?dryRun=All`)).code).toBe(200);
    expect((await api.ask('GET', `${path}/wet`)).code).toBe(200);
    expect((await api.ask('POST', `${path}?dryRun=Some`, { body: service('x') })).code).toBe(422);
  });

  test('must be of what the URL names', async () => {
    const said = async (body: object, method = 'POST', path = PODS) =>
      (await api.ask(method, path, { body })).json.message;
    expect(await said({ ...pod('a'), kind: 'Service' })).toBe(
      'Service in version "v1" cannot be handled as a Pod: converting (v1.Service) to ' +
        '(core.Pod): unknown conversion',
    );
    expect(await said({ ...pod('a'), metadata: { name: 'a', namespace: 'other' } })).toBe(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
    expect(await said({ ...pod(''), metadata: {} })).toBe(
      'Pod "" is invalid: metadata.name: Required value: name or generateName is required',
    );
    expect(await said(map('b'), 'PUT', `${MAPS}/a`)).toBe(
      'the name of the object (b) does not match the name on the URL (a)',
    );
  });

  test('by PUT or by server-side apply answers 201 where it creates, 200 where it changes', async () => {
    const path = '/apis/coordination.k8s.io/v1/namespaces/default/leases/held';
    const lease = (holderIdentity: string) => ({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'held', namespace: 'default' },
      spec: { holderIdentity },
    });
    const codes = async (method: string, at: string, type?: string) => {
      const more = type === undefined ? {} : { type };
      const first = await api.ask(method, at, { body: lease('a'), ...more });
      const second = await api.ask(method, at, { body: lease('b'), ...more });
      expect((await api.ask('DELETE', path)).code).toBe(200);
      return [first.code, second.code];
    };
    expect((await api.ask('PUT', `${path}?dryRun=All`, { body: lease('a') })).code).toBe(201);
    expect(await codes('PUT', path)).toEqual([201, 200]);
    const applied = `${path}?fieldManager=me`;
    expect(await codes('PATCH', applied, 'application/apply-patch+yaml')).toEqual([201, 200]);
  });

  test('of text that is no JSON is refused in Go’s words', async () => {
    const said = async (body: string) => (await api.ask('POST', PODS, { body })).json.message;
    const head = 'the object provided is unrecognized (must be of type Pod): ';
    expect(await said('{"a":tru}')).toBe(
      `${head}couldn't get version/kind; json parse error: invalid character '}' in literal ` +
        `true (expecting 'e') ({"a":tru})`,
    );
    expect(await said('')).toContain('unexpected end of JSON input (<empty>)');
    expect(await said('[1]')).toContain('json: cannot unmarshal array into Go value');
  });

  test('in YAML is one too, in CSV is none', async () => {
    const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-yaml}\n';
    expect((await api.ask('POST', MAPS, { body: yaml, type: 'application/yaml' })).code).toBe(201);
    expect((await api.ask('POST', MAPS, { body: 'a,b', type: 'text/csv' })).code).toBe(415);
    expect((await api.ask('GET', MAPS, { accept: 'text/csv' })).code).toBe(406);
    expect((await api.ask('PATCH', MAPS)).code).toBe(405);
  });

  test('of more than three mebibytes, or of an object too large for etcd, is refused', async () => {
    const big = await api.ask('POST', MAPS, { body: Buffer.alloc(3 * 1024 * 1024 + 1, 0x20) });
    expect([big.code, big.json.message]).toEqual([
      413,
      'Request entity too large: limit is 3145728',
    ]);
    const args = ['x'.repeat(1_600_000)];
    const container = { name: 'c', image: 'nginx:1', args };
    const large = await api.ask('POST', PODS, {
      body: { ...pod('large'), spec: { containers: [container] } },
    });
    expect([large.code, large.json.message]).toEqual([500, 'etcdserver: request is too large']);
    const stuffed = await api.ask('POST', MAPS, {
      body: map('big', {}, { a: 'x'.repeat(2 ** 21) }),
    });
    expect([stuffed.code, stuffed.json.message]).toEqual([
      422,
      'ConfigMap "big" is invalid: []: Too long: must have at most 1048576 bytes',
    ]);
  });

  test('tells who owns what', async () => {
    const made = await api.ask('POST', `${MAPS}?fieldManager=me`, { body: map('owned') });
    expect(made.json.metadata.managedFields[0]).toMatchObject({
      manager: 'me',
      operation: 'Update',
      fieldsV1: { 'f:data': { 'f:a': {} } },
    });
  });
});

describe('a request for another', () => {
  const WHO = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const whoAmI = async (headers: Readonly<Record<string, string | readonly string[]>>) =>
    api.ask('POST', WHO, { body, headers });

  test('is answered as that user, and warned that nothing is refused to anybody', async () => {
    const { json, headers } = await whoAmI({
      'Impersonate-User': 'jane',
      'Impersonate-Group': ['dev', 'ops'],
      'Impersonate-Extra-example.com%2Fscope': 'all',
    });
    expect(json.status.userInfo).toEqual({
      username: 'jane',
      groups: ['dev', 'ops', 'system:authenticated'],
      extra: { 'example.com/scope': ['all'] },
    });
    expect(headers.warning).toContain('RBAC is not enforced');
    const listed = await api.ask('GET', PODS, { headers: { 'Impersonate-User': 'jane' } });
    expect([listed.code, listed.headers.warning]).toEqual([200, headers.warning]);
    expect((await api.ask('GET', PODS)).headers.warning).toBeUndefined();
  });

  test('of a ServiceAccount has its groups; of nobody it is an error', async () => {
    const { json } = await whoAmI({ 'Impersonate-User': 'system:serviceaccount:shop:web' });
    expect(json.status.userInfo.groups).toEqual([
      'system:serviceaccounts',
      'system:serviceaccounts:shop',
      'system:authenticated',
    ]);
    const nobody = await whoAmI({ 'Impersonate-Group': 'dev' });
    expect(nobody.code).toBe(500);
    expect(nobody.json.message).toContain('without impersonating a user');
  });

  test('that a certificate be signed says who asks, is kept, and signed by nobody', async () => {
    const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
    const csr = {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name: 'jane' },
      spec: { request: 'MA==', signerName: 'kubernetes.io/kube-apiserver-client', usages: ['any'] },
    };
    const headers = { 'Impersonate-User': 'jane' };
    const made = await api.ask('POST', path, { body: csr, headers });
    expect(made.json.spec).toMatchObject({ username: 'jane', groups: ['system:authenticated'] });
    expect(made.headers.warning).toContain('nobody signs it');
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const { rows } = (await api.ask('GET', path, { accept })).json;
    expect(rows[0].cells).toEqual([
      'jane',
      expect.any(String),
      'kubernetes.io/kube-apiserver-client',
      'jane',
      '<none>',
      'Pending',
    ]);
    const approval = await api.ask('PUT', `${path}/jane/approval`, { body: made.json });
    expect([approval.code, approval.json.message]).toEqual([
      501,
      expect.stringContaining('certificatesigningrequests/approval'),
    ]);
  });
});

test('the control plane says that it is well, and is only asked', async () => {
  const path = '/api/v1/componentstatuses';
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const table = await api.ask('GET', path, { accept });
  expect(table.json.rows.map((it: { cells: unknown[] }) => it.cells)).toEqual([
    ['controller-manager', 'Healthy', 'ok', ''],
    ['etcd-0', 'Healthy', 'ok', ''],
    ['scheduler', 'Healthy', 'ok', ''],
  ]);
  expect(table.headers.warning).toContain('v1 ComponentStatus is deprecated in v1.19+');
  const { json } = await api.ask('GET', `${path}/etcd-0`);
  expect(json).toEqual({
    kind: 'ComponentStatus',
    apiVersion: 'v1',
    metadata: { name: 'etcd-0', creationTimestamp: null },
    conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }],
  });
  expect((await api.ask('GET', `${path}/web`)).code).toBe(404);
  expect((await api.ask('DELETE', `${path}/etcd-0`)).code).toBe(405);
  const { resources } = (await api.ask('GET', '/api/v1')).json;
  expect(resources.find((it: { kind: string }) => it.kind === 'ComponentStatus').verbs).toEqual([
    'get',
    'list',
  ]);
});

describe('a delete', () => {
  test('keeps to its preconditions', async () => {
    await api.ask('POST', MAPS, { body: map('kept') });
    const { code, json } = await api.ask('DELETE', `${MAPS}/kept`, {
      body: { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: 'other' } },
    });
    expect(code).toBe(409);
    expect(json.message).toContain('the UID in the precondition (other) does not match');
    const done = await api.ask('DELETE', `${MAPS}/kept`);
    expect(done.json).toMatchObject({ status: 'Success', details: { kind: 'configmaps' } });
  });

  test('of a collection takes what is selected', async () => {
    for (const name of ['x', 'y']) await api.ask('POST', MAPS, { body: map(name, { go: name }) });
    const { json } = await api.ask('DELETE', `${MAPS}?labelSelector=go%3Dx`);
    expect(names(json)).toEqual(['x']);
    expect((await api.ask('GET', `${MAPS}/y`)).code).toBe(200);
  });

  test('of a pod answers with the pod', async () => {
    await api.ask('POST', PODS, { body: pod('short') });
    expect((await api.ask('DELETE', `${PODS}/short`)).json.kind).toBe('Pod');
  });
});

describe('who may ask', () => {
  const eksToken = (date: Date, headers = 'host;x-k8s-aws-id'): string => {
    const at = `${date.toISOString().replaceAll(/[-:]/g, '').slice(0, 15)}Z`;
    const query = new URLSearchParams({
      Action: 'GetCallerIdentity',
      Version: '2011-06-15',
      'X-Amz-Credential': `AKIAEXAMPLE/${at.slice(0, 8)}/us-west-2/sts/aws4_request`,
      'X-Amz-Date': at,
      'X-Amz-SignedHeaders': headers,
    });
    const url = `https://sts.us-west-2.amazonaws.com/?${query}`;
    return `k8s-aws-v1.${Buffer.from(url).toString('base64url')}`;
  };
  const code = async (token: string): Promise<number> =>
    (await api.ask('GET', MAPS, { token })).code;

  test('is who has the token, or a fresh one of aws eks get-token', async () => {
    expect(await code('wrong')).toBe(401);
    expect(await code(eksToken(new Date()))).toBe(200);
    expect(await code(eksToken(new Date(Date.now() - 3_600_000)))).toBe(401);
    expect(await code(eksToken(new Date(), 'host'))).toBe(401);
    expect(await code('k8s-aws-v1.bm90IGEgdXJs')).toBe(401);
  });

  test('is a ServiceAccount with a token of its own', async () => {
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } };
    const path = '/api/v1/namespaces/default/serviceaccounts';
    await api.ask('POST', path, { body: account });
    const { json } = await api.ask('POST', `${path}/robot/token`, { body: {} });
    const { token } = json.status;
    const who = await api.ask('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      body: {},
      token,
    });
    expect(who.json.status.userInfo.username).toBe('system:serviceaccount:default:robot');
    expect(await code(`${token.slice(0, -2)}xx`)).toBe(401);
  });
});

describe('discovery', () => {
  test('is aggregated for who asks, in the version asked for', async () => {
    const accept = (version: string) =>
      `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList,application/json`;
    for (const version of ['v2', 'v2beta1']) {
      const { headers, json } = await api.ask('GET', '/apis', { accept: accept(version) });
      expect(headers['content-type']).toContain(`v=${version};as=APIGroupDiscoveryList`);
      expect(json.apiVersion).toBe(`apidiscovery.k8s.io/${version}`);
    }
    expect((await api.ask('GET', '/apis')).json.kind).toBe('APIGroupList');
  });

  test('lists scale, and nothing under names nobody serves', async () => {
    const { json } = await api.ask('GET', '/apis/apps/v1');
    const scale = json.resources.find((it: { name: string }) => it.name === 'deployments/scale');
    expect(scale).toMatchObject({ group: 'autoscaling', version: 'v1', kind: 'Scale' });
    expect((await api.ask('GET', '/apis/apps/v2')).code).toBe(404);
    expect((await api.ask('GET', '/apis/nobody')).code).toBe(404);
    expect((await api.ask('GET', '/nowhere')).code).toBe(404);
  });
});
