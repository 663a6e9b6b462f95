/**
 * conformance/adapters/cni-max-pods — max-pods.json: the formula's table, nodeadm's instance info
 * and tests, and runs of the official max-pods-calculator.sh.
 *
 * Schema: shared vectors cni/README.md, "max-pods.json". A run is made from the product's own
 * instance type, whose facts must be the ones the script was given.
 */

import { type InstanceType, instanceType } from '../../src/model/ec2/instance-type.ts';
import {
  type CalculatorFlags,
  maxPodsCalculator,
  maxPodsFormula,
  nodeadmMaxPods,
} from '../../src/model/eks/max-pods.ts';
import { evaluateMaxPodsExpression } from '../../src/model/eks/max-pods-expression.ts';
import { InputError } from '../../src/model/input-error.ts';
import type { Adapter, CaseResult } from '../adapter.ts';

interface CalcCase {
  readonly customExpression?: string;
  readonly defaultENIs?: number;
  readonly ipsPerENI?: number;
  readonly expectedValue: number;
}

interface ExpressionCase {
  readonly expression: string;
  readonly defaultENIs?: number;
  readonly ipsPerENI?: number;
  readonly standardMaxPods?: number;
  readonly expectedValue?: number;
  readonly expectErr?: boolean;
  readonly expectedErrContents?: string;
}

interface CalculatorRun {
  readonly instanceType: string;
  readonly vcpus: number;
  readonly hypervisor: string | null;
  readonly defaultCardMaxENIs: number;
  readonly ipv4PerENI: number;
  readonly cniVersion: string;
  readonly flags: readonly string[];
  readonly maxPods: number | null;
  /** Exit status of the script. */
  readonly rc: number;
}

interface MaxPodsFile {
  readonly table?: Readonly<Record<string, number>>;
  readonly nodeadmInstanceInfo?: Readonly<
    Record<string, { defaultMaxENIs: number; ipv4AddressesPerInterface: number }>
  >;
  readonly nodeadmCalcMaxPods?: readonly CalcCase[];
  readonly nodeadmExpression?: readonly ExpressionCase[];
  readonly calculatorRuns?: readonly CalculatorRun[];
}

/** Keys no other vector file has; one of them is enough. */
const OWN_KEYS = [
  'nodeadmInstanceInfo',
  'nodeadmCalcMaxPods',
  'nodeadmExpression',
  'calculatorRuns',
] as const;

const isMaxPodsFile = (json: unknown): json is MaxPodsFile =>
  typeof json === 'object' && json !== null && OWN_KEYS.some((key) => key in json);

const compare = (name: string, wanted: unknown, got: unknown): CaseResult =>
  wanted === got ? { name } : { name, failure: `wanted ${String(wanted)}, got ${String(got)}` };

const withType = (
  name: string,
  typeName: string,
  run: (type: InstanceType) => CaseResult,
): CaseResult => {
  const type = instanceType(typeName);
  return type === undefined ? { name, failure: 'instance type unknown to ekstwin' } : run(type);
};

const runTable = (table: NonNullable<MaxPodsFile['table']>): CaseResult[] =>
  Object.entries(table).map(([typeName, wanted]) => {
    const name = `table ${typeName}`;
    return withType(name, typeName, (type) => compare(name, wanted, maxPodsFormula(type).maxPods));
  });

const runInstanceInfo = (info: NonNullable<MaxPodsFile['nodeadmInstanceInfo']>): CaseResult[] =>
  Object.entries(info).map(([typeName, wanted]) => {
    const name = `nodeadmInstanceInfo ${typeName}`;
    const wantedText = `${wanted.defaultMaxENIs} × ${wanted.ipv4AddressesPerInterface}`;
    return withType(name, typeName, (type) =>
      compare(name, wantedText, `${type.maxEnis} × ${type.ipv4PerEni}`),
    );
  });

