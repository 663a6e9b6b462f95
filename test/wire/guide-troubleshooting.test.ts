/** A guide's troubleshooting list, by real kubectls and a real aws, against `ekstwin up`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { smallCluster } from '../../src/twin/small-cluster.fixture.ts';
import { ensureBuilt } from '../ekstwin-command.ts';
import { GUIDE_BEFORE, GUIDE_STEPS } from './guide-troubleshooting.data.ts';
import { ServedShell, testSteps } from './steps.ts';
import { awsClis, kubectls } from './tools.ts';

const SEEDS = join(import.meta.dirname, '../../../shared/seeds');
const SECTION = /\*\*Troubleshooting Steps:\*\*([\s\S]*?)\n### /;

const [seed] = existsSync(SEEDS) ? readdirSync(SEEDS).filter((it) => it.startsWith('003_')) : [];

test.skipIf(seed === undefined)('the list is the guide’s (needs ../shared/seeds)', () => {
  const [, section = ''] = SECTION.exec(readFileSync(join(SEEDS, seed!), 'utf8')) ?? [];
  const blocks = [...section.matchAll(/```bash\n([\s\S]*?)```/g)].map(([, text = '']) => text);
  const lines = blocks.flatMap((block) => block.split('\n').map((line) => line.trim()));
  const commands = lines.filter((line) => line !== '' && !line.startsWith('#'));
  expect(GUIDE_STEPS.map(({ written }) => written)).toEqual(commands);
});

const found = awsClis().length > 0 ? kubectls() : [];

test.skipIf(found.length > 0)('no kubectl or no aws here: the list is not run', () => {});

describe.skipIf(found.length === 0)('the troubleshooting list', () => {
  let shell: ServedShell;

  beforeAll(async () => {
    ensureBuilt();
    shell = new ServedShell();
    await shell.start(['-f', 'cluster.yaml', '--data', 'memory'], {
      'cluster.yaml': smallCluster(2),
    });
  }, 240_000);
  afterAll(() => shell?.dispose());

  describe.each(found)('$label', (tool) => {
    const after = { run: 'kubectl delete deployment,service guide', prints: /"guide" deleted/ };
    testSteps([...GUIDE_BEFORE, ...GUIDE_STEPS, after], tool, () => shell);
  });
});
