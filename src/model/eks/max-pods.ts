/**
 * model/eks/max-pods — how many pods a node may carry and what the kubelet leaves them.
 *
 * Upstream: awslabs/amazon-eks-ami@81fec2e8 nodeadm/internal/kubelet/{eni_max_pods,config}.go;
 * max-pods-calculator.sh of amazon-eks-ami@a92d9fde (templates/al2023/runtime, gone from HEAD);
 * EKS "How maxPods is determined" for managed node groups (shared spec eks-defaults.md §7).
 * Every answer carries its arithmetic, written out, so that it can be shown as evidence.
 * Reads: InstanceType.  Writes: nothing.
 */

import type { InstanceType } from '../ec2/instance-type.ts';
import { InputError } from '../input-error.ts';
import { invariant } from '../invariant.ts';
import { evaluateMaxPodsExpression } from './max-pods-expression.ts';

/** A node's pod limit and the arithmetic behind it, such as "3 × (10 − 1) + 2 = 29". */
export interface MaxPods {
  readonly maxPods: number;
  readonly formula: string;
}

/** The two limits the ENI formula needs. */
export type EniLimits = Pick<InstanceType, 'maxEnis' | 'ipv4PerEni'>;

/** What the official script asks DescribeInstanceTypes. */
export type CalculatorFacts = EniLimits & Pick<InstanceType, 'hypervisor' | 'vcpus'>;

/** Host-network pods the formula adds: aws-node and kube-proxy. */
const HOST_NETWORK_PODS = 2;

/** Addresses in one /28 prefix. */
const ADDRESSES_PER_PREFIX = 16;

/** max-pods-calculator.sh MAX_POD_CEILING_FOR_LOW_CPU and _HIGH_CPU, and where they part. */
const LOW_CPU_CEILING = 110;
const HIGH_CPU_CEILING = 250;
const LOW_CPU_VCPUS_MAX = 30;

/** The kubelet's own default, which nodeadm falls back to (eni_max_pods.go defaultMaxPods). */
const KUBELET_DEFAULT_MAX_PODS = 110;

/** The first CNI minor version of 1.x that hands out prefixes (the script asks for > 1.8). */
const PREFIX_CNI_MINOR_MIN = 9;

/** The CNI version a managed node group is taken to run: any with prefix delegation. */
const MANAGED_CNI_VERSION = '1.9.0';

interface FormulaTerms {
  readonly enis: number;
  /** How `enis` came about, in words or numbers: "3", "(3 − 1)". */
  readonly enisText: string;
  readonly ipv4PerEni: number;
  readonly prefixes: boolean;
}

const writtenOut = ({ enis, enisText, ipv4PerEni, prefixes }: FormulaTerms): MaxPods => {
  const perSlot = prefixes ? ADDRESSES_PER_PREFIX : 1;
  const maxPods = enis * (ipv4PerEni - 1) * perSlot + HOST_NETWORK_PODS;
  const prefixText = prefixes ? ` × ${ADDRESSES_PER_PREFIX}` : '';
  return {
    maxPods,
    formula: `${enisText} × (${ipv4PerEni} − 1)${prefixText} + ${HOST_NETWORK_PODS} = ${maxPods}`,
  };
};

/**
 * The ENI formula, without ceilings: ENIs on the default card × (addresses per ENI − 1) + 2.
 * It is eni-max-pods.txt of the CNI and nodeadm's default.
 */
export const maxPodsFormula = ({ maxEnis, ipv4PerEni }: EniLimits): MaxPods =>
  writtenOut({ enis: maxEnis, enisText: String(maxEnis), ipv4PerEni, prefixes: false });

/** The flags of max-pods-calculator.sh. */
export interface CalculatorFlags {
  /** `--cni-version`, such as "1.7.5". */
  readonly cniVersion: string;
  /** `--cni-prefix-delegation-enabled` */
  readonly prefixDelegation?: boolean | undefined;
  /** `--cni-custom-networking-enabled` */
  readonly customNetworking?: boolean | undefined;
  /** `--cni-max-eni` */
  readonly cniMaxEni?: number | undefined;
  /** `--show-max-allowed`: no ceiling. */
  readonly showMaxAllowed?: boolean | undefined;
}

const cniHasPrefixes = (cniVersion: string): boolean => {
  const parts = /^v?(\d+)\.(\d+)/.exec(cniVersion);
  if (parts === null) {
    throw new InputError(
      '--cni-version',
      `"${cniVersion}" is not a version of the CNI`,
      'write it as major.minor.patch, for example 1.19.0',
    );
  }
  const [major, minor] = [Number(parts[1]), Number(parts[2])];
  return major > 1 || (major === 1 && minor >= PREFIX_CNI_MINOR_MIN);
};

const ceilingFor = (vcpus: number | undefined): { ceiling: number; reason: string } => {
  // The script's comparison fails on a missing number and takes the low branch; so do we.
  if (vcpus === undefined) return { ceiling: LOW_CPU_CEILING, reason: 'vCPUs unknown' };
  return vcpus > LOW_CPU_VCPUS_MAX
    ? { ceiling: HIGH_CPU_CEILING, reason: `${vcpus} vCPUs > ${LOW_CPU_VCPUS_MAX}` }
    : { ceiling: LOW_CPU_CEILING, reason: `${vcpus} vCPUs ≤ ${LOW_CPU_VCPUS_MAX}` };
};

