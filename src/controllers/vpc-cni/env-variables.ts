/**
 * controllers/vpc-cni/env-variables — every variable of the aws-node container: its default in the
 * code, its default in the manifest a cluster is installed with, and how far it is simulated.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 README.md "CNI Configuration Variables" and
 * charts/aws-vpc-cni/values.yaml.
 */

export type Simulated =
  /** Has its upstream effect. */
  | 'yes'
  /** Read and validated; changes what is written about the node's network, not ipamd. */
  | 'node-network'
  /** Accepted and shown; nothing in a twin depends on it. */
  | 'declared';

export interface EnvVariable {
  readonly name: string;
  readonly codeDefault: string;
  /** Absent: the manifest does not set it. */
  readonly manifestDefault?: string;
  readonly simulated: Simulated;
}

const row = (
  name: string,
  codeDefault: string,
  simulated: Simulated,
  manifestDefault?: string,
): EnvVariable => ({
  name,
  codeDefault,
  simulated,
  ...(manifestDefault === undefined ? {} : { manifestDefault }),
});

export const ENV_VARIABLES: readonly EnvVariable[] = [
  row('WARM_ENI_TARGET', '1', 'yes', '1'),
  row('WARM_IP_TARGET', '0', 'yes'),
  row('MINIMUM_IP_TARGET', '0', 'yes'),
  row('WARM_PREFIX_TARGET', '0', 'yes', '1'),
  row('MAX_ENI', '', 'yes'),
  row('ENABLE_PREFIX_DELEGATION', 'false', 'yes', 'false'),
  row('ENABLE_IPv4', 'false', 'yes', 'true'),
  row('ENABLE_IPv6', 'false', 'yes', 'false'),
  row('AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG', 'false', 'yes', 'false'),
  row('ENI_CONFIG_LABEL_DEF', 'k8s.amazonaws.com/eniConfig', 'yes'),
  row('ENI_CONFIG_ANNOTATION_DEF', 'k8s.amazonaws.com/eniConfig', 'yes'),
  row('ENABLE_SUBNET_DISCOVERY', 'true', 'yes', 'true'),
  row('ENABLE_POD_ENI', 'false', 'yes', 'false'),
  row('POD_SECURITY_GROUP_ENFORCING_MODE', 'strict', 'yes'),
  row('DISABLE_TCP_EARLY_DEMUX', 'false', 'node-network', 'false'),
  row('AWS_VPC_K8S_CNI_EXTERNALSNAT', 'false', 'node-network', 'false'),
  row('AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS', '', 'node-network'),
  row('AWS_VPC_K8S_CNI_RANDOMIZESNAT', 'prng', 'node-network', 'prng'),
  row('AWS_VPC_CNI_NODE_PORT_SUPPORT', 'true', 'node-network', 'true'),
  row('AWS_VPC_K8S_CNI_CONNMARK', '0x80', 'node-network'),
  row('AWS_VPC_ENI_MTU', '9001', 'node-network', '9001'),
  row('POD_MTU', '', 'node-network'),
  row('AWS_VPC_K8S_CNI_VETHPREFIX', 'eni', 'yes', 'eni'),
  row('AWS_EXTERNAL_SERVICE_CIDRS', '', 'node-network'),
  row('ENABLE_V4_EGRESS', 'true', 'node-network'),
  row('ENABLE_V6_EGRESS', 'false', 'node-network'),
  row('AWS_MANAGE_ENIS_NON_SCHEDULABLE', 'false', 'yes'),
  row('MANAGE_UNTAGGED_ENI', 'true', 'yes'),
  row('DISABLE_LEAKED_ENI_CLEANUP', 'false', 'yes'),
  row('DISABLE_NETWORK_RESOURCE_PROVISIONING', 'false', 'yes', 'false'),
  row('ENABLE_IMDS_ONLY_MODE', 'false', 'yes'),
  row('ENABLE_MULTI_NIC', 'false', 'yes'),
  row('ANNOTATE_POD_IP', 'false', 'yes'),
  row('CLUSTER_NAME', '', 'yes'),
  row('ADDITIONAL_ENI_TAGS', '{}', 'yes', '{}'),
  row('AWS_VPC_K8S_CNI_BACKING_STORE', '/var/run/aws-node/ipam.json', 'yes'),
  row('IP_COOLDOWN_PERIOD', '30', 'yes'),
  row('NETWORK_POLICY_ENFORCING_MODE', '', 'declared', 'standard'),
  row('DISABLE_METRICS', 'false', 'yes', 'false'),
  row('DISABLE_INTROSPECTION', 'false', 'yes', 'false'),
  row('DISABLE_POD_V6', 'false', 'declared'),
  row('ENABLE_BANDWIDTH_PLUGIN', 'false', 'declared'),
  row('AWS_VPC_K8S_CNI_LOGLEVEL', 'DEBUG', 'declared', 'DEBUG'),
  row('AWS_VPC_K8S_CNI_LOG_FILE', '/host/var/log/aws-routed-eni/ipamd.log', 'declared'),
  row('AWS_VPC_K8S_PLUGIN_LOG_LEVEL', 'DEBUG', 'declared', 'DEBUG'),
  row('AWS_VPC_K8S_PLUGIN_LOG_FILE', '/var/log/aws-routed-eni/plugin.log', 'declared'),
];

/** What the manifest of a normal cluster sets. */
export const MANIFEST_ENV: Readonly<Record<string, string>> = Object.fromEntries(
  ENV_VARIABLES.flatMap(({ name, manifestDefault }) =>
    manifestDefault === undefined ? [] : [[name, manifestDefault]],
  ),
);