/** Numbers a Go test leaves out are zero. */
const runCalc = (test: CalcCase, index: number): CaseResult => {
  const limits = { maxEnis: test.defaultENIs ?? 0, ipv4PerEni: test.ipsPerENI ?? 0 };
  const name = `nodeadmCalcMaxPods ${index} ${test.customExpression ?? '(formula)'}`;
  return compare(name, test.expectedValue, nodeadmMaxPods(limits, test.customExpression).maxPods);
};

const runExpression = (test: ExpressionCase, index: number): CaseResult => {
  const name = `nodeadmExpression ${index} ${test.expression}`;
  const outcome = evaluateMaxPodsExpression(test.expression, {
    defaultEnis: test.defaultENIs ?? 0,
    ipsPerEni: test.ipsPerENI ?? 0,
    maxPods: test.standardMaxPods ?? 0,
  });
  if (test.expectErr !== true) {
    const got = outcome.kind === 'value' ? outcome.maxPods : outcome.reason;
    return compare(name, test.expectedValue, got);
  }
  const wanted = test.expectedErrContents ?? '';
  if (outcome.kind === 'refused' && outcome.reason.includes(wanted)) return { name };
  const got = outcome.kind === 'value' ? outcome.maxPods : outcome.reason;
  return { name, failure: `wanted an error with "${wanted}", got ${got}` };
};

/** The script's flags, or the first one it does not have. */
const parseFlags = (cniVersion: string, flags: readonly string[]): CalculatorFlags | string => {
  let parsed: CalculatorFlags = { cniVersion };
  for (let at = 0; at < flags.length; at += 1) {
    switch (flags[at]) {
      case '--cni-prefix-delegation-enabled':
        parsed = { ...parsed, prefixDelegation: true };
        break;
      case '--cni-custom-networking-enabled':
        parsed = { ...parsed, customNetworking: true };
        break;
      case '--show-max-allowed':
        parsed = { ...parsed, showMaxAllowed: true };
        break;
      case '--cni-max-eni':
        at += 1;
        parsed = { ...parsed, cniMaxEni: Number(flags[at]) };
        break;
      default:
        return String(flags[at]);
    }
  }
  return parsed;
};

/** What the script was told of the type, and what we know of it, as comparable text. */
const factsOf = (run: CalculatorRun): string =>
  [run.defaultCardMaxENIs, run.ipv4PerENI, run.hypervisor || 'unknown', run.vcpus].join(' ');

const ourFactsOf = (type: InstanceType): string =>
  [type.maxEnis, type.ipv4PerEni, type.hypervisor, type.vcpus].join(' ');

const calculated = (type: InstanceType, flags: CalculatorFlags): number | string => {
  try {
    return maxPodsCalculator(type, flags).maxPods;
  } catch (error) {
    if (error instanceof InputError) return `refused: ${error.problem}`;
    throw error;
  }
};

const runCalculator = (run: CalculatorRun): CaseResult => {
  const name = ['calculator', run.instanceType, run.cniVersion, ...run.flags].join(' ');
  const flags = parseFlags(run.cniVersion, run.flags);
  if (typeof flags === 'string') return { name, failure: `the script has no flag ${flags}` };
  return withType(name, run.instanceType, (type) => {
    if (factsOf(run) !== ourFactsOf(type)) return compare(name, factsOf(run), ourFactsOf(type));
    const got = calculated(type, flags);
    if (run.rc === 0) return compare(name, run.maxPods, got);
    return typeof got === 'string' ? { name } : { name, failure: `wanted a failure, got ${got}` };
  });
};

export const adapter: Adapter = {
  name: 'cni/max-pods',
  accepts: (_path, json) => isMaxPodsFile(json),
  run: (json) => {
    if (!isMaxPodsFile(json)) return [];
    return [
      ...runTable(json.table ?? {}),
      ...runInstanceInfo(json.nodeadmInstanceInfo ?? {}),
      ...(json.nodeadmCalcMaxPods ?? []).map(runCalc),
      ...(json.nodeadmExpression ?? []).map(runExpression),
      ...(json.calculatorRuns ?? []).map(runCalculator),
    ];
  },
};
