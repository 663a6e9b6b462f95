/** Real kubectls, every version there is, against the served Kubernetes API. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runningTwin } from '../../src/api/running-twin.fixture.ts';
import { deploymentText, settledTwin, smallCluster } from '../../src/twin/small-cluster.fixture.ts';
import { type ServedApi, servedApi } from './served-api.ts';
import { kubectls } from './tools.ts';

const WEB = deploymentText('default', 'web', 2, '{name: web, image: "nginx:1.27"}');

test.skipIf(kubectls().length > 0)(
  'no kubectl on this machine: its commands are not run',
  () => {},
);

describe.each(kubectls())('$label', ({ path }) => {
  let api: ServedApi;
  const ran = async (line: string, input?: string): Promise<string> => {
    const { status, stdout, stderr } = await api.kubectl(path, line.split(' '), input);
    return `${stdout}${stderr}${status === 0 ? '' : `status ${status}\n`}`;
  };

  beforeAll(async () => {
    api = await servedApi(runningTwin(await settledTwin(smallCluster(2), WEB)));
  });
  afterAll(() => api?.close());

  test('lists pods with the columns of a cluster', async () => {
    expect(await ran('get pods -o wide')).toMatch(
      /NAME +READY +STATUS +RESTARTS +AGE +IP +NODE.*\nweb-\S+ +1\/1 +Running +0 +\S+ +10\.30\.\d+\.\d+ +ip-10-30/,
    );
  });

  test('applies a manifest, and again without a change', async () => {
    const app = `---\n${deploymentText('default', 'api', 1, '{name: api, image: "nginx:1"}')}`;
    expect(await ran('apply --validate=false -f -', app)).toBe('deployment.apps/api created\n');
    expect(await ran('apply --validate=false -f -', app)).toBe('deployment.apps/api unchanged\n');
    expect(await ran('delete deploy api')).toBe('deployment.apps "api" deleted\n');
  });

  test('says what it does not find', async () => {
    expect(await ran('get pod nobody')).toBe(
      'Error from server (NotFound): pods "nobody" not found\nstatus 1\n',
    );
  });
});
