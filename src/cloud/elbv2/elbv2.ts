/** cloud/elbv2/elbv2 — all of Elastic Load Balancing's actions over one region. */
import type { Region } from '../region.ts';
import { attributeActions } from './attribute-actions.ts';
import { certificateActions } from './certificate-actions.ts';
import { listenerActions } from './listener-actions.ts';
import { loadBalancerActions } from './load-balancer-actions.ts';
import type { Elbv2Operations } from './operations.ts';
import { ruleActions } from './rule-actions.ts';
import { tagActions } from './tag-actions.ts';
import { targetActions } from './target-actions.ts';
import { targetGroupActions } from './target-group-actions.ts';

export const elbv2Actions = (region: Region): Elbv2Operations => ({
  ...loadBalancerActions(region),
  ...attributeActions(region),
  ...targetGroupActions(region),
  ...targetActions(region),
  ...listenerActions(region),
  ...certificateActions(region),
  ...ruleActions(region),
  ...tagActions(region),
});
