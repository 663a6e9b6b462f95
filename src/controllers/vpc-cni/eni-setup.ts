/**
 * controllers/vpc-cni/eni-setup — takes an attached ENI into the datastore and the node's network.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd/ipamd.go:1268-1330 (setupENI).
 */
import { type AwsError, isAwsError } from '../../model/aws-error.ts';
import type { Datastore } from './datastore.ts';
import type { EniMetadata } from './eni-api.ts';
import type { Ipam } from './ipam.ts';
import { routeTableOf } from './route-table-id.ts';

/**
 * Adds the ENI and its blocks to the store and writes its routes; asks for the IPv6 prefix in an
 * IPv6 cluster. A second call for the same ENI adds what is missing.
 */
export async function setUpEni(
  ipam: Ipam,
  store: Datastore,
  eni: EniMetadata,
): Promise<undefined | AwsError> {
  const isPrimary = eni.eniId === ipam.primaryEni()?.eniId;
  store.addEni(eni.eniId, {
    deviceNumber: eni.deviceNumber,
    isPrimary,
    isTrunk: eni.isTrunk,
    isEfa: eni.isEfa,
    routeTableId: routeTableOf(eni.deviceNumber, eni.networkCard),
    subnetId: eni.subnetId,
  });
  if (ipam.env.ipv6 && !eni.isTrunk) {
    const prefixes = await ipam.api.allocIpv6Prefix(eni.eniId);
    if (isAwsError(prefixes)) return prefixes;
    // Upstream uses the first only, whatever else is attached.
    for (const prefix of prefixes.slice(0, 1)) store.addCidr(eni.eniId, prefix, true);
  }
  ipam.networkOf(eni);
  if (ipam.env.ipv6) return undefined;
  for (const cidr of eni.secondaryCidrs) store.addCidr(eni.eniId, cidr, false);
  for (const prefix of eni.prefixes) store.addCidr(eni.eniId, prefix, true);
  return undefined;
}
