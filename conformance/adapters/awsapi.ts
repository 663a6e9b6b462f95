/**
 * conformance/adapters/awsapi — sequences of AWS calls, answered by the served API's own handlers.
 * Each case gets a new account; each region of it a store of its own.
 *
 * Schema: shared vectors awsapi/README.md. Operations nobody handles make a case skipped.
 */
import { isAwsError } from '../../src/model/aws-error.ts';
import type { Twin } from '../../src/twin/twin.ts';
import type { Adapter, CaseResult } from '../adapter.ts';
import { newAccount } from '../awsapi/account.ts';
import { asked, isBuilt, type Json } from '../awsapi/operations.ts';
import { problemOf, substituted, type Vector } from '../awsapi/steps.ts';

interface VectorFile {
  readonly vectors: readonly Vector[];
}

const DEFAULT_REGION = 'us-east-1';

const isVectorFile = (json: unknown): json is VectorFile => {
  const { format, vectors } = (json ?? {}) as { format?: unknown; vectors?: unknown };
  return (
    typeof format === 'string' &&
    format.startsWith('ekstwin-aws-vectors/') &&
    Array.isArray(vectors)
  );
};

function runVector({ id, steps }: Vector): CaseResult {
  const unhandled = steps.find(({ svc, op }) => !isBuilt(svc, op));
  if (unhandled !== undefined)
    return { name: id, skipped: `no handler for ${unhandled.svc} ${unhandled.op}` };
  const regions = new Map<string, Twin>();
  const answers = new Map<string, Json>();
  for (const step of steps) {
    const region = step.region ?? DEFAULT_REGION;
    const twin = regions.get(region) ?? newAccount(region);
    regions.set(region, twin);
    const input = substituted(step.in, answers) as Json;
    const got = asked(twin, step.svc, step.op, input);
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
