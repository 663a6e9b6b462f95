/**
 * controllers/vpc-cni/eni-config — which ENIConfig a node uses under custom networking.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/eniconfig/eniconfig.go:72-170.
 */
import type { EniConfig } from '../../model/kubernetes/networking.ts';

export interface ChosenEniConfig {
  readonly name: string;
  readonly subnet: string;
  /** Empty = the primary ENI's. */
  readonly securityGroups: readonly string[];
}

export interface NoEniConfig {
  readonly problem: string;
}

/** Wins over everything else: set by whoever manages the node from outside. */
const EXTERNAL_LABEL = 'vpc.amazonaws.com/externalEniConfig';

/** Names of labels and annotations to look at; ipamd takes them from the environment. */
export interface EniConfigKeys {
  readonly eniConfigLabel: string;
  readonly eniConfigAnnotation: string;
}

interface LabelledNode {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The name: external label, then annotation, then label, then `default`. */
export function eniConfigName(keys: EniConfigKeys, node: LabelledNode): string {
  const external = node.labels[EXTERNAL_LABEL];
  if (external !== undefined) return external;
  return (
    node.annotations[keys.eniConfigAnnotation] ?? node.labels[keys.eniConfigLabel] ?? 'default'
  );
}

/** The node's ENIConfig, or upstream's text when it is missing. */
export function chosenEniConfig(
  keys: EniConfigKeys,
  node: LabelledNode,
  eniConfig: (name: string) => EniConfig | undefined,
): ChosenEniConfig | NoEniConfig {
  const name = eniConfigName(keys, node);
  const found = eniConfig(name);
  if (found === undefined) return { problem: 'eniconfig: eniconfig is not available' };
  return {
    name,
    subnet: found.spec.subnet ?? '',
    securityGroups: found.spec.securityGroups ?? [],
  };
}
