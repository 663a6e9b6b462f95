import { beforeAll, describe, expect, test } from 'vitest';
import { Balancing, forwardTo, made } from '../../analysis/trace/balanced.fixture.ts';
import { shop } from '../../analysis/trace/trace.fixture.ts';
import type { Twin } from '../../twin/twin.ts';
import { exchange } from '../http/exchange.ts';
import { parseUrl, type Url } from '../http/message.ts';
import { memoryOf } from '../memory.ts';
import { startFailure } from '../run-program.ts';
import type { Machine, SentFlow } from '../session.ts';
import { podOf, say, worldOf } from '../shell.fixture.ts';

const DENY = `
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: shop}
spec: {podSelector: {matchLabels: {app: api}}, policyTypes: [Ingress]}
`;

const INGRESS = `
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front, namespace: shop}
spec:
  rules:
    - host: shop.example.org
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: api, port: {number: 80}}}}]}
`;

const ipOf = (twin: Twin, { podKey }: { podKey: string }): string =>
  twin.store.get('Pod', podKey)!.status!.podIP!;

/** A pod of `api` on another node than the machine's. */
function elsewhere(twin: Twin, machine: Machine): string {
  const own = twin.store.get('Pod', (machine as { podKey: string }).podKey)!.spec.nodeName;
  return twin.store
    .list('Pod')
    .find(({ metadata, spec }) => metadata.labels?.app === 'api' && spec.nodeName !== own)!.status!
    .podIP!;
}

/** Takes away what lets nodes and pods talk to each other; gives what puts it back. */
function closeCluster(twin: Twin): () => void {
  const { ec2 } = twin.cloud;
  const { clusterSecurityGroupId: groupId } = twin.store.list('eks/cluster')[0]!;
  const { rules } = twin.store.get('ec2/security-group', groupId)!;
  const held = rules.filter(({ direction }) => direction === 'ingress');
  made(ec2.revokeSecurityGroupIngress({ groupId, ruleIds: held.map((it) => it.ruleId) }));
  return () =>
    void made(
      ec2.authorizeSecurityGroupIngress({
        groupId,
        rules: held.map(({ protocol, fromPort, toPort, peer }) => ({
          protocol,
          fromPort,
          toPort,
          peer,
        })),
      }),
    );
}

