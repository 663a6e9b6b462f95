/**
 * conformance/adapters/awsapi — sequences of AWS calls, made on the cloud directly. Each case gets
 * a new account; each region of it a store of its own.
 *
 * Schema: shared vectors awsapi/README.md. Operations nobody handles make a case skipped.
 */
import { createCloud } from '../../src/cloud/cloud.ts';
import { type AwsError, awsError, isAwsError } from '../../src/model/aws-error.ts';
import { declareIndexes, type Kinds } from '../../src/model/kinds.ts';
import { seeded } from '../../src/sim/random.ts';
import { Simulation } from '../../src/sim/simulation.ts';
import { Store } from '../../src/sim/store.ts';
import type { Adapter, CaseResult } from '../adapter.ts';
import { makeDefaultVpc } from '../awsapi/default-vpc.ts';
import { eksHandlers } from '../awsapi/eks.ts';
import { elbv2Handlers } from '../awsapi/elbv2.ts';
import { gatewayHandlers } from '../awsapi/gateways.ts';
import { interfacePartHandlers } from '../awsapi/interface-parts.ts';
import { interfaceHandlers } from '../awsapi/interfaces.ts';
import { networkHandlers } from '../awsapi/network.ts';
import { problemOf, type Step, substituted, type Vector } from '../awsapi/steps.ts';
import { tagHandlers } from '../awsapi/tags.ts';
import { transitHandlers } from '../awsapi/transit.ts';
import {
  type Backend,
  type Handler,
  type Handlers,
  type Json,
  MissingMember,
  Request,
} from '../awsapi/wire.ts';

interface VectorFile {
  readonly vectors: readonly Vector[];
}

const SERVICES: Readonly<Record<string, Handlers>> = {
  ec2: {
    ...networkHandlers,
    ...interfaceHandlers,
    ...interfacePartHandlers,
    ...gatewayHandlers,
    ...transitHandlers,
    ...tagHandlers,
  },
  eks: eksHandlers,
  elbv2: elbv2Handlers,
};

const DEFAULT_REGION = 'us-east-1';
const ACCOUNT_ID = '123456789012';

const isVectorFile = (json: unknown): json is VectorFile => {
  const { format, vectors } = (json ?? {}) as { format?: unknown; vectors?: unknown };
  return (
    typeof format === 'string' &&
    format.startsWith('ekstwin-aws-vectors/') &&
    Array.isArray(vectors)
  );
};

function newRegion(region: string): Backend {
  const store = new Store<Kinds>();
  declareIndexes(store);
  const clock = new Simulation(1);
  const cloud = createCloud({
    store,
    clock,
    random: seeded(1).split(region),
    region,
    accountId: ACCOUNT_ID,
    addressChoice: 'random',
  });
  const backend = { cloud, store };
  makeDefaultVpc(backend);
  return backend;
}

const handlerOf = ({ svc, op }: Step): Handler | undefined => {
  const service = SERVICES[svc];
  return service !== undefined && Object.hasOwn(service, op) ? service[op] : undefined;
};

/** The answer, as AWS would give it. */
function answer(handler: Handler, input: Json, backend: Backend): Json | AwsError {
  const request = new Request(input);
  if (request.flag('DryRun') === true) {
    return awsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.');
  }
  try {
    return handler(request, backend);
  } catch (error) {
    if (!(error instanceof MissingMember)) throw error;
    return awsError('MissingParameter', `The request must contain the parameter ${error.member}`);
  }
}

function runVector({ id, steps }: Vector): CaseResult {
  const unhandled = steps.find((step) => handlerOf(step) === undefined);
  if (unhandled !== undefined)
    return { name: id, skipped: `no handler for ${unhandled.svc} ${unhandled.op}` };
  const regions = new Map<string, Backend>();
  const answers = new Map<string, Json>();
  for (const step of steps) {
    const region = step.region ?? DEFAULT_REGION;
    const backend = regions.get(region) ?? newRegion(region);
    regions.set(region, backend);
    const input = substituted(step.in, answers) as Json;
    const got = answer(handlerOf(step)!, input, backend);
    const failure = problemOf(step, got, answers);
    if (failure !== undefined) return { name: id, failure: `${step.id} ${step.op}: ${failure}` };
    if (!isAwsError(got)) answers.set(step.id, JSON.parse(JSON.stringify(got)) as Json);
  }
  return { name: id };
}

export const adapter: Adapter = {
  name: 'awsapi',
  accepts: (_path, json) => isVectorFile(json),
  run: (json) => (isVectorFile(json) ? json.vectors.map(runVector) : []),
};
