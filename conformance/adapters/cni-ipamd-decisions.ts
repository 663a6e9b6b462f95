/**
 * conformance/adapters/cni-ipamd-decisions — single decisions of ipamd (ipamd-decisions.json): is
 * the pool low, what an environment variable means, which calls an increase makes.
 *
 * Schema: shared vectors cni/README.md, "ipamd-decisions.json". The AWS of an increase answers
 * with the errors and ids the case lists; which calls come is the product's own doing.
 */
import type { Datastore } from '../../src/controllers/vpc-cni/datastore.ts';
import type { EniApi } from '../../src/controllers/vpc-cni/eni-api.ts';
import { parseIpamdEnv } from '../../src/controllers/vpc-cni/env.ts';
import {
  inInsufficientCidrPause,
  isInsufficientCidr,
  isPrivateIpLimitExceeded,
} from '../../src/controllers/vpc-cni/ipam.ts';
import { increasePool } from '../../src/controllers/vpc-cni/pool-increase.ts';
import {
  isPoolTooLow,
  warmIpTargetsDefined,
  warmPrefixTargetDefined,
} from '../../src/controllers/vpc-cni/pool-targets.ts';
import { awsError } from '../../src/model/aws-error.ts';
import type { EniConfig } from '../../src/model/kubernetes/networking.ts';
import type { Adapter, CaseResult } from '../adapter.ts';
import { same } from '../cni-datastore-query.ts';
import {
  HandClock,
  metadata,
  plainDatastore,
  scriptedApi,
  settingsOf,
  type VectorConfig,
  vectorIpam,
} from '../cni-ipam.ts';

interface FixtureEni {
  readonly eni: string;
  readonly isPrimary?: boolean;
  readonly deviceNumber?: number;
  readonly cidrs: readonly string[];
  readonly isPrefix?: boolean;
}

interface Fixture {
  readonly isPDEnabled?: boolean;
  readonly enis?: readonly FixtureEni[];
  readonly assign?: number;
}

interface Call {
  readonly call: string;
  readonly eni?: string;
  readonly count?: number;
  readonly returnsErrorCode?: string;
  readonly returns?: string;
}

interface Decision {
  readonly kind: string;
  readonly name: string;
  readonly config?: VectorConfig;
  readonly fixture?: string;
  readonly want?: unknown;
  readonly errorCode?: string;
  readonly lastErrorSecondsAgo?: number | null;
  readonly env?: Readonly<Record<string, string>>;
  readonly variable?: string;
  readonly nodeTaints?: readonly { readonly key: string; readonly effect: 'NoSchedule' }[];
  readonly nodeLabels?: Readonly<Record<string, string>>;
  readonly nodeAnnotations?: Readonly<Record<string, string>>;
  readonly eniConfigs?: Readonly<Record<string, EniConfig['spec']>>;
  readonly attachedENIs?: readonly FixtureEni[];
  readonly expectCalls?: readonly Call[];
}

interface DecisionFile {
  readonly fixtures: Readonly<Record<string, Fixture>>;
  readonly cases: readonly Decision[];
}

/** The README's kinds. */
const KINDS = new Set([
  'isDatastorePoolTooLow',
  'warmIPTargetsDefined',
  'warmPrefixTargetDefined',
  'env',
  'startsInsufficientCidrCooldown',
  'isPrivateIpLimitExceeded',
  'inInsufficientCidrCoolingPeriod',
  'increaseDatastorePool',
]);

const isDecisionFile = (json: unknown): json is DecisionFile => {
  const { fixtures, cases } = (json ?? {}) as { fixtures?: unknown; cases?: unknown };
  return (
    typeof fixtures === 'object' &&
    Array.isArray(cases) &&
    cases.length > 0 &&
    cases.every((one: unknown) => KINDS.has(String((one as { kind?: unknown } | null)?.kind)))
  );
};

function storeOf(fixture: Fixture, clock: HandClock): Datastore {
  const store = plainDatastore(clock, fixture.isPDEnabled ?? false);
  for (const [index, eni] of (fixture.enis ?? []).entries()) {
    store.addEni(eni.eni, {
      deviceNumber: eni.deviceNumber ?? index,
      isPrimary: eni.isPrimary ?? false,
      isTrunk: false,
      isEfa: false,
      routeTableId: index === 0 ? 254 : index + 1,
      subnetId: '',
    });
    for (const cidr of eni.cidrs) store.addCidr(eni.eni, cidr, eni.isPrefix ?? false);
  }
  for (let i = 0; i < (fixture.assign ?? 0); i++)
    store.assign({ networkName: 'net0', containerId: `sandbox-${i}`, ifName: 'eth0' }, {}, 4);
  return store;
}

