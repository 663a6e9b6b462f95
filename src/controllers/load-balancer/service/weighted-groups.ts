/**
 * load-balancer/service/weighted-groups — the target groups behind one listener by weight: the
 * Service's own first, then those of other Services or by ARN.
 *
 * Follows aws-load-balancer-controller@225f4456 pkg/service/model_build_target_group.go:31-90,
 * enhanced_backend_builder.go. Other Services get their target group by the annotations of the
 * Service that owns the load balancer.
 */
import type { TargetGroupProtocol } from '../../../model/elbv2/target-group.ts';
import type { Service, ServicePort } from '../../../model/kubernetes/core.ts';
import { BuildError } from '../build-error.ts';
import type { ActionSpec, ForwardConfig } from '../stack/action-spec.ts';
import type { Token } from '../stack/token.ts';
import type { Balancer } from './balancer.ts';
import type { ServiceBuild } from './service-build.ts';
import { servicePortOf } from './service-port.ts';
import { addTargetGroup } from './target-group.ts';
import type { WeightedAction, WeightedTarget } from './weighted-action.ts';

/** The forward action, its target groups added to the stack. */
export async function addWeightedGroups(
  build: ServiceBuild,
  balancer: Balancer,
  port: ServicePort,
  protocols: { readonly listener: string; readonly target: TargetGroupProtocol },
  action: WeightedAction,
): Promise<ActionSpec> {
  const services = loadServices(build, action.targetGroups);
  const own = await addTargetGroup(build, balancer, {
    service: build.service,
    port,
    protocol: protocols.target,
  });
  const targetGroups = [{ targetGroupARN: own, weight: action.baseServiceWeight }];
  for (const target of action.targetGroups) {
    const targetGroupARN =
      target.targetGroupARN ??
      (await addOther(build, balancer, protocols.listener, target, services));
    targetGroups.push({ targetGroupARN, weight: target.weight });
  }
  const stickiness = action.targetGroupStickinessConfig;
  const forwardConfig: ForwardConfig = {
    targetGroups,
    targetGroupStickinessConfig: stickiness && { enabled: stickiness.enabled },
  };
  return { type: 'forward', forwardConfig };
}

/** All Services that are named must be there, before any target group is thought of. */
function loadServices(
  { reads, service }: ServiceBuild,
  targets: readonly WeightedTarget[],
): ReadonlyMap<string, Service> {
  const services = new Map<string, Service>();
  for (const name of new Set(targets.flatMap(({ serviceName }) => serviceName ?? []))) {
    const other = reads.service(service.metadata.namespace ?? '', name);
    if (other === undefined) throw new BuildError(`Service "${name}" not found`);
    services.set(name, other);
  }
  return services;
}

function addOther(
  build: ServiceBuild,
  balancer: Balancer,
  listenerProtocol: string,
  { decrypt, serviceName = '', servicePort = 0 }: WeightedTarget,
  services: ReadonlyMap<string, Service>,
): Promise<Token> {
  const service = services.get(serviceName)!;
  const isDecrypted = listenerProtocol === 'TLS' && decrypt === true;
  return addTargetGroup(build, balancer, {
    service,
    port: servicePortOf(service, servicePort),
    protocol: isDecrypted ? 'TCP' : (listenerProtocol as TargetGroupProtocol),
    base: build.service,
  });
}
