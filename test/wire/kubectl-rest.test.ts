/** Real kubectls, every version there is, against the served Kubernetes API. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runningTwin } from '../../src/api/running-twin.fixture.ts';
import { settledTwin, smallCluster } from '../../src/twin/small-cluster.fixture.ts';
import { FILES, STEPS, type Step } from './kubectl-rest.data.ts';
import { type Ran, type ServedApi, servedApi } from './served-api.ts';
import { kubectls } from './tools.ts';

const NO_APP = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: none}\n';
const POLL_MS = 250;
const POLLS = 40;

test.skipIf(kubectls().length > 0)(
  'no kubectl on this machine: its commands are not run',
  () => {},
);

const printed = ({ stdout, stderr }: Ran): string => `${stdout}${stderr}`;

const has = ({ since }: Step, version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [, from = 0] = String(since ?? 1.0)
    .split('.')
    .map(Number);
  return major > 1 || minor >= from;
};

describe.each(kubectls())('$label', ({ path, version }) => {
  let api: ServedApi;

  beforeAll(async () => {
    api = await servedApi(runningTwin(await settledTwin(smallCluster(2), NO_APP)));
    for (const [name, text] of Object.entries(FILES)) writeFileSync(join(api.folder, name), text);
  }, 60_000);
  afterAll(() => api?.close());

  const steps = STEPS.filter((step) => has(step, version));
  test.each(steps)(
    '$run',
    async ({ run, prints, status = 0, polls }) => {
      let ran = await api.shell(run, { K: path });
      for (let i = 0; polls === true && i < POLLS && !prints.test(printed(ran)); i++) {
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        ran = await api.shell(run, { K: path });
      }
      expect(printed(ran)).toMatch(prints);
      expect(ran.status).toBe(status);
    },
    60_000,
  );
});
