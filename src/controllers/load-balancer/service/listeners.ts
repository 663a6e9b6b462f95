/**
 * load-balancer/service/listeners — a listener for every port of the Service, with TLS where it has
 * a certificate, and one for TCP and UDP together where that is switched on.
 *
 * Follows aws-load-balancer-controller@225f4456 pkg/service/model_build_listener.go. Without
 * TCP_UDP, of two ports with one number the first wins and the other is lost, silently.
 */
import type { ListenerProtocol } from '../../../model/elbv2/listener.ts';
import type { TargetGroupProtocol } from '../../../model/elbv2/target-group.ts';
import type { ServicePort } from '../../../model/kubernetes/core.ts';
import { BuildError, built } from '../build-error.ts';
import type { ActionSpec } from '../stack/action-spec.ts';
import { fieldOf, type Token } from '../stack/token.ts';
import type { Balancer } from './balancer.ts';
import { additionalTags, annotated, type ServiceBuild } from './service-build.ts';
import { addTargetGroup } from './target-group.ts';
import { tcpUdpPorts } from './tcp-udp-ports.ts';
import { type WeightedAction, weightedAction } from './weighted-action.ts';
import { addWeightedGroups } from './weighted-groups.ts';

/** What holds for all listeners of a Service. */
interface ListenerTerms {
  readonly certificates: readonly { readonly certificateARN: Token }[];
  /** Names and numbers; empty means all. */
  readonly tlsPorts: readonly string[];
  readonly quicPorts: readonly string[];
  readonly tcpUdpPorts: ReadonlySet<number>;
  readonly sslPolicy: string;
  readonly backendProtocol: string | undefined;
}

interface Protocols {
  readonly listener: ListenerProtocol;
  readonly target: TargetGroupProtocol;
}

const ALPN_POLICIES = ['None', 'HTTP1Only', 'HTTP2Only', 'HTTP2Optional', 'HTTP2Preferred'];

/** Adds listeners, target groups and their bindings. */
export async function addListeners(build: ServiceBuild, balancer: Balancer): Promise<void> {
  const ports = build.service.spec.ports ?? [];
  const mergesTcpUdp = wantsTcpUdp(build);
  const merged = mergesTcpUdp ? tcpUdpPorts(ports) : new Set<number>();
  const terms = termsOf(build, merged);
  const seen = new Set<number>();
  for (const port of ports) {
    if (mergesTcpUdp && seen.has(port.port)) continue;
    seen.add(port.port);
    await addListener(build, balancer, terms, port);
  }
}

/** The annotation, where it is a boolean, else the gate. */
export function wantsTcpUdp({ annotations, settings }: ServiceBuild): boolean {
  const suffix = 'aws-load-balancer-enable-tcp-udp-listener';
  const wish = built(() => annotated.bool(suffix, annotations));
  const isNone = wish === undefined || wish instanceof BuildError;
  return isNone ? settings.featureGates.EnableTCPUDPListener : wish;
}

/** @throws BuildError  where ssl-ports names a port that the Service does not have */
export function termsOf(build: ServiceBuild, merged: ReadonlySet<number>): ListenerTerms {
  const { annotations, settings, service } = build;
  const list = (suffix: string) => annotated.stringList(suffix, annotations) ?? [];
  const certificates = list('aws-load-balancer-ssl-cert');
  const tlsPorts = list('aws-load-balancer-ssl-ports');
  const unused = tlsPorts.filter(
    (wanted) => !(service.spec.ports ?? []).some((port) => isNamed(port, [wanted])),
  );
  if (unused.length > 0) {
    throw new BuildError(`Unused port in ssl-ports annotation [${unused.join(' ')}]`);
  }
  const policy = annotated.string('aws-load-balancer-ssl-negotiation-policy', annotations);
  return {
    certificates: certificates.map((certificateArn) => ({ certificateARN: { certificateArn } })),
    tlsPorts,
    quicPorts: list('aws-load-balancer-quic-enabled-ports'),
    tcpUdpPorts: merged,
    sslPolicy: policy ?? settings.defaultSslPolicy,
    backendProtocol: annotated.string('aws-load-balancer-backend-protocol', annotations),
  };
}

