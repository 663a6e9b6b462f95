/**
 * controllers/vpc-resource/annotation-webhook — nobody but the controller writes a pod's interface
 * annotation.
 *
 * Upstream: aws/amazon-vpc-resource-controller-k8s@b8d425119
 * webhooks/core/annotation_validation_webhook.go:40-130.
 */
import type { Webhook } from '../../cluster/kubernetes.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { POD_ENI } from '../../model/kubernetes/pod-eni.ts';
import { FARGATE_GROUPS, PRIVATE_IPV4, windowsIpamEnabled } from './pod-webhook.ts';

/** The controller's names over the years. */
export const CONTROLLER_USERS: ReadonlySet<string> = new Set([
  'system:serviceaccount:kube-system:vpc-resource-controller',
  'system:serviceaccount:kube-system:eks-vpc-resource-controller',
  'eks:vpc-resource-controller',
]);

export interface AnnotationReview {
  readonly operation: 'CREATE' | 'UPDATE';
  readonly username: string;
  readonly pod: Pod;
  readonly previous?: Pod | undefined;
  readonly windowsIpam: boolean;
}

/** Why the write is refused (403); undefined = it is allowed. */
export function reviewAnnotations(review: AnnotationReview): string | undefined {
  const keys = review.windowsIpam ? [POD_ENI, PRIVATE_IPV4] : [POD_ENI];
  const now = review.pod.metadata.annotations ?? {};
  if (review.operation === 'CREATE') {
    const found = keys.find((key) => now[key] !== undefined);
    return found && `pod cannot be created with ${found} annotation`;
  }
  const before = review.previous?.metadata.annotations ?? {};
  if (now[FARGATE_GROUPS] !== before[FARGATE_GROUPS])
    return 'annotation is not set by mutating webhook';
  const changed = keys.some((key) => now[key] !== before[key]);
  return changed && !CONTROLLER_USERS.has(review.username)
    ? 'annotation is not set by vpc-resource-controller'
    : undefined;
}

/** What the controller is about to write: the cluster's webhooks are not told who writes. */
export type OwnWrites = ReadonlyMap<string, string>;

/** The webhook as the cluster calls it. A write is the controller's when it announced it. */
export const annotationWebhook = (store: TwinStore, ownWrites: OwnWrites): Webhook => ({
  name: 'vpod.vpc.k8s.aws',
  kinds: ['Pod'],
  // Upstream's policy is Ignore: it is about calls that fail, and this one cannot. A denial counts.
  failurePolicy: 'Fail',
  mutate(object, operation) {
    const pod = object as unknown as Pod;
    const key = keyOf(pod);
    const own = ownWrites.get(key);
    const isOwn = own !== undefined && own === pod.metadata.annotations?.[POD_ENI];
    const denied = reviewAnnotations({
      operation,
      username: isOwn ? 'eks:vpc-resource-controller' : '',
      pod,
      previous: operation === 'UPDATE' ? store.get('Pod', key) : undefined,
      windowsIpam: windowsIpamEnabled(store),
    });
    return denied === undefined ? object : { denied };
  },
});
