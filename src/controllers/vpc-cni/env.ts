/**
 * controllers/vpc-cni/env — the aws-node container's environment, read as upstream reads it.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd/ipamd.go:1400-1470, 2029-2060, utils
 * and cmd/aws-vpc-cni/main.go:337 (the entrypoint's checks). A value that cannot be read counts
 * as unset: upstream logs it and goes on.
 */

export interface IpamdEnv {
  readonly warmEniTarget: number;
  readonly warmIpTarget: number;
  readonly minimumIpTarget: number;
  readonly warmPrefixTarget: number;
  /** undefined = the instance type's limit. */
  readonly maxEni: number | undefined;
  readonly prefixDelegation: boolean;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly customNetworking: boolean;
  readonly eniConfigLabel: string;
  readonly eniConfigAnnotation: string;
  readonly subnetDiscovery: boolean;
  readonly podEni: boolean;
  readonly enforcingMode: 'strict' | 'standard';
  readonly disableTcpEarlyDemux: boolean;
  readonly externalSnat: boolean;
  readonly excludeSnatCidrs: readonly string[];
  readonly randomizeSnat: 'prng' | 'hashrandom' | 'none';
  readonly nodePortSupport: boolean;
  readonly connmark: number;
  readonly eniMtu: number;
  readonly podMtu: number;
  readonly vethPrefix: string;
  readonly externalServiceCidrs: readonly string[];
  readonly v4Egress: boolean;
  readonly v6Egress: boolean;
  readonly manageEnisNonSchedulable: boolean;
  readonly manageUntaggedEni: boolean;
  readonly leakedEniCleanup: boolean;
  readonly networkResourceProvisioning: boolean;
  readonly multiNic: boolean;
  readonly annotatePodIp: boolean;
  readonly clusterName: string;
  readonly additionalEniTags: Readonly<Record<string, string>>;
  readonly backingStore: string;
  readonly cooldownMs: number;
  readonly metrics: boolean;
  readonly introspection: boolean;
}

type Env = Readonly<Record<string, string>>;

/** What Go's strconv.Atoi reads. */
function integer(text: string | undefined): number | undefined {
  if (text === undefined || !/^[+-]?\d+$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

const natural = (text: string | undefined, otherwise: number): number => {
  const value = integer(text);
  return value !== undefined && value >= 0 ? value : otherwise;
};

/** What Go's strconv.ParseBool reads. */
function boolean(text: string | undefined, otherwise: boolean): boolean {
  if (text === undefined) return otherwise;
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
  return otherwise;
}

const list = (text: string | undefined): readonly string[] =>
  (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** A number in any of the notations Go's ParseInt(…, 0, 64) reads. */
const mark = (text: string | undefined): number => {
  const value = Number(text ?? '0x80');
  return Number.isInteger(value) && value > 0 ? value : 0x80;
};

/** MTU within the family's range, else the largest. */
const mtu = (text: string | undefined, otherwise: number, least: number): number => {
  const value = integer(text);
  return value !== undefined && value >= least && value <= 9001 ? value : otherwise;
};

/** The prefix a veth may have: at most 4 characters, and none the CNI itself uses. */
const vethPrefix = (text: string | undefined): string =>
  text === undefined || text === '' || text.length > 4 || ['eth', 'vlan', 'lo'].includes(text)
    ? 'eni'
    : text;

/** Tags as JSON; the reserved prefix is dropped, as awsutils.go:390 does. */
function eniTags(text: string | undefined): Readonly<Record<string, string>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text ?? '{}');
  } catch {
    return {};
  }
  if (typeof parsed !== 'object' || parsed === null) return {};
  return Object.fromEntries(
    Object.entries(parsed).filter(
      ([key, value]) => typeof value === 'string' && !key.startsWith('k8s.amazonaws.com'),
    ),
  );
}

const snat = (text: string | undefined): IpamdEnv['randomizeSnat'] =>
  text === 'none' || text === 'hashrandom' ? text : 'prng';

