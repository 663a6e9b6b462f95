/**
 * load-balancer/deploy/frontend-targets — the application load balancer as the target of the
 * network load balancer in front of it: registered when both are there, taken out before its group
 * goes.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * pkg/deploy/elbv2/frontend_nlb_target_synthesizer.go, frontend_nlb_targets_manager.go.
 */
import { apiErrorText, isAwsError } from '../../../model/aws-error.ts';
import type { Target } from '../../../model/elbv2/target-group.ts';
import { DeployError, must, orExplain } from './deploy-error.ts';
import type { Deployment, Phase } from './deployment.ts';
import type { TargetGroups } from './target-groups.ts';

/** An ALB can be a target only once it is active, and it listens by then. */
const AGAIN_MS = 15_000;

export class FrontendTargets implements Phase {
  readonly #deployment: Deployment;
  readonly #groups: TargetGroups;

  constructor(deployment: Deployment, groups: TargetGroups) {
    this.#deployment = deployment;
    this.#groups = groups;
  }

  async synthesize(): Promise<void> {
    const { elbv2 } = this.#deployment.tools;
    const { unwanted } = await this.#groups.match();
    for (const { targetGroupArn, targetType } of unwanted) {
      if (targetType !== 'alb') continue;
      await orExplain(
        `failed to deregister target for the target group: ${targetGroupArn}`,
        async () => {
          const target = await this.#targetOf(targetGroupArn);
          if (target === undefined) return;
          const { id, port } = target;
          must(await elbv2.deregisterTargets({ targetGroupArn, targets: [{ id, port }] }));
        },
      );
    }
  }

  async finish(): Promise<void> {
    const { stack, tools } = this.#deployment;
    const wanted = stack.list('FrontendNLBTargetGroup')[0]?.spec.TargetGroups;
    if (wanted === undefined) return;
    for (const { type, id, spec } of stack.list('AWS::ElasticLoadBalancingV2::TargetGroup')) {
      const target = wanted[spec.name];
      if (spec.targetType !== 'alb' || target === undefined) continue;
      const field = 'targetGroupARN';
      const targetGroupArn = this.#deployment.resolve({
        resourceType: type,
        resourceId: id,
        field,
      });
      const arn = this.#deployment.resolve(target.TargetARN);
      if ((await this.#targetOf(targetGroupArn))?.id === arn) continue;
      const targets = [{ id: arn, port: target.TargetPort }];
      const refused = await tools.elbv2.registerTargets({ targetGroupArn, targets });
      if (!isAwsError(refused)) continue;
      throw new DeployError(
        `Failed to register target, retrying after deplay for target group: ${targetGroupArn}: ` +
          apiErrorText(refused),
        { requeueAfterMs: AGAIN_MS },
      );
    }
  }

  /** The first target; one that is on its way out is none. */
  async #targetOf(targetGroupArn: string): Promise<Target | undefined> {
    const { elbv2 } = this.#deployment.tools;
    const found: readonly Target[] = must(await elbv2.describeTargetHealth({ targetGroupArn }));
    return found[0];
  }
}
