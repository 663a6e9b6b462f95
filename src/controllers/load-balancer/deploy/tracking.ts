/**
 * load-balancer/deploy/tracking — the tags and labels by which the controller knows its own: what
 * it finds by no other way, and never by name.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/deploy/tracking/provider.go.
 */
import type { Tags } from '../../../model/ec2/tags.ts';
import { type StackId, stackIdText } from '../stack/stack.ts';

/** Which of the controllers a resource is of. */
export type TrackingPrefix =
  | 'ingress.k8s.aws'
  | 'service.k8s.aws'
  | 'gateway.k8s.aws.alb'
  | 'gateway.k8s.aws.nlb';

export interface Tracking {
  readonly prefix: TrackingPrefix;
  readonly clusterName: string;
}

export const CLUSTER_TAG = 'elbv2.k8s.aws/cluster';
/** Of the AWS ALB Ingress Controller, before version 2. */
const LEGACY_CLUSTER_TAG = 'ingress.k8s.aws/cluster';

export const stackTagKey = ({ prefix }: Tracking): string => `${prefix}/stack`;
export const resourceTagKey = ({ prefix }: Tracking): string => `${prefix}/resource`;

/** Every resource of a stack has these. */
export const stackTags = (tracking: Tracking, id: StackId): Tags => ({
  [CLUSTER_TAG]: tracking.clusterName,
  [stackTagKey(tracking)]: stackIdText(id),
});

/** Do the tags say: this cluster's, under the key of today or that of version 1? */
export const isOfCluster = ({ clusterName }: Tracking, tags: Tags): boolean =>
  tags[CLUSTER_TAG] === clusterName || tags[LEGACY_CLUSTER_TAG] === clusterName;

/** The tags of one resource; the controller's own win over the user's. */
export const resourceTags = (
  tracking: Tracking,
  id: StackId,
  resourceId: string,
  tags: Tags | undefined,
): Tags => ({
  ...tags,
  ...stackTags(tracking, id),
  [resourceTagKey(tracking)]: resourceId,
});

/** The labels of a stack's objects in the cluster. */
export const stackLabels = ({ prefix }: Tracking, id: StackId): Tags =>
  id.namespace === undefined || id.namespace === ''
    ? { [`${prefix}/stack`]: id.name }
    : { [`${prefix}/stack-namespace`]: id.namespace, [`${prefix}/stack-name`]: id.name };

/** Tags of version 1, which are left where they are. */
export const legacyTagKeys = (clusterName: string): readonly string[] => [
  `kubernetes.io/cluster/${clusterName}`,
  'kubernetes.io/cluster-name',
  'kubernetes.io/namespace',
  'kubernetes.io/ingress-name',
  'kubernetes.io/service-name',
  'kubernetes.io/service-port',
  LEGACY_CLUSTER_TAG,
];
