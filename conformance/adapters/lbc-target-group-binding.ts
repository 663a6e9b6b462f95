/**
 * conformance/adapters/lbc-target-group-binding — upstream's table tests of TargetGroupBindings:
 * rules on interfaces' security groups, which interface a pod has, gates, and the webhooks.
 *
 * Schema: shared vectors lbc/README.md, "tables"; cases with Go functions in them are skipped.
 */
import type { RuleInput } from '../../src/cloud/ec2/vpc-operations.ts';
import { createKubernetes } from '../../src/cluster/create-kubernetes.ts';
import { DeployError } from '../../src/controllers/load-balancer/deploy/deploy-error.ts';
import {
  bindingRules,
  portNumbers,
  rulesOf,
} from '../../src/controllers/load-balancer/networking/binding-rules.ts';
import { endpointGroup } from '../../src/controllers/load-balancer/networking/endpoint-group.ts';
import { NodeInterfaces } from '../../src/controllers/load-balancer/networking/node-interfaces.ts';
import {
  type Found,
  PodInterfaces,
} from '../../src/controllers/load-balancer/networking/pod-interfaces.ts';
import { RuleTally } from '../../src/controllers/load-balancer/networking/rule-tally.ts';
import {
  isWaiting,
  ReadinessGates,
} from '../../src/controllers/load-balancer/target-group-binding/readiness-gate.ts';
import { filledIn } from '../../src/controllers/load-balancer/webhooks/binding-mutator.ts';
import {
  changedFields,
  checkChange,
  checkNew,
  checkNodeSelector,
  checkRole,
  checkUnique,
  requiredFields,
} from '../../src/controllers/load-balancer/webhooks/binding-validator.ts';
import type { Node, Pod } from '../../src/model/kubernetes/core.ts';
import type { TargetGroupBinding } from '../../src/model/kubernetes/load-balancer.ts';
import { Simulation } from '../../src/sim/simulation.ts';
import type { Adapter, CaseResult } from '../adapter.ts';
import { type Json, listOf } from '../lbc-aws.ts';
import {
  podOf,
  ruleOf,
  storeWith,
  stubbedInterfaces,
  stubbedTargetGroups,
} from '../lbc-interfaces.ts';
import { sortedJson } from '../sorted-json.ts';

interface Table {
  readonly package: string;
  readonly test: string;
  readonly cases: readonly {
    readonly name: string;
    readonly status: string;
    readonly case: Json;
  }[];
}

/** What a case is to give, and what it gave; an error by its text. */
type Runner = (it: Json) => unknown | Promise<unknown>;

/** The controller's own VPC in upstream's tests. */
const VPC_ID = 'cluster-vpc-id';

const argsOf = (it: Json): Json => (it.args ?? {}) as Json;
const fieldsOf = (it: Json): Json => (it.fields ?? {}) as Json;
const bindingOf = (json: unknown): TargetGroupBinding => json as TargetGroupBinding;
const specOf = (json: unknown) => bindingOf(json).spec ?? {};

/** Rules in an order of their own: upstream's is that of a map. */
const sortedRules = (rules: readonly RuleInput[]): readonly string[] =>
  rules.map((it) => sortedJson({ ...it, description: undefined })).sort();

function tallied(it: Json, isRestricted: boolean): unknown {
  const tally = new RuleTally(isRestricted);
  const all = fieldsOf(it).ingressPermissionsPerSGByTGB as Json | undefined;
  for (const [binding, perGroup] of Object.entries(all ?? {})) {
    const rules = Object.entries(perGroup as Json).map(
      ([groupId, its]) => [groupId, listOf(its).map(ruleOf)] as const,
    );
    tally.set(binding, new Map(rules));
  }
  return Object.fromEntries(
    [...tally.groups()].map((groupId) => [groupId, sortedRules(tally.wanted(groupId))]),
  );
}

const wantedTally = (it: Json): unknown =>
  Object.fromEntries(
    Object.entries((it.want ?? {}) as Json).map(([groupId, its]) => [
      groupId,
      // The same rule of two bindings is one rule in the end.
      [...new Set(sortedRules(listOf(its).map(ruleOf)))],
    ]),
  );

const foundJson = (found: ReadonlyMap<string, Found>): Json =>
  Object.fromEntries(
    [...found].map(([key, eni]) => [
      key,
      eni === 'hybrid'
        ? { networkInterfaceID: 'hybrid-no-eni', securityGroups: [] }
        : { networkInterfaceID: eni.networkInterfaceId, securityGroups: eni.groups },
    ]),
  );

function podInterfaces(it: Json): PodInterfaces {
  const store = storeWith(listOf(((it.env ?? {}) as Json).nodes));
  return new PodInterfaces(new Simulation(1), store, stubbedInterfaces(fieldsOf(it)));
}

