/**
 * controllers/vpc-cni/host-link-name — what a pod's link on the host is called.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/networkutils/names.go: a prefix and the first 11
 * hex digits of sha1("namespace.name"), or of "namespace.name.index" for further interfaces.
 */
import { sha1 } from './sha1.ts';

const DIGITS = 11;

/** `b5faff8a083` for kube-system/coredns-57ff979f67-qqbdh; `index` 0 is eth0. */
export const hostLinkSuffix = (namespace: string, podName: string, index = 0): string =>
  sha1(index > 0 ? `${namespace}.${podName}.${index}` : `${namespace}.${podName}`).slice(0, DIGITS);

/** `enib5faff8a083`; `prefix` is AWS_VPC_K8S_CNI_VETHPREFIX, or `vlan` in strict mode. */
export const hostLinkName = (
  prefix: string,
  namespace: string,
  podName: string,
  index = 0,
): string => prefix + hostLinkSuffix(namespace, podName, index);

/**
 * A locally administered unicast MAC address, a function of `seed` only.
 *
 * The kernel draws a veth's MAC at random; a twin must draw the same one every time it runs.
 */
export function linkMacAddress(seed: string): string {
  const digits = sha1(`mac ${seed}`);
  const first = ((Number.parseInt(digits.slice(0, 2), 16) & 0xfc) | 0x02)
    .toString(16)
    .padStart(2, '0');
  return [first, ...[2, 4, 6, 8, 10].map((at) => digits.slice(at, at + 2))].join(':');
}
