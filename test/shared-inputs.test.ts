/**
 * Files other people wrote, read and built: eksctl's examples, the EKS workshop, the examples of the
 * load balancer controller. They lie beside the repository in ../shared and are not part of it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createCloud } from '../src/cloud/cloud.ts';
import { documentsOf } from '../src/formats/documents.ts';
import { applyClusterConfig } from '../src/formats/eksctl/build-cluster.ts';
import { readInputs } from '../src/formats/read-inputs.ts';
import type { SourceFile } from '../src/formats/source.ts';
import { InputError, type Note } from '../src/model/input-error.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../src/model/kinds.ts';
import { seeded } from '../src/sim/random.ts';
import { Simulation } from '../src/sim/simulation.ts';
import { Store } from '../src/sim/store.ts';

const SHARED = resolve(import.meta.dirname, '../../shared/inputs');
const isMissing = !existsSync(SHARED);
const why = isMissing ? ' (skipped: no ../shared/inputs beside the repository)' : '';

/** What lies in a folder of the shared inputs, as a user's `-f` would read it. */
const below = (folder: string): SourceFile[] =>
  isMissing
    ? []
    : readdirSync(join(SHARED, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.(ya?ml|json)$/.test(file))
        .map((file) => sourceFile(join(folder, file)));

const sourceFile = (file: string): SourceFile => {
  const path = join(SHARED, file);
  return { path: relative(SHARED, path), text: readFileSync(path, 'utf8') };
};

function build(text: string) {
  const { clusterConfigs } = readInputs([{ path: 'c.yaml', text }]);
  const [config] = clusterConfigs;
  const store: TwinStore = new Store<Kinds>();
  declareIndexes(store);
  const cloud = createCloud({
    store,
    clock: new Simulation(1),
    random: seeded(1),
    region: config!.spec.metadata!.region!,
    accountId: '111122223333',
    addressChoice: 'random',
  });
  const notes: Note[] = [];
  const cluster = applyClusterConfig(config!, cloud, seeded(1), notes);
  return { store, notes, cluster };
}

/** The InputError of reading or building, or undefined; anything else is our bug. */
function refusalOf(act: () => unknown): InputError | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}

/** Refused, with what the user is told to do. */
const REFUSED: Readonly<Record<string, readonly [problem: RegExp, hint: RegExp]>> = {
  'eksctl/15-managed-nodes.yaml': [/sg-00241fbb12c607007/, /describe-security-groups/],
  'eksctl/24-nodegroup-subnets.yaml': [
    /is not in the twin/,
    /describe-subnets.*vpc-0c24b1cc77da8f463/s,
  ],
  'eksctl/25-addons.yaml': [/1\.18/, /./],
  'eksctl/30-vpc-with-ip-family.yaml': [/1\.21/, /./],
  'eksctl/38-cluster-subnets-sgs.yaml': [/subnet-1234/, /describe-subnets/],
};

describe.skipIf(isMissing)(`eksctl’s own examples${why}`, () => {
  const files = below('eksctl');
  test('there are some', () => expect(files.length).toBeGreaterThanOrEqual(12));

  test.each(files)('$path builds, or is refused with what to do', ({ path, text }) => {
    const expected = REFUSED[path];
    if (expected !== undefined) {
      const error = refusalOf(() => build(text));
      expect(error?.problem).toMatch(expected[0]);
      expect(error?.hint).toMatch(expected[1]);
      expect(error?.where).toMatch(/^c\.yaml:\d+:\d+$/);
      return;
    }
    const { store, cluster } = build(text);
    expect(store.get('eks/cluster', cluster.name)).toBeDefined();
    expect(store.count('eks/nodegroup')).toBeGreaterThan(0);
  });

  test('04-existing-vpc is declared from the file under the ids it names', () => {
    const { store, notes } = build(sourceFile('eksctl/04-existing-vpc.yaml').text);
    expect(store.list('ec2/vpc').map(({ vpcId }) => vpcId)).toEqual(['vpc-0dd338ecf29863c55']);
    expect(store.get('ec2/subnet', 'subnet-0b2512f8c6ae9bf30')!.cidrBlock).toBe('192.168.128.0/19');
    expect(notes.some(({ text }) => /declared from this file/.test(text))).toBe(true);
  });
});

describe.skipIf(isMissing)(`the EKS workshop${why}`, () => {
  test('its cluster has three private m5.large with 110 pods each', () => {
    const { store, cluster, notes } = build(sourceFile('eks-workshop/cluster/cluster.yaml').text);
    expect(cluster.version).toBe('1.33');
    expect(cluster.remotePodNetworks).toEqual(['10.53.0.0/16']);
    const group = store.get('eks/nodegroup', 'eks-workshop/default')!;
    expect(group.desiredSize).toBe(3);
    expect(group.enforcedMaxPods?.maxPods).toBe(110);
    expect(group.subnetIds.map((id) => store.get('ec2/subnet', id)!.cidrBlock).sort()).toEqual([
      '10.42.128.0/19',
      '10.42.160.0/19',
      '10.42.96.0/19',
    ]);
    expect(notes.length).toBeGreaterThan(0);
  });

  test('its folders read as they lie there, kustomizations left out', () => {
    const { objects, notes } = readInputs(below('eks-workshop/manifests'));
    expect(objects.length).toBeGreaterThan(40);
    expect(notes.some(({ text }) => text.startsWith('kustomization.yaml'))).toBe(true);
  });

  test('its application parses in 80 ms', () => {
    const application = sourceFile('eks-workshop/rendered/base-application.yaml');
    for (let i = 0; i < 3; i += 1) documentsOf(application);
    const times = Array.from({ length: 5 }, () => {
      const start = performance.now();
      expect(documentsOf(application).length).toBeGreaterThan(30);
      return performance.now() - start;
    });
    expect(Math.min(...times)).toBeLessThan(80);
  });
});

describe.skipIf(isMissing)(`the load balancer controller’s examples${why}`, () => {
  test('each reads, or is refused at its line', () => {
    const files = below('lbc-examples');
    const refused = files.flatMap((file) => refusalOf(() => readInputs([file])) ?? []);
    for (const error of refused) {
      expect(error.where).toMatch(/:\d+:\d+$/);
      expect(error.hint).not.toBe('');
    }
    expect(files.length).toBeGreaterThan(100);
    // Fragments without a name, and placeholders.
    expect(refused.length).toBeLessThan(20);
  });
});
