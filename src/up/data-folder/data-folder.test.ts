import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { StorageError } from '../../api/running-twin.ts';
import { InputError } from '../../model/input-error.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { KubernetesObject } from '../../model/kubernetes/meta.ts';
import { restoreTwin } from '../../twin/snapshot.ts';
import { emptyStore, type Twin } from '../../twin/twin.ts';
import { DataFolder } from './data-folder.ts';
import { storeOf } from './entries.ts';
import { createLogFile, type OpenLogFile } from './log-file.ts';
import { recover } from './recovery.ts';

const ORIGIN = {
  seed: 1,
  region: 'us-west-2',
  accountId: '111122223333',
  availabilityZones: [],
  quotas: {} as never,
  addressChoice: 'random',
  appliedAtMs: 0,
  notes: [],
} as const;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ekstwin-data-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const newTwin = (): Twin => restoreTwin(emptyStore(), ORIGIN, { nowMs: 0 });

interface Troubles {
  readonly told: string[];
  mended: number;
}

function opened(openLog?: OpenLogFile): { home: DataFolder; troubles: Troubles } {
  const troubles: Troubles = { told: [], mended: 0 };
  const home = DataFolder.open(folder, {
    onTrouble: (problem) => troubles.told.push(problem),
    onMended: () => {
      troubles.mended++;
    },
    openLog,
  });
  return { home, troubles };
}

const configMap = (name: string, value: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data: { value },
});

/** Everything of a store, with its revisions. */
function contents(store: TwinStore): unknown {
  return store
    .kinds()
    .sort()
    .map((kind) => [kind, [...store.entries(kind)]])
    .filter(([, entries]) => entries!.length > 0);
}

const contentsOfFolder = async (): Promise<unknown> => {
  const kept = (await recover(folder))!;
  return contents(storeOf(kept.entries, kept.revision));
};

const logs = (): string[] => readdirSync(folder).filter((name) => name.startsWith('log-'));

/** Creates, changes and deletes, as a list of small steps. */
const steps = fc.array(
  fc.record({
    verb: fc.constantFrom('create', 'patch', 'delete', 'drop'),
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    value: fc.string(),
    kept: fc.boolean(),
  }),
  { minLength: 1, maxLength: 40 },
);
type Step = typeof steps extends fc.Arbitrary<(infer One)[]> ? One : never;

function make({ kubernetes, store }: Twin, { verb, name, value }: Step): void {
  if (verb === 'create') kubernetes.create(configMap(name, value));
  else if (verb === 'patch')
    kubernetes.patch('Unknown', `/ConfigMap:default/${name}`, 'merge', { data: { value } });
  else if (verb === 'delete') kubernetes.delete('Unknown', `/ConfigMap:default/${name}`);
  else store.put('Namespace', `n-${name}`, configMap(name, value) as never);
}

