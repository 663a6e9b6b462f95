/**
 * The EKS Workshop's chapters, run as `npm run workshop` does. Its pages stand beside the repository
 * and are read, never copied; without them, kubectl or aws this is skipped.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { awsClis, kubectls } from '../wire/tools.ts';

const WORKSHOP = '../shared/inputs/eks-workshop';
const canRun = existsSync(WORKSHOP) && kubectls().length > 0 && awsClis().length > 0;

test.skipIf(!canRun)(
  'every page ends as it is printed (needs ../shared/inputs, kubectl and aws)',
  { timeout: 900_000 },
  () => {
    const args = ['--import', 'tsx', 'test/workshop/run.ts'];
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [...args, `${WORKSHOP}/commands`, `${WORKSHOP}/manifests`],
      { encoding: 'utf8' },
    );
    expect(`${stdout}${stderr}`).toMatch(/^workshop: \d+ pages, \d+ passed, 0 failed/m);
    expect(status).toBe(0);
  },
);