describe('curl', () => {
  let twin: Twin;
  let web: Machine;
  beforeAll(async () => {
    twin = await shop();
    web = podOf(twin, 'shop', 'web');
  }, 60_000);
  const curl = (...args: string[]) => say(worldOf(twin), web, ['curl', ...args]);

  test('reaches a Service by its short name; the echo says what the pod saw', async () => {
    const { status, out } = await curl('-s', 'http://api/cart?id=1');
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      namespace: 'shop',
      path: '/cart?id=1',
      host: 'api',
      port: 9000,
      client: ipOf(twin, web as { podKey: string }),
    });
  });

  test('two identical runs differ once a security group rule is revoked between them', async () => {
    const argv = ['-s', '-o', '/dev/null', '-m', '5', `http://${elsewhere(twin, web)}:9000/`];
    expect((await curl(...argv)).status).toBe(0);
    const letIn = closeCluster(twin);
    const denied = await curl(...argv);
    expect(denied).toMatchObject({ status: 28, tookMs: 5_000 });
    letIn();
    expect((await curl(...argv)).status).toBe(0);
  });

  test('a connection that is let in while SYNs are repeated stands after all', async () => {
    twin.clock.after(2_000, closeCluster(twin));
    // Repeated after 1 s, and after 3 s: then it passes.
    const { status, tookMs } = await curl('-s', `http://${elsewhere(twin, web)}:9000/`);
    expect([status, tookMs]).toEqual([0, 3_000]);
  });

  test.each([
    [
      ['http://wrong'],
      7,
      "curl: (7) Failed to connect to wrong port 80 after 3 ms: Couldn't connect to server\n",
    ],
    [
      ['http://nobody'],
      7,
      "curl: (7) Failed to connect to nobody port 80 after 3 ms: Couldn't connect to server\n",
    ],
    [['nix'], 6, 'curl: (6) Could not resolve host: nix\n'],
    [
      ['--connect-timeout', '5', '10.9.9.9'],
      28,
      'curl: (28) Failed to connect to 10.9.9.9 port 80 after 5000 ms: Timeout was reached\n',
    ],
    [['-m', '2', '10.9.9.9'], 28, 'curl: (28) Connection timed out after 2000 milliseconds\n'],
    [
      ['10.9.9.9'],
      28,
      'curl: (28) Failed to connect to 10.9.9.9 port 80 after 127000 ms: Timeout was reached\n',
    ],
    [['foo://x'], 1, 'curl: (1) Protocol "foo" not supported or disabled in libcurl\n'],
    [['http://a b/'], 3, 'curl: (3) URL rejected: Malformed input to a URL function\n'],
    [
      ['--bogus'],
      2,
      "curl: option --bogus: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
    ],
    [
      ['-f', 'https://kubernetes.default/api', '-k'],
      22,
      'curl: (22) The requested URL returned error: 403\n',
    ],
    [
      ['https://api:80'],
      35,
      'curl: (35) OpenSSL/3.0.19: error:0A00010B:SSL routines::wrong version number\n',
    ],
  ])('curl %j exits with %i', async (args, status, text) => {
    const said = await curl('-sS', ...args);
    expect([said.status, said.err]).toEqual([status, text]);
  });

  test('says what it does, and how long it took, as the real one', async () => {
    const { err } = await curl('-sv', '--connect-timeout', '5', '10.9.9.9');
    expect(err).toBe(
      '*   Trying 10.9.9.9:80...\n* ipv4 connect timeout after 4999ms, move on!\n' +
        '* Failed to connect to 10.9.9.9 port 80 after 5000 ms: Timeout was reached\n' +
        '* Closing connection 0\n',
    );
    const { err: told } = await curl('-sv', '-X', 'PUT', '-H', 'X-A: b', '-d', 'x=1', 'api');
    expect(told).toContain('* Connected to api (10.100.');
    expect(told).toContain('> PUT / HTTP/1.1\r\n> Host: api\r\n> User-Agent: curl/7.88.1\r\n');
    expect(told).toContain('> X-A: b\r\n> Content-Length: 3\r\n');
    expect(told).toContain('< HTTP/1.1 200 OK\r\n');
  });

  test('knows its variables, and several URLs: the last one is its exit status', async () => {
    const said = await curl(
      '-s',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code} %{remote_port}\\n',
      'api',
      'wrong',
    );
    expect(said.out).toBe('200 80\n000 0\n');
    expect(said.status).toBe(7);
  });

  test('retries what may pass, waiting between', async () => {
    const said = await curl(
      '-sS',
      '--retry',
      '2',
      '--retry-delay',
      '3',
      '--retry-all-errors',
      'wrong',
    );
    expect([said.status, said.tookMs]).toEqual([7, 6_000]);
  });

  test("the metadata service wants a token; a pod's hop is one too many for hop limit 1", async () => {
    const script =
      'curl -s -o /dev/null -w "%{http_code} " 169.254.169.254/latest/meta-data/; ' +
      'T=$(curl -s -m 4 -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 60" ' +
      '169.254.169.254/latest/api/token); echo $?; ' +
      'curl -s -H "X-aws-ec2-metadata-token: $T" 169.254.169.254/latest/meta-data/mac';
    const two = await say(worldOf(twin), web, ['sh', '-c', script]);
    expect(two.out).toMatch(/^401 0\n02?[0-9a-f:]+/);
    for (const { instanceId } of twin.store.list('ec2/instance'))
      made(
        twin.cloud.ec2.modifyInstanceMetadataOptions({ instanceId, httpPutResponseHopLimit: 1 }),
      );
    const one = await say(worldOf(twin), web, ['sh', '-c', script]);
    expect(one.out).toMatch(/^401 28\n/);
    const node = { kind: 'node', nodeName: twin.store.list('Node')[0]!.metadata.name } as const;
    expect((await say(worldOf(twin), node, ['sh', '-c', script])).out).toMatch(/^401 0\n/);
  });

  test('an answers file says what an image answers', async () => {
    const answers = [
      { image: 'sho*', paths: [{ path: '/health', status: 204, headers: {}, body: '' }] },
    ];
    const world = worldOf(twin, { answers });
    const argv = ['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}'];
    expect((await say(world, web, [...argv, 'api/health'])).out).toBe('204');
    expect((await say(world, web, [...argv, 'api/other'])).out).toBe('404');
  });
});

