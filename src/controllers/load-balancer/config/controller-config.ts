/**
 * controllers/load-balancer/config/controller-config — what the controller's command line makes of
 * it. Each flag is a field of the same name, `--default-target-type` as `defaultTargetType`;
 * durations are milliseconds.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/config/controller_config.go,
 * feature_gates.go; texts of flags that do not parse are spf13/pflag's.
 */
import { parseBool, parseInteger, quoted } from '../annotations/go-literals.ts';
import { BuildError, built, within } from '../build-error.ts';
import { FEATURE_GATES, FLAGS } from './flags.data.ts';

type Camel<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name;

type FlagName = keyof typeof FLAGS;
type Value = string | boolean | number | readonly string[] | Readonly<Record<string, string>>;
export type FeatureGate = keyof typeof FEATURE_GATES;

type Widened<T> = T extends boolean
  ? boolean
  : T extends number
    ? number
    : T extends string
      ? string
      : T;

export type ControllerConfig = {
  readonly [Name in FlagName as Camel<Name>]: Widened<(typeof FLAGS)[Name]['value']>;
} & { readonly featureGates: Readonly<Record<FeatureGate, boolean>> };

const fieldNames = new Map(
  Object.keys(FLAGS).map((name) => [
    name,
    name.replaceAll(/-([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase()),
  ]),
);

/** Everything at its default. @param changed  the fields that are not */
export const defaultConfig = (changed: Partial<ControllerConfig> = {}): ControllerConfig => ({
  ...(Object.fromEntries(
    Object.entries(FLAGS).map(([name, { value }]) => [fieldNames.get(name)!, value]),
  ) as unknown as Omit<ControllerConfig, 'featureGates'>),
  featureGates: FEATURE_GATES,
  ...changed,
});

/**
 * Reads the arguments of the controller's container.
 *
 * @returns the error the container ends with, where a flag is unknown or wrong
 */
export function configOf(args: readonly string[]): ControllerConfig | BuildError {
  return built(() => {
    const given = new Map<string, Value>();
    const gates: Record<string, boolean> = { ...FEATURE_GATES };
    for (let i = 0; i < args.length; i++) {
      const match = /^--([^=]+)(?:=(.*))?$/s.exec(args[i]!);
      if (match === null) continue;
      const name = match[1]!;
      const flag = name === 'feature-gates' ? undefined : FLAGS[name as FlagName];
      if (flag === undefined && name !== 'feature-gates') {
        throw new BuildError(`unknown flag: --${name}`);
      }
      const raw = match[2] ?? (flag?.type === 'bool' ? 'true' : args[++i]);
      if (raw === undefined) throw new BuildError(`flag needs an argument: --${name}`);
      within(`invalid argument ${quoted(raw)} for "--${name}" flag`, () => {
        if (flag === undefined) setGates(raw, gates);
        else given.set(name, flagValue(raw, flag.type, given.get(name)));
      });
    }
    const changed = [...given].map(([name, value]) => [fieldNames.get(name)!, value]);
    const config = { ...defaultConfig(), ...Object.fromEntries(changed), featureGates: gates };
    validate(config as ControllerConfig);
    return config as ControllerConfig;
  });
}

function flagValue(
  raw: string,
  type: (typeof FLAGS)[FlagName]['type'],
  before: Value | undefined,
): Value {
  switch (type) {
    case 'string':
      return raw;
    case 'bool':
      return parseBool(raw);
    case 'int':
      return parseInteger(raw, 64);
    case 'duration':
      return durationMs(raw);
    case 'stringSlice':
      return [
        ...((before as readonly string[] | undefined) ?? []),
        ...(raw === '' ? [] : raw.split(',')),
      ];
    case 'stringToString':
      return { ...(before as Readonly<Record<string, string>> | undefined), ...pairsOf(raw) };
  }
}

function pairsOf(raw: string): Readonly<Record<string, string>> {
  const pairs: Record<string, string> = {};
  for (const pair of raw === '' ? [] : raw.split(',')) {
    const at = pair.indexOf('=');
    if (at < 0) throw new BuildError(`${pair} must be formatted as key=value`);
    pairs[pair.slice(0, at)] = pair.slice(at + 1);
  }
  return pairs;
}

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

function durationMs(raw: string): number {
  if (raw === '0') return 0;
  const parts = [...raw.matchAll(/([0-9.]+)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([all]) => all).join('') !== raw) {
    throw new BuildError(`time: invalid duration ${quoted(raw)}`);
  }
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS_MS[unit!]!, 0);
}

function setGates(raw: string, gates: Record<string, boolean>): void {
  for (const setting of raw.split(',').filter((it) => it !== '')) {
    const at = setting.indexOf('=');
    const value = built(() => parseBool(setting.slice(at + 1).trim()));
    if (at < 0 || value instanceof BuildError) {
      throw new BuildError(
        `failed to parse feature-gates settings due to invalid mapStringBool: ${setting}`,
      );
    }
    const name = setting.slice(0, at).trim();
    if (!Object.hasOwn(FEATURE_GATES, name)) throw new BuildError(`unknown feature: ${name}`);
    gates[name] = value;
  }
}

/** Tags by which the controller knows its own resources. */
export const TRACKING_TAGS: ReadonlySet<string> = new Set([
  'elbv2.k8s.aws/cluster',
  'elbv2.k8s.aws/resource',
  'ingress.k8s.aws/stack',
  'ingress.k8s.aws/resource',
  'service.k8s.aws/stack',
  'service.k8s.aws/resource',
  'gateway.k8s.aws.nlb/resource',
  'gateway.k8s.aws.alb/resource',
  'gateway.k8s.aws.nlb/stack',
  'gateway.k8s.aws.alb/stack',
]);

function validate(config: ControllerConfig): void {
  const refuse = (text: string): never => {
    throw new BuildError(text);
  };
  if (config.clusterName === '') refuse('kubernetes cluster name must be specified');
  for (const key of Object.keys(config.defaultTags)) {
    if (TRACKING_TAGS.has(key)) refuse(`tag key ${key} cannot be specified in default-tags flag`);
  }
  for (const key of config.externalManagedTags) {
    if (TRACKING_TAGS.has(key)) {
      refuse(`tag key ${key} cannot be specified in external-managed-tags flag`);
    }
    if (config.defaultTags[key] !== undefined) {
      refuse(
        `tag key ${key} cannot be specified in both default-tags and external-managed-tags flag`,
      );
    }
  }
  if (!['instance', 'ip'].includes(config.defaultTargetType)) {
    refuse(`invalid value ${config.defaultTargetType} for default target type`);
  }
  if (!['internal', 'internet-facing'].includes(config.defaultLoadBalancerScheme)) {
    refuse(`invalid value ${config.defaultLoadBalancerScheme} for default scheme`);
  }
  if (config.backendSecurityGroup !== '' && !config.backendSecurityGroup.startsWith('sg-')) {
    refuse(`invalid value ${config.backendSecurityGroup} for backend security group id`);
  }
  if (config.enableManageBackendSecurityGroupRules && !config.enableBackendSecurityGroup) {
    refuse(
      'backend security group must be enabled when manage backend security group rule is enabled',
    );
  }
  const label = config.requiredSecretsLabel;
  if (label !== '' && !/^[^=]+=.+$/s.test(label)) {
    refuse(
      `invalid value ${quoted(label)} for --required-secrets-label: must be in key=value format`,
    );
  }
}
