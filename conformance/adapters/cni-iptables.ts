/**
 * conformance/adapters/cni-iptables — the chains that ipamd's host set-up leaves, call by call,
 * against upstream's own tests.
 *
 * Schema: shared vectors cni/README.md, "iptables.json". The vectors come from a mock that holds
 * both families in one set of chains, so both are one state here too.
 */
import { cleanUpConnmark, setUpConnmark } from '../../src/controllers/vpc-cni/connmark-rules.ts';
import {
  type HostSettings,
  setUpHostIptables,
} from '../../src/controllers/vpc-cni/host-iptables.ts';
import { IptablesState, sameRule } from '../../src/controllers/vpc-cni/iptables-state.ts';
import { cleanUpStaleChains } from '../../src/controllers/vpc-cni/stale-rules.ts';
import { iptablesRuleText } from '../../src/model/linux/iptables-text.ts';
import type { IptablesRule, IptablesTableName } from '../../src/model/linux/netfilter.ts';
import { isBuiltIn } from '../../src/model/linux/netfilter.ts';
import type { Adapter, CaseResult } from '../adapter.ts';
import { ruleOfArguments } from '../iptables-arguments.ts';

interface Config {
  readonly useExternalSNAT?: boolean;
  readonly ipv6EgressEnabled?: boolean;
  readonly nodePortSupportEnabled?: boolean;
  readonly excludeSNATCIDRs?: readonly string[] | null;
  readonly typeOfSNAT?: HostSettings['randomizeSnat'];
  readonly mainENIMark?: number;
  readonly mark?: number;
  readonly vethPrefix?: string;
  readonly connmarkBackend?: string;
}

interface Call {
  readonly fn: string;
  readonly vpcCIDRs?: readonly string[];
  readonly primaryInterface?: string;
  readonly primaryAddr?: string;
  readonly v6Enabled?: boolean;
  readonly exemptCIDRs?: readonly string[] | null;
  readonly error?: boolean;
  readonly errorContains?: string;
}

interface Exists {
  readonly afterCall: number;
  readonly table: IptablesTableName;
  readonly chain?: string;
  readonly rule?: readonly string[];
  readonly chainExists?: string;
  readonly want: boolean;
}

type Chains = Readonly<Record<string, readonly (readonly string[])[]>>;

interface Vector {
  readonly name: string;
  readonly config: Config;
  readonly pre: readonly {
    readonly op: 'NewChain' | 'Append' | 'Insert';
    readonly args: readonly (string | number)[];
  }[];
  readonly calls: readonly Call[];
  readonly exists: readonly Exists[];
  readonly expectedState?: Readonly<Record<string, Chains>>;
}

const KINDS = new Set(['SetupHostNetwork', 'IptablesConnmark']);

const isIptablesFile = (json: unknown): json is { readonly vectors: readonly Vector[] } => {
  const { vectors } = (json ?? {}) as { vectors?: unknown };
  return (
    Array.isArray(vectors) &&
    vectors.length > 0 &&
    vectors.every(
      (one: unknown) =>
        typeof one === 'object' &&
        one !== null &&
        KINDS.has(String((one as { kind?: unknown }).kind)) &&
        'calls' in one,
    )
  );
};

const settingsOf = (config: Config, call: Call): HostSettings => ({
  family: call.v6Enabled === true ? 6 : 4,
  primaryAddress: call.primaryAddr ?? '',
  primaryLink: call.primaryInterface ?? 'eth0',
  vpcCidrs: call.vpcCIDRs ?? [],
  excludedSnatCidrs: config.excludeSNATCIDRs ?? [],
  externalSnat: config.useExternalSNAT ?? false,
  randomizeSnat: config.typeOfSNAT ?? 'none',
  nodePortSupport: config.nodePortSupportEnabled ?? false,
  connmark: config.mainENIMark ?? config.mark ?? 0,
  connmarkBackend: config.connmarkBackend === 'iptables' ? 'iptables' : 'nftables',
  vethPrefix: config.vethPrefix ?? '',
  egress: { ipv4: false, ipv6: config.ipv6EgressEnabled ?? false },
});

function prepare(state: IptablesState, { op, args }: Vector['pre'][number]): void {
  const [table, chain, ...rest] = args as [IptablesTableName, string, ...(string | number)[]];
  if (op === 'NewChain') {
    state.newChain(table, chain);
    return;
  }
  const words = rest.map(String);
  if (op === 'Append') {
    state.append(table, chain, ruleOfArguments(words));
    return;
  }
  if (words[0] !== '1') throw new Error(`insert at ${words[0]}`);
  state.prepend(table, chain, ruleOfArguments(words.slice(1)));
}

