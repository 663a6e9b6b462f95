/**
 * The awsapi vectors, ours and the shared ones, which conformance asks the handlers in place, once
 * more over the wire: each call by the SDK's client, through the codec and the HTTP service.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ec2 from '@aws-sdk/client-ec2';
import * as eks from '@aws-sdk/client-eks';
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, expect, test } from 'vitest';
import { newAccount } from '../../conformance/awsapi/account.ts';
import { problemOf, type Step, substituted, type Vector } from '../../conformance/awsapi/steps.ts';
import { runningTwin } from '../../src/api/running-twin.fixture.ts';
import { type AwsError, awsError } from '../../src/model/aws-error.ts';
import { CREDENTIALS, type ServedAws, servedAws } from './served-aws.ts';

const OWN = join(import.meta.dirname, '../../conformance/sets/awsapi-own');
const SHARED = join(import.meta.dirname, '../../../shared/vectors/awsapi');
const DEFAULT_REGION = 'us-east-1';

const vectorsIn = (folder: string): Vector[] =>
  (existsSync(folder) ? readdirSync(folder) : [])
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => {
      const text = readFileSync(join(folder, file), 'utf8');
      return (JSON.parse(text) as { vectors: Vector[] }).vectors;
    });

type Json = Readonly<Record<string, unknown>>;
interface Client {
  send(command: unknown): Promise<unknown>;
  destroy(): void;
}
type Sdk = Readonly<Record<string, new (input: object) => Client>>;

/** Each service's SDK and the name of its client. */
const SDKS: Readonly<Record<string, readonly [sdk: unknown, client: string]>> = {
  ec2: [ec2, 'EC2Client'],
  eks: [eks, 'EKSClient'],
  elbv2: [elbv2, 'ElasticLoadBalancingV2Client'],
};

/** A new account in one region, served, with a client of each service. */
class Account {
  readonly #api: ServedAws;
  readonly #region: string;
  readonly #clients = new Map<string, Client>();

  constructor(api: ServedAws, region: string) {
    this.#api = api;
    this.#region = region;
  }

  async ask({ svc, op }: Step, input: Json): Promise<Json | AwsError> {
    const [sdk, name] = SDKS[svc]! as readonly [Sdk, string];
    let client = this.#clients.get(svc);
    if (client === undefined) {
      const { endpoint } = this.#api;
      const options = { region: this.#region, endpoint, credentials: CREDENTIALS, maxAttempts: 1 };
      client = new sdk[name]!(options);
      this.#clients.set(svc, client);
    }
    try {
      return (await client.send(new sdk[`${op}Command`]!(input))) as Json;
    } catch (error) {
      // The SDK calls some errors by a longer name than the wire does.
      const { name: code, message, Code } = error as Error & { readonly Code?: string };
      return awsError(Code ?? code, message);
    }
  }

  async close(): Promise<void> {
    for (const client of this.#clients.values()) client.destroy();
    await this.#api.close();
  }
}

const open: Account[] = [];
afterAll(() => Promise.all(open.map((it) => it.close())));

async function firstProblem({ steps }: Vector): Promise<string | undefined> {
  const regions = new Map<string, Account>();
  const answers = new Map<string, Json>();
  for (const step of steps) {
    const name = step.region ?? DEFAULT_REGION;
    let account = regions.get(name);
    if (account === undefined) {
      account = new Account(await servedAws(runningTwin(newAccount(name))), name);
      regions.set(name, account);
      open.push(account);
    }
    const got = await account.ask(step, substituted(step.in, answers) as Json);
    const problem = problemOf(step, got, answers);
    if (problem !== undefined) return `${step.id} ${step.op}: ${problem}`;
    answers.set(step.id, JSON.parse(JSON.stringify(got)) as Json);
  }
  return undefined;
}

async function problemsOf(vectors: readonly Vector[]): Promise<string[]> {
  const problems: string[] = [];
  for (const vector of vectors) {
    const problem = await firstProblem(vector);
    if (problem !== undefined) problems.push(`${vector.id}: ${problem}`);
  }
  return problems;
}

test('our own awsapi vectors hold over the wire', { timeout: 240_000 }, async () => {
  const own = vectorsIn(OWN);
  expect(await problemsOf(own)).toEqual([]);
  expect(own.length).toBeGreaterThanOrEqual(232);
});

const shared = vectorsIn(SHARED);
const missing = shared.length === 0 ? ': there are none beside this folder' : '';

test.skipIf(shared.length === 0)(
  `the shared awsapi vectors hold over the wire${missing}`,
  { timeout: 120_000 },
  async () => {
    expect(await problemsOf(shared)).toEqual([]);
    expect(shared.length).toBeGreaterThanOrEqual(25);
  },
);
