/**
 * controllers/kubelet/node-release.data — what nodes of a Kubernetes version say they run.
 *
 * From public `kubectl get nodes -o wide` listings.
 */

export const AL2023_IMAGE = 'Amazon Linux 2023.9.20251014';
export const AL2023_KERNEL = '6.12.46-66.121.amzn2023.x86_64';
export const AL2_IMAGE = 'Amazon Linux 2';
export const AL2_KERNEL = '5.10.244-240.970.amzn2.x86_64';
export const BOTTLEROCKET_IMAGE = 'Bottlerocket OS 1.49.0';
export const BOTTLEROCKET_KERNEL = '6.1.155';
export const WINDOWS_IMAGE = 'Windows Server 2022 Datacenter';
export const WINDOWS_KERNEL = '10.0.20348.4294';

/** containerd 2 came to the AMIs with this minor version of Kubernetes 1. */
export const CONTAINERD_2_MINOR_MIN = 34;
export const CONTAINERD_1 = 'containerd://1.7.28';
export const CONTAINERD_2 = 'containerd://2.1.4';
