import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeShim } from './aws-shim.ts';
import type { RunningState } from './running-state.ts';
import { exportText, unsetText } from './shell-environment.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ekstwin's env "));
});
afterEach(() => rmSync(folder, { recursive: true }));

const state = (): RunningState => ({
  name: 'default',
  pid: 1,
  version: '0.0.0',
  startedAt: '2026-01-01T00:00:00Z',
  cluster: 'shop',
  region: 'eu-west-1',
  speed: '1x',
  kubernetesUrl: 'https://127.0.0.1:6443',
  awsUrl: 'http://127.0.0.1:4566',
  proxyUrl: 'http://127.0.0.1:8888',
  kubeconfig: join(folder, "it's a kubeconfig"),
  programs: join(folder, 'bin'),
  data: undefined,
  token: 'token',
  awsAccessKeyId: 'AKIAEKSTWINEXAMPLE00',
  awsSecret: "s'ecret",
});

/** What bash has after it evaluated the texts, one after the other. */
function bashAfter(env: Record<string, string>, ...texts: readonly string[]) {
  const script = `${texts.join('\n')}\nenv -0`;
  const said = execFileSync('/bin/bash', ['--norc', '-c', script], { env, encoding: 'utf8' });
  const pairs = said.split('\0').map((line) => line.split(/=(.*)/s));
  const variables = Object.fromEntries(pairs.map(([name, value]) => [name, value ?? '']));
  for (const own of ['', '_', 'SHLVL', 'PWD', 'OLDPWD']) delete variables[own];
  return variables as Record<string, string>;
}

const BEFORE = {
  PATH: '/usr/bin:/bin',
  AWS_PROFILE: 'production',
  AWS_ENDPOINT_URL_EC2: 'https://ec2.example.com',
  KUBECONFIG: '/home/me/a b',
  no_proxy: 'example.com',
};

describe('ekstwin env', () => {
  test('bash has what kubectl, aws and curl need, whatever characters are in it', () => {
    const after = bashAfter(BEFORE, exportText(state(), BEFORE));
    expect(after).toMatchObject({
      KUBECONFIG: join(folder, "it's a kubeconfig"),
      AWS_SECRET_ACCESS_KEY: "s'ecret",
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
      AWS_EC2_METADATA_DISABLED: 'true',
      http_proxy: 'http://127.0.0.1:8888',
      no_proxy: 'example.com,127.0.0.1,localhost,::1',
      PATH: `${join(folder, 'bin')}:/usr/bin:/bin`,
    });
    expect(after).not.toHaveProperty('AWS_PROFILE');
    expect(after).not.toHaveProperty('AWS_ENDPOINT_URL_EC2');
  });

  test('--unset brings back what was there, once and after a second env', () => {
    const set = exportText(state(), BEFORE);
    const during = bashAfter(BEFORE, set);
    expect(bashAfter(BEFORE, set, unsetText(during))).toEqual(BEFORE);
    const again = exportText(state(), during);
    const twice = bashAfter(BEFORE, set, again);
    expect(twice).toEqual(during);
    expect(bashAfter(BEFORE, set, again, unsetText(twice))).toEqual(BEFORE);
  });

  test('--unset keeps what was put on PATH since, and does nothing where nothing was set', () => {
    const set = exportText(state(), BEFORE);
    const during = bashAfter(BEFORE, set, 'export PATH=/opt/mine:$PATH');
    const after = bashAfter(BEFORE, set, 'export PATH=/opt/mine:$PATH', unsetText(during));
    expect(after.PATH).toBe('/opt/mine:/usr/bin:/bin');
    expect(unsetText(BEFORE)).toBe('');
  });

  test('dash reads it too', () => {
    const script = `${exportText(state(), BEFORE)}\nprintf %s "$AWS_SECRET_ACCESS_KEY"`;
    expect(execFileSync('/bin/sh', ['-c', script], { env: BEFORE, encoding: 'utf8' })).toBe(
      "s'ecret",
    );
  });
});

describe('the aws shim', () => {
  const aws = (path: string, ...words: readonly string[]) =>
    spawnSync('aws', words, { env: { PATH: path }, encoding: 'utf8' });

  function fakeAws(): string {
    const bin = join(folder, 'real');
    mkdirSync(bin);
    writeFileSync(join(bin, 'aws'), '#!/bin/sh\nprintf "<%s>" "$@"\nexit 7\n');
    chmodSync(join(bin, 'aws'), 0o755);
    return bin;
  }

  test('hands everything to the real one with the address in front, and its exit status back', () => {
    const shim = join(folder, 'bin');
    writeShim(shim, 'http://127.0.0.1:4566');
    const path = `${shim}:${fakeAws()}:/usr/bin:/bin`;
    const { stdout, status } = aws(path, 'ec2', 'describe-vpcs', '--filters', 'a b', '');
    const given = '<ec2><describe-vpcs><--filters><a b><>';
    expect(stdout).toBe(`<--endpoint-url><http://127.0.0.1:4566>${given}`);
    expect(status).toBe(7);
  });

  test('two shims on PATH do not call each other', () => {
    const [first, second] = [join(folder, 'one'), join(folder, 'two')];
    writeShim(first, 'http://127.0.0.1:1');
    writeShim(second, 'http://127.0.0.1:2');
    const path = `${first}:${second}:${first}:${fakeAws()}:/usr/bin:/bin`;
    expect(aws(path).stdout).toBe('<--endpoint-url><http://127.0.0.1:1>');
  });

  test('without a real one it says so', () => {
    const shim = join(folder, 'bin');
    writeShim(shim, 'http://127.0.0.1:4566');
    mkdirSync(join(folder, 'tools'));
    for (const tool of ['head', 'tr'])
      writeFileSync(join(folder, 'tools', tool), `#!/bin/sh\nexec /usr/bin/${tool} "$@"\n`, {
        mode: 0o755,
      });
    const { status, stderr } = aws(`${shim}:${join(folder, 'tools')}`, 'sts');
    expect(status).toBe(127);
    expect(stderr).toContain('there is no AWS CLI on PATH');
  });
});