describe('a data folder', () => {
  test('gives back what was written, revision for revision', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (made) => {
        const { home } = opened();
        const twin = newTwin();
        await home.begin(twin, 'inputs');
        for (const step of made) {
          make(twin, step);
          if (step.kept) await home.kept();
        }
        await home.close();
        expect(await contentsOfFolder()).toEqual(contents(twin.store));
        const again = (await recover(folder))!;
        expect(again.revision).toBe(twin.store.revision);
        expect(again.head.inputs).toBe('inputs');
        rmSync(folder, { recursive: true });
      }),
      { numRuns: 25 },
    );
  });

  test('renewals of node leases make the disk no work; revisions go on as if they did', async () => {
    const { home } = opened();
    const twin = newTwin();
    const { store, kubernetes } = twin;
    await home.begin(twin, undefined);
    const key = 'coordination.k8s.io/Lease:kube-node-lease/n';
    const lease = (renewTime: number): KubernetesObject => ({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'n', namespace: 'kube-node-lease' },
      spec: { holderIdentity: 'n', renewTime },
    });
    const first = lease(0);
    store.put('Unknown', key, first);
    await home.kept();
    const length = (): number => statSync(join(folder, logs()[0]!)).size;
    const before = length();
    for (let i = 1; i <= 100; i++)
      store.put('Unknown', key, { ...first, spec: lease(i).spec } as KubernetesObject);
    await home.kept();
    await new Promise((next) => setTimeout(next, 20));
    expect(length()).toBe(before);
    kubernetes.create(configMap('after', '1'));
    await home.kept();
    const kept = (await recover(folder))!;
    expect(kept.revision).toBe(store.revision);
    const again = storeOf(kept.entries, kept.revision);
    expect(again.get('Unknown', key)).toEqual(first);
    const after = contents(store) as [string, unknown][];
    const others = (all: [string, unknown][]) => all.filter(([kind]) => kind !== 'Unknown');
    expect(others(contents(again) as [string, unknown][])).toEqual(others(after));
    await home.close();
  });

  test('a process that is killed has kept what it said it had', async () => {
    const { home } = opened();
    const twin = newTwin();
    await home.begin(twin, undefined);
    twin.kubernetes.create(configMap('told', '1'));
    await home.kept();
    const told = contents(twin.store);
    twin.kubernetes.create(configMap('untold', '2'));
    // The copy is what a crash at this instant leaves.
    const crashed = mkdtempSync(join(tmpdir(), 'ekstwin-crashed-'));
    for (const name of readdirSync(folder)) copyFileSync(join(folder, name), join(crashed, name));
    const kept = (await recover(crashed))!;
    expect(contents(storeOf(kept.entries, kept.revision))).toEqual(told);
    rmSync(crashed, { recursive: true });
    await home.close();
  });

  test('revisions go on beyond what clients of a crashed process may have seen', async () => {
    const { home } = opened();
    const twin = newTwin();
    await home.begin(twin, undefined);
    twin.kubernetes.create(configMap('a', '1'));
    await home.close();
    const kept = (await recover(folder))!;
    const next = restoreTwin(storeOf(kept.entries, kept.revision), ORIGIN, { nowMs: 0 });
    const { home: second } = opened();
    await second.continue(next, kept);
    next.kubernetes.create(configMap('b', '2'));
    expect(next.store.revision).toBeGreaterThan(twin.store.revision + 10_000);
    expect(next.store.since(twin.store.revision)).toMatchObject({ kind: 'gone' });
    await second.close();
    expect(await contentsOfFolder()).toEqual(contents(next.store));
  });

  test('a second process is refused while the first has it', async () => {
    const { home } = opened();
    expect(() => opened()).toThrow(InputError);
    await home.close();
    const { home: second } = opened();
    await second.close();
  });

  test('a folder of somebody else’s is left alone', () => {
    writeFileSync(join(folder, 'thesis.txt'), 'mine');
    expect(() => opened()).toThrow(InputError);
    expect(readdirSync(folder)).toEqual(['thesis.txt']);
  });

  test('secrets are for their owner’s eyes', async () => {
    const { home } = opened();
    home.keepSecrets({ token: 'token', awsSecret: 'secret' });
    await home.close();
    expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
    const { home: second } = opened();
    expect(second.secrets.token).toBe('token');
    await second.close();
  });

  test('a long log makes way for a snapshot, and nothing is lost while it is written', async () => {
    const { home } = opened();
    const twin = newTwin();
    await home.begin(twin, undefined);
    const before = logs();
    const filling = 'x'.repeat(400_000);
    for (let i = 0; i < 60; i++) {
      twin.store.put('Namespace', `n${i % 7}`, configMap(`n${i}`, `${filling}${i}`) as never);
      await home.kept();
    }
    await home.close();
    expect(logs()).not.toEqual(before);
    expect(readdirSync(folder).filter((name) => name.startsWith('snapshot-'))).toHaveLength(1);
    expect(await contentsOfFolder()).toEqual(contents(twin.store));
  });
});

