/**
 * controllers/vpc-resource/pod-webhook — decides at a pod's creation whether it gets a branch
 * interface, by adding the resource to its first container.
 *
 * Upstream: aws/amazon-vpc-resource-controller-k8s@b8d425119 webhooks/core/pod_webhook.go:95-260.
 */

import type { Webhook } from '../../cluster/kubernetes.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { POD_ENI } from '../../model/kubernetes/pod-eni.ts';
import { securityGroupsOf } from './pod-groups.ts';

export const PRIVATE_IPV4 = 'vpc.amazonaws.com/PrivateIPv4Address';
export const FARGATE_GROUPS = 'fargate.amazonaws.com/pod-sg';
const FARGATE_LABEL = 'eks.amazonaws.com/fargate-profile';

export type PodSort = 'HostNetworking' | 'Fargate' | 'Windows' | 'Linux';

/** In upstream's order: the first that fits. */
export function podSort(pod: Pod): PodSort {
  if (pod.spec.hostNetwork === true) return 'HostNetworking';
  if (pod.metadata.labels?.[FARGATE_LABEL] !== undefined) return 'Fargate';
  const selector = pod.spec.nodeSelector ?? {};
  const os = selector['kubernetes.io/os'] ?? selector['beta.kubernetes.io/os'];
  return os === 'windows' ? 'Windows' : 'Linux';
}

export type Admission =
  | { readonly allowed: true; readonly pod: Pod; readonly reason?: string }
  | { readonly allowed: false; readonly code: 403; readonly reason: string };

export interface WebhookOptions {
  /** `enable-windows-ipam` of ConfigMap kube-system/amazon-vpc-cni. */
  readonly windowsIpam: boolean;
}

const asIs = (pod: Pod, reason: string): Admission => ({ allowed: true, pod, reason });

/** Adds the resource to the limits and requests of the first container. */
function withResource(pod: Pod, resource: string): Pod {
  const [first, ...rest] = pod.spec.containers;
  if (first === undefined) return pod;
  const resources = {
    ...first.resources,
    limits: { ...first.resources?.limits, [resource]: '1' },
    requests: { ...first.resources?.requests, [resource]: '1' },
  };
  return { ...pod, spec: { ...pod.spec, containers: [{ ...first, resources }, ...rest] } };
}

function withAnnotation(pod: Pod, name: string, value: string | undefined): Pod {
  const { [name]: _before, ...others } = pod.metadata.annotations ?? {};
  const annotations = value === undefined ? others : { ...others, [name]: value };
  return { ...pod, metadata: { ...pod.metadata, annotations } };
}

/**
 * What the webhook answers.
 *
 * @param groups  looked up only when the sort of pod needs them
 */
export function admitPod(
  pod: Pod,
  groups: () => readonly string[] | { readonly error: string },
  options: WebhookOptions,
): Admission {
  const sort = podSort(pod);
  if (sort === 'HostNetworking')
    return asIs(pod, 'SGP not supported on Pod running on HostNetwork');
  if (sort === 'Windows')
    return options.windowsIpam
      ? { allowed: true, pod: withResource(pod, PRIVATE_IPV4) }
      : asIs(pod, 'Windows IPAM is not enabled');
  const found = groups();
  if ('error' in found)
    return {
      allowed: false,
      code: 403,
      reason: `Failed to get Matching SGP for Pods, rejecting event, error ${found.error}`,
    };
  if (sort === 'Linux')
    return found.length === 0
      ? asIs(pod, "Pod didn't match any SGP")
      : { allowed: true, pod: withResource(pod, POD_ENI) };
  if (found.length > 0)
    return { allowed: true, pod: withAnnotation(pod, FARGATE_GROUPS, found.join(',')) };
  return pod.metadata.annotations?.[FARGATE_GROUPS] === undefined
    ? asIs(pod, 'Fargate pod not matching any SGP')
    : { allowed: true, pod: withAnnotation(pod, FARGATE_GROUPS, undefined) };
}

/** Whether EKS gives Windows pods addresses (ConfigMap kube-system/amazon-vpc-cni). */
export const windowsIpamEnabled = (store: TwinStore): boolean =>
  store.get('ConfigMap', 'kube-system/amazon-vpc-cni')?.data?.['enable-windows-ipam'] === 'true';

/** The webhook as the cluster calls it. */
export const podWebhook = (store: TwinStore): Webhook => ({
  name: 'mpod.vpc.k8s.aws',
  kinds: ['Pod'],
  // Upstream's policy is Ignore: it is about calls that fail, and this one cannot. A denial counts.
  failurePolicy: 'Fail',
  mutate(object, operation) {
    if (operation !== 'CREATE') return object;
    const pod = object as unknown as Pod;
    const options = { windowsIpam: windowsIpamEnabled(store) };
    const admission = admitPod(pod, () => securityGroupsOf(store, pod), options);
    return admission.allowed ? admission.pod : { denied: admission.reason };
  },
});
