/**
 * formats/eksctl/add-ons — the add-ons of a config and the ones eksctl adds by itself.
 *
 * Follows: eksctl-io/eksctl@99984adb6 pkg/apis/eksctl.io/v1alpha5/known_addons.go,
 * pkg/actions/addon/create.go (versions by prefix).
 */
import { InputError } from '../../model/input-error.ts';
import { documentsOf } from '../documents.ts';
import { isRecord, type Path } from '../source.ts';
import type { Builder } from './builder.ts';
import type { AddonSpec } from './cluster-config.ts';
import type { CniSettings } from './node-groups.ts';

const DEFAULT_ADDONS = ['vpc-cni', 'kube-proxy', 'coredns', 'metrics-server'];
/** Made before the nodes, because nodes need them (known_addons.go IsBeforeNodeGroup). */
const BEFORE_NODES = ['vpc-cni', 'eks-pod-identity-agent'];
/** Partitions without the metrics-server add-on. */
const NO_METRICS_SERVER = /^(cn|us-gov|us-iso|us-isob|us-isof|eu-isoe)-/;

export interface PlannedAddon {
  readonly spec: AddonSpec;
  readonly name: string;
  readonly path: Path;
  readonly beforeNodes: boolean;
}

/** The config's add-ons, then the default ones it does not name. */
export function plannedAddons(builder: Builder): readonly PlannedAddon[] {
  const { spec, cloud } = builder;
  const given = (spec.addons ?? []).map((addon, i): PlannedAddon => {
    const path = ['addons', i];
    const name = addon.name ?? '';
    if (name === '') builder.refuse(path, 'name is required', 'Add a name: to the add-on.');
    return { spec: addon, name, path, beforeNodes: BEFORE_NODES.includes(name) };
  });
  const named = new Set(given.map(({ name }) => name.toLowerCase()));
  for (const [i, { name }] of given.entries()) {
    if (given.findIndex((other) => other.name === name) === i) continue;
    builder.refuse(['addons', i], `add-on "${name}" is listed twice`, 'List it once.');
  }
  if (spec.addonsConfig?.disableDefaultAddons === true) return given;
  const wanted = spec.autoModeConfig?.enabled === true ? ['metrics-server'] : DEFAULT_ADDONS;
  const added = wanted
    .filter((name) => !named.has(name))
    .filter((name) => name !== 'metrics-server' || !NO_METRICS_SERVER.test(cloud.region));
  return [
    ...given,
    ...added.map((name) => ({
      spec: { name },
      name,
      path: ['metadata', 'name'],
      beforeNodes: BEFORE_NODES.includes(name),
    })),
  ];
}

/** The configuration as an object; refused at its place when it is neither JSON nor YAML. */
function configurationOf(builder: Builder, addon: PlannedAddon): Record<string, unknown> {
  const text = addon.spec.configurationValues ?? '';
  const path = [...addon.path, 'configurationValues'];
  if (text.trim() === '') return {};
  try {
    const value = documentsOf({ path: `${addon.name} configurationValues`, text })[0]?.value;
    if (isRecord(value)) return { ...value };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    builder.refuse(path, `configurationValues: ${error.message}`, 'Write JSON or YAML text.');
  }
  return builder.refuse(
    path,
    'configurationValues is not provided in valid JSON or YAML format',
    `Write e.g. '{"env":{"ENABLE_PREFIX_DELEGATION":"true"}}'.`,
  );
}

/** `1.19.2` is a whole version without its build; `latest` and nothing leave the choice to EKS. */
function versionOf(version: string | undefined): string | undefined {
  if (version === undefined || version === '' || version === 'latest') return undefined;
  const plain = version.startsWith('v') ? version : `v${version}`;
  return /^v\d+\.\d+\.\d+$/.test(plain) ? `${plain}-eksbuild.1` : plain;
}

export function createAddon(builder: Builder, clusterName: string, addon: PlannedAddon): void {
  configurationOf(builder, addon);
  builder.must(
    builder.cloud.eks.createAddon({
      clusterName,
      addonName: addon.name,
      addonVersion: versionOf(addon.spec.version),
      configurationValues: addon.spec.configurationValues,
      tags: { ...builder.stackTags(), ...addon.spec.tags },
    }),
    addon.path,
  );
}

/** What max pods depends on, from the vpc-cni add-on's env. */
export function cniSettings(builder: Builder, addons: readonly PlannedAddon[]): CniSettings {
  const cni = addons.find(({ name }) => name === 'vpc-cni');
  const values = cni === undefined ? {} : configurationOf(builder, cni);
  const env = isRecord(values.env) ? values.env : {};
  const isOn = (name: string): boolean => String(env[name] ?? 'false').toLowerCase() === 'true';
  return {
    // An IPv6 cluster always hands out prefixes.
    prefixDelegation:
      isOn('ENABLE_PREFIX_DELEGATION') ||
      builder.spec.kubernetesNetworkConfig?.ipFamily?.toLowerCase() === 'ipv6',
    customNetworking: isOn('AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG'),
  };
}
