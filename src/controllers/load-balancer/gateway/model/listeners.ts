/**
 * load-balancer/gateway/model/listeners — a listener for every port of a Gateway: with rules for
 * its routes where it is an application load balancer's, with the one route it can have where it is
 * a network load balancer's.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/model/
 * model_build_listener.go.
 */
import type { ListenerProtocol } from '../../../../model/elbv2/listener.ts';
import { keyOf } from '../../../../model/kubernetes/meta.ts';
import { BuildError } from '../../build-error.ts';
import { LOAD_BALANCER_ARN } from '../../ingress/group-build.ts';
import { NOT_FOUND } from '../../ingress/rule-actions.ts';
import type { ForwardConfig } from '../../stack/action-spec.ts';
import type { ListenerSpec, MutualAuthenticationSpec } from '../../stack/listener-spec.ts';
import { fieldOf } from '../../stack/token.ts';
import type { LoadedBackend, LoadedRoute } from '../attachment/loaded-route.ts';
import { certificatesOf, isSecure } from './certificates.ts';
import { type GatewayBuild, tagsOf } from './gateway-build.ts';
import { type ListenerPort, listenerPortsOf } from './listener-ports.ts';
import { actionsOf } from './rule-actions.ts';
import { conditionsOf } from './rule-conditions.ts';
import { type RankedRule, rankedRules } from './rule-precedence.ts';
import { transformsOf } from './rule-transforms.ts';
import type { TargetGroups } from './target-groups.ts';

const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';

type Tuples = ForwardConfig['targetGroups'];

/** @throws BuildError  the first thing that cannot be built ends it */
export async function addListeners(build: GatewayBuild, groups: TargetGroups): Promise<void> {
  for (const port of listenerPortsOf(build.loaded, build.configuration)) {
    if (build.type === 'network') await addNetworkListener(build, groups, port);
    else await addApplicationListener(build, groups, port);
  }
}

async function addApplicationListener(
  build: GatewayBuild,
  groups: TargetGroups,
  port: ListenerPort,
): Promise<void> {
  const spec = await commonSpec(build, port);
  const mutualAuthentication = await mutualAuthenticationOf(build, port);
  build.stack.add(LISTENER, String(port.port), {
    ...spec,
    defaultActions: [NOT_FOUND],
    mutualAuthentication,
  });
  const rules = [];
  for (const ranked of rankedRules(port.routes, port.port)) {
    rules.push(await ruleOf(build, groups, port, ranked));
  }
  for (const [i, rule] of rules.entries()) {
    const priority = i + 1;
    build.stack.add('AWS::ElasticLoadBalancingV2::ListenerRule', `${port.port}:${priority}`, {
      listenerARN: fieldOf(LISTENER, String(port.port), 'listenerARN'),
      priority,
      ...rule,
    });
  }
}

async function ruleOf(
  build: GatewayBuild,
  groups: TargetGroups,
  port: ListenerPort,
  ranked: RankedRule,
) {
  const conditions = conditionsOf(ranked);
  const { route, rule } = ranked;
  const tuples = await tuplesOf(groups, port, port.protocol, route, rule.backends);
  const actions = actionsOf(build, ranked, port.protocol === 'HTTPS', tuples);
  const tags = tagsOf(build, rule.configuration?.spec?.tags);
  return { actions, conditions, transforms: transformsOf(ranked), tags };
}

async function tuplesOf(
  groups: TargetGroups,
  { port: listenerPort }: ListenerPort,
  listenerProtocol: string,
  { route }: LoadedRoute,
  backends: readonly LoadedBackend[],
): Promise<Tuples> {
  const tuples: Tuples[number][] = [];
  for (const backend of backends) {
    const use = { route, listenerPort, listenerProtocol };
    tuples.push({ targetGroupARN: await groups.arnOf(backend, use), weight: backend.weight });
  }
  return tuples;
}

/** Without anyone to forward to there is no listener. */
async function addNetworkListener(
  build: GatewayBuild,
  groups: TargetGroups,
  port: ListenerPort,
): Promise<void> {
  const spec = await commonSpec(build, port);
  const route = oldestOf(port.routes);
  const tuples: Tuples[number][] = [];
  for (const { backends } of route?.rules ?? []) {
    tuples.push(...(await tuplesOf(groups, port, spec.protocol, route!, backends)));
  }
  if (tuples.every(({ weight }) => weight === 0)) return;
  // Protocols with QUIC know no weights.
  const targetGroups = spec.protocol.endsWith('QUIC')
    ? tuples.map(({ targetGroupARN }) => ({ targetGroupARN }))
    : tuples;
  const enabled = port.configuration?.targetGroupStickiness;
  const targetGroupStickinessConfig = enabled === undefined ? undefined : { enabled };
  build.stack.add(LISTENER, String(port.port), {
    ...spec,
    alpnPolicy: spec.protocol === 'TLS' ? [port.configuration?.alpnPolicy ?? 'None'] : undefined,
    defaultActions: [
      { type: 'forward', forwardConfig: { targetGroups, targetGroupStickinessConfig } },
    ],
  });
}

/** A connection says nothing that routes could be told apart by. */
function oldestOf(routes: readonly LoadedRoute[]): LoadedRoute | undefined {
  const ageOf = ({ route }: LoadedRoute): string =>
    `${route.metadata.creationTimestamp ?? ''} ${keyOf(route)}`;
  return routes.toSorted((a, b) => (ageOf(a) < ageOf(b) ? -1 : 1))[0];
}

async function commonSpec(build: GatewayBuild, port: ListenerPort): Promise<ListenerSpec> {
  const { configuration, settings } = build;
  const tags = tagsOf(build, configuration.tags);
  const certificates = await certificatesOf(build, port);
  const own = port.configuration;
  return {
    loadBalancerARN: LOAD_BALANCER_ARN,
    port: port.port,
    protocol: withQuic(port),
    certificates,
    sslPolicy: isSecure(port) ? (own?.sslPolicy ?? settings.defaultSslPolicy) : undefined,
    tags,
    listenerAttributes: (own?.listenerAttributes ?? []).map(({ key, value }) => ({
      Key: key,
      Value: value,
    })),
  };
}

function withQuic({ configuration, protocol }: ListenerPort): ListenerProtocol {
  if (configuration?.quicEnabled !== true) return protocol;
  if (protocol === 'UDP') return 'QUIC';
  if (protocol === 'TCP_UDP') return 'TCP_QUIC';
  throw new BuildError(`QUIC protocol upgrade not supported for protocol ${protocol}`);
}

async function mutualAuthenticationOf(
  { reads }: GatewayBuild,
  port: ListenerPort,
): Promise<MutualAuthenticationSpec | undefined> {
  const own = port.configuration?.mutualAuthentication;
  if (!isSecure(port) || own === undefined) return undefined;
  const isVerified = own.mode === 'verify';
  const { trustStore = '' } = own;
  const isNamed = isVerified && !trustStore.startsWith('arn:');
  const arns = isNamed ? await reads.trustStoreArns([trustStore]) : { [trustStore]: trustStore };
  return {
    mode: own.mode,
    trustStoreArn: isVerified ? arns[trustStore] : undefined,
    ignoreClientCertificateExpiry:
      own.ignoreClientCertificateExpiry ?? (isVerified ? false : undefined),
    advertiseTrustStoreCaNames: own.advertiseTrustStoreCaNames ?? '',
  };
}
