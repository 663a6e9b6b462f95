/**
 * controllers/kube-proxy/service-port — a port of a Service as kube-proxy sees it, in one address
 * family. Neutral of the mode: the iptables rules and the nftables rules are both made from it.
 *
 * Upstream: kubernetes/kubernetes@v1.30.5 pkg/proxy/serviceport.go, servicechangetracker.go,
 * pkg/proxy/util/utils.go ShouldSkipService, pkg/api/v1/service/util.go,
 * cmd/kube-proxy/app/server.go (which Services are watched at all).
 */
import type { Service } from '../../model/kubernetes/core.ts';
import { type KubernetesObject, keyOf, type Labels } from '../../model/kubernetes/meta.ts';
import {
  type Cidr,
  canonicalCidr,
  familyOf,
  type Ip,
  type IpFamily,
  PROTOCOL_SCTP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  type Protocol,
  parseCidr,
  parseIp,
} from '../../net/index.ts';

export type ServiceProtocol = 'TCP' | 'UDP' | 'SCTP';

export interface ServicePort {
  /** `namespace/name:port`, or `namespace/name` where the port has no name. */
  readonly name: string;
  /** `namespace/name`. */
  readonly serviceKey: string;
  /** Empty where the port has no name. */
  readonly portName: string;
  readonly protocol: ServiceProtocol;
  readonly clusterIp: Ip;
  readonly port: number;
  readonly nodePort: number | undefined;
  readonly externalIps: readonly Ip[];
  /** Of `status.loadBalancer.ingress`, those that are addresses and whose ipMode is not Proxy. */
  readonly loadBalancerIps: readonly Ip[];
  readonly sourceRanges: readonly Cidr[];
  readonly healthCheckNodePort: number | undefined;
  /** Session affinity ClientIP; undefined without affinity. */
  readonly affinitySeconds: number | undefined;
  readonly isExternalPolicyLocal: boolean;
  readonly isInternalPolicyLocal: boolean;
  /** Reachable by something other than the ClusterIP. */
  readonly isExternallyAccessible: boolean;
  readonly usesClusterEndpoints: boolean;
  readonly usesLocalEndpoints: boolean;
  /** `service.kubernetes.io/topology-mode`, or its older name; empty without. */
  readonly hintsAnnotation: string;
}

const PROTOCOLS: Readonly<Record<ServiceProtocol, Protocol>> = {
  TCP: PROTOCOL_TCP,
  UDP: PROTOCOL_UDP,
  SCTP: PROTOCOL_SCTP,
};

/** The number of a Service port's protocol. */
export const protocolNumber = ({ protocol }: ServicePort): Protocol => PROTOCOLS[protocol];

/** Objects with one of these labels are another proxy's business, or nobody's. */
const NOT_OURS = ['service.kubernetes.io/service-proxy-name', 'service.kubernetes.io/headless'];
const OLD_HINTS_ANNOTATION = 'service.kubernetes.io/topology-aware-hints';
const HINTS_ANNOTATION = 'service.kubernetes.io/topology-mode';
/** The API server's default for sessionAffinityConfig.clientIP.timeoutSeconds. */
const AFFINITY_SECONDS = 10_800;

/** Whether kube-proxy watches the Service or EndpointSlice. */
export const isWatched = ({ metadata }: KubernetesObject): boolean =>
  !NOT_OURS.some((label) => (metadata.labels as Labels | undefined)?.[label] !== undefined);

const ipsOf = (texts: readonly (string | undefined)[], family: IpFamily): Ip[] =>
  texts.flatMap((text) => {
    const ip = text === undefined ? undefined : parseIp(text);
    return ip !== undefined && familyOf(ip) === family ? [ip] : [];
  });

const sourceRangesOf = (service: Service, family: IpFamily): Cidr[] =>
  (service.spec.loadBalancerSourceRanges ?? []).flatMap((text) => {
    // Validation lets spaces around a range through.
    const cidr = parseCidr(text.trim());
    return cidr !== undefined && cidr.family === family ? [canonicalCidr(cidr)] : [];
  });

function clusterIpOf({ spec }: Service, family: IpFamily): Ip | undefined {
  const texts = spec.clusterIPs ?? (spec.clusterIP === undefined ? [] : [spec.clusterIP]);
  return ipsOf(texts, family)[0];
}

/** The Service is reached from outside by its type, whatever its ports have been given. */
const isExternalType = ({ spec }: Service): boolean =>
  spec.type === 'LoadBalancer' ||
  spec.type === 'NodePort' ||
  (spec.type !== 'ExternalName' && (spec.externalIPs?.length ?? 0) > 0);

const affinityOf = ({ spec }: Service): number | undefined =>
  spec.sessionAffinity === 'ClientIP'
    ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? AFFINITY_SECONDS)
    : undefined;

/** What all ports of the Service share; undefined where kube-proxy has nothing to do for it. */
function sharedOf(service: Service, family: IpFamily) {
  const { metadata, spec, status } = service;
  if (!isWatched(service) || spec.type === 'ExternalName') return undefined;
  const clusterIp = clusterIpOf(service, family);
  if (clusterIp === undefined) return undefined;
  const ingress = status?.loadBalancer?.ingress ?? [];
  const isExternalPolicyLocal = isExternalType(service) && spec.externalTrafficPolicy === 'Local';
  const needsHealthCheck = spec.type === 'LoadBalancer' && isExternalPolicyLocal;
  return {
    serviceKey: keyOf(service),
    clusterIp,
    externalIps: ipsOf(spec.externalIPs ?? [], family),
    loadBalancerIps: ipsOf(
      ingress.filter(({ ipMode }) => ipMode !== 'Proxy').map(({ ip }) => ip),
      family,
    ),
    sourceRanges: sourceRangesOf(service, family),
    healthCheckNodePort: needsHealthCheck ? spec.healthCheckNodePort || undefined : undefined,
    affinitySeconds: affinityOf(service),
    isExternalPolicyLocal,
    isInternalPolicyLocal: spec.internalTrafficPolicy === 'Local',
    hintsAnnotation:
      metadata.annotations?.[OLD_HINTS_ANNOTATION] ??
      metadata.annotations?.[HINTS_ANNOTATION] ??
      '',
  };
}

/** The Service's ports in one family; none where it is headless, ExternalName or not ours. */
export function servicePorts(service: Service, family: IpFamily): readonly ServicePort[] {
  const shared = sharedOf(service, family);
  if (shared === undefined) return [];
  return (service.spec.ports ?? []).map((port): ServicePort => {
    const portName = port.name ?? '';
    const nodePort = port.nodePort || undefined;
    const isExternallyAccessible =
      nodePort !== undefined || shared.loadBalancerIps.length > 0 || shared.externalIps.length > 0;
    return {
      ...shared,
      name: portName === '' ? shared.serviceKey : `${shared.serviceKey}:${portName}`,
      portName,
      protocol: port.protocol ?? 'TCP',
      port: port.port,
      nodePort,
      isExternallyAccessible,
      // Even with a Local policy outside, the node's own traffic goes to any endpoint.
      usesClusterEndpoints: !shared.isInternalPolicyLocal || isExternallyAccessible,
      usesLocalEndpoints:
        shared.isInternalPolicyLocal || (shared.isExternalPolicyLocal && isExternallyAccessible),
    };
  });
}
