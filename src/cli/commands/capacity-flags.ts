/** cli/commands/capacity-flags — the flags of `capacity` and `capacity plan`, checked. */
import type { PlanFlags } from '../../analysis/capacity/plan.ts';
import { InputError } from '../../model/input-error.ts';

/** Nobody plans more; beyond it a typing mistake is likelier. */
const COUNT_MAX = 1_000_000;

/** Reads a count. @throws InputError when it is none, or below `least` */
export function wholeNumber(text: string, flag: string, least: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= COUNT_MAX) return value;
  throw new InputError(
    `${flag} ${text}`,
    `not a whole number from ${least} to ${COUNT_MAX}`,
    `write for example ${flag} ${Math.max(least, 10)}`,
  );
}

/** As commander hands them over. */
export interface PlanTexts {
  readonly nodes?: string;
  readonly type?: string;
  readonly pods?: string;
  readonly subnetSize: string;
  readonly loadBalancers: string;
  readonly natGateways: string;
  readonly setEnv?: readonly string[];
}

/** Reads the flags. @throws InputError for the first that is missing or wrong */
export function planFlags(texts: PlanTexts): PlanFlags {
  return {
    nodes: wholeNumber(required(texts.nodes, '--nodes 10'), '--nodes', 1),
    instanceType: required(texts.type, '--type m5.large'),
    pods: wholeNumber(required(texts.pods, '--pods 100'), '--pods', 0),
    prefixLength: prefixLength(texts.subnetSize),
    loadBalancers: wholeNumber(texts.loadBalancers, '--load-balancers', 0),
    natGateways: wholeNumber(texts.natGateways, '--nat-gateways', 0),
    variables: Object.fromEntries((texts.setEnv ?? []).map(variable)),
  };
}

function required(text: string | undefined, example: string): string {
  if (text !== undefined) return text;
  throw new InputError(
    'capacity plan',
    `${example.split(' ')[0]} is missing`,
    `write for example ${example}`,
  );
}

function prefixLength(text: string): number {
  const bits = /^\/?(\d{1,2})$/.exec(text)?.[1];
  if (bits !== undefined && Number(bits) >= 16 && Number(bits) <= 28) return Number(bits);
  throw new InputError(
    `--subnet-size ${text}`,
    'a subnet is a /16 to a /28',
    'write for example --subnet-size /24',
  );
}

/** `KEY=VALUE`; the long form of other commands is taken too. */
function variable(text: string): readonly [string, string] {
  const match = /^(?:daemonset\/aws-node:)?([A-Za-z_][\w]*)=(.*)$/s.exec(text);
  if (match !== null) return [match[1]!, match[2]!];
  throw new InputError(
    `--set-env ${text}`,
    'not of the form KEY=VALUE',
    'write for example --set-env WARM_IP_TARGET=2',
  );
}
