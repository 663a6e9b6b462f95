/**
 * More than 20,000 requests that no client should send, to both APIs through the listener that
 * `ekstwin up` has: the process stays up, nothing is answered with an error of ours, the store's
 * invariants hold, and nothing stays open.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { awsService } from '../../src/api/aws/service.ts';
import { kubernetesService } from '../../src/api/kubernetes/service.ts';
import { runningTwin, SERVED } from '../../src/api/running-twin.fixture.ts';
import { deploymentText, settledTwin, smallCluster } from '../../src/twin/small-cluster.fixture.ts';
import type { Twin } from '../../src/twin/twin.ts';
import { type Listener, listen } from '../../src/up/listener.ts';
import { awsRequest, knownNames } from './fuzz/aws-requests.ts';
import { brokenHttp, brokenUpgrade } from './fuzz/broken-http.ts';
import { Dice } from './fuzz/chance.ts';
import { kubernetesRequest } from './fuzz/kubernetes-requests.ts';
import { type Asked, bytesOf, type Heard, KeptConnection, sendAlone } from './fuzz/raw-requests.ts';
import { brokenInvariants } from './fuzz/store-invariants.ts';

const SEED = Number(process.env.EKSTWIN_FUZZ_SEED ?? 20_261_121);
const KUBERNETES_REQUESTS = 9_000;
const AWS_REQUESTS = 9_000;
const BROKEN = 2_400;
const CONNECTIONS = 24;
/** What the API server itself answers with 500: a server-side apply of what has no such field. */
const OWN_500 = /failed to create typed patch object/;
/** What is not simulated says so with 501; a revision that has not happened yet is a 504. */
const OWN_OF_KUBERNETES: ReadonlySet<number> = new Set([501, 504]);

const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => void unhandled.push(reason);

interface Storm {
  readonly answered: number;
  /** Requests with what should not have been answered to them. */
  readonly faults: readonly string[];
  /** How often each status came: a storm that only hits the door proves nothing. */
  readonly statuses: ReadonlyMap<number, number>;
}

