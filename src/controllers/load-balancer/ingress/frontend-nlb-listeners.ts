/**
 * load-balancer/ingress/frontend-nlb-listeners — listeners of the network load balancer before the
 * group's own, each forwarding to one of its ports.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/model_build_frontend_nlb.go
 * buildFrontendNlbListeners and below.
 */

import { parseInteger } from '../annotations/go-literals.ts';
import { BuildError, built, within } from '../build-error.ts';
import { nameOfGroup } from '../stack/names.ts';
import type { FrontendTargetGroups, HealthCheckSpec } from '../stack/target-group-spec.ts';
import { fieldOf } from '../stack/token.ts';
import { alb } from './alb-annotations.ts';
import { FRONTEND_NLB, frontendTags } from './frontend-nlb.ts';
import { FrontendHealth } from './frontend-nlb-health.ts';
import { type ClassifiedIngress, memberKey } from './group.ts';
import { annotationsOf, type GroupBuild, groupDigest, LOAD_BALANCER_ARN } from './group-build.ts';
import type { ListenPorts } from './listen-ports.ts';

const PROTOCOL = 'TCP';

/** A port of the network load balancer: which port behind, and how that is checked. */
interface FrontendPort {
  readonly targetPort: number;
  readonly health: FrontendHealth;
}

type Targets = FrontendTargetGroups['TargetGroups'];

/** @param listenPorts  what each member listens on, by its key */
export function addFrontendListeners(
  build: GroupBuild,
  listenPorts: ReadonlyMap<string, ListenPorts>,
): Targets {
  const ports = new Map<number, FrontendPort>();
  for (const member of build.group.members) {
    const key = memberKey(member);
    const own = within(`failed to compute listenPort config for ingress: ${key}`, () =>
      portsOf(member, listenPorts.get(key) ?? new Map()),
    );
    for (const [port, targetPort] of own) {
      within(`failed to merge NLB listenPort config for port: ${port}`, () =>
        merge(ports, port, targetPort, member),
      );
    }
  }
  const targets: Record<string, Targets[string]> = {};
  for (const port of [...ports.keys()].sort((a, b) => a - b)) {
    const { targetPort, health } = ports.get(port)!;
    const target = addListener(build, port, targetPort, health.spec);
    targets[target.Name] = target;
  }
  return targets;
}

/** One member's ports: as mapped, or each port behind under its own number. */
function portsOf(member: ClassifiedIngress, listenPorts: ListenPorts): ReadonlyMap<number, number> {
  const mapping = portMappingOf(member);
  const own: readonly (readonly [number, number])[] =
    mapping.length > 0
      ? mapping.filter(([, targetPort]) => listenPorts.has(targetPort))
      : [...listenPorts.keys()].map((port) => [port, port]);
  // Its health checks are read for every port, so that a wrong one counts only where there is any.
  if (own.length > 0) new FrontendHealth().add(member);
  return new Map(own);
}

function portMappingOf(member: ClassifiedIngress): readonly (readonly [number, number])[] {
  const suffix = 'frontend-nlb-listener-port-mapping';
  const mapping = within(`failed to parse ${suffix} for ingress map[]`, () =>
    alb.stringMap(suffix, annotationsOf(member)),
  );
  return Object.entries(mapping ?? {}).map(([nlb, target]) => [
    portNumber(nlb, 'NLB'),
    portNumber(target, 'ALB'),
  ]);
}

function portNumber(raw: string, whose: 'NLB' | 'ALB'): number {
  const port = built(() => parseInteger(raw, 32));
  if (port instanceof BuildError) throw new BuildError(`invalid ${whose} listener port: ${raw}`);
  return port;
}

function merge(
  ports: Map<number, FrontendPort>,
  port: number,
  targetPort: number,
  member: ClassifiedIngress,
): void {
  const before = ports.get(port) ?? { targetPort, health: new FrontendHealth() };
  before.health.add(member);
  if (before.targetPort !== targetPort) {
    throw new BuildError(
      `conflicting Target Port, config ${before.health.count}: ${targetPort}, ` +
        `previous: ${before.targetPort}`,
    );
  }
  ports.set(port, before);
}

function addListener(
  build: GroupBuild,
  port: number,
  targetPort: number,
  healthCheckConfig: HealthCheckSpec,
): Targets[string] {
  const { stack } = build;
  const groupId = `${FRONTEND_NLB}-tg-${PROTOCOL}-${port}`;
  const targetGroupARN = fieldOf(
    'AWS::ElasticLoadBalancingV2::TargetGroup',
    groupId,
    'targetGroupARN',
  );
  const tags = frontendTags(build);
  const name = frontendTargetGroupName(build, port, healthCheckConfig);
  stack.add('AWS::ElasticLoadBalancingV2::TargetGroup', groupId, {
    name,
    targetType: 'alb',
    port,
    protocol: PROTOCOL,
    ipAddressType: 'ipv4',
    healthCheckConfig,
    tags,
  });
  stack.add('AWS::ElasticLoadBalancingV2::Listener', `${FRONTEND_NLB}-ls-${PROTOCOL}-${port}`, {
    loadBalancerARN: fieldOf(
      'AWS::ElasticLoadBalancingV2::LoadBalancer',
      FRONTEND_NLB,
      'loadBalancerARN',
    ),
    port,
    protocol: PROTOCOL,
    defaultActions: [{ type: 'forward', forwardConfig: { targetGroups: [{ targetGroupARN }] } }],
    tags,
  });
  return {
    Name: name,
    ARN: targetGroupARN,
    Port: port,
    TargetARN: LOAD_BALANCER_ARN,
    TargetPort: targetPort,
  };
}

/** @param port  of the network load balancer's listener */
export const frontendTargetGroupName = (
  build: Pick<GroupBuild, 'group' | 'settings'>,
  port: number,
  { port: checkPort = '', protocol = 'HTTP' }: HealthCheckSpec,
): string =>
  nameOfGroup(build.group.id, groupDigest(build, port, 'alb', PROTOCOL, checkPort, protocol));