describe('a damaged data folder', () => {
  let good: string;
  let revisions: number[];
  let states: Map<number, unknown>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ekstwin-good-'));
    good = folder;
    const { home } = opened();
    const twin = newTwin();
    await home.begin(twin, undefined);
    states = new Map([[twin.store.revision, contents(twin.store)]]);
    for (let i = 0; i < 12; i++) {
      make(twin, {
        verb: i % 4 === 3 ? 'delete' : 'create',
        name: (['a', 'b', 'c'] as const)[i % 3]!,
        value: `${i}`,
        kept: true,
      });
      make(twin, { verb: 'drop', name: 'd', value: `${i}`, kept: true });
      await home.kept();
      states.set(twin.store.revision, contents(twin.store));
    }
    await home.close();
    revisions = [...states.keys()];
  });
  afterAll(() => rmSync(good, { recursive: true }));

  const restore = (): void => {
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
    for (const name of readdirSync(good)) copyFileSync(join(good, name), join(folder, name));
  };

  test('a log cut off anywhere gives the state after one of its records, the last that is whole', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 1, noNaN: true }), async (part) => {
        restore();
        const path = join(folder, logs()[0]!);
        const head = 12 + readFileSync(path).readUInt32BE(0);
        const length = statSync(path).size;
        truncateSync(path, head + Math.floor(part * (length - head)));
        const kept = (await recover(folder))!;
        expect(revisions).toContain(kept.revision);
        expect(contents(storeOf(kept.entries, kept.revision))).toEqual(states.get(kept.revision));
        // What was cut off is gone for good: the next start finds nothing to say.
        expect((await recover(folder))!.notes).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('a bit that flipped is never taken for what was written', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(7), fc.boolean(), async (at, bit, inLog) => {
        restore();
        const name = readdirSync(folder).find((it) => it.startsWith(inLog ? 'log-' : 'snapshot-'))!;
        const path = join(folder, name);
        const bytes = readFileSync(path);
        bytes[at % bytes.length]! ^= 1 << bit;
        writeFileSync(path, bytes);
        await expect(recover(folder)).rejects.toMatchObject({
          where: expect.stringContaining(folder),
          hint: expect.stringContaining('--fresh'),
        });
      }),
      { numRuns: 80 },
    );
  });

  test('zeros at the end, as a file system leaves them, are cut off with a note', async () => {
    restore();
    const path = join(folder, logs()[0]!);
    writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(5_000)]));
    const kept = (await recover(folder))!;
    expect(kept.revision).toBe(revisions.at(-1));
    expect(kept.notes).toEqual([expect.stringContaining('5000 bytes were cut off')]);
  });

  test('a log that is not there is missed', async () => {
    restore();
    rmSync(join(folder, logs()[0]!));
    await expect(recover(folder)).rejects.toThrow(InputError);
  });
});

describe('a full disk', () => {
  /** A disk that takes so many bytes; a test makes room on it. */
  function disk(room: { bytes: number }): OpenLogFile {
    return async (path) => {
      const file = await createLogFile(path);
      return {
        get length() {
          return file.length;
        },
        append: async (bytes) => {
          if (bytes.length > room.bytes) throw new Error('ENOSPC: no space left on device, write');
          await file.append(bytes);
          room.bytes -= bytes.length;
        },
        close: () => file.close(),
      };
    };
  }

  test('what could not be kept is not acknowledged; with room again all of it is there', async () => {
    const room = { bytes: 1_000 };
    const { home, troubles } = opened(disk(room));
    const twin = newTwin();
    await home.begin(twin, undefined);
    twin.kubernetes.create(configMap('small', '1'));
    await home.kept();
    twin.kubernetes.create(configMap('large', 'x'.repeat(2_000)));
    await expect(home.kept()).rejects.toThrow(StorageError);
    expect(home.trouble).toContain('no space left on device');
    await expect(home.kept()).rejects.toThrow(StorageError);
    expect(troubles.told).toHaveLength(1);
    room.bytes = 1_000_000;
    await expect.poll(() => troubles.mended, { timeout: 5_000 }).toBe(1);
    expect(home.trouble).toBeUndefined();
    twin.kubernetes.create(configMap('after', '3'));
    await home.kept();
    await home.close();
    expect(await contentsOfFolder()).toEqual(contents(twin.store));
  });

  test('a process that ends with a full disk has kept what it acknowledged', async () => {
    const { home } = opened(disk({ bytes: 1_000 }));
    const twin = newTwin();
    await home.begin(twin, undefined);
    twin.kubernetes.create(configMap('small', '1'));
    await home.kept();
    const told = contents(twin.store);
    twin.kubernetes.create(configMap('large', 'x'.repeat(2_000)));
    await expect(home.kept()).rejects.toThrow(StorageError);
    await home.close();
    expect(await contentsOfFolder()).toEqual(told);
  });
});
