/**
 * The command as a person at 3 a.m. uses it: damaged exports, wrong names, typing mistakes. Runs
 * the source in a process of its own, so that exit statuses and both streams are the real ones.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const SLOW_MS = 30_000;
let folder = '';

const CLUSTER = `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: demo, region: eu-west-1}
managedNodeGroups:
- {name: ng, instanceType: m5.large, desiredCapacity: 1, privateNetworking: true}
`;

function ekstwin(...words: readonly string[]) {
  const args = ['--import', 'tsx', join(ROOT, 'src', 'cli', 'main.ts'), ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  });
  return { status, stdout, stderr };
}

const path = (...names: readonly string[]): string => join(folder, ...names);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ekstwin-cli-'));
  writeFileSync(path('cluster.yaml'), CLUSTER);
  const { status, stderr } = ekstwin('export', path('twin'), '-f', path('cluster.yaml'));
  if (status !== 0) throw new Error(stderr);
}, SLOW_MS);
afterAll(() => rmSync(folder, { recursive: true }));

test(
  'an export comes back as the same pods on the same addresses',
  () => {
    const question = ['get', 'pods', '-A', '-o', 'wide', '-q', '-f'];
    const made = ekstwin(...question, path('cluster.yaml'));
    expect(made.stdout).toContain('coredns');
    expect(ekstwin(...question, path('twin')).stdout).toBe(made.stdout);
  },
  SLOW_MS,
);

test(
  'who reads only the first line, as head does, sees no stack trace',
  () => {
    const command = `"${process.execPath}" --import tsx src/cli/main.ts get pods -A -o yaml -q -f examples/the-slash-24`;
    const script = `{ ${command}; echo "status $?" >&2; } | head -1`;
    const { stdout, stderr } = spawnSync('sh', ['-c', script], { cwd: ROOT, encoding: 'utf8' });
    expect(stdout.split('\n')).toHaveLength(2);
    expect(stderr).toBe('status 0\n');
  },
  SLOW_MS,
);

test(
  'kubectl exports without the aws ones still list their pods',
  () => {
    const names = readdirSync(path('twin', 'kubernetes'));
    expect(names).toContain('pods.json');
    const { status, stdout } = ekstwin('get', 'pods', '-A', '-f', path('twin', 'kubernetes'));
    expect([status, stdout.includes('coredns')]).toEqual([0, true]);
  },
  SLOW_MS,
);

test(
  'what AWS does not print of an interface makes none where its document is missing',
  () => {
    rmSync(path('twin', 'aws', 'describe-network-interfaces.json'));
    // describe-instances shows the nodes' interfaces too.
    const { status, stderr } = ekstwin('get', 'enis', '-f', path('twin'));
    expect([status, stderr.includes('bug in ekstwin')]).toEqual([0, false]);
    rmSync(path('twin', 'aws', 'describe-subnets.json'));
    const without = ekstwin('get', 'pods', '-A', '-f', path('twin'));
    expect(without.status).toBe(2);
    expect(without.stderr).toContain('add the subnets: aws ec2 describe-subnets');
  },
  SLOW_MS,
);

test(
  'a name in another namespace, and a misspelt setting, are said',
  () => {
    const missed = ekstwin('get', 'deploy', 'coredns', '-f', path('cluster.yaml'));
    expect(missed.status).toBe(2);
    expect(missed.stderr).toContain('it is in namespace kube-system: add -n kube-system');
    const setting = ['--set-env', 'daemonset/aws-node:WARM_IP_TRAGET=2'];
    const asked = ekstwin('get', 'deploy', 'coredns', '-A', '-f', path('cluster.yaml'), ...setting);
    expect(asked.status).toBe(0);
    expect(asked.stderr).toContain('did you mean WARM_IP_TARGET');
  },
  SLOW_MS,
);

test.each(['public-nodes', 'private-cluster-cannot-join', 'traffic-flows'])(
  'story %s tells the network of its first command',
  (name) => {
    const { status, stdout, stderr } = ekstwin('story', name);
    expect(status, stderr).toBe(0);
    expect(stdout).toContain('The network these files make:');
  },
  SLOW_MS,
);
