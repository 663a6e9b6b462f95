import { expect, test } from 'vitest';
import { SPEC_SCHEMAS } from './custom-schemas.data.ts';
import { schemaErrors } from './schema-validation.ts';

const complaints = (spec: unknown): string[] =>
  schemaErrors(SPEC_SCHEMAS.TargetGroupBinding!, spec, 'spec').map(
    ({ field, body }) => `${field}: ${body}`,
  );

test('a binding needs a Service and its port, by number or by name', () => {
  expect(complaints({})).toEqual(['spec.serviceRef: Required value']);
  expect(complaints({ serviceRef: { name: 'web' } })).toEqual([
    'spec.serviceRef.port: Required value',
  ]);
  expect(complaints({ serviceRef: { name: 'web', port: 80 } })).toEqual([]);
  expect(complaints({ serviceRef: { name: 'web', port: 'http' } })).toEqual([]);
  expect(complaints({ serviceRef: { name: 'web', port: true } })).toEqual([
    'spec.serviceRef.port: Invalid value: "boolean": ' +
      'spec.serviceRef.port in body must be of type integer,string: "boolean"',
  ]);
});

test('a word the CRD does not have is refused with those it has', () => {
  const serviceRef = { name: 'web', port: 80 };
  expect(complaints({ serviceRef, targetType: 'pod' })).toEqual([
    'spec.targetType: Unsupported value: "pod": supported values: "instance", "ip"',
  ]);
  const from = [{ ipBlock: {} }];
  expect(complaints({ serviceRef, networking: { ingress: [{ from }] } })).toEqual([
    'spec.networking.ingress[0].ports: Required value',
    'spec.networking.ingress[0].from[0].ipBlock.cidr: Required value',
  ]);
});
