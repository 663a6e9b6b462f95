/**
 * load-balancer/ingress/listen-ports — the ports one Ingress listens on, each with whom it lets in
 * and what it shows of certificates.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/model_build_listener.go
 * computeIngressListenPortConfigByPort and what it calls.
 */
import { parseCidr } from '../../../net/index.ts';
import { decodeGoJson, INT32, listOf, mapOf } from '../annotations/go-shape.ts';
import { BuildError, within } from '../build-error.ts';
import type { MutualAuthenticationSpec } from '../stack/listener-spec.ts';
import type { Token } from '../stack/token.ts';
import { alb } from './alb-annotations.ts';
import { explicitCertificates, inferredCertificates } from './certificates.ts';
import { type ClassifiedIngress, memberKey } from './group.ts';
import { annotationsOf, type GroupBuild, paramsOf } from './group-build.ts';
import { checkListenPort } from './listen-port-number.ts';
import { mutualAuthenticationOf } from './mutual-authentication.ts';

export type AlbProtocol = 'HTTP' | 'HTTPS';

export interface ListenPort {
  readonly protocol: AlbProtocol;
  readonly inboundIpv4: readonly string[];
  readonly inboundIpv6: readonly string[];
  readonly prefixLists: readonly string[];
  readonly sslPolicy?: string | undefined;
  /** The first is the default one. */
  readonly certificates: readonly Token[];
  readonly mutualAuthentication?: MutualAuthenticationSpec | undefined;
}

export type ListenPorts = ReadonlyMap<number, ListenPort>;

/**
 * @param created  a certificate that is asked for with this stack
 * @throws BuildError
 */
export async function listenPortsOf(
  build: GroupBuild,
  member: ClassifiedIngress,
  created: Token | undefined,
): Promise<ListenPorts> {
  const named = explicitCertificates(member);
  const explicit = named.length === 0 && created !== undefined ? [created] : named;
  const prefixLists = prefixListsOf(member);
  const inbound = inboundCidrsOf(member);
  const mutual = await mutualAuthenticationOf(member, build.reads);
  const ports = portsOf(member, explicit.length > 0);
  const isSecure = [...ports.values()].includes('HTTPS');
  const certificates =
    isSecure && explicit.length === 0 ? await inferredCertificates(build, member) : explicit;
  const sslPolicy = paramsOf(member).sslPolicy || alb.string('ssl-policy', annotationsOf(member));
  const listenPorts = new Map<number, ListenPort>();
  for (const [port, protocol] of ports) {
    const plain = { protocol, ...inbound, prefixLists, certificates: [] };
    const mutualAuthentication = mutual.get(port);
    listenPorts.set(
      port,
      protocol === 'HTTP' ? plain : { ...plain, sslPolicy, certificates, mutualAuthentication },
    );
  }
  return listenPorts;
}

const LISTEN_PORTS = listOf(mapOf(INT32));

/** Ports by number; without the annotation 80, or 443 where there is a certificate. */
function portsOf(
  member: ClassifiedIngress,
  hasCertificate: boolean,
): ReadonlyMap<number, AlbProtocol> {
  const raw = alb.string('listen-ports', annotationsOf(member));
  if (raw === undefined) return new Map([hasCertificate ? [443, 'HTTPS'] : [80, 'HTTP']]);
  const entries = within(`failed to parse listen-ports configuration: \`${raw}\``, () =>
    decodeGoJson(raw, LISTEN_PORTS, 'ingress'),
  ) as readonly Readonly<Record<string, number | undefined>>[] | undefined;
  if ((entries ?? []).length === 0) {
    throw new BuildError(`empty listen-ports configuration: \`${raw}\``);
  }
  const ports = new Map<number, AlbProtocol>();
  for (const entry of entries ?? []) {
    for (const [protocol, port = 0] of Object.entries(entry ?? {})) {
      checkListenPort(port);
      if (protocol !== 'HTTP' && protocol !== 'HTTPS') {
        throw new BuildError(`listen protocol must be within [HTTP, HTTPS]: ${protocol}`);
      }
      ports.set(port, protocol);
    }
  }
  return ports;
}

function inboundCidrsOf(
  member: ClassifiedIngress,
): Pick<ListenPort, 'inboundIpv4' | 'inboundIpv6'> {
  const ofClass = paramsOf(member).inboundCIDRs ?? [];
  const cidrs =
    ofClass.length > 0 ? ofClass : (alb.stringList('inbound-cidrs', annotationsOf(member)) ?? []);
  const wrong = cidrs.find((cidr) => parseCidr(cidr) === undefined);
  if (wrong !== undefined) {
    const where =
      ofClass.length > 0
        ? `invalid CIDR in IngressClassParams InboundCIDR ${wrong}`
        : `invalid inbound-cidrs settings on Ingress: ${memberKey(member)}`;
    throw new BuildError(`${where}: invalid CIDR address: ${wrong}`);
  }
  return {
    inboundIpv4: cidrs.filter((cidr) => !cidr.includes(':')),
    inboundIpv6: cidrs.filter((cidr) => cidr.includes(':')),
  };
}

function prefixListsOf(member: ClassifiedIngress): readonly string[] {
  const { prefixListsIDs = [], PrefixListsIDs: former = [] } = paramsOf(member);
  if (prefixListsIDs.length > 0) return prefixListsIDs;
  if (former.length > 0) return former;
  return alb.stringList('security-group-prefix-lists', annotationsOf(member)) ?? [];
}
