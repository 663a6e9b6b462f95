/**
 * load-balancer/loops/controller-loops — the loops of one leader, and what they share: what they
 * know of security groups, tags and subnets, and the group all load balancers carry.
 */
import type { Acm } from '../../../cloud/acm/operations.ts';
import { persistent } from '../../../cloud/decorate.ts';
import type { Ec2 } from '../../../cloud/ec2/operations.ts';
import type { Elbv2 } from '../../../cloud/elbv2/operations.ts';
import type { Kinds } from '../../../model/kinds.ts';
import type { Controller } from '../../../sim/controller.ts';
import type { ControllerWorld } from '../controller-world.ts';
import type { DeployTools } from '../deploy/deployment.ts';
import { TagMemory } from '../deploy/tag-memory.ts';
import type { TrackingPrefix } from '../deploy/tracking.ts';
import { gatewayLoops } from '../gateway/loops/gateway-loops.ts';
import { BindingNetworking } from '../networking/binding-networking.ts';
import { interfaceReads } from '../networking/interface-reads.ts';
import { NodeInterfaces } from '../networking/node-interfaces.ts';
import { PodInterfaces } from '../networking/pod-interfaces.ts';
import { BackendSecurityGroup } from '../security-groups/backend-security-group.ts';
import { SecurityGroupRules } from '../security-groups/security-group-rules.ts';
import type { ControllerSettings } from '../settings/settings.ts';
import { targetGroupBindingController } from '../target-group-binding/target-group-binding.ts';
import { AwsReads } from './aws-reads.ts';
import type { Declared } from './declared.ts';
import { ingressLoop } from './ingress-loop.ts';
import { ingressReads } from './ingress-reads.ts';
import { serviceLoop } from './service-loop.ts';
import { serviceReads } from './service-reads.ts';
import { type StackBuilders, stackBuilders } from './stack-builders.ts';

/** What one leader runs, and what it would build. */
export interface ControllerLoops {
  readonly controllers: readonly Controller<Kinds>[];
  readonly builders: StackBuilders;
}

/** Loops that know nothing yet. */
export function controllerLoops(
  { clock, random, store, kubernetes, ...called }: ControllerWorld,
  settings: ControllerSettings,
  declared: Declared,
): ControllerLoops {
  const tries = settings.awsMaxRetries;
  const ec2 = persistent(called.ec2, clock, tries) as Ec2;
  const elbv2 = persistent(called.elbv2, clock, tries) as Elbv2;
  const acm = persistent(called.acm, clock, tries) as Acm;
  const rules = new SecurityGroupRules(clock, ec2);
  const tags = new TagMemory(clock, elbv2);
  const reads = new AwsReads(clock, ec2, elbv2, settings);
  const backend = new BackendSecurityGroup(clock, store, ec2, settings);
  const { clusterName, vpcId } = settings;
  const found = interfaceReads(store, ec2, vpcId);
  const interfaces = {
    pods: new PodInterfaces(clock, store, found),
    nodes: new NodeInterfaces(clock, found),
  };
  const networking = new BindingNetworking(clock, interfaces, rules, settings);
  const toolsFor = (prefix: TrackingPrefix): DeployTools => ({
    clock,
    store,
    kubernetes,
    elbv2,
    ec2,
    settings,
    tracking: { prefix, clusterName },
    rules,
    tags,
    freeTargetRules: () => networking.collectGarbage(),
  });
  const bindings = targetGroupBindingController(
    clock,
    random,
    store,
    kubernetes,
    { ec2, elbv2, networking },
    settings,
  );
  const ofIngresses = toolsFor('ingress.k8s.aws');
  const readsOfIngresses = ingressReads({ ...ofIngresses, acm, reads, backend });
  const ingresses = ingressLoop({
    tools: ofIngresses,
    reads: readsOfIngresses,
    backend,
    declared,
  });
  const tools = toolsFor('service.k8s.aws');
  const services = settings.featureGates.EnableServiceController
    ? [serviceLoop({ tools, reads, backend })]
    : [];
  const readsOfServices = serviceReads(store, tools.tracking, reads, backend);
  const gateways = gatewayLoops({ toolsFor, acm, reads, backend, declared });
  return {
    controllers: [bindings, ingresses, ...services, ...gateways.controllers],
    builders: {
      ...stackBuilders(store, settings, readsOfIngresses, readsOfServices),
      ofGateway: gateways.stackOf,
    },
  };
}
