/**
 * conformance/adapters/k8sapi-service-rules — a Service's spec through 1.30.5's defaulting and
 * validation, before anything is allocated.
 *
 * Schema: {source, cases: [{name, input: spec, defaulted: spec, errors: string[]}]}.
 */
import { serviceSpecWithDefaults } from '../../src/cluster/service-defaults.ts';
import { serviceErrors } from '../../src/cluster/service-validation.ts';
import type { ServiceSpec } from '../../src/model/kubernetes/core.ts';
import type { Adapter, CaseResult } from '../adapter.ts';
import { difference } from './k8sapi-difference.ts';
import { isPlain } from './k8sapi-older.ts';

interface RulesCase {
  readonly name: string;
  readonly input: ServiceSpec;
  readonly defaulted: ServiceSpec;
  readonly errors: readonly string[];
}

const isRulesFile = (json: unknown): json is { readonly cases: readonly RulesCase[] } => {
  if (!isPlain(json) || !Array.isArray(json.cases) || json.cases.length === 0) return false;
  return json.cases.every(
    (it: unknown) => isPlain(it) && isPlain(it.defaulted) && Array.isArray(it.errors),
  );
};

function runCase({ name, input, defaulted, errors }: RulesCase): CaseResult {
  const spec = serviceSpecWithDefaults(input);
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'a', namespace: 'a' },
    spec,
  };
  const got = serviceErrors(service).map(({ field, body }) => `${field}: ${body}`);
  return {
    name,
    failure: difference(defaulted, spec, 'spec') ?? difference(errors, got, 'errors'),
  };
}

export const adapter: Adapter = {
  name: 'k8sapi/service-default-validate',
  accepts: (_path, json) => isRulesFile(json),
  run: (json) => (json as { readonly cases: readonly RulesCase[] }).cases.map(runCase),
};