/** Reads the environment. Every variable is optional; the defaults here are the code's. */
export function parseIpamdEnv(env: Env): IpamdEnv {
  const ipv6 = boolean(env.ENABLE_IPv6, false);
  const imdsOnly = boolean(env.ENABLE_IMDS_ONLY_MODE, false);
  const noProvisioning = imdsOnly || boolean(env.DISABLE_NETWORK_RESOURCE_PROVISIONING, false);
  const maxEni = integer(env.MAX_ENI);
  const eniMtu = mtu(env.AWS_VPC_ENI_MTU, 9001, ipv6 ? 1280 : 576);
  const noCleanup = boolean(env.DISABLE_LEAKED_ENI_CLEANUP, false);
  return {
    warmEniTarget: natural(env.WARM_ENI_TARGET, 1),
    warmIpTarget: natural(env.WARM_IP_TARGET, 0),
    minimumIpTarget: natural(env.MINIMUM_IP_TARGET, 0),
    warmPrefixTarget: natural(env.WARM_PREFIX_TARGET, 0),
    maxEni: maxEni !== undefined && maxEni >= 1 ? maxEni : undefined,
    prefixDelegation: boolean(env.ENABLE_PREFIX_DELEGATION, false),
    ipv4: boolean(env.ENABLE_IPv4, false),
    ipv6,
    customNetworking: boolean(env.AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG, false),
    eniConfigLabel: env.ENI_CONFIG_LABEL_DEF || 'k8s.amazonaws.com/eniConfig',
    eniConfigAnnotation: env.ENI_CONFIG_ANNOTATION_DEF || 'k8s.amazonaws.com/eniConfig',
    subnetDiscovery: boolean(env.ENABLE_SUBNET_DISCOVERY, true),
    podEni: boolean(env.ENABLE_POD_ENI, false),
    enforcingMode: env.POD_SECURITY_GROUP_ENFORCING_MODE === 'standard' ? 'standard' : 'strict',
    disableTcpEarlyDemux: boolean(env.DISABLE_TCP_EARLY_DEMUX, false),
    externalSnat: boolean(env.AWS_VPC_K8S_CNI_EXTERNALSNAT, false),
    excludeSnatCidrs: list(env.AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS),
    randomizeSnat: snat(env.AWS_VPC_K8S_CNI_RANDOMIZESNAT),
    nodePortSupport: boolean(env.AWS_VPC_CNI_NODE_PORT_SUPPORT, true),
    connmark: mark(env.AWS_VPC_K8S_CNI_CONNMARK),
    eniMtu,
    podMtu: mtu(env.POD_MTU, eniMtu, ipv6 ? 1280 : 576),
    vethPrefix: vethPrefix(env.AWS_VPC_K8S_CNI_VETHPREFIX),
    externalServiceCidrs: list(env.AWS_EXTERNAL_SERVICE_CIDRS),
    v4Egress: boolean(env.ENABLE_V4_EGRESS, true),
    v6Egress: boolean(env.ENABLE_V6_EGRESS, false),
    manageEnisNonSchedulable: boolean(env.AWS_MANAGE_ENIS_NON_SCHEDULABLE, false),
    manageUntaggedEni: boolean(env.MANAGE_UNTAGGED_ENI, true),
    leakedEniCleanup: !(noCleanup || noProvisioning || ipv6),
    networkResourceProvisioning: !noProvisioning,
    multiNic: boolean(env.ENABLE_MULTI_NIC, false),
    annotatePodIp: boolean(env.ANNOTATE_POD_IP, false),
    clusterName: env.CLUSTER_NAME ?? '',
    additionalEniTags: eniTags(env.ADDITIONAL_ENI_TAGS),
    backingStore: env.AWS_VPC_K8S_CNI_BACKING_STORE || '/var/run/aws-node/ipam.json',
    cooldownMs: natural(env.IP_COOLDOWN_PERIOD, 30) * 1_000,
    metrics: !boolean(env.DISABLE_METRICS, false),
    introspection: !boolean(env.DISABLE_INTROSPECTION, false),
  };
}

/**
 * Why aws-node would exit at once with this environment; undefined when it would run.
 *
 * @param raw  the variables as set: the entrypoint compares texts, not numbers
 */
export function startupProblem(
  raw: Env,
  env: IpamdEnv,
  prefixDelegationSupported: boolean,
): string | undefined {
  const atMostZero = (name: string): boolean => (raw[name] || '0') <= '0';
  if (
    env.prefixDelegation &&
    ['WARM_IP_TARGET', 'WARM_PREFIX_TARGET', 'MINIMUM_IP_TARGET'].every(atMostZero)
  )
    return (
      'Setting WARM_PREFIX_TARGET = 0 is not supported while WARM_IP_TARGET/MINIMUM_IP_TARGET is ' +
      'not set. Please configure either one of the WARM_{PREFIX/IP}_TARGET or MINIMUM_IP_TARGET ' +
      'env variables'
    );
  if (env.ipv4 && env.ipv6)
    return 'IPv4 and IPv6 are both enabled. VPC CNI currently does not support dual stack mode';
  if (!env.ipv4 && !env.ipv6)
    return 'IPv4 and IPv6 are both disabled. One of them have to be enabled';
  if (!env.ipv6) return undefined;
  if (env.customNetworking || !env.prefixDelegation)
    return (
      'IPv6 is supported only in Prefix Delegation mode. Custom Networking is not supported in ' +
      'IPv6 mode. Please set the env variables accordingly.'
    );
  if (!prefixDelegationSupported)
    return (
      'Prefix Delegation is not supported on non-nitro instance. IPv6 is only supported in ' +
      'Prefix delegation Mode.'
    );
  return undefined;
}
