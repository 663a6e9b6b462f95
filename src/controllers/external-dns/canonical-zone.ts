/**
 * controllers/external-dns/canonical-zone — the hosted zone that AWS keeps a name of its own in: a
 * record for such a name may be an alias.
 *
 * Upstream: kubernetes-sigs/external-dns@2bf1bf8a provider/aws/aws.go canonicalHostedZone. Of its
 * table, names of load balancers, CloudFront and Global Accelerator are here; names of VPC
 * endpoints and of API Gateway are not, and get a CNAME.
 */
import { CANONICAL_ZONES } from '../../cloud/elbv2/canonical-zones.data.ts';

const CLOUD_FRONT = 'Z2FDTNDATAQYW2';
const GLOBAL_ACCELERATOR = 'Z2BJ6XQ5FK7U4H';

/** The zone's id; undefined where the name is nobody's of AWS that an alias could name. */
export function canonicalZone(hostname: string): string | undefined {
  const name = hostname.toLowerCase();
  if (name.endsWith('.cloudfront.net')) return CLOUD_FRONT;
  if (name.endsWith('.awsglobalaccelerator.com')) return GLOBAL_ACCELERATOR;
  const application = /\.([a-z0-9-]+)\.elb\.amazonaws\.com(\.cn)?$/.exec(name)?.[1];
  if (application !== undefined) return CANONICAL_ZONES[application]?.application;
  const network = /\.elb\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$/.exec(name)?.[1];
  return network === undefined ? undefined : CANONICAL_ZONES[network]?.network;
}
