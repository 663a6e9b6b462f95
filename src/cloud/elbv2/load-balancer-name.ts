/**
 * cloud/elbv2/load-balancer-name — what AWS calls a load balancer: its ARN, its name in DNS, the
 * hosted zone that name is in.
 */
import type { LoadBalancerType, Scheme } from '../../model/elbv2/load-balancer.ts';
import { partitionOf, type Region } from '../region.ts';
import { CANONICAL_ZONES } from './canonical-zones.data.ts';

const SHORT = { application: 'app', network: 'net' } as const;

/** `arn:aws:elasticloadbalancing:us-west-2:111122223333:` and what the resource is called. */
export const elbArn = (region: Region, resource: string): string =>
  `arn:${partitionOf(region.name)}:elasticloadbalancing:${region.name}:${region.accountId}:` +
  resource;

/** `app/web/50dc6c495c0c9188`: a load balancer's part of its own ARN and of its listeners'. */
export const resourcePath = (type: LoadBalancerType, name: string, id: string): string =>
  `${SHORT[type]}/${name}/${id}`;

/** The part of a load balancer's, listener's or rule's ARN behind `loadbalancer/` and so on. */
export const pathOfArn = (arn: string): string =>
  arn.split(':').slice(5).join(':').split('/').slice(1).join('/');

const suffixOf = (region: string): string =>
  region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';

/** `web-1234567890.us-west-2.elb.amazonaws.com`, as Classic and Application ones are called. */
export function numberedDnsName(region: Region, name: string, scheme: Scheme): string {
  const digits = Array.from({ length: 9 }, () => region.ids.oneOf([...'0123456789'])).join('');
  const prefix = scheme === 'internal' ? 'internal-' : '';
  return `${prefix}${name}-1${digits}.${region.name}.elb.${suffixOf(region.name)}`;
}

/** The name in DNS; a Network Load Balancer's is the same whatever its scheme. */
export const dnsNameOf = (
  region: Region,
  type: LoadBalancerType,
  name: string,
  id: string,
  scheme: Scheme,
): string =>
  type === 'network'
    ? `${name}-${id}.elb.${region.name}.${suffixOf(region.name)}`
    : numberedDnsName(region, name, scheme);

/** The region's zone of such names; of a region that is not in the table, one it could be. */
export function canonicalZoneOf(region: Region, type: LoadBalancerType): string {
  const letters = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  return (
    CANONICAL_ZONES[region.name]?.[type] ??
    `Z${Array.from({ length: 13 }, () => region.ids.oneOf(letters)).join('')}`
  );
}
