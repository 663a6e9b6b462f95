/**
 * controllers/in-tree-load-balancer/provider — what the cloud provider works with: AWS, the
 * cluster's objects, and the tags by which it knows what is its own.
 *
 * Follows kubernetes/cloud-provider-aws@63ec440c pkg/providers/v1/tags.go.
 */
import type { ClassicElb } from '../../cloud/classic-elb/operations.ts';
import type { Ec2 } from '../../cloud/ec2/operations.ts';
import type { Elbv2 } from '../../cloud/elbv2/operations.ts';
import type { Tags } from '../../model/ec2/tags.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Service } from '../../model/kubernetes/core.ts';
import type { Clock } from '../../sim/clock.ts';
import { InstanceMemory } from './instance-memory.ts';

/** What the provider is given. */
export interface ProviderParts {
  readonly clock: Clock;
  readonly store: TwinStore;
  readonly ec2: Ec2;
  readonly elbv2: Elbv2;
  readonly classicElb: ClassicElb;
  readonly clusterName: string;
  readonly vpcId: string;
}

export interface Provider extends ProviderParts {
  readonly instances: InstanceMemory;
}

/** The provider of one cluster, having seen nothing yet. */
export const createProvider = (parts: ProviderParts): Provider => ({
  ...parts,
  instances: new InstanceMemory(parts.clock, parts.ec2, (tags) => hasClusterTag(parts, tags)),
});

const CLUSTER_PREFIX = 'kubernetes.io/cluster/';
const SERVICE_TAG = 'kubernetes.io/service-name';

type OfCluster = Pick<ProviderParts, 'clusterName'>;

const clusterTag = ({ clusterName }: OfCluster): string => `${CLUSTER_PREFIX}${clusterName}`;

/** True for what is tagged as this cluster's, owned or shared. */
export const hasClusterTag = (provider: OfCluster, tags: Tags): boolean =>
  tags[clusterTag(provider)] !== undefined || tags.KubernetesCluster === provider.clusterName;

/** True for what was made by this cluster. */
export const isOwned = (provider: OfCluster, tags: Tags): boolean =>
  tags[clusterTag(provider)] === 'owned' || tags.KubernetesCluster === provider.clusterName;

/** True for what no cluster claims. */
export const isUnclaimed = (tags: Tags): boolean =>
  !Object.keys(tags).some((key) => key.startsWith(CLUSTER_PREFIX));

/** Tags of what the provider makes. */
export const ownedTags = (provider: Provider, additional: Tags): Tags => ({
  ...additional,
  [clusterTag(provider)]: 'owned',
});

/** Tags of a load balancer and what belongs to it. */
export const balancerTags = (provider: Provider, service: Service, additional: Tags): Tags =>
  ownedTags(provider, { ...additional, [SERVICE_TAG]: serviceKey(service) });

/** `namespace/name`. */
export const serviceKey = ({ metadata }: Service): string =>
  `${metadata.namespace ?? ''}/${metadata.name}`;

/** `a` and the uid without its dashes, 32 characters (cloud-provider cloud.go:89). */
export const balancerName = ({ metadata }: Service): string =>
  `a${(metadata.uid ?? '').replaceAll('-', '')}`.slice(0, 32);
