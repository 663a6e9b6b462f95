/**
 * controllers/vpc-cni/host-link-name — what a pod's link on the host is called.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/networkutils/names.go: a prefix and the first 11
 * hex digits of sha1("namespace.name"), or of "namespace.name.index" for further interfaces.
 */
import { sha1 } from '../../sim/sha1.ts';

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
  // Two FNV-1a hashes of the seed: 48 bits, and cheaper than a digest for every pod.
  let high = 0x811c9dc5;
  let low = 0x01000193;
  for (let i = 0; i < seed.length; i++) {
    high = Math.imul(high ^ seed.charCodeAt(i), 0x01000193);
    low = Math.imul(low ^ seed.charCodeAt(i), 0x85ebca6b);
  }
  const octets = [high >>> 24, high >>> 16, high >>> 8, high, low >>> 8, low];
  return octets
    .map((octet, i) => (i === 0 ? (octet & 0xfc) | 0x02 : octet & 0xff))
    .map((octet) => octet.toString(16).padStart(2, '0'))
    .join(':');
}