/**
 * What max-pods-calculator.sh prints for these facts and flags.
 *
 * Prefixes multiply on nitro only: bare metal is not multiplied, although the CNI supports it
 * there.
 *
 * @throws InputError when `cniVersion` is not a version
 */
export const maxPodsCalculator = (facts: CalculatorFacts, flags: CalculatorFlags): MaxPods => {
  const { cniVersion, prefixDelegation, customNetworking, cniMaxEni, showMaxAllowed } = flags;
  const usable = Math.min(cniMaxEni ?? facts.maxEnis, facts.maxEnis);
  const usableText =
    cniMaxEni === undefined ? String(facts.maxEnis) : `min(${cniMaxEni}, ${facts.maxEnis})`;
  const customNetworkingOn = customNetworking === true;
  const prefixesKnown = cniHasPrefixes(cniVersion);
  const base = writtenOut({
    enis: customNetworkingOn ? usable - 1 : usable,
    enisText: customNetworkingOn ? `(${usableText} − 1)` : usableText,
    ipv4PerEni: facts.ipv4PerEni,
    prefixes: prefixDelegation === true && prefixesKnown && facts.hypervisor === 'nitro',
  });
  if (showMaxAllowed === true) return base;
  const { ceiling, reason } = ceilingFor(facts.vcpus);
  const maxPods = Math.min(ceiling, base.maxPods);
  return {
    maxPods,
    formula: `${base.formula}; min(${base.maxPods}, ${ceiling}: ${reason}) = ${maxPods}`,
  };
};

/** How the CNI is configured when a managed node group is made or updated. */
export interface ManagedGroupCni {
  readonly prefixDelegation?: boolean | undefined;
  readonly customNetworking?: boolean | undefined;
}

/**
 * The limit EKS writes into the user data of a managed node group without a custom AMI: the
 * calculator with its ceilings for each type, one value for the group, the lowest type's.
 * It beats kubelet `maxPods` and `maxPodsExpression`. Applied without prefix delegation too
 * (m5.4xlarge 234 → 110), which rests on EKS documentation only.
 *
 * @param types  the group's instance types, at least one
 */
export const managedGroupMaxPods = (
  types: readonly InstanceType[],
  cni: ManagedGroupCni,
): MaxPods => {
  const perType = types.map((type) => ({
    type,
    result: maxPodsCalculator(type, { cniVersion: MANAGED_CNI_VERSION, ...cni }),
  }));
  const [first, ...others] = perType;
  invariant(first !== undefined, 'a managed node group has at least one instance type');
  const lowest = others.reduce(
    (low, next) => (next.result.maxPods < low.result.maxPods ? next : low),
    first,
  );
  if (others.length === 0) return lowest.result;
  const { maxPods, formula } = lowest.result;
  const typeName = lowest.type.name;
  return { maxPods, formula: `${formula} (${typeName}, lowest of ${perType.length} types)` };
};

/** What a self-managed node's NodeConfig may say about its limit. */
export interface SelfManagedLimits {
  /** `spec.kubelet.config.maxPods`; wins over everything else. */
  readonly kubeletMaxPods?: number | undefined;
  /** `spec.kubelet.maxPodsExpression`, CEL. */
  readonly maxPodsExpression?: string | undefined;
}

/**
 * nodeadm's CalcMaxPods: the expression's value, or the formula when there is none or it fails.
 * No ceiling, and prefix delegation and custom networking are not looked at.
 */
export const nodeadmMaxPods = (limits: EniLimits, expression = ''): MaxPods => {
  const standard = maxPodsFormula(limits);
  if (expression === '') return standard;
  const outcome = evaluateMaxPodsExpression(expression, {
    defaultEnis: limits.maxEnis,
    ipsPerEni: limits.ipv4PerEni,
    maxPods: standard.maxPods,
  });
  if (outcome.kind === 'refused') {
    return {
      maxPods: standard.maxPods,
      formula: `${standard.formula} (maxPodsExpression refused: ${outcome.reason})`,
    };
  }
  const inputs =
    `default_enis ${limits.maxEnis}, ips_per_eni ${limits.ipv4PerEni}, ` +
    `max_pods ${standard.maxPods}`;
  return {
    maxPods: outcome.maxPods,
    formula: `${expression} = ${outcome.maxPods} (${inputs})`,
  };
};

/**
 * The limit of a self-managed AL2023 node: kubelet `maxPods`, else the expression, else the ENI
 * formula. An instance type nobody knows gets the kubelet's 110.
 */
export const selfManagedMaxPods = (
  type: EniLimits | undefined,
  { kubeletMaxPods, maxPodsExpression }: SelfManagedLimits = {},
): MaxPods => {
  if (kubeletMaxPods !== undefined) {
    return { maxPods: kubeletMaxPods, formula: `kubelet maxPods = ${kubeletMaxPods}` };
  }
  if (type === undefined) {
    return {
      maxPods: KUBELET_DEFAULT_MAX_PODS,
      formula: `unknown instance type: kubelet default = ${KUBELET_DEFAULT_MAX_PODS}`,
    };
  }
  return nodeadmMaxPods(type, maxPodsExpression);
};
