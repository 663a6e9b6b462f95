/**
 * api/aws/codec/required — members that an operation needs and a JSON or XML body lacks. Query
 * requests are looked at while they are read, for their parameters have names of their own.
 */
import { type Protocol, type ServiceModel, type TypeName, typeOf } from '../model.ts';
import { Refused } from '../refused.ts';

/** The code a service refuses with: EKS's, ACM's, Route 53's. */
const CODES: Readonly<Record<Protocol, string>> = {
  ec2Query: 'MissingParameter',
  awsQuery: 'ValidationError',
  restJson1: 'InvalidParameterException',
  restXml: 'InvalidInput',
  'awsJson1.1': 'ValidationException',
};

/** @throws Refused when a required member is missing anywhere in what was read */
export function refuseIncomplete(
  model: ServiceModel,
  type: TypeName,
  value: unknown,
  path = '',
): void {
  if (value === undefined) return;
  const found = typeOf(model, type);
  if (found.kind === 'list') {
    (value as readonly unknown[]).forEach((item, i) => {
      refuseIncomplete(model, found.element[0], item, `${path}.${i + 1}.member`);
    });
  }
  if (found.kind !== 'structure') return;
  const required = found.shape.r ?? 0;
  found.shape.m?.forEach(([name, of], i) => {
    const member = (value as Readonly<Record<string, unknown>>)[name];
    const where = path === '' ? name : `${path}.${name}`;
    if (member === undefined && i < required) {
      throw new Refused(
        CODES[model.protocol],
        `1 validation error detected: Value null at '${where}' failed to satisfy constraint: ` +
          'Member must not be null',
      );
    }
    refuseIncomplete(model, of, member, where);
  });
}
