/** exec, attach, logs and port-forward of real kubectls, of every version there is. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runningTwin } from '../../src/api/running-twin.fixture.ts';
import { settledTwin, smallCluster } from '../../src/twin/small-cluster.fixture.ts';
import type { Twin } from '../../src/twin/twin.ts';
import { type Ran, type ServedApi, servedApi } from './served-api.ts';
import { kubectls } from './tools.ts';

const PODS = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: default, labels: {app: web}}
spec: {containers: [{name: nginx, image: "nginx:1.27", ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: two, namespace: default}
spec: {containers: [{name: a, image: "nginx:1.27"}, {name: b, image: "busybox:1"}]}
`;

/** Gives a program a terminal. */
const SCRIPT = '/usr/bin/script';

test.skipIf(kubectls().length > 0)(
  'no kubectl on this machine: its commands are not run',
  () => {},
);

/** Waits until a child has printed something. */
const printed = (child: ChildProcessWithoutNullStreams, what: RegExp): Promise<RegExpExecArray> =>
  new Promise((resolve, reject) => {
    let text = '';
    const look = (piece: Buffer): void => {
      text += piece.toString();
      const found = what.exec(text);
      if (found !== null) resolve(found);
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.on('close', () => reject(new Error(`ended without ${what}: ${text}`)));
  });

describe.each(kubectls())('$label', ({ path, version }) => {
  let api: ServedApi;
  let twin: Twin;
  const isOld = version.startsWith('1.20');
  const started: ChildProcessWithoutNullStreams[] = [];
  const spawned = (args: readonly string[]): ChildProcessWithoutNullStreams => {
    const settings = { HOME: api.folder, KUBECONFIG: join(api.folder, 'config') };
    const child = spawn(path, args, { env: { ...process.env, ...settings } });
    started.push(child);
    return child;
  };
  const start = (line: string): ChildProcessWithoutNullStreams => spawned(line.split(' '));
  const run = (args: readonly string[], input = ''): Promise<Ran> =>
    new Promise((resolve) => {
      const child = spawned(args);
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (piece: Buffer) => (stdout += piece.toString()));
      child.stderr.on('data', (piece: Buffer) => (stderr += piece.toString()));
      child.on('close', (code) => resolve({ status: code ?? -1, stdout, stderr }));
      child.stdin.end(input);
    });
  const kubectl = (line: string, input?: string): Promise<Ran> => run(line.split(' '), input);

  beforeAll(async () => {
    twin = await settledTwin(smallCluster(2), PODS);
    api = await servedApi(runningTwin(twin));
  }, 60_000);
  afterAll(async () => {
    for (const child of started) child.kill('SIGKILL');
    await api?.close();
  });

  test('exec prints what the program prints and exits as it exits', async () => {
    expect(await kubectl('exec web -- echo hello world')).toEqual({
      status: 0,
      stdout: 'hello world\n',
      stderr: '',
    });
    const failed = await run(['exec', 'web', '--', 'sh', '-c', 'echo no >&2; exit 7']);
    expect(failed).toEqual({
      status: 7,
      stdout: '',
      stderr: 'no\ncommand terminated with exit code 7\n',
    });
  });

  test('exec -i reads standard input to its end', async () => {
    expect((await kubectl('exec -i web -- cat', 'one\ntwo\n')).stdout).toBe('one\ntwo\n');
    const many = 'a line of some length\n'.repeat(10_000);
    expect((await kubectl('exec -i web -- wc -c', many)).stdout.trim()).toBe(String(many.length));
  });

  test('200 kB of output come whole', async () => {
    const { stdout } = await kubectl('exec web -- seq 1 40000');
    expect(stdout.split('\n')).toHaveLength(40_001);
    expect(stdout.endsWith('39999\n40000\n')).toBe(true);
  });

  test.skipIf(!existsSync(SCRIPT))(
    `exec -it: a prompt, an echo, Ctrl-C, and the shell's exit code (needs ${SCRIPT})`,
    async () => {
      const line = `${path} exec -it web -- sh`;
      const settings = { HOME: api.folder, KUBECONFIG: join(api.folder, 'config') };
      const child = spawn(SCRIPT, ['-qec', line, '/dev/null'], {
        env: { ...process.env, ...settings },
      });
      started.push(child);
      const closed = new Promise((resolve) => child.on('close', resolve));
      await printed(child, /[#$] /);
      child.stdin.write('echo $((6*7))\r');
      await printed(child, /42\r\n/);
      child.stdin.write('sleep 1000\r');
      await printed(child, /sleep 1000/);
      await new Promise((resolve) => setTimeout(resolve, 200));
      child.stdin.write('\x03');
      await printed(child, /[#$] $/);
      child.stdin.write('exit 3\r');
      expect(await closed).toBe(3);
    },
  );

  test('a curl inside of the pod is the datapath’s', async () => {
    const ip = twin.store.get('Pod', 'default/web')?.status?.podIP;
    const url = `http://${ip}/`;
    const got = await run([
      'exec',
      'two',
      '-c',
      'a',
      '--',
      'curl',
      '-s',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      url,
    ]);
    expect(got.stdout).toBe('200');
    const refused = await kubectl(`exec two -c a -- curl -s http://${ip}:81/`);
    expect(refused.status).toBe(7);
  });

  test('what does not start, is not there or is not named is told as by a cluster', async () => {
    const twice = isOld ? '' : 'Internal error occurred: ';
    const missing = await kubectl('exec web -- nosuch');
    expect(missing.status).toBe(1);
    expect(missing.stderr.replace(/[0-9a-f]{64}/, 'ID')).toBe(
      `error: ${twice}Internal error occurred: error executing command in container: failed to ` +
        'exec in container: failed to start exec "ID": OCI runtime exec failed: exec failed: ' +
        'unable to start container process: exec: "nosuch": executable file not found in $PATH: ' +
        'unknown\n',
    );
    expect((await kubectl('exec nobody -- ls')).stderr).toContain('pods "nobody" not found');
    expect((await kubectl('exec two -c zz -- ls')).stderr).toBe(
      'Error from server (BadRequest): container zz is not valid for pod two\n',
    );
  });

  test('cp of a container without tar says so', async () => {
    const pod = twin.store
      .list('Pod')
      .find(({ metadata }) => metadata.labels?.['k8s-app'] === 'kube-dns')!.metadata.name;
    const { status, stderr } = await kubectl(`cp kube-system/${pod}:/etc/hosts never`);
    expect(status).not.toBe(0);
    expect(stderr).toContain('"tar": executable file not found in $PATH');
  });

  test('logs: all, the last line, with timestamps, of one of two containers, of nobody', async () => {
    const all = (await kubectl('logs -n kube-system -l k8s-app=kube-dns --tail=-1')).stdout;
    expect(all).toMatch(/^\.:53\n/);
    const pod = twin.store
      .list('Pod')
      .find(({ metadata }) => metadata.labels?.['k8s-app'] === 'kube-dns')!.metadata.name;
    const last = (await kubectl(`logs -n kube-system ${pod} --tail=1`)).stdout;
    expect(last.split('\n')).toHaveLength(2);
    const stamped = (await kubectl(`logs -n kube-system ${pod} --tail=1 --timestamps`)).stdout;
    expect(stamped).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z /);
    expect((await kubectl(`logs -n kube-system ${pod} --limit-bytes=3`)).stdout).toBe('.:5');
    expect((await kubectl(`logs -n kube-system ${pod} --tail=-5`)).status).not.toBe(0);
    expect((await kubectl('logs two -c a')).stdout).toContain('container a started');
    const previous = await kubectl('logs web --previous');
    expect(previous.stderr).toBe(
      'Error from server (BadRequest): previous terminated container "nginx" in pod "web" not found\n',
    );
    expect((await kubectl('logs nobody')).stderr).toContain('pods "nobody" not found');
  });

  test('logs -f goes on until the pod is gone', async () => {
    await run(['run', 'short', '--image=nginx', '--restart=Never']);
    await expect
      .poll(async () => (await kubectl('get pod short -o jsonpath={.status.phase}')).stdout, {
        timeout: 20_000,
      })
      .toBe('Running');
    const following = start('logs -f short');
    const closed = new Promise((resolve) => following.on('close', resolve));
    await printed(following, /container short started/);
    await kubectl('delete pod short --now --wait=false');
    expect(await closed).toBe(0);
  });

  test('port-forward: an HTTP request gets to the pod, many on one connection', async () => {
    const forwarding = start('port-forward pod/web :80');
    const [, port] = await printed(forwarding, /Forwarding from 127\.0\.0\.1:(\d+) -> 80/);
    for (const path of ['/', '/a?b=c']) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`);
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({
        pod: 'web',
        path,
        port: 80,
        client: '127.0.0.1',
      });
    }
    forwarding.kill();
  });

  test('port-forward to a port where nobody listens says so', async () => {
    const forwarding = start('port-forward pod/web :81');
    const [, port] = await printed(forwarding, /Forwarding from 127\.0\.0\.1:(\d+) -> 81/);
    const socket = createConnection(Number(port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\n\r\n');
    const [told] = await printed(forwarding, /an error occurred forwarding[^\n]*\n/);
    expect(told).toContain('failed to connect to localhost:81 inside namespace');
    expect(told).toContain('connect: connection refused');
    socket.destroy();
    forwarding.kill();
  });

  test('run -i attaches to a program that waits, and the pod ends with it', async () => {
    const ran = await run(
      ['run', 'once', '--image=busybox', '--restart=Never', '-i', '--quiet', '--', 'sh'],
      'echo from the pod; exit 3\n',
    );
    expect(ran.stdout).toContain('from the pod\n');
    const { status } = twin.store.get('Pod', 'default/once')!;
    expect(status!.containerStatuses![0]!.state!.terminated).toMatchObject({ exitCode: 3 });
    expect(status!.phase).toBe('Failed');
  });

  test('debug of a node lands in the node’s network', async () => {
    const node = twin.store.list('Node')[0]!;
    const { name } = node.metadata;
    const { stdout } = await kubectl(`debug node/${name} -i --image=ubuntu`, 'ip -4 addr; exit\n');
    const own = node.status!.addresses!.find(({ type }) => type === 'InternalIP')!.address;
    expect(stdout).toContain(`inet ${own}/`);
  });

  test('a kubelet that the API server does not reach: exec and logs wait, and say why', async () => {
    const groupId = twin.store.list('eks/cluster')[0]!.clusterSecurityGroupId;
    const rules = twin.store.get('ec2/security-group', groupId)!.rules;
    const ingress = rules.filter(({ direction }) => direction === 'ingress');
    expect(ingress.length).toBeGreaterThan(0);
    const ruleIds = ingress.map(({ ruleId }) => ruleId);
    twin.cloud.ec2.revokeSecurityGroupIngress({ groupId, ruleIds });
    const exec = await kubectl('exec web -- true');
    expect(exec.stderr).toMatch(/dial tcp 10\.30\.\d+\.\d+:10250: i\/o timeout/);
    const logs = await kubectl('logs web');
    expect(logs.stderr).toMatch(
      /Get "https:\/\/10\.30\.\d+\.\d+:10250\/containerLogs\/default\/web\/nginx": dial tcp/,
    );
  });
});