async function resolvedCalls(
  it: Json,
  resolve: (args: Json) => Promise<Json>,
): Promise<readonly unknown[]> {
  const calls: unknown[] = [];
  for (const call of listOf(it.wantResolveCalls)) {
    try {
      calls.push(await resolve(argsOf(call)));
    } catch (error) {
      if (!(error instanceof DeployError)) throw error;
      calls.push(error.message);
    }
  }
  return calls;
}

const podsOf = (args: Json): readonly Pod[] => listOf(args.pods).map(podOf);

async function resolvedPods(it: Json): Promise<unknown> {
  const interfaces = podInterfaces(it);
  return resolvedCalls(it, async (args) => foundJson(await interfaces.resolve(podsOf(args))));
}

const resolvedOnce: Runner = async (it) =>
  foundJson(await podInterfaces(it).resolve(podsOf(argsOf(it))));

const wantedCalls: Runner = (it) =>
  listOf(it.wantResolveCalls).map(({ want, wantErr }) =>
    wantErr === undefined ? (want ?? {}) : String((wantErr as Json).$error),
  );

const peerRules: Runner = (it) => {
  const { peer, port, pods } = argsOf(it);
  return sortedRules(
    rulesOf(peer as object, port as object, pods == null ? undefined : listOf(pods).map(podOf)),
  );
};

const endpointGroupOf: Runner = (it) => {
  const { networkInterfaceID, securityGroups } = argsOf(it).eniInfo as Json;
  const ids = securityGroups as readonly string[];
  if (ids.length === 1) return ids[0];
  const answers = listOf(fieldsOf(it).fetchSGInfosByRequestCalls).map(({ resp }) => resp as Json);
  const groups = Object.values(Object.assign({}, ...answers) as Readonly<Record<string, Json>>);
  return endpointGroup(
    String(networkInterfaceID),
    groups.map(({ securityGroupID, tags }) => ({
      groupId: securityGroupID,
      tags: tags ?? {},
    })) as never,
    { clusterName: 'cluster-a', extra: (fieldsOf(it).serviceTargetENISGTags ?? {}) as never },
  );
};

const gateWritten: Runner = (it) => {
  const clock = new Simulation(1);
  const store = storeWith(listOf(((it.env ?? {}) as Json).pods));
  const kubernetes = createKubernetes({
    store,
    clock,
    random: clock.random,
    serviceCidrs: { ipv4: '10.100.0.0/16' },
  });
  const { pod, targetHealth, targetHealthCondType } = argsOf(it);
  const health = targetHealth as Json | null | undefined;
  const goesOn = new ReadinessGates(clock, store, kubernetes).write(
    podOf(pod as Json),
    String(targetHealthCondType),
    health == null
      ? undefined
      : ({
          state: health.State,
          reason: health.Reason,
          description: health.Description,
        } as never),
  );
  return { goesOn, conditions: conditionsOf(store.list('Pod')[0]) };
};

/** Conditions without times: upstream's tests look past them. */
const conditionsOf = (pod: Pod | undefined): unknown =>
  (pod?.status?.conditions ?? []).map(({ type, status, reason, message }) => ({
    type,
    status,
    reason: reason || undefined,
    message: message || undefined,
  }));

const checked = (check: () => void): undefined => {
  check();
  return undefined;
};

