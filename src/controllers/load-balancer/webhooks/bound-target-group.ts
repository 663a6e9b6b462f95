/**
 * load-balancer/webhooks/bound-target-group — the target group a TargetGroupBinding names, asked
 * of AWS once for each look at the object.
 *
 * Upstream: aws-load-balancer-controller@225f4456 webhooks/elbv2/targetgroup_helper.go.
 */
import type { Elbv2Operations } from '../../../cloud/elbv2/operations.ts';
import type { TargetGroup } from '../../../model/elbv2/target-group.ts';
import type { TargetGroupBinding } from '../../../model/kubernetes/load-balancer.ts';
import { DeployError, must } from '../deploy/deploy-error.ts';

export type TargetGroupReads = Pick<Elbv2Operations, 'describeTargetGroups'>;
type Spec = TargetGroupBinding['spec'];

/** The group by its ARN. Throws a DeployError. */
export const groupByArn = (reads: TargetGroupReads, { targetGroupARN = '' }: Spec): TargetGroup =>
  single(targetGroupARN, must(reads.describeTargetGroups({ targetGroupArns: [targetGroupARN] })));

/** The group by its name. Throws a DeployError. */
export const groupByName = (reads: TargetGroupReads, { targetGroupName = '' }: Spec): TargetGroup =>
  single(targetGroupName, must(reads.describeTargetGroups({ names: [targetGroupName] })));

function single(asked: string, groups: readonly TargetGroup[]): TargetGroup {
  if (groups.length === 1) return groups[0]!;
  throw new DeployError(
    `expecting a single targetGroup with query [${asked}] but got ${groups.length}`,
  );
}

/** `read`, asked once; `wrap` comes before its error, as every question adds its own words. */
export function onceAsked(read: () => TargetGroup): (wrap: string) => TargetGroup {
  let answer: TargetGroup | DeployError | undefined;
  return (wrap) => {
    if (answer === undefined) {
      try {
        answer = read();
      } catch (error) {
        if (!(error instanceof DeployError)) throw error;
        answer = error;
      }
    }
    if (answer instanceof DeployError) throw new DeployError(`${wrap}: ${answer.message}`);
    return answer;
  };
}

/** What `look` gives; a DeployError becomes the refusal. */
export function orDenied<Answer>(look: () => Answer): Answer | { readonly denied: string } {
  try {
    return look();
  } catch (error) {
    if (error instanceof DeployError) return { denied: error.message };
    throw error;
  }
}