describe('names', () => {
  let twin: Twin;
  let web: Machine;
  beforeAll(async () => {
    twin = await shop();
    web = podOf(twin, 'shop', 'web');
  }, 60_000);
  const run = (...argv: string[]) => say(worldOf(twin), web, argv);

  test('the search list makes short names whole', async () => {
    const { clusterIP } = twin.store.get('Service', 'shop/api')!.spec;
    expect((await run('getent', 'hosts', 'api')).out).toContain('api.shop.svc.cluster.local');
    expect((await run('dig', '+short', 'api')).out).toBe('');
    expect((await run('dig', '+short', '+search', 'api')).out).toBe(`${clusterIP}\n`);
    expect((await run('nslookup', 'api.shop')).out).toContain(`Address: ${clusterIP}\n`);
    expect((await run('host', 'nix')).out).toBe('Host nix not found: 3(NXDOMAIN)\n');
  });

  test('a public stand-in is no answer to a name that was meant for a Service', async () => {
    for (const program of [['curl', '-sS'], ['ping', '-c1'], ['getent', 'hosts'], ['nslookup']]) {
      const said = await run(...program, 'nosuch.shop');
      expect([program[0], said.status === 0]).toEqual([program[0], false]);
    }
    expect((await run('dig', 'nosuch.shop')).out).toContain('status: NXDOMAIN');
    // A final dot makes it whole, and another server may be asked all the same.
    expect((await run('curl', '-sS', '-o', '/dev/null', 'http://nosuch.shop.')).status).toBe(0);
    expect((await run('dig', '+short', '@8.8.8.8', 'nosuch.shop')).out).toMatch(/^\d/);
    const node: Machine = { kind: 'node', nodeName: twin.store.list('Node')[0]!.metadata.name };
    const asked = await say(worldOf(twin), node, ['curl', '-sS', 'http://api.shop']);
    expect([asked.status, asked.err]).toEqual([6, 'curl: (6) Could not resolve host: api.shop\n']);
  });

  test('a host of an Ingress that no zone holds is not answered by the internet', async () => {
    const open = await shop(INGRESS);
    const pod = podOf(open, 'shop', 'web');
    const said = await say(worldOf(open), pod, ['curl', '-sS', 'http://shop.example.org/']);
    expect(said.status).not.toBe(0);
    expect(said.err).toContain('no hosted zone of the input holds it');
  });

  test('a resolver that does not answer is waited for: 5 s, twice', async () => {
    const dns = twin.store
      .list('Pod')
      .filter((it) => it.metadata.labels?.['k8s-app'] === 'kube-dns');
    const nodes = new Set(dns.map(({ spec }) => spec.nodeName));
    closeCluster(twin);
    const own = twin.store.get('Pod', (web as { podKey: string }).podKey)!.spec.nodeName;
    const far = podOfOtherNode(twin, nodes, own);
    const said = await say(worldOf(twin), far, ['curl', '-sS', 'http://api']);
    if (nodes.size === 1) expect([said.status, said.tookMs]).toEqual([6, 10_000]);
    const short = await say(worldOf(twin), far, ['curl', '-sS', '--connect-timeout', '3', 'api']);
    if (nodes.size === 1)
      expect(short.err).toBe('curl: (28) Resolving timed out after 3000 milliseconds\n');
  });
});

/** A pod on a node without CoreDNS, where there is one. */
function podOfOtherNode(
  twin: Twin,
  nodes: ReadonlySet<string | undefined>,
  own: string | undefined,
): Machine {
  const pod =
    twin.store
      .list('Pod')
      .find(({ metadata, spec }) => metadata.namespace === 'shop' && !nodes.has(spec.nodeName)) ??
    twin.store
      .list('Pod')
      .find(({ spec, metadata }) => metadata.namespace === 'shop' && spec.nodeName === own)!;
  return { kind: 'pod', podKey: `shop/${pod.metadata.name}`, container: 'main' };
}

describe('policy', () => {
  test('denies with silence: exit 28, a line in the agent’s log for every SYN, flows told', async () => {
    const twin = await shop(DENY);
    const web = podOf(twin, 'shop', 'web');
    const flows: SentFlow[] = [];
    const world = worldOf(twin, { onTrace: (flow) => void flows.push(flow) });
    const said = await say(world, web, ['curl', '-sS', 'http://api', '--connect-timeout', '5']);
    expect(said.status).toBe(28);
    // At 0, 1 and 3 s.
    const denied = flows.filter(({ disposition }) => disposition === 'denied-by-network-policy');
    expect(denied.map(({ atMs }) => atMs - denied[0]!.atMs)).toEqual([0, 1_000, 3_000]);
    const logs = twin.store
      .list('Node')
      .map(({ metadata }) => memoryOf(twin).policyLog(metadata.name));
    const lines = logs
      .join('')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatchObject({ 'Dest Port': 9000, Proto: 'TCP', Verdict: 'DENY' });
  }, 60_000);
});

