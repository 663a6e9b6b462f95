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
import type { BuildError } from '../../build-error.ts';
import type { DeployTools } from '../../deploy/deployment.ts';
import type { TrackingPrefix } from '../../deploy/tracking.ts';
import { type AwsReads, whileBuilding } from '../../loops/aws-reads.ts';
import type { Declared } from '../../loops/declared.ts';
import { ingressReads } from '../../loops/ingress-reads.ts';
import type { BackendSecurityGroup } from '../../security-groups/backend-security-group.ts';
import type { Stack } from '../../stack/stack.ts';
import type { GatewayReads } from '../model/gateway-build.ts';
import { configurationLoops } from './configuration-loops.ts';
import { gatewayClassLoop } from './gateway-class-loop.ts';
import { gatewayLoop } from './gateway-loop.ts';
import { gatewayStack } from './gateway-stack.ts';
import { ServiceReferences } from './service-references.ts';

export interface GatewayLoopsParts {
  readonly toolsFor: (prefix: TrackingPrefix) => DeployTools;
  readonly acm: Acm;
  readonly reads: AwsReads;
  readonly backend: BackendSecurityGroup;
  readonly declared: Declared;
}

export interface GatewayLoops {
  readonly controllers: readonly Controller<Kinds>[];
  /** The stack of one Gateway, by key. */
  stackOf(key: string): Promise<Stack | BuildError | undefined>;
}

/** Loops that know nothing yet. */
export function gatewayLoops(parts: GatewayLoopsParts): GatewayLoops {
  const ofAlbs = parts.toolsFor('gateway.k8s.aws.alb');
  const ofNlbs = parts.toolsFor('gateway.k8s.aws.nlb');
  const { ALBGatewayAPI, NLBGatewayAPI } = ofAlbs.settings.featureGates;
  const readsOf = new Map([
    ...(ALBGatewayAPI ? [[ALB_CONTROLLER, gatewayReads(parts, ofAlbs)] as const] : []),
    ...(NLBGatewayAPI ? [[NLB_CONTROLLER, gatewayReads(parts, ofNlbs)] as const] : []),
  ]);
  const { store, settings } = ofAlbs;
  const stackOf = (key: string) => gatewayStack(store, settings, readsOf, key);
  const controllers = [...readsOf.keys()];
  if (controllers.length === 0) return { controllers: [], stackOf };
  const references = new ServiceReferences();
  const loops = [...readsOf].map(([name, reads]) =>
    name === ALB_CONTROLLER
      ? gatewayLoop({ ...parts, type: 'application', tools: ofAlbs, reads, references })
      : gatewayLoop({ ...parts, type: 'network', tools: ofNlbs, reads, references }),
  );
  const classes = gatewayClassLoop(ofAlbs, controllers);
  const configurations = configurationLoops(ofAlbs, references, controllers);
  return { controllers: [classes, ...configurations, ...loops], stackOf };
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
