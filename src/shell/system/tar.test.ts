import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { settledTwin, smallCluster } from '../../twin/small-cluster.fixture.ts';
import type { Twin } from '../../twin/twin.ts';
import { say, worldOf } from '../shell.fixture.ts';

const POD = `apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {containers: [{name: c, image: nginx}]}
`;

describe('tar', () => {
  let twin: Twin;
  beforeAll(async () => {
    twin = await settledTwin(smallCluster(1), POD);
  });
  const machine = { kind: 'pod' as const, podKey: 'default/p', container: 'c' };
  const sh = (script: string, input = '') =>
    say(worldOf(twin), machine, ['sh', '-c', script], { input });
  const tar = (args: string, input = '') =>
    say(worldOf(twin), machine, ['tar', ...args.split(' ')], { input });

  test('makes of a folder what it makes a folder of again', async () => {
    await sh(
      'mkdir -p /tmp/a/b; echo eins > /tmp/a/one; printf zwölf > /tmp/a/b/two; mkdir /tmp/z',
    );
    const { out, err, status } = await tar('cf - /tmp/a');
    expect([status, err]).toEqual([0, "tar: Removing leading `/' from member names\n"]);
    expect(out.slice(257, 262)).toBe('ustar');
    expect((await tar('tf -', out)).out).toBe('tmp/a/\ntmp/a/b/\ntmp/a/b/two\ntmp/a/one\n');
    expect(await tar('-xmf - -C /tmp/z', out)).toMatchObject({ status: 0, err: '' });
    expect((await sh('cat /tmp/z/tmp/a/one /tmp/z/tmp/a/b/two')).out).toBe('eins\nzwölf');
  });

  test('says what is not there, what is no archive and what is no text', async () => {
    expect(await tar('cf - /nix')).toMatchObject({
      status: 2,
      err: 'tar: /nix: Cannot stat: No such file or directory\ntar: Exiting with failure status due to previous errors\n',
    });
    expect((await tar('xf -', 'hello')).err).toMatch(/^tar: Unexpected EOF in archive\n/);
    expect((await tar('xf -', 'x'.repeat(512))).err).toMatch(/^tar: This does not look like a tar/);
    expect((await tar('xf -', '�')).err).toMatch(
      /^tar: ekstwin: only texts are kept in the twin\n/,
    );
    expect((await tar('f -')).err).toMatch(/^tar: You must specify one of/);
    expect((await tar('xf - -C /nix')).status).toBe(2);
  });

  test('nothing is written outside of the folder, and nothing breaks it', async () => {
    const { out } = await sh('cd /tmp; echo x > x; tar cf - x');
    const evil = out.replace(/^x\0{2,5}/, (it) => `../x${it.slice(4)}`);
    expect((await tar('xf - -C /tmp', evil)).err).toContain('Member name contains `..`');
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 1500 }), async (text) => {
        const said = await tar('xf - -C /tmp', text);
        expect([0, 2]).toContain(said.status);
      }),
      { numRuns: 30 },
    );
  });
});
