/**
 * cloud/classic-elb/classic-elb — Classic Load Balancers over one region: made, changed, described,
 * deleted.
 *
 * Codes and texts: ELB API 2012-06-01 and public reports of the exact texts.
 */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import type { Tags } from '../../model/ec2/tags.ts';
import type { ClassicLoadBalancer } from '../../model/elbv2/load-balancer.ts';
import { regroupZones, releaseZones } from '../elbv2/load-balancer-interfaces.ts';
import { soundBalancerGroups } from '../elbv2/new-load-balancer.ts';
import type { Region } from '../region.ts';
import { instanceActions } from './instance-actions.ts';
import { listenerActions } from './listener-actions.ts';
import { changedBalancer, noBalancer } from './named-balancer.ts';
import { attachSubnets, createClassic, detachSubnets } from './new-classic.ts';
import type { ClassicElbOperations } from './operations.ts';

const DONE = { kind: 'done' } as const;

/** Source: Classic Load Balancers user guide, "Tag your load balancer". */
const TAGS_MAX = 10;

export const classicElbActions = (region: Region): ClassicElbOperations => ({
  createLoadBalancer: (input) => createClassic(region, input),
  describeLoadBalancers: ({ loadBalancerNames }) => describe(region, loadBalancerNames),
  deleteLoadBalancer: ({ loadBalancerName }) => remove(region, loadBalancerName),
  attachLoadBalancerToSubnets: ({ loadBalancerName, subnets }) =>
    changedBalancer(region, loadBalancerName, (it) => attachSubnets(region, it, subnets)),
  detachLoadBalancerFromSubnets: ({ loadBalancerName, subnets }) =>
    changedBalancer(region, loadBalancerName, (it) => detachSubnets(region, it, subnets)),
  applySecurityGroupsToLoadBalancer: ({ loadBalancerName, securityGroups }) =>
    changedBalancer(region, loadBalancerName, (it) => regrouped(region, it, securityGroups)),
  modifyLoadBalancerAttributes: ({ loadBalancerName, attributes }) =>
    changedBalancer(region, loadBalancerName, (it) => withAttributes(it, attributes)),
  addTags: ({ loadBalancerName, tags }) =>
    changedBalancer(region, loadBalancerName, (it) => tagged(it, tags)),
  ...listenerActions(region),
  ...instanceActions(region),
});

function describe(
  { store }: Region,
  names: readonly string[] | undefined,
): readonly ClassicLoadBalancer[] | AwsError {
  if (names === undefined || names.length === 0) return store.list('elbv2/classic-load-balancer');
  const found: ClassicLoadBalancer[] = [];
  for (const name of new Set(names)) {
    const balancer = store.get('elbv2/classic-load-balancer', name);
    if (balancer === undefined) return noBalancer(name);
    found.push(balancer);
  }
  return found;
}

/** "If the load balancer does not exist or has already been deleted, the call still succeeds." */
function remove(region: Region, name: string): typeof DONE {
  const balancer = region.store.get('elbv2/classic-load-balancer', name);
  if (balancer === undefined) return DONE;
  region.store.delete('elbv2/classic-load-balancer', name);
  releaseZones(region, balancer.zones);
  return DONE;
}

function regrouped(
  region: Region,
  balancer: ClassicLoadBalancer,
  groups: readonly string[],
): ClassicLoadBalancer | AwsError {
  const at = { vpcId: balancer.vpcId, subnetId: balancer.zones[0]!.subnetId };
  const securityGroups = soundBalancerGroups(region, at, groups);
  if (isAwsError(securityGroups)) return securityGroups;
  regroupZones(region, balancer.zones, securityGroups);
  return { ...balancer, securityGroups };
}

const CROSS_ZONE = 'load_balancing.cross_zone.enabled';

function withAttributes(
  balancer: ClassicLoadBalancer,
  asked: Readonly<Record<string, string>>,
): ClassicLoadBalancer | AwsError {
  const unknown = Object.keys(asked).find((key) => !Object.hasOwn(balancer.attributes, key));
  if (unknown !== undefined)
    return awsError('ValidationError', `Load balancer attribute '${unknown}' is not recognized`);
  const attributes = { ...balancer.attributes, ...asked };
  return { ...balancer, attributes, crossZone: attributes[CROSS_ZONE] === 'true' };
}

function tagged(balancer: ClassicLoadBalancer, added: Tags): ClassicLoadBalancer | AwsError {
  const tags = { ...balancer.tags, ...added };
  if (Object.keys(tags).length <= TAGS_MAX) return { ...balancer, tags };
  return awsError('TooManyTags', 'The quota for the number of tags per load balancer was reached');
}
