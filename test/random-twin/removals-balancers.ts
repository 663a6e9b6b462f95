/** test/random-twin/removals-balancers — load balancers, their parts, and records that lead there. */
import type { TwinStore } from '../../src/model/kinds.ts';
import { change, type Removal } from './removal.ts';

/** Everything of Elastic Load Balancing and Route 53 that evidence names. */
export function removalsOfBalancers(store: TwinStore): readonly Removal[] {
  const removals: Removal[] = [];
  for (const { key, value } of store.entries('elbv2/load-balancer')) {
    const texts = [key, value.loadBalancerName, value.dnsName];
    const changes = [change('elbv2/load-balancer', key)];
    removals.push({ kind: 'load-balancer', object: key, texts, changes });
  }
  for (const { key } of store.entries('elbv2/listener'))
    removals.push({
      kind: 'listener',
      object: key,
      texts: [],
      changes: [change('elbv2/listener', key)],
    });
  for (const { key } of store.entries('elbv2/rule'))
    removals.push({
      kind: 'listener-rule',
      object: key,
      texts: [],
      changes: [change('elbv2/rule', key)],
    });
  for (const { key, value } of store.entries('elbv2/target-group'))
    removals.push({
      kind: 'target-group',
      object: key,
      texts: [` ${value.targetGroupName} `, `"${value.targetGroupName}"`],
      changes: [change('elbv2/target-group', key)],
    });
  for (const { key, value } of store.entries('elbv2/target'))
    removals.push({
      kind: 'target',
      object: value.targetGroupArn,
      rule: `${value.id}:${value.port}`,
      texts: [],
      changes: [change('elbv2/target', key)],
    });
  for (const { key, value } of store.entries('route53/record-set'))
    removals.push({
      kind: 'dns-record',
      object: value.hostedZoneId,
      rule: `${value.name} ${value.type}`,
      texts: [],
      changes: [change('route53/record-set', key)],
    });
  for (const { key } of store.entries('route53/hosted-zone'))
    removals.push({
      kind: 'hosted-zone',
      object: key,
      texts: [],
      changes: [change('route53/hosted-zone', key)],
    });
  return removals;
}
