/**
 * controllers/vpc-cni/pod-eni-annotation — reads the branch interface the resource controller gave
 * a pod.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd/rpc_handler.go:60-74, 150-215. The writer
 * says `vlanId`, the reader's Go tag `vlanID`: Go matches without regard to case.
 */
import type { Pod } from '../../model/kubernetes/core.ts';
import { POD_ENI, type PodEni } from '../../model/kubernetes/pod-eni.ts';

/** True when the pod's first container asks for a branch interface. */
export const wantsPodEni = (pod: Pod): boolean =>
  Object.keys(pod.spec.containers[0]?.resources?.limits ?? {}).some((name) =>
    name.startsWith(POD_ENI),
  );

/** The first interface of the annotation; undefined when there is none or it cannot be read. */
export function podEniOf(pod: Pod): PodEni | undefined {
  const text = pod.metadata.annotations?.[POD_ENI];
  if (text === undefined) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parsed)) return undefined;
  const first: unknown = parsed[0];
  if (typeof first !== 'object' || first === null) return undefined;
  const fields = new Map(
    Object.entries(first).map(([name, value]) => [name.toLowerCase(), value as unknown]),
  );
  const string = (name: string): string => {
    const value = fields.get(name);
    return typeof value === 'string' ? value : '';
  };
  const vlanId = fields.get('vlanid');
  if (typeof vlanId !== 'number') return undefined;
  return {
    eniId: string('eniid'),
    ifAddress: string('ifaddress'),
    privateIp: string('privateip'),
    ipv6Addr: string('ipv6addr'),
    vlanId,
    subnetCidr: string('subnetcidr'),
    subnetV6Cidr: string('subnetv6cidr'),
  };
}
