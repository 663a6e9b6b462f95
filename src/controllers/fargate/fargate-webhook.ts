/**
 * controllers/fargate/fargate-webhook — hands pods that match a profile to Fargate's scheduler.
 *
 * Upstream: EKS's mutating webhook `0500-amazon-eks-fargate-mutation`; what it leaves on a pod is
 * seen in public `kubectl get pod -o yaml` listings (label, schedulerName, priority class, and the
 * annotations CapacityProvisioned and Logging).
 * Reads: FargateProfile, ConfigMap aws-observability/aws-logging.
 */
import type { Webhook } from '../../cluster/kubernetes.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { podSize, sizeText } from './pod-size.ts';
import { PROFILE_LABEL, profileFor } from './profile-match.ts';

export const FARGATE_SCHEDULER = 'fargate-scheduler';

/** pkg/apis/scheduling SystemCriticalPriority + 1000: the class the webhook gives. */
const NODE_CRITICAL = 2_000_001_000;

/** Whether Fargate's log router is configured: `aws-observability/aws-logging` exists. */
export const hasLogging = (store: TwinStore): boolean =>
  store.get('ConfigMap', 'aws-observability/aws-logging') !== undefined;

/** The webhook; register it with the cluster it is about. */
export const fargateWebhook = (store: TwinStore, clusterName: string): Webhook => ({
  name: '0500-amazon-eks-fargate-mutation.amazonaws.com',
  kinds: ['Pod'],
  failurePolicy: 'Ignore',
  mutate: (object, operation) => {
    if (operation !== 'CREATE') return object;
    const pod = object as Pod;
    const profiles = store
      .list('eks/fargate-profile')
      .filter((profile) => profile.clusterName === clusterName);
    const profile = profileFor(profiles, pod);
    if (profile === undefined) return object;
    const logging = hasLogging(store)
      ? 'LoggingEnabled'
      : 'LoggingDisabled: LOGGING_CONFIGMAP_NOT_FOUND';
    return {
      ...pod,
      metadata: {
        ...pod.metadata,
        labels: { ...pod.metadata.labels, [PROFILE_LABEL]: profile.fargateProfileName },
        annotations: {
          ...pod.metadata.annotations,
          CapacityProvisioned: sizeText(podSize(pod)),
          Logging: logging,
        },
      },
      spec: {
        ...pod.spec,
        schedulerName: FARGATE_SCHEDULER,
        priorityClassName: 'system-node-critical',
        priority: NODE_CRITICAL,
      },
    };
  },
});