/** Records calls in the set's words; the nth answer is what the nth listed call answers. */
function recordingApi(script: readonly Call[], calls: Call[], prefixes: boolean): EniApi {
  const scripted = (call: Call): Call | undefined => {
    const answer = script[calls.length];
    const { returnsErrorCode, returns } = answer?.call === call.call ? answer : ({} as Call);
    calls.push({
      ...call,
      ...(returnsErrorCode === undefined ? {} : { returnsErrorCode }),
      ...(returns === undefined ? {} : { returns }),
    });
    return answer;
  };
  const blocks = (count: number): string[] =>
    Array.from({ length: count }, (_, i) => (prefixes ? `10.9.${i}.0/28` : `10.9.0.${i}/32`));
  return scriptedApi({
    allocIpAddresses: (eni, count) => {
      const code = scripted({ call: 'AllocIPAddresses', eni, count })?.returnsErrorCode;
      return Promise.resolve(code === undefined ? blocks(count) : awsError(code, code));
    },
    allocEni: ({ securityGroups, subnetId, count, networkCard }) => {
      const call = { call: 'AllocENI', securityGroups: securityGroups ?? null, subnet: subnetId };
      const answer = scripted({ ...call, count, networkCard } as Call);
      const code = answer?.returnsErrorCode;
      return Promise.resolve(
        code === undefined ? (answer?.returns ?? 'eni-new') : awsError(code, code),
      );
    },
    waitForEniAndIpsAttached: (eni, count) => {
      const answer = scripted({ call: 'WaitForENIAndIPsAttached', eni, count });
      const code = answer?.returnsErrorCode;
      const made = prefixes ? { prefixes: blocks(count) } : { addresses: blocks(count) };
      return Promise.resolve(code === undefined ? metadata(eni, 9, made) : awsError(code, code));
    },
    describeCidrs: () => Promise.resolve([]),
  });
}

async function increaseCalls(decision: Decision): Promise<readonly Call[]> {
  const clock = new HandClock(1_000_000_000);
  const config = decision.config ?? {};
  const prefixes = config.enablePrefixDelegation ?? false;
  const enis = decision.attachedENIs ?? [];
  const store = storeOf({ isPDEnabled: prefixes, enis }, clock);
  const calls: Call[] = [];
  const primary = enis.find((eni) => eni.isPrimary)?.eni;
  const ipam = vectorIpam({
    clock,
    config,
    settings: () => settingsOf(config),
    stores: new Map([[0, store]]),
    api: recordingApi(decision.expectCalls ?? [], calls, prefixes),
    node: {
      taints: decision.nodeTaints ?? [],
      labels: decision.nodeLabels ?? {},
      annotations: decision.nodeAnnotations ?? {},
    },
    eniConfig: (name) => {
      const spec = decision.eniConfigs?.[name];
      return spec === undefined
        ? undefined
        : { apiVersion: '', kind: 'ENIConfig', metadata: { name }, spec };
    },
    ...(primary === undefined ? {} : { primaryEniId: primary }),
  });
  await increasePool(ipam, store);
  return calls;
}

function environmentValue(decision: Decision): unknown {
  const env = parseIpamdEnv(decision.env ?? {});
  const values: Readonly<Record<string, unknown>> = {
    WARM_ENI_TARGET: env.warmEniTarget,
    WARM_IP_TARGET: env.warmIpTarget,
    MINIMUM_IP_TARGET: env.minimumIpTarget,
    WARM_PREFIX_TARGET: env.warmPrefixTarget,
    MAX_ENI: env.maxEni,
    AWS_VPC_K8S_CNI_BACKING_STORE: env.backingStore,
    IP_COOLDOWN_PERIOD: env.cooldownMs / 1_000,
    CLUSTER_NAME: env.clusterName,
  };
  return values[decision.variable ?? ''];
}

function decide(decision: Decision, fixtures: DecisionFile['fixtures']): unknown {
  const settings = settingsOf(decision.config ?? {});
  const error = { code: decision.errorCode ?? '' };
  switch (decision.kind) {
    case 'isDatastorePoolTooLow': {
      const fixture = fixtures[decision.fixture ?? ''] ?? {};
      return isPoolTooLow(settings, storeOf(fixture, new HandClock(1_000_000_000)));
    }
    case 'warmIPTargetsDefined':
      return warmIpTargetsDefined(settings);
    case 'warmPrefixTargetDefined':
      return warmPrefixTargetDefined(settings);
    case 'startsInsufficientCidrCooldown':
      return isInsufficientCidr(error);
    case 'isPrivateIpLimitExceeded':
      return isPrivateIpLimitExceeded(error);
    case 'inInsufficientCidrCoolingPeriod': {
      const ago = decision.lastErrorSecondsAgo ?? undefined;
      return inInsufficientCidrPause(1e9, ago === undefined ? undefined : 1e9 - ago * 1_000);
    }
    case 'env':
      return environmentValue(decision);
    default:
      return `unknown kind ${decision.kind}`;
  }
}

async function runCase(
  decision: Decision,
  fixtures: DecisionFile['fixtures'],
): Promise<CaseResult> {
  const name = `${decision.kind}: ${decision.name}`;
  const isIncrease = decision.kind === 'increaseDatastorePool';
  const got = isIncrease ? await increaseCalls(decision) : decide(decision, fixtures);
  const wanted = isIncrease ? decision.expectCalls : decision.want;
  if (same(got, wanted)) return { name };
  return { name, failure: `got ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}` };
}

export const adapter: Adapter = {
  name: 'cni/ipamd-decisions',
  accepts: (_path, json) => isDecisionFile(json),
  run: async (json) => {
    if (!isDecisionFile(json)) return [];
    const results: CaseResult[] = [];
    for (const decision of json.cases) results.push(await runCase(decision, json.fixtures));
    return results;
  },
};
