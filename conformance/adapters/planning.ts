/**
 * conformance/adapters/planning — numbers no upstream vector pins: pod limits by kind of node
 * group, what nodes draw from a subnet, the estimate of the guides, and eksctl's subnet layout.
 *
 * Schema: {format: 'ekstwin-planning/1', cases: [{name, source, ask, …arguments, want}]}; `ask` is
 * one of the questions below.
 */
import {
  cniEnvironment,
  MANIFEST_VARIABLES,
  withVariables,
} from '../../src/analysis/capacity/cni-environment.ts';
import { nodeDemand } from '../../src/analysis/capacity/demand.ts';
import { seedEstimate } from '../../src/analysis/capacity/seed-formula.ts';
import { ipv4Blocks, ipv4BlocksOfIpv6 } from '../../src/formats/eksctl/subnet-layout.ts';
import { type InstanceType, instanceType } from '../../src/model/ec2/instance-type.ts';
import { RESERVED_PER_SUBNET } from '../../src/model/ec2/subnet.ts';
import {
  type ManagedGroupCni,
  managedGroupMaxPods,
  type SelfManagedLimits,
  selfManagedMaxPods,
} from '../../src/model/eks/max-pods.ts';
import { parseCidr4, sizeOf } from '../../src/net/index.ts';
import type { Adapter, CaseResult } from '../adapter.ts';
import { same } from '../cni-datastore-query.ts';

interface Question {
  readonly name: string;
  readonly ask: string;
  readonly want: unknown;
  readonly types?: readonly string[];
  readonly cni?: ManagedGroupCni;
  readonly limits?: SelfManagedLimits;
  /** Environment of aws-node beside the manifest's. */
  readonly env?: Readonly<Record<string, string>>;
  readonly nodes?: number;
  readonly podsPerNode?: number;
  readonly pods?: number;
  readonly loadBalancers?: number;
  readonly natGateways?: number;
  readonly vpc?: string;
  readonly zones?: number;
  readonly subnet?: string;
}

interface QuestionFile {
  readonly cases: readonly Question[];
}

const FORMAT = 'ekstwin-planning/1';

const isQuestionFile = (json: unknown): json is QuestionFile =>
  (json as { format?: unknown } | null)?.format === FORMAT;

const typesOf = ({ types = [] }: Question): readonly InstanceType[] =>
  types.map((name) => {
    const type = instanceType(name);
    if (type === undefined) throw new Error(`no instance type ${name}`);
    return type;
  });

/** Addresses all nodes draw from their subnet, pods spread evenly. */
function demandOf(question: Question): number {
  const [type] = typesOf(question);
  const { env } = withVariables(cniEnvironment(MANIFEST_VARIABLES), question.env ?? {});
  const { prefixDelegation, customNetworking } = env;
  const { maxPods } = managedGroupMaxPods([type!], { prefixDelegation, customNetworking });
  const one = nodeDemand(type!, env, maxPods, question.podsPerNode ?? 0);
  return one.nodeSubnetAddresses * (question.nodes ?? 1);
}

type Answer = (question: Question) => unknown;

const ANSWERS: Readonly<Record<string, Answer>> = {
  managedMaxPods: (it) => managedGroupMaxPods(typesOf(it), it.cni ?? {}).maxPods,
  selfManagedMaxPods: (it) => selfManagedMaxPods(typesOf(it)[0], it.limits).maxPods,
  nodeDemand: demandOf,
  seedEstimate: ({ nodes = 0, pods = 0, loadBalancers = 0, natGateways = 0 }) =>
    seedEstimate({ nodes, pods, loadBalancers, natGateways }).total,
  eksctlIpv4Blocks: ({ vpc = '', zones = 0 }) => ipv4Blocks(vpc, zones) ?? null,
  eksctlBlocksOfIpv6: ({ vpc = '', zones = 0 }) => ipv4BlocksOfIpv6(vpc, zones) ?? null,
  subnetAddresses: ({ subnet = '' }) => {
    const block = parseCidr4(subnet);
    return block === undefined ? null : Number(sizeOf(block)) - RESERVED_PER_SUBNET;
  },
};

function runQuestion(question: Question): CaseResult {
  const { name, ask, want } = question;
  const answer = ANSWERS[ask];
  if (answer === undefined) return { name, failure: `nobody answers ${ask}` };
  const got = answer(question);
  if (same(got, want)) return { name };
  return { name, failure: `wanted ${JSON.stringify(want)}, got ${JSON.stringify(got)}` };
}

export const adapter: Adapter = {
  name: 'planning',
  accepts: (_path, json) => isQuestionFile(json),
  run: (json) => (isQuestionFile(json) ? json.cases.map(runQuestion) : []),
};
