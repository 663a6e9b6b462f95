/**
 * load-balancer/gateway/model/build-gateway — a Gateway with its routes, made into the stack of its
 * load balancer. Nothing is written anywhere.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/model/
 * base_model_builder.go Build.
 */
import { keyOf } from '../../../../model/kubernetes/meta.ts';
import { parseBool } from '../../annotations/go-literals.ts';
import { BuildError, built, builtSoon } from '../../build-error.ts';
import { Stack } from '../../stack/stack.ts';
import { type AddOn, type AddOns, addAddOns, addOnsHeld, addOnsOf } from './add-ons.ts';
import type { GatewayBuild } from './gateway-build.ts';
import { addListeners } from './listeners.ts';
import { addLoadBalancer } from './load-balancer.ts';
import { TargetGroups } from './target-groups.ts';

export interface GatewayStack {
  readonly stack: Stack;
  /** False where the Gateway goes and nothing of its load balancer is to stay. */
  readonly hasLoadBalancer: boolean;
  readonly addOns: readonly AddOn[];
  readonly usesBackendSecurityGroup: boolean;
}

/** The Gateway's stack; empty where it goes, once its add-ons are gone. */
export const buildGateway = (
  parts: Omit<GatewayBuild, 'stack'>,
): Promise<GatewayStack | BuildError> =>
  builtSoon(async () => {
    const { gateway, configuration, type } = parts;
    const { namespace = '', name, deletionTimestamp } = gateway.metadata;
    const stack = new Stack({ namespace, name });
    const build: GatewayBuild = { ...parts, stack };
    const held = addOnsHeld(gateway);
    const isGoing = deletionTimestamp !== undefined;
    if (isGoing) refuseProtected(build);
    if (isGoing && held.length === 0) {
      return { stack, hasLoadBalancer: false, addOns: [], usesBackendSecurityGroup: false };
    }
    const addOns: AddOns = addOnsOf(type, isGoing ? {} : configuration, held);
    const balancer = await addLoadBalancer(build, addOns);
    const groups = new TargetGroups(build, balancer);
    await addListeners(build, groups);
    addAddOns(stack, addOns);
    const targets = { TargetGroups: groups.frontends };
    stack.add('FrontendNLBTargetGroup', 'FrontendNLBTargetGroup', targets);
    const { usesBackendSecurityGroup } = balancer;
    return { stack, hasLoadBalancer: true, addOns: addOns.enabled, usesBackendSecurityGroup };
  });

/** A load balancer that is protected is not taken down with its Gateway. */
function refuseProtected({ configuration, gateway }: GatewayBuild): void {
  const own = (configuration.loadBalancerAttributes ?? []).find(
    ({ key }) => key === 'deletion_protection.enabled',
  );
  if (own === undefined || built(() => parseBool(own.value)) !== true) return;
  const because = 'because deletion protection is enabled.';
  throw new BuildError(`Unable to delete gateway ${keyOf(gateway)} ${because}`);
}
