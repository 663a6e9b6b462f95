/**
 * api/aws/elbv2/elbv2 — Elastic Load Balancing's operations that are built, by name: those of the
 * files beside this, tags, and the account's limits.
 */
import type { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Quotas } from '../../../cloud/region.ts';
import { isAwsError } from '../../../model/aws-error.ts';
import { type Handlers, untyped } from '../operation.ts';
import { listeners } from './listeners.ts';
import { loadBalancers } from './load-balancers.ts';
import { page, pairsOf, recordOf } from './requests.ts';
import { rules } from './rules.ts';
import { targetGroups } from './target-groups.ts';

const tags: Handlers<ElasticLoadBalancingV2> = {
  AddTags(input, { cloud }) {
    const done = cloud.elbv2.addTags({
      resourceArns: input.ResourceArns ?? [],
      tags: recordOf(input.Tags),
    });
    return isAwsError(done) ? done : {};
  },

  RemoveTags(input, { cloud }) {
    const done = cloud.elbv2.removeTags({
      resourceArns: input.ResourceArns ?? [],
      tagKeys: input.TagKeys ?? [],
    });
    return isAwsError(done) ? done : {};
  },

  DescribeTags(input, { cloud }) {
    const found = cloud.elbv2.describeTags({ resourceArns: input.ResourceArns ?? [] });
    if (isAwsError(found)) return found;
    return {
      TagDescriptions: [...found].map(([ResourceArn, of]) => ({
        ResourceArn,
        Tags: pairsOf(of),
      })),
    };
  },
};

/** What DescribeAccountLimits calls the account's quotas. */
const LIMITS: Readonly<Record<string, keyof Quotas>> = {
  'application-load-balancers': 'applicationLoadBalancers',
  'network-load-balancers': 'networkLoadBalancers',
  'target-groups': 'targetGroups',
  'listeners-per-application-load-balancer': 'listenersPerLoadBalancer',
  'listeners-per-network-load-balancer': 'listenersPerLoadBalancer',
  'rules-per-application-load-balancer': 'rulesPerLoadBalancer',
  'certificates-per-application-load-balancer': 'certificatesPerLoadBalancer',
  'certificates-per-network-load-balancer': 'certificatesPerLoadBalancer',
  'target-groups-per-application-load-balancer': 'targetGroupsPerLoadBalancer',
  'target-groups-per-action-on-application-load-balancer': 'targetGroupsPerAction',
  'targets-per-application-load-balancer': 'targetsPerApplicationLoadBalancer',
  'targets-per-network-load-balancer': 'targetsPerNetworkLoadBalancer',
  'condition-values-per-alb-rule': 'conditionValuesPerRule',
  'condition-wildcards-per-alb-rule': 'conditionWildcardsPerRule',
};

const limits: Handlers<ElasticLoadBalancingV2> = {
  DescribeAccountLimits(input, call) {
    const all = Object.entries(LIMITS).map(([Name, quota]) => ({
      Name,
      Max: String(call.cloud.quotas[quota]),
    }));
    const part = page(call, input, all, (limit) => limit);
    return isAwsError(part) ? part : { Limits: part.items, NextMarker: part.NextMarker };
  },
};

export const HANDLERS = untyped<ElasticLoadBalancingV2>({
  ...loadBalancers,
  ...targetGroups,
  ...listeners,
  ...rules,
  ...tags,
  ...limits,
});