const RUNNERS: Readonly<Record<string, Runner>> = {
  Test_defaultNetworkingManager_computeIngressPermissionsForTGBNetworking: (it) => {
    const { tgbNetworking, pods } = argsOf(it);
    const its = pods == null ? undefined : listOf(pods).map(podOf);
    return sortedRules(bindingRules(tgbNetworking as object, its));
  },
  Test_defaultNetworkingManager_computePermissionsForPeerPort: peerRules,
  Test_defaultNetworkingManager_computeNumericalPorts: (it) => {
    const { port, pods } = argsOf(it);
    return portNumbers(port as number, listOf(pods).map(podOf));
  },
  Test_defaultNetworkingManager_computeRestrictedIngressPermissionsPerSG: (it) => tallied(it, true),
  Test_defaultNetworkingManager_computeUnrestrictedIngressPermissionsPerSG: (it) =>
    tallied(it, false),
  Test_defaultNetworkingManager_resolveEndpointSGForENI: endpointGroupOf,
  Test_defaultPodENIInfoResolver_Resolve: resolvedPods,
  Test_defaultPodENIInfoResolver_Resolve_Hybrid: resolvedPods,
  Test_defaultPodENIInfoResolver_resolveViaCascadedLookup_EC2: resolvedOnce,
  Test_defaultPodENIInfoResolver_resolveViaCascadedLookup_Fargate: resolvedOnce,
  Test_defaultPodENIInfoResolver_resolveViaCascadedLookup_Hybrid: resolvedOnce,
  Test_defaultPodENIInfoResolver_resolveViaCascadedLookup_SageMakerHyperPod: resolvedOnce,
  Test_defaultNodeENIInfoResolver_Resolve: (it) => {
    const interfaces = new NodeInterfaces(new Simulation(1), stubbedInterfaces(fieldsOf(it)));
    return resolvedCalls(it, async (args) => {
      const found = await interfaces.resolve(listOf(args.nodes) as unknown as readonly Node[]);
      return foundJson(new Map([...found].map(([name, eni]) => [`/${name}`, eni])));
    });
  },
  Test_needReadinessGateFlip: (it) =>
    listOf(it.endpoints).some(({ pod }) =>
      isWaiting(podOf(pod as Json), 'target-health.elbv2.k8s.aws/my-tgb'),
    ),
  Test_defaultResourceManager_updateTargetHealthPodConditionForPod: gateWritten,
  Test_targetGroupBindingMutator_MutateCreate: (it) =>
    filledIn(stubbedTargetGroups(fieldsOf(it)), bindingOf(argsOf(it).obj)),
  Test_targetGroupBindingValidator_ValidateCreate: (it) =>
    checked(() =>
      checkNew(storeWith([]), stubbedTargetGroups(fieldsOf(it)), bindingOf(argsOf(it).obj)),
    ),
  Test_targetGroupBindingValidator_ValidateUpdate: (it) =>
    checked(() => {
      const { obj, oldObj } = argsOf(it);
      const binding = { metadata: { name: '' }, ...(obj as object) };
      const reads = stubbedTargetGroups(fieldsOf(it));
      checkChange(storeWith([]), reads, VPC_ID, bindingOf(binding), bindingOf(oldObj));
    }),
  Test_targetGroupBindingValidator_checkExistingTargetGroups: (it) =>
    checked(() => {
      const { tgb } = argsOf(it);
      const store = storeWith(listOf(((it.env ?? {}) as Json).existingTGBs));
      checkUnique(store, bindingOf(tgb), specOf(tgb));
    }),
  Test_targetGroupBindingValidator_checkImmutableFields: (it) => {
    const { tgb, oldTGB } = argsOf(it);
    const changed = changedFields(specOf(tgb), specOf(oldTGB), VPC_ID);
    if (changed.length === 0) return undefined;
    const fields = changed.join(',');
    throw new DeployError(
      `TargetGroupBinding update may not change these immutable fields: ${fields}`,
    );
  },
  Test_targetGroupBindingValidator_checkNodeSelector: (it) =>
    checked(() => checkNodeSelector(specOf(argsOf(it).tgb))),
  Test_targetGroupBindingValidator_checkRequiredFields: (it) =>
    checked(() => {
      requiredFields(stubbedTargetGroups(fieldsOf(it)), specOf(argsOf(it).tgb));
    }),
  TestCheckAssumeRoleConfig: (it) => checked(() => checkRole(specOf(it.tgb))),
};

const CALLS = /Resolver_Resolve(?:_Hybrid)?$/;

function wantedOf(test: string, it: Json): unknown {
  const error = (it.wantErr ?? it.err) as Json | string | null | undefined;
  if (typeof error === 'string') return error;
  if (error?.$error !== undefined) return String(error.$error);
  if (CALLS.test(test)) return wantedCalls(it);
  if (test.includes('IngressPermissionsPerSG')) return wantedTally(it);
  if (test.includes('ermissionsFor')) return sortedRules(listOf(it.want).map(ruleOf));
  if (test.endsWith('PodConditionForPod'))
    return { goesOn: it.want, conditions: conditionsOf(it.wantPod as Pod) };
  if (test.includes('Cascaded')) return it.want ?? {};
  return it.want;
}

const isTable = (json: unknown): json is Table => {
  const { cases, test } = (json ?? {}) as Partial<Table>;
  return Array.isArray(cases) && test !== undefined && test in RUNNERS;
};

/** Without what Go leaves out: nothing, and empty texts. */
const plain = (value: unknown): string =>
  sortedJson(JSON.parse(JSON.stringify(value ?? null, (_, it) => (it === '' ? undefined : it))));

export const adapter: Adapter = {
  name: 'lbc/tables target group bindings',
  accepts: (_path, json) => isTable(json),
  async run(json) {
    if (!isTable(json)) return [];
    const results: CaseResult[] = [];
    for (const { name, status, case: it } of json.cases) {
      if (status !== 'full') {
        results.push({ name, skipped: 'the case is Go source in part' });
        continue;
      }
      const wanted = plain(wantedOf(json.test, it));
      const got = plain(await outcome(RUNNERS[json.test]!, it));
      results.push(wanted === got ? { name } : { name, failure: `wanted ${wanted}, got ${got}` });
    }
    return results;
  },
};

async function outcome(run: Runner, it: Json): Promise<unknown> {
  try {
    return await run(it);
  } catch (error) {
    // A stub's error has a code with us.
    return (error as Error).message.replace('api error Error: ', '');
  }
}
