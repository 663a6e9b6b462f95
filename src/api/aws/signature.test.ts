/** A server that others can reach asks who they are; on loopback it only asks that they say so. */
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EC2 } from '@aws-sdk/client-ec2';
import { EKS } from '@aws-sdk/client-eks';
import { Route53 } from '@aws-sdk/client-route-53';
import { STS } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { settledTwin, smallCluster } from '../../twin/small-cluster.fixture.ts';
import { runningTwin, SERVED } from '../running-twin.fixture.ts';
import { awsService } from './service.ts';

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

const servers: Server[] = [];

async function listening(service: ReturnType<typeof awsService>): Promise<number> {
  const server = createServer((request, response) => void service.request(request, response));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

let openPort: number;
let guardedPort: number;

beforeAll(async () => {
  const twin = await settledTwin(smallCluster(1), '');
  openPort = await listening(awsService(runningTwin(twin)));
  const guarded = { ...SERVED, isLoopback: false, awsSecret: 'the-secret' };
  guardedPort = await listening(awsService(runningTwin(twin, guarded)));
});

afterAll(() => {
  for (const server of servers) server.close();
});

const asked = (
  port: number,
  body: string,
  headers: Record<string, string>,
  path = '/',
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const request = httpRequest({ port, path, method: 'POST', headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString() }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const DESCRIBE = 'Action=DescribeVpcs&Version=2016-11-15';
const scope = 'AKIAEXAMPLE/20260101/us-west-2/ec2/aws4_request';
const signed = (credential: string) => ({
  ...FORM,
  'x-amz-date': '20260101T000000Z',
  authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=ab`,
});

describe('on loopback', () => {
  test('any credentials are taken', async () => {
    expect((await asked(openPort, DESCRIBE, signed(scope))).status).toBe(200);
  });

  const { authorization: _none, ...withoutAuthorization } = signed(scope);
  const { 'x-amz-date': _date, ...withoutDate } = signed(scope);

  test.each([
    ['no signature', withoutAuthorization, 403, 'MissingAuthenticationToken'],
    ['no date', withoutDate, 400, "existence of either a 'X-Amz-Date' or a 'Date' header"],
    ['a cut credential', signed('AKIAEXAMPLE/20260101'), 400, 'exactly 5 slash-delimited elements'],
    [
      'another end',
      signed('AKIAEXAMPLE/20260101/us-west-2/ec2/aws5'),
      403,
      "valid terminator: 'aws4_request'",
    ],
    [
      'another scheme',
      { ...signed(scope), authorization: 'Bearer abc' },
      400,
      "Unsupported AWS 'algorithm': 'Bearer'",
    ],
    [
      'another region',
      signed('AKIAEXAMPLE/20260101/eu-west-1/ec2/aws4_request'),
      403,
      "should be scoped to a valid region, not 'eu-west-1'",
    ],
  ])('%s is refused', async (_what, headers, status, words) => {
    const answer = await asked(openPort, DESCRIBE, headers);
    expect(answer.status).toBe(status);
    expect(answer.body.replaceAll('&apos;', "'")).toContain(words);
    expect(answer.body).toMatch(/^<\?xml[\s\S]*<Response><Errors><Error><Code>/);
  });

  test('an action nobody knows, none at all, and a body too large are refused', async () => {
    const unknown = await asked(openPort, 'Action=Nothing&Version=2016-11-15', signed(scope));
    expect(unknown.body).toContain('The action Nothing is not valid for this web service.');
    expect((await asked(openPort, '', signed(scope))).body).toContain('MissingAction');
    const large = await asked(openPort, 'a'.repeat(1_100_000), signed(scope)).catch(() => null);
    if (large !== null) expect(large.status).toBe(413);
    const lost = await asked(
      openPort,
      '{}',
      signed('AKIAEXAMPLE/20260101/us-west-2/eks/aws4_request'),
      '/no/such/path',
    );
    expect(lost.status).toBe(404);
  });
});

describe('beyond loopback', () => {
  const config = (secretAccessKey: string, more: object = {}) => ({
    region: 'us-west-2',
    endpoint: `http://127.0.0.1:${guardedPort}`,
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey },
    maxAttempts: 1,
    ...more,
  });

  test('the secret opens every protocol', async () => {
    const right = config('the-secret');
    await new EC2(right).describeVpcs({ Filters: [{ Name: 'tag:a b/*', Values: ['é'] }] });
    await new EKS(right).listNodegroups({ clusterName: 'small', maxResults: 5 });
    await expect(
      new EKS(right).describeNodegroup({ clusterName: 'small', nodegroupName: 'a b/c+ü' }),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await new Route53(right).listHostedZones();
    const { Credentials } = await new STS(right).assumeRole({
      RoleArn: 'arn:aws:iam::111122223333:role/a',
      RoleSessionName: 'ci',
    });
    const ofRole = new STS({
      ...right,
      credentials: {
        accessKeyId: Credentials?.AccessKeyId ?? '',
        secretAccessKey: Credentials?.SecretAccessKey ?? '',
        sessionToken: Credentials?.SessionToken ?? '',
      },
    });
    expect((await ofRole.getCallerIdentity()).Arn).toContain('assumed-role/a/ci');
  });

  test('another secret opens nothing', async () => {
    const wrong = config('another');
    await expect(new EC2(wrong).describeVpcs()).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
      $metadata: { httpStatusCode: 403 },
    });
    await expect(new EKS(wrong).listClusters()).rejects.toMatchObject({
      name: 'InvalidSignatureException',
    });
  });

  test('an old signature has expired', async () => {
    const answer = await asked(guardedPort, DESCRIBE, signed(scope));
    expect(answer.body).toContain('<Code>RequestExpired</Code>');
  });
});
