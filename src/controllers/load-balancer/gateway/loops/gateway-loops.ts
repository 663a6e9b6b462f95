/**
 * load-balancer/gateway/loops/gateway-loops — the loops over Gateway API of one leader: those whose
 * gates are open.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 main.go.
 */
import type { Acm } from '../../../../cloud/acm/operations.ts';
import type { Kinds } from '../../../../model/kinds.ts';
import { ALB_CONTROLLER, NLB_CONTROLLER } from '../../../../model/kubernetes/gateway.ts';
import type { Controller } from '../../../../sim/controller.ts';
import type { DeployTools } from '../../deploy/deployment.ts';
import type { TrackingPrefix } from '../../deploy/tracking.ts';
import { type AwsReads, whileBuilding } from '../../loops/aws-reads.ts';
import type { Declared } from '../../loops/declared.ts';
import { ingressReads } from '../../loops/ingress-reads.ts';
import type { BackendSecurityGroup } from '../../security-groups/backend-security-group.ts';
import type { GatewayReads } from '../model/gateway-build.ts';
import { configurationLoops } from './configuration-loops.ts';
import { gatewayClassLoop } from './gateway-class-loop.ts';
import { gatewayLoop } from './gateway-loop.ts';
import { ServiceReferences } from './service-references.ts';

export interface GatewayLoopsParts {
  readonly toolsFor: (prefix: TrackingPrefix) => DeployTools;
  readonly acm: Acm;
  readonly reads: AwsReads;
  readonly backend: BackendSecurityGroup;
  readonly declared: Declared;
}

/** Loops that know nothing yet. */
export function gatewayLoops(parts: GatewayLoopsParts): readonly Controller<Kinds>[] {
  const ofAlbs = parts.toolsFor('gateway.k8s.aws.alb');
  const ofNlbs = parts.toolsFor('gateway.k8s.aws.nlb');
  const { ALBGatewayAPI, NLBGatewayAPI } = ofAlbs.settings.featureGates;
  const controllers = [
    ...(ALBGatewayAPI ? [ALB_CONTROLLER] : []),
    ...(NLBGatewayAPI ? [NLB_CONTROLLER] : []),
  ];
  if (controllers.length === 0) return [];
  const references = new ServiceReferences();
  const loopOf = (type: 'application' | 'network', tools: DeployTools) =>
    gatewayLoop({ ...parts, type, tools, reads: gatewayReads(parts, tools), references });
  return [
    gatewayClassLoop(ofAlbs, controllers),
    ...configurationLoops(ofAlbs, references, controllers),
    ...(ALBGatewayAPI ? [loopOf('application', ofAlbs)] : []),
    ...(NLBGatewayAPI ? [loopOf('network', ofNlbs)] : []),
  ];
}

/** As for groups of Ingresses, but for whom the shared security group is kept. */
function gatewayReads(
  { acm, backend, reads }: GatewayLoopsParts,
  tools: DeployTools,
): GatewayReads {
  return {
    ...ingressReads({ ...tools, acm, reads, backend }),
    vpcBlocks: () => reads.vpcBlocks(),
    backendSecurityGroup: (keys) =>
      whileBuilding(() => backend.get(keys.map((key) => ({ kind: 'Gateway', key })))),
  };
}
