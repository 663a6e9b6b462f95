/** `ekstwin up` as a person has it: built, asked, stopped, gone on with. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { smallCluster } from '../src/twin/small-cluster.fixture.ts';
import { EKSTWIN, ensureBuilt } from './ekstwin-command.ts';
import { ServedTwin } from './served-twin.ts';

const WORKLOAD = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx}]}
`;

let served: ServedTwin;
let files: string[];

beforeAll(async () => {
  ensureBuilt();
  served = new ServedTwin(EKSTWIN);
  const cluster = join(served.folder, 'cluster.yaml');
  const web = join(served.folder, 'web.yaml');
  writeFileSync(cluster, smallCluster(1));
  writeFileSync(web, WORKLOAD);
  files = ['-f', cluster, '-f', web];
  await served.start(files);
}, 240_000);
afterAll(() => served.dispose());

describe('ekstwin up', () => {
  test('says where it is reached, what to paste and what to try', () => {
    expect(served.printed).toContain('small is up in us-west-2');
    expect(served.printed).toContain('eval "$(ekstwin env)"');
    expect(served.printed).toContain('kubectl get pods -A -o wide');
  });

  test('every question answers as of the files it was built from', () => {
    for (const words of [
      ['capacity'],
      ['network'],
      ['get', 'enis', '-o', 'wide'],
      ['get', 'pods', '-A', '-o', 'name'],
      ['trace', 'deploy/default/web', 'apiserver', '-o', 'json'],
    ]) {
      const ofRunning = served.ekstwin(...words);
      const ofFiles = served.ekstwin(...words, ...files, '--quiet');
      const noAges = (text: string): string => text.replaceAll(/\b\d+[smhd]+\b/g, '<age>');
      expect(noAges(ofRunning.stdout), words.join(' ')).toBe(noAges(ofFiles.stdout));
      expect(ofRunning.status).toBe(ofFiles.status);
    }
  });

  test('a node’s pool, its pages and the timeline are those of the twin that runs', () => {
    const name = served.ekstwin('get', 'nodes', '-o', 'name').stdout.trim().replace('node/', '');
    expect(served.ekstwin('node', name, 'pool').stdout).toContain('ipamd is ready');
    const pages = served.ekstwin('node', name, 'introspect', '/v1/enis').stdout;
    expect(JSON.parse(pages)).toMatchObject({ '0': { AssignedIPs: expect.any(Number) } });
    expect(served.ekstwin('node', name, 'metrics').stdout).toContain('awscni_');
    expect(served.ekstwin('timeline', 'deployment/web').stdout).toContain('from apply to Ready');
  });

  test('a what-if is asked of a copy: the twin itself is as it was', () => {
    const setEnv = ['--set-env', 'daemonset/aws-node:WARM_IP_TARGET=2', '--quiet'];
    const before = served.ekstwin('get', 'enis', '-o', 'wide').stdout;
    const asked = served.ekstwin('get', 'enis', '-o', 'wide', ...setEnv);
    expect(asked.status).toBe(0);
    expect(asked.stdout).not.toBe(before);
    expect(served.ekstwin('get', 'enis', '-o', 'wide').stdout).toBe(before);
  });

  test('status and env know it; a name that nobody has is told', () => {
    const { stdout, status } = served.ekstwin('status', '-o', 'json');
    expect(status).toBe(0);
    const said = JSON.parse(stdout) as Record<string, unknown>;
    expect(said).toMatchObject({ running: true, cluster: 'small', pid: served.pid });
    expect(said).not.toHaveProperty('token');
    expect(served.variables().get('AWS_REGION')).toBe('us-west-2');
    expect(served.ekstwin('status', '--name', 'other').status).toBe(1);
    expect(served.ekstwin('env', '--name', 'other')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('start one: ekstwin up -f PATH'),
    });
  });

  test('a program of the user’s runs with its settings, and its exit status comes back', () => {
    const bin = join(served.folder, 'bin');
    mkdirSync(bin, { recursive: true });
    const script = '#!/bin/sh\necho "$KUBECONFIG $AWS_ENDPOINT_URL $@"\nexit 3\n';
    for (const name of ['kubectl', 'aws']) writeFileSync(join(bin, name), script, { mode: 0o755 });
    const run = (...words: readonly string[]) =>
      spawnSync(process.execPath, [EKSTWIN, ...words], {
        encoding: 'utf8',
        env: { ...served.env, PATH: `${bin}:/usr/bin:/bin` },
      });
    const variables = served.variables();
    const kubectl = run('kubectl', 'get', 'pods', '-o', 'wide', '--help');
    expect(kubectl.status).toBe(3);
    expect(kubectl.stdout).toContain(`${variables.get('KUBECONFIG')}`);
    expect(kubectl.stdout).toContain('get pods -o wide --help');
    const endpoint = variables.get('AWS_ENDPOINT_URL');
    expect(run('aws', 'sts').stdout).toContain(`--endpoint-url ${endpoint} sts`);
  });

  test('a component is installed, and what it does not heed is named', () => {
    const install = () =>
      served.ekstwin('install', 'external-dns', '-n', 'dns', '--set', 'policy=sync,a.b=c');
    expect(install()).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('--set a.b: nothing in the twin reads this value'),
    });
    expect(install().status).toBe(0);
    expect(served.ekstwin('get', 'deploy', '-n', 'dns').stdout).toContain('external-dns');
    expect(served.ekstwin('install', 'calico').stderr).toContain('not a component');
  });

  test('every namespace has the certificate it is served with, a pod’s own file too', () => {
    const kubeconfig = readFileSync(served.variables().get('KUBECONFIG')!, 'utf8');
    const [, authority = ''] = /certificate-authority-data: (\S+)/.exec(kubeconfig)!;
    const own = Buffer.from(authority, 'base64').toString();
    expect(own).toContain('BEGIN CERTIFICATE');
    const maps = served.ekstwin('get', 'cm', 'kube-root-ca.crt', '-A', '-o', 'json');
    const { items } = JSON.parse(maps.stdout) as { items: { data: Record<string, string> }[] };
    expect(items.length).toBeGreaterThanOrEqual(4);
    for (const { data } of items) expect(data).toEqual({ 'ca.crt': own });
    const file = '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt';
    expect(served.ekstwin('exec', 'deploy/default/web', '--', 'cat', file).stdout).toBe(own);
  });

  test('kubelets renew their leases by the clock on the wall', () => {
    const { stdout } = served.ekstwin('get', 'leases', '-n', 'kube-node-lease', '-o', 'json');
    const { items } = JSON.parse(stdout) as { items: { spec: { renewTime: string } }[] };
    expect(items).toHaveLength(1);
    expect(Date.now() - Date.parse(items[0]!.spec.renewTime)).toBeLessThan(30_000);
  });

  test('without the token nobody gets a copy', async () => {
    const url = `${served.variables().get('AWS_ENDPOINT_URL')}/ekstwin/snapshot`;
    expect((await fetch(url)).status).toBe(401);
    const headers = { authorization: 'Bearer guessed' };
    expect((await fetch(url, { headers })).status).toBe(401);
  });

  test('a second one of its name is refused; stopped, it goes on where it was', async () => {
    expect(served.ekstwin('up')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('a twin is up already'),
    });
    const before = served.ekstwin('get', 'pods', '-A', '-o', 'wide', '--no-headers').stdout;
    expect(served.ekstwin('down').stdout).toContain('stopped');
    expect(served.ekstwin('get', 'pods')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('or start one: ekstwin up -f PATH'),
    });
    const other = join(served.folder, 'other.yaml');
    writeFileSync(other, smallCluster(2));
    expect(served.ekstwin('up', '-f', other)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('was built from other inputs'),
    });
    await served.stop();
    await served.start([]);
    const names = (text: string) => text.split('\n').map((line) => line.split(/\s+/)[1]);
    const after = served.ekstwin('get', 'pods', '-A', '-o', 'wide', '--no-headers').stdout;
    expect(names(after)).toEqual(names(before));
    expect(served.ekstwin('timeline').stderr).toContain('are known since');
  });
});
