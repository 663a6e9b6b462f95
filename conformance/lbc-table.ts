/**
 * conformance/lbc-table — upstream's table tests of the load balancer controller: each table by the
 * function it is a test of, each case by its arguments, its wanted value or its wanted error.
 *
 * Schema: shared vectors lbc/README.md, "tables": what is absent is Go's zero value, so zero values
 * count as absent on both sides.
 */
import { BuildError } from '../src/controllers/load-balancer/build-error.ts';
import type { Adapter, CaseResult } from './adapter.ts';
import type { Json } from './lbc-aws.ts';
import { sortedJson } from './sorted-json.ts';

interface Table {
  readonly package: string;
  readonly test: string;
  readonly cases: readonly { readonly name: string; readonly case: Json }[];
}

/** How one table is run. */
export interface TableRule {
  /** The value, or a BuildError thrown; `SKIPPED` where the case is not for us. */
  readonly run: (it: Json) => unknown;
  /** What our message begins with and the function upstream leaves to its caller. */
  readonly callersPart?: string;
  /** Default `want`. */
  readonly wanted?: (it: Json) => unknown;
}

export const SKIPPED = Symbol('skipped');
/** A wanted value that is not looked at: only the error counts. */
const ANY = Symbol('any');
export const errorOnly = (): unknown => ANY;

/** An adapter for the tables of one Go package. */
export const tableAdapter = (
  packageName: string,
  rules: Readonly<Record<string, TableRule>>,
): Adapter => {
  const isTable = (json: unknown): json is Table => {
    const { package: name, test, cases } = (json ?? {}) as Partial<Table>;
    return name === packageName && Array.isArray(cases) && test !== undefined && test in rules;
  };
  return {
    name: `lbc/tables ${packageName}`,
    accepts: (_path, json) => isTable(json),
    async run(json) {
      if (!isTable(json)) return [];
      const results: CaseResult[] = [];
      for (const { name, case: it } of json.cases) {
        results.push(await runCase(name, it, rules[json.test]!));
      }
      return results;
    },
  };
};

async function runCase(
  name: string,
  it: Json,
  { run, callersPart = '', wanted = ({ want }) => want }: TableRule,
): Promise<CaseResult> {
  const error = wantedError(it);
  let value: unknown;
  try {
    value = await run(it);
  } catch (thrown) {
    if (!(thrown instanceof BuildError)) throw thrown;
    const message = thrown.message.replace(callersPart, '');
    if (error?.(message)) return { name };
    return { name, failure: `got the error ${message}, wanted ${errorText(it)}` };
  }
  if (value === SKIPPED) return { name, skipped: 'made of Go functions' };
  if (error !== undefined) return { name, failure: `wanted the error ${errorText(it)}` };
  const want = wanted(it);
  if (want === ANY) return { name };
  const [came, expected] = [sortedJson(pruned(value)), sortedJson(pruned(want))];
  return came === expected ? { name } : { name, failure: `wanted ${expected}, got ${came}` };
}

const ERROR_FIELDS = ['wantErr', 'wantError', 'expectedErr', 'expectError'];
const PART_FIELDS = ['errSubString', 'errMsg', 'expectedErrMsg', 'expectedErrorMessage'];

const errorText = (it: Json): string =>
  JSON.stringify([...ERROR_FIELDS, ...PART_FIELDS].map((field) => it[field]));

/** A test of the message; undefined where no error is wanted. */
function wantedError(it: Json): ((message: string) => boolean) | undefined {
  const part = PART_FIELDS.map((field) => it[field]).find((value) => value);
  if (part) return (message) => message.includes(String(part));
  const whole = ERROR_FIELDS.map((field) => it[field]).find((value) => value);
  if (!whole || whole === 'assert.NoError') return undefined;
  const isGo = typeof whole === 'object' && '$goFunc' in whole;
  if (whole === true || whole === 'assert.Error' || isGo) return () => true;
  const text = typeof whole === 'string' ? whole : String((whole as Json).$error);
  return (message) => message === byKind(text);
}

/** Upstream's tests have no cache before the API, which would tell kinds instead of resources. */
const byKind = (text: string): string =>
  text
    .replace('ingressclasses.networking.k8s.io "', 'IngressClass.networking.k8s.io "')
    .replace('ingressclassparamses.elbv2.k8s.aws "', 'IngressClassParams.elbv2.k8s.aws "')
    .replace('namespaces "', 'Namespace "')
    .replace('services "', 'Service "');

/** Without zero values. */
function pruned(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(pruned);
  if (typeof value !== 'object' || value === null) return value || undefined;
  const fields = Object.entries(value)
    .map(([name, it]): [string, unknown] => [name, pruned(it)])
    .filter(([, it]) => it !== undefined);
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}
