/** Real kubectls, every version there is, against one `ekstwin up`. */
import { afterAll, beforeAll, describe, test } from 'vitest';
import { smallCluster } from '../../src/twin/small-cluster.fixture.ts';
import { ensureBuilt } from '../ekstwin-command.ts';
import { FILES, STEPS } from './kubectl.data.ts';
import { WORK_FILES, WORK_STEPS } from './kubectl-work.data.ts';
import { ServedShell, testSteps } from './steps.ts';
import { kubectls } from './tools.ts';

const found = kubectls();
const UP = ['--with', 'aws-load-balancer-controller', '--speed', 'max', '--data', 'memory'];

test.skipIf(found.length > 0)('no kubectl on this machine: its commands are not run', () => {});

describe.skipIf(found.length === 0)('kubectl on ekstwin up', () => {
  let shell: ServedShell;

  beforeAll(async () => {
    ensureBuilt();
    shell = new ServedShell();
    const files = { 'cluster.yaml': smallCluster(2), ...FILES, ...WORK_FILES };
    await shell.start(['-f', 'cluster.yaml', ...UP], files);
  }, 240_000);
  afterAll(() => shell?.dispose());

  describe.each(found)('$label', (tool) => {
    testSteps([...STEPS, ...WORK_STEPS], tool, () => shell);
  });
});