describe('tools', () => {
  let twin: Twin;
  let web: Machine;
  beforeAll(async () => {
    twin = await shop();
    web = podOf(twin, 'shop', 'web');
  }, 60_000);
  const run = (...argv: string[]) => say(worldOf(twin), web, argv);

  test('nc -z says whether a port is open', async () => {
    expect((await run('nc', '-zv', 'api', '80')).err).toMatch(
      /^Connection to api \(10\..*\) 80 port \[tcp\/http\] succeeded!\n$/,
    );
    expect(await run('nc', '-zv', 'wrong', '80')).toMatchObject({ status: 1 });
    expect(await run('nc', '-zv', '-w', '2', '10.9.9.9', '80')).toMatchObject({
      status: 1,
      tookMs: 2_000,
    });
  });

  test('ping counts what comes back', async () => {
    const said = await run('ping', '-c', '2', elsewhere(twin, web));
    expect(said.out).toContain('2 packets transmitted, 2 received, 0% packet loss');
    expect(said.tookMs).toBe(1_000);
    expect(await run('ping', '-c', '1', '-W', '2', '10.9.9.9')).toMatchObject({
      status: 1,
      tookMs: 2_000,
    });
    expect(
      (await run('ping', '-c', '1', '-M', 'do', '-s', '9000', elsewhere(twin, web))).status,
    ).toBe(1);
  });

  test('ping without a count goes on until it is told to end', async () => {
    const said = await run('ping', '-w', '3', elsewhere(twin, web));
    expect(said.out).toContain('icmp_seq=3');
    expect(said).toMatchObject({ status: 0, tookMs: 3_000 });
  });

  test('ip, ss and files say what the pod has', async () => {
    const address = ipOf(twin, web as { podKey: string });
    expect((await run('ip', '-br', '-4', 'addr')).out).toContain(`${address}/32`);
    expect((await run('ip', 'route', 'get', '1.1.1.1')).out).toContain('via 169.254.1.1 dev eth0');
    expect((await run('ss', '-tln')).out).toContain('*:8080');
    expect((await run('cat', '/etc/resolv.conf')).out).toContain('ndots:5');
    expect((await run('hostname', '-I')).out).toBe(`${address} \n`);
    expect((await run('printenv', 'API_SERVICE_PORT_HTTP')).out).toBe('80\n');
    expect((await run('cat', '/app/config.json')).err).toContain('not simulated');
  });

  test('a program that is not there is what the runtime says of it', () => {
    expect(startFailure(worldOf(twin), web, ['foo'])).toBe(
      'OCI runtime exec failed: exec failed: unable to start container process: exec: "foo": ' +
        'executable file not found in $PATH: unknown',
    );
  });
});

test('a request from the internet goes through the load balancer, whose errors are its own pages', async () => {
  const it = new Balancing(await shop());
  const alb = it.balancer();
  const api = it.targets();
  it.listener(alb, 80, 'HTTP', forwardTo(api));
  it.registerPods(api, 'api');
  await it.twin.settle();
  const ask = () =>
    exchange(
      worldOf(it.twin),
      { kind: 'internet' },
      {
        method: 'GET',
        url: parseUrl(`http://${alb.dnsName}/x`) as Url,
        headers: [],
        body: '',
      },
    );
  const failed = await ask();
  if (failed?.kind !== 'answered') throw new Error('no answer');
  expect(failed.response.status).toBe(504);
  expect(failed.response.headers).toContainEqual({ name: 'Server', value: 'awselb/2.0' });
  expect(failed.response.body).toContain('<h1>504 Gateway Time-out</h1>');
  it.letIn(it.open);
  it.health(api);
  const answered = await ask();
  if (answered?.kind !== 'answered') throw new Error('no answer');
  expect(JSON.parse(answered.response.body)).toMatchObject({
    path: '/x',
    headers: { 'X-Forwarded-For': '198.51.100.7', 'X-Forwarded-Proto': 'http' },
  });
}, 60_000);
