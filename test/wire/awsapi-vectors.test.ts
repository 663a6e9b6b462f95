/**
 * The awsapi vectors, which conformance makes on the cloud directly, once more over the wire: each
 * call by the SDK's client, through the codec, the service and the handlers.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as sdk from '@aws-sdk/client-ec2';
import { afterAll, expect, test } from 'vitest';
import { makeDefaultVpc } from '../../conformance/awsapi/default-vpc.ts';
import {
  type Answers,
  problemOf,
  type Step,
  substituted,
  type Vector,
} from '../../conformance/awsapi/steps.ts';
import { runningTwin } from '../../src/api/running-twin.fixture.ts';
import { createCloud } from '../../src/cloud/cloud.ts';
import { createKubernetes } from '../../src/cluster/create-kubernetes.ts';
import { type AwsError, awsError } from '../../src/model/aws-error.ts';
import { Simulation } from '../../src/sim/simulation.ts';
import { emptyStore, Twin } from '../../src/twin/twin.ts';
import { type ServedAws, servedAws } from './served-aws.ts';

const SHARED = join(import.meta.dirname, '../../../shared/vectors/awsapi');
const DEFAULT_REGION = 'us-east-1';

const vectors: Vector[] = (existsSync(SHARED) ? readdirSync(SHARED) : [])
  .filter((file) => file.endsWith('.json'))
  .flatMap((file) => {
    const text = readFileSync(join(SHARED, file), 'utf8');
    return (JSON.parse(text) as { vectors: Vector[] }).vectors;
  });

const served: ServedAws[] = [];
afterAll(() => Promise.all(served.map((it) => it.close())));

/** A new account in one region, with the default VPC that every account has there. */
async function newRegion(region: string): Promise<ServedAws> {
  const clock = new Simulation(1);
  const store = emptyStore();
  const cloud = createCloud({
    store,
    clock,
    random: clock.random.split(region),
    region,
    accountId: '123456789012',
    addressChoice: 'random',
  });
  makeDefaultVpc({ cloud, store });
  const serviceCidrs = { ipv4: '172.20.0.0/16' };
  const kubernetes = createKubernetes({ store, clock, random: clock.random, serviceCidrs });
  const twin = new Twin({ clock, store, cloud, kubernetes, timeline: false });
  const api = await servedAws(runningTwin(twin));
  served.push(api);
  return api;
}

type Json = Readonly<Record<string, unknown>>;
type Command = new (input: Json) => Parameters<sdk.EC2Client['send']>[0];

async function answer({ ec2 }: ServedAws, op: string, input: Json): Promise<Json | AwsError> {
  const Operation = (sdk as unknown as Readonly<Record<string, Command>>)[`${op}Command`]!;
  try {
    return (await ec2.send(new Operation(input))) as unknown as Json;
  } catch (error) {
    const { name, message } = error as Error;
    return awsError(name, message);
  }
}

async function firstProblem({ steps }: Vector): Promise<string | undefined> {
  const regions = new Map<string, ServedAws>();
  const answers = new Map<string, Json>();
  for (const step of steps) {
    const name = step.region ?? DEFAULT_REGION;
    const region = regions.get(name) ?? (await newRegion(name));
    regions.set(name, region);
    const got = await answer(region, step.op, substituted(step.in, answers) as Json);
    const problem = problemOf(step, got, answers as Answers);
    if (problem !== undefined) return `${step.id} ${step.op}: ${problem}`;
    answers.set(step.id, JSON.parse(JSON.stringify(got)) as Json);
  }
  return undefined;
}

const isOfEc2 = ({ svc }: Step): boolean => svc === 'ec2';

test.skipIf(vectors.length === 0)(
  `every awsapi vector of EC2 holds over the wire${vectors.length === 0 ? ': ../shared is missing' : ''}`,
  { timeout: 120_000 },
  async () => {
    const own = vectors.filter(({ steps }) => steps.every(isOfEc2));
    const problems: string[] = [];
    for (const vector of own) {
      const problem = await firstProblem(vector);
      if (problem !== undefined) problems.push(`${vector.id}: ${problem}`);
    }
    expect(problems).toEqual([]);
    expect(own.length).toBeGreaterThanOrEqual(24);
  },
);