/** Sends `count` requests on a few connections; collects what should not have been answered. */
async function storm(
  port: number,
  count: number,
  make: () => Asked,
  isOurFault: (heard: Heard) => boolean,
): Promise<Storm> {
  const faults: string[] = [];
  const statuses = new Map<number, number>();
  let left = count;
  let answered = 0;
  const worker = async (): Promise<void> => {
    const connection = new KeptConnection(port);
    while (left-- > 0) {
      const asked = make();
      const [bytes, isHead] = [bytesOf(asked), asked.method === 'HEAD'];
      let heard = await connection.ask(bytes, isHead);
      // The server may have closed the connection just then: any client asks again.
      if (heard.status === 0) heard = await connection.ask(bytes, isHead);
      if (heard.status > 0) answered++;
      statuses.set(heard.status, (statuses.get(heard.status) ?? 0) + 1);
      if (heard.status === 0 || isOurFault(heard)) faults.push(described(asked, heard));
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  return { answered, faults, statuses };
}

const described = ({ method, path, headers, body }: Asked, heard: Heard): string =>
  `${method} ${path.slice(0, 300)} ${headers.map((it) => it.join(': ')).join('; ')} ` +
  `${body.toString('latin1', 0, 400)} -> ${heard.status} ${heard.text.slice(0, 200)}`;

/** Where a bug is: its message, and the first lines of its stack. */
const placeOf = (bug: unknown): string =>
  bug instanceof Error ? (bug.stack ?? '').split('\n').slice(0, 4).join('\n') : String(bug);

const openHandles = (): number =>
  process.getActiveResourcesInfo().filter((it) => /TCP|Pipe/.test(it)).length;

describe('fuzzed requests', () => {
  let twin: Twin;
  let kubernetes: Listener;
  let aws: Listener;
  let handlesBefore: number;
  const bugs: unknown[] = [];

  beforeAll(async () => {
    process.on('unhandledRejection', onUnhandled);
    twin = await settledTwin(
      smallCluster(2),
      deploymentText('default', 'web', 2, '{name: web, image: nginx}'),
    );
    const running = runningTwin(twin);
    handlesBefore = openHandles();
    const at = { host: '127.0.0.1', port: 0, isAsked: true };
    kubernetes = await listen(
      { name: 'the Kubernetes API', flag: '--port', ...at },
      Promise.resolve(kubernetesService(running)),
    );
    const service = awsService(running, { onBug: (error) => void bugs.push(error) });
    aws = await listen(
      { name: 'the AWS API', flag: '--aws-port', ...at },
      Promise.resolve(service),
    );
  });

  afterAll(() => void process.off('unhandledRejection', onUnhandled));

  test(`${KUBERNETES_REQUESTS} to the Kubernetes API`, { timeout: 240_000 }, async () => {
    const dice = new Dice(SEED);
    const { answered, faults, statuses } = await storm(
      kubernetes.port,
      KUBERNETES_REQUESTS,
      () => kubernetesRequest(dice, SERVED.token),
      ({ status, text }) => status >= 500 && !OWN_OF_KUBERNETES.has(status) && !OWN_500.test(text),
    );
    expect(faults.slice(0, 5)).toEqual([]);
    expect(answered).toBe(KUBERNETES_REQUESTS);
    for (const status of [200, 400, 401, 404, 405, 415, 422])
      expect(statuses.get(status), String(status)).toBeGreaterThan(20);
  });

  test(`${AWS_REQUESTS} to the AWS API`, { timeout: 240_000 }, async () => {
    const dice = new Dice(SEED + 1);
    const known = knownNames(twin.store);
    const { answered, faults, statuses } = await storm(
      aws.port,
      AWS_REQUESTS,
      () => awsRequest(dice, known, twin.cloud.region),
      ({ status }) => status >= 500 && status !== 501,
    );
    expect([...new Set(bugs.map(placeOf))]).toEqual([]);
    expect(faults.slice(0, 5)).toEqual([]);
    expect(answered).toBe(AWS_REQUESTS);
    for (const status of [200, 400, 403])
      expect(statuses.get(status), String(status)).toBeGreaterThan(100);
  });

  test(`${BROKEN} that are no HTTP, or stop in the middle, or upgrade to nothing`, {
    timeout: 240_000,
  }, async () => {
    const dice = new Dice(SEED + 2);
    const pod = twin.store.list('Pod').find(({ metadata }) => metadata.namespace === 'default');
    const bearer = `Bearer ${SERVED.token}`;
    const paths = ['/api/v1/namespaces/default/pods', '/', '/apis/apps/v1/deployments'];
    let left = BROKEN;
    const faults: string[] = [];
    const worker = async (): Promise<void> => {
      while (left-- > 0) {
        const isUpgrade = dice.isLucky(0.4);
        const { bytes, manners } = isUpgrade
          ? brokenUpgrade(dice, pod?.metadata.name ?? 'web', bearer)
          : brokenHttp(dice, paths, bearer);
        const port = isUpgrade || dice.isLucky(0.5) ? kubernetes.port : aws.port;
        const heard = await sendAlone(port, bytes, manners);
        if (heard.status >= 500 && !OWN_OF_KUBERNETES.has(heard.status)) {
          faults.push(`${bytes.toString('latin1', 0, 300)} -> ${heard.status} ${heard.text}`);
        }
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, worker));
    expect(faults.slice(0, 5)).toEqual([]);
  });

  test('both still answer what is asked properly', async () => {
    const ask = (port: number, path: string, authorization: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        headers: { authorization, 'x-amz-date': '20260101T000000Z' },
      });
    const pods = await ask(kubernetes.port, '/api/v1/pods', `Bearer ${SERVED.token}`);
    expect(pods.status).toBe(200);
    await pods.text();
    const scope = `20260101/${twin.cloud.region}/ec2/aws4_request`;
    const signed = `AWS4-HMAC-SHA256 Credential=A/${scope}, SignedHeaders=host, Signature=00`;
    const vpcs = await ask(aws.port, '/?Action=DescribeVpcs&Version=2016-11-15', signed);
    expect(vpcs.status).toBe(200);
    expect(await vpcs.text()).toContain('<vpcId>vpc-');
  });

  test('the store is as consistent as before', () => {
    expect(brokenInvariants(twin.store)).toEqual([]);
  });

  test('when they stop, nothing stays open and nothing was left unhandled', async () => {
    await Promise.all([kubernetes.close(), aws.close()]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(openHandles()).toBeLessThanOrEqual(handlesBefore);
    expect(unhandled).toEqual([]);
  });
});