/** @returns the product's refusal, where it has one */
function perform(state: IptablesState, config: Config, call: Call): string | undefined {
  const connmark = {
    vethPrefix: config.vethPrefix ?? '',
    connmark: config.mark ?? config.mainENIMark ?? 0,
  };
  switch (call.fn) {
    case 'SetupHostNetwork':
    case 'UpdateHostSNATRules':
      return setUpHostIptables(settingsOf(config, call), state, state);
    case 'CleanUpStaleAWSChains':
      cleanUpStaleChains(state);
      return undefined;
    case 'Setup':
      return setUpConnmark(state, connmark, call.exemptCIDRs ?? []);
    case 'Cleanup':
      cleanUpConnmark(state, connmark);
      return undefined;
    default:
      throw new Error(`call not known: ${call.fn}`);
  }
}

function existsFailure(state: IptablesState, wanted: Exists): string | undefined {
  const { table, chain = '', rule = [], chainExists, want } = wanted;
  const got =
    chainExists === undefined
      ? state.has(table, chain, ruleOfArguments(rule))
      : state.chain(table, chainExists) !== undefined;
  if (got === want) return undefined;
  const what = chainExists ?? `${chain} ${rule.join(' ')}`;
  return `after call ${wanted.afterCall}: ${table} ${what}: wanted ${want}, got ${got}`;
}

/** The two say the same; a REJECT without a word rejects in its family's own way. */
function isSame(wanted: IptablesRule, got: IptablesRule): boolean {
  const isReject = wanted.target?.kind === 'reject' && got.target?.kind === 'reject';
  return sameRule(wanted, isReject ? { ...got, target: wanted.target! } : got);
}

function stateFailure(state: IptablesState, wanted: Vector['expectedState']): string | undefined {
  if (wanted === undefined) return undefined;
  for (const table of ['raw', 'mangle', 'nat', 'filter'] as const) {
    const chains = wanted[table] ?? {};
    const names = new Set([...Object.keys(chains), ...state.chainNames(table)]);
    for (const name of names) {
      const got = state.chain(table, name);
      const lines = chains[name]?.filter(([first]) => first !== '-N');
      if (!isBuiltIn(table, name) && (got === undefined) !== (lines === undefined))
        return `${table} ${name}: wanted ${lines ? 'a' : 'no'} chain, got ${got ? 'one' : 'none'}`;
      const rules = (lines ?? []).map(ruleOfArguments);
      const isEqual =
        rules.length === (got?.length ?? 0) && rules.every((rule, at) => isSame(rule, got![at]!));
      if (!isEqual) {
        const text = (all: readonly IptablesRule[]) => all.map((one) => iptablesRuleText(one));
        return `${table} ${name}: wanted ${text(rules).join(' | ')}, got ${text(got ?? []).join(' | ')}`;
      }
    }
  }
  return undefined;
}

function run(vector: Vector): string | undefined {
  const state = new IptablesState();
  for (const step of vector.pre) prepare(state, step);
  const check = (call: number): string | undefined =>
    vector.exists
      .filter(({ afterCall }) => afterCall === call)
      .map((wanted) => existsFailure(state, wanted))
      .find((failure) => failure !== undefined);
  let failure = check(0);
  for (const [at, call] of vector.calls.entries()) {
    if (failure !== undefined) return failure;
    const refusal = perform(state, vector.config, call);
    if (call.error !== undefined && call.error !== (refusal !== undefined))
      return `call ${at + 1}: wanted ${call.error ? 'a refusal' : 'success'}, got ${refusal}`;
    if (call.errorContains !== undefined && !refusal?.includes(call.errorContains))
      return `call ${at + 1}: wanted "${call.errorContains}", got "${refusal}"`;
    failure = check(at + 1);
  }
  return failure ?? stateFailure(state, vector.expectedState);
}

function runVector(vector: Vector): CaseResult {
  const { name } = vector;
  try {
    const failure = run(vector);
    return failure === undefined ? { name } : { name, failure };
  } catch (problem) {
    return { name, failure: problem instanceof Error ? problem.message : String(problem) };
  }
}

export const adapter: Adapter = {
  name: 'cni/iptables',
  accepts: (_path, json) => isIptablesFile(json),
  run: (json) => (isIptablesFile(json) ? json.vectors.map(runVector) : []),
};
