/**
 * The aws CLIs of this machine against one `ekstwin up`. A start of theirs costs 0.6 s of processor
 * time: the first found runs every step, others one in ten.
 */
import { afterAll, beforeAll, describe, test } from 'vitest';
import { smallCluster } from '../../src/twin/small-cluster.fixture.ts';
import { ensureBuilt } from '../ekstwin-command.ts';
import { FILES, STEPS } from './aws.data.ts';
import { ServedShell, testSteps } from './steps.ts';
import { awsClis } from './tools.ts';

const found = awsClis();

test.skipIf(found.length > 0)('no aws CLI on this machine: its commands are not run', () => {});

describe.skipIf(found.length === 0)('aws on ekstwin up', () => {
  let shell: ServedShell;

  beforeAll(async () => {
    ensureBuilt();
    shell = new ServedShell();
    const files = { 'cluster.yaml': smallCluster(2), ...FILES };
    await shell.start(['-f', 'cluster.yaml', '--speed', 'max', '--data', 'memory'], files);
  }, 240_000);
  afterAll(() => shell?.dispose());

  describe.each(found)('$label', (tool) => {
    const isFirst = tool.path === found[0]?.path;
    const steps = STEPS.filter((step) => isFirst || step.isEvery === true);
    testSteps(steps, tool, () => shell);
  });
});
