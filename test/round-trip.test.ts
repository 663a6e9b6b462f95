/** An export is the cluster it was made of: built again and left to rest, it exports the same. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readInputFiles } from '../src/cli/input-files.ts';
import { exportTwin, type SourceFile } from '../src/formats/index.ts';
import { buildTwin } from '../src/twin/build.ts';

const exportOf = async (
  files: readonly SourceFile[],
  isWithController = false,
): Promise<readonly SourceFile[]> => {
  const components = isWithController ? (['aws-load-balancer-controller'] as const) : [];
  const twin = await buildTwin(files, { seed: 1, with: components });
  await twin.settle();
  const exported = exportTwin(twin.store, twin.exportMeta());
  twin.stop();
  return exported;
};

const expectSame = async (
  files: readonly SourceFile[],
  isWithController = false,
): Promise<void> => {
  const first = await exportOf(files, isWithController);
  const second = await exportOf(first);
  expect(first.length).toBeGreaterThan(30);
  expect(second.map(({ path }) => path)).toEqual(first.map(({ path }) => path));
  for (const [i, { path, text }] of first.entries()) {
    // A controller that starts reconciles everything once, and says so in an event.
    if (isWithController && path.endsWith('events.json')) continue;
    const shown = (it: string) => (isWithController ? it.replace(/"atMs": \d+,/, '') : it);
    expect(shown(second[i]!.text), path).toBe(shown(text));
  }
};

/** The cluster that the guide's load balancers are made in. */
const GUIDE = ['../traffic-flows/aws', '../ingress-alb-ip/exports'];

/** Examples that hold a cluster twice, or a part of one: which files are one. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  'ingress-alb-ip': [...GUIDE, 'ingress.yaml', 'service.yaml'],
  'ingress-alb-instance': [...GUIDE, 'ingress.yaml', 'service.yaml'],
  'service-nlb': [...GUIDE, 'today.yaml'],
  'private-cluster-cannot-join': ['fixed.yaml'],
  'public-nodes': ['cluster.yaml', 'app.yaml'],
};

const examples = readdirSync('examples', { withFileTypes: true }).filter((it) => it.isDirectory());

describe('export, import and export again give the same bytes', () => {
  test.each(examples.map(({ name }) => name))('of examples/%s', async (name) => {
    const paths = PARTS[name]?.map((file) => join('examples', name, file));
    const isWithController = paths?.some((path) => path.includes('ingress-alb-ip')) === true;
    await expectSame(readInputFiles(paths ?? [join('examples', name)]), isWithController);
  });

  test('of pods that fit nowhere, which hear so once', async () => {
    const cluster = `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: c, region: us-west-2}
managedNodeGroups: [{name: m, desiredCapacity: 2}]
`;
    const big = `apiVersion: apps/v1
kind: Deployment
metadata: {name: big}
spec:
  replicas: 2
  selector: {matchLabels: {app: big}}
  template:
    metadata: {labels: {app: big}}
    spec: {containers: [{name: c, image: i, resources: {requests: {cpu: "64"}}}]}
`;
    await expectSame([
      { path: 'cluster.yaml', text: cluster },
      { path: 'big.yaml', text: big },
    ]);
  });
});