/** True for a port that the list has by its name or its number. */
const isNamed = ({ name = '', port }: ServicePort, list: readonly string[]): boolean =>
  list.includes(name) || list.includes(String(port));

async function addListener(
  build: ServiceBuild,
  balancer: Balancer,
  terms: ListenerTerms,
  port: ServicePort,
): Promise<void> {
  const { annotations, stack } = build;
  const protocols = protocolsOf(port, terms);
  const tags = additionalTags(build);
  const action = weightedAction(annotations, protocols.listener, port.port);
  const defaultActions = [await actionOf(build, balancer, port, protocols, action)];
  const isTls = protocols.listener === 'TLS';
  const alpnPolicy = isTls ? alpnPolicyOf(annotations) : undefined;
  const suffix = `aws-load-balancer-listener-attributes.${protocols.listener}-${port.port}`;
  const attributes = annotated.stringMap(suffix, annotations) ?? {};
  stack.add('AWS::ElasticLoadBalancingV2::Listener', String(port.port), {
    loadBalancerARN: fieldOf(
      'AWS::ElasticLoadBalancingV2::LoadBalancer',
      'LoadBalancer',
      'loadBalancerARN',
    ),
    port: port.port,
    protocol: protocols.listener,
    defaultActions,
    certificates: isTls ? terms.certificates : undefined,
    sslPolicy: isTls ? terms.sslPolicy : undefined,
    alpnPolicy,
    tags,
    listenerAttributes: Object.entries(attributes).map(([Key, Value]) => ({ Key, Value })),
  });
}

function protocolsOf(port: ServicePort, terms: ListenerTerms): Protocols {
  const own = terms.tcpUdpPorts.has(port.port)
    ? 'TCP_UDP'
    : ((port.protocol ?? 'TCP') as ListenerProtocol & TargetGroupProtocol);
  const isStream = own !== 'UDP' && own !== 'TCP_UDP';
  const hasTls = terms.tlsPorts.length === 0 || isNamed(port, terms.tlsPorts);
  const isTls = isStream && terms.certificates.length > 0 && hasTls;
  const listener = isTls ? 'TLS' : own;
  const target = isTls && terms.backendProtocol === 'ssl' ? 'TLS' : own;
  if (!isNamed(port, terms.quicPorts)) return { listener, target };
  if (listener === 'UDP') return { listener: 'QUIC', target: 'QUIC' };
  if (listener === 'TCP_UDP') return { listener: 'TCP_QUIC', target: 'TCP_QUIC' };
  throw new BuildError(`Unsupported QUIC upgrade for protocol ${listener}`);
}

async function actionOf(
  build: ServiceBuild,
  balancer: Balancer,
  port: ServicePort,
  protocols: Protocols,
  action: WeightedAction | undefined,
): Promise<ActionSpec> {
  if (action !== undefined) return addWeightedGroups(build, balancer, port, protocols, action);
  const targetGroupARN = await addTargetGroup(build, balancer, {
    service: build.service,
    port,
    protocol: protocols.target,
  });
  return { type: 'forward', forwardConfig: { targetGroups: [{ targetGroupARN }] } };
}

/** What TLS listeners agree on with clients. */
export function alpnPolicyOf(
  annotations: ServiceBuild['annotations'],
): readonly string[] | undefined {
  const policy = annotated.string('aws-load-balancer-alpn-policy', annotations);
  if (policy === undefined) return undefined;
  if (ALPN_POLICIES.includes(policy)) return [policy];
  const valid = `policy must be one of [${ALPN_POLICIES.join(', ')}]`;
  throw new BuildError(`invalid ALPN policy ${policy}, ${valid}`);
}
