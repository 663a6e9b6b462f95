/**
 * load-balancer/deploy/deploy-stack — makes AWS what a stack says: each type of resource in its
 * turn, then, in the opposite order, away with what nobody wants any more.
 *
 * Web ACLs and Shield are kept in the stack and never sent: nobody simulates them here, and
 * `declaredOf` says so.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/deploy/stack_deployer.go.
 */
import type { Stack } from '../stack/stack.ts';
import type { FieldOf } from '../stack/token.ts';
import { Bindings } from './bindings.ts';
import { DeployError } from './deploy-error.ts';
import { Deployment, type DeployTools, type Phase } from './deployment.ts';
import { FrontendTargets } from './frontend-targets.ts';
import { Listeners } from './listeners.ts';
import { LoadBalancers } from './load-balancers.ts';
import { Rules } from './rules.ts';
import { SecurityGroups } from './security-groups.ts';
import { TargetGroups } from './target-groups.ts';

/** Whose target groups may have a load balancer as target. */
const WITH_FRONTENDS: readonly string[] = ['ingress.k8s.aws', 'gateway.k8s.aws.nlb'];

/** A stack that is in AWS: what its resources have become. */
export interface Deployed {
  readonly kind: 'deployed';
  /** A field of a resource's status: `dnsName` of a load balancer. */
  statusOf(reference: FieldOf): string | undefined;
}

/**
 * Deploys a stack; an empty one is taken away.
 *
 * @returns what became of it, or what stopped it: all that was done until then stays
 */
export async function deployStack(
  stack: Stack,
  tools: DeployTools,
): Promise<Deployed | DeployError> {
  const deployment = new Deployment(stack, tools);
  const groups = new TargetGroups(deployment);
  const phases: readonly Phase[] = [
    new SecurityGroups(deployment),
    ...(WITH_FRONTENDS.includes(tools.tracking.prefix)
      ? [new FrontendTargets(deployment, groups)]
      : []),
    groups,
    new LoadBalancers(deployment),
    new Listeners(deployment),
    new Rules(deployment),
    new Bindings(deployment),
  ];
  try {
    for (const phase of phases) await phase.synthesize();
    for (const phase of phases.toReversed()) await phase.finish?.();
  } catch (error) {
    if (error instanceof DeployError) return error;
    throw error;
  }
  return { kind: 'deployed', statusOf: (reference) => deployment.statusOf(reference) };
}
