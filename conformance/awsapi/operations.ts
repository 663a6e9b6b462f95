/**
 * conformance/awsapi/operations — AWS's operations as the served API has them, asked in the SDK's
 * shape: its handlers and its tables, without the wire between.
 */
import { HANDLERS as ec2 } from '../../src/api/aws/ec2/ec2.ts';
import { HANDLERS as eks } from '../../src/api/aws/eks/eks.ts';
import { HANDLERS as elbv2 } from '../../src/api/aws/elbv2/elbv2.ts';
import type { ServiceModel } from '../../src/api/aws/model.ts';
import { MODEL as EC2_MODEL } from '../../src/api/aws/models/ec2.data.ts';
import { MODEL as EKS_MODEL } from '../../src/api/aws/models/eks.data.ts';
import { MODEL as ELBV2_MODEL } from '../../src/api/aws/models/elbv2.data.ts';
import type { Handler } from '../../src/api/aws/operation.ts';
import { SERVED } from '../../src/api/running-twin.fixture.ts';
import { type AwsError, awsError } from '../../src/model/aws-error.ts';
import type { Twin } from '../../src/twin/twin.ts';

export type Json = Readonly<Record<string, unknown>>;

interface Service {
  readonly model: ServiceModel;
  readonly handlers: Readonly<Record<string, Handler>>;
}

const service = (model: string, handlers: Service['handlers']): Service => ({
  model: JSON.parse(model) as ServiceModel,
  handlers,
});

const SERVICES: Readonly<Record<string, Service>> = {
  ec2: service(EC2_MODEL, ec2),
  eks: service(EKS_MODEL, eks),
  elbv2: service(ELBV2_MODEL, elbv2),
};

export const isBuilt = (svc: string, op: string): boolean =>
  SERVICES[svc] !== undefined && Object.hasOwn(SERVICES[svc].handlers, op);

/** A member that the operation requires and the input lacks. */
function missingMember({ model }: Service, op: string, input: Json): string | undefined {
  const shape = model.shapes[model.operations[op]?.i ?? ''];
  const required = (shape?.m ?? []).slice(0, shape?.r ?? 0);
  return required.map(([name]) => name).find((name) => input[name] === undefined);
}

/** What a built operation answers, as AWS would. */
export function asked(twin: Twin, svc: string, op: string, input: Json): Json | AwsError {
  const { model, handlers } = SERVICES[svc]!;
  const missing = missingMember({ model, handlers }, op, input);
  if (missing !== undefined)
    return awsError('MissingParameter', `The request must contain the parameter ${missing}`);
  if (input.DryRun === true) {
    return awsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.');
  }
  const { store, cloud } = twin;
  const who = { accessKeyId: 'AKIAEXAMPLE', sessionToken: undefined };
  return handlers[op]!(input, { twin, store, cloud, served: SERVED, operation: op, ...who });
}
