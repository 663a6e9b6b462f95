/**
 * controllers/in-tree-load-balancer/service-checks — what the provider refuses of a Service before
 * it asks AWS for anything.
 *
 * Follows kubernetes/cloud-provider-aws@63ec440c pkg/providers/v1/aws_validations.go,
 * aws.go:2360-2405,3715-3738.
 */
import type { Service, ServicePort } from '../../model/kubernetes/core.ts';
import { annotation, isNetwork, keyValues, PREFIX } from './annotations.ts';
import { ProviderError } from './provider-error.ts';

const CLASSIC_NAMES = '.elb.amazonaws.com';
const ATTRIBUTES = 'target-group-attributes';
const SWITCHES = ['preserve_client_ip.enabled', 'proxy_protocol_v2.enabled'];

const refuse = (text: string): never => {
  throw new ProviderError(text);
};

/** @throws ProviderError  the first thing that cannot be */
export function checkService(service: Service): void {
  checkType(service);
  if (isNetwork(service) && hasAnnotation(service, 'extra-security-groups')) {
    const name = `${PREFIX}extra-security-groups`;
    refuse(`BYO extra security group annotation "${name}" is not supported by NLB`);
  }
  if (hasAnnotation(service, ATTRIBUTES)) checkAttributes(service);
  const { ports = [], sessionAffinity = 'None' } = service.spec;
  if (sessionAffinity !== 'None') {
    refuse(`unsupported load balancer affinity: ${sessionAffinity}`);
  }
  if (ports.length === 0) refuse('requested load balancer with no ports');
  if (ports.some((port) => protocolOf(port) !== protocolOf(ports[0]!))) {
    refuse('mixed protocol is not supported for LoadBalancer');
  }
  for (const port of ports) checkProtocol(service, port);
}

/** A manifest's protocol is TCP where it says none. */
export const protocolOf = ({ protocol }: ServicePort): 'TCP' | 'UDP' | 'SCTP' => protocol ?? 'TCP';

const hasAnnotation = ({ metadata }: Service, name: string): boolean =>
  metadata.annotations?.[`${PREFIX}${name}`] !== undefined;

/** A load balancer does not turn into one of the other sort: its name tells which it is. */
function checkType(service: Service): void {
  const hostname = service.status?.loadBalancer?.ingress?.[0]?.hostname;
  if (hostname === undefined) return;
  const isClassicName = hostname.endsWith(CLASSIC_NAMES);
  if (isNetwork(service) !== isClassicName) return;
  const sort = isNetwork(service) ? 'NLB' : 'Classic Load Balancer';
  const update = `cannot update Load Balancer Type annotation "${PREFIX}type"`;
  refuse(`${update} after creation for ${sort}`);
}

function checkAttributes(service: Service): void {
  if (!isNetwork(service)) refuse('target group attributes annotation is only supported for NLB');
  const wrong = (text: string): never =>
    refuse(`error validating target group attributes: ${text}`);
  for (const [key, value] of Object.entries(keyValues(service, ATTRIBUTES))) {
    if (value === '') wrong(`attribute value is empty for "${key}"`);
    if (!SWITCHES.includes(key)) {
      wrong(`the attribute "${key}" is not supported by the controller or is invalid`);
    }
    if (value !== 'true' && value !== 'false') {
      wrong(`invalid attribute value for "${key}": ${value}`);
    }
    const hasUdp = service.spec.ports?.some((port) => protocolOf(port) === 'UDP');
    if (key === SWITCHES[0] && value === 'false' && hasUdp) {
      wrong("client IP preservation can't be disabled for UDP ports");
    }
  }
}

function checkProtocol(service: Service, port: ServicePort): void {
  const protocol = protocolOf(port);
  const works = protocol === 'TCP' || (protocol === 'UDP' && isNetwork(service));
  if (!works) refuse(`Protocol ${protocol} not supported by LoadBalancer`);
}

/** An address of one's own choice, which AWS does not have for these. */
export function checkAddress({ spec }: Service): void {
  if (spec.loadBalancerIP) refuse('LoadBalancerIP cannot be specified for AWS ELB');
}

/** PROXY is for all ports or for none. */
export function wantsProxyProtocol(service: Service): boolean {
  const value = annotation(service, 'proxy-protocol');
  if (value === undefined || value === '*') return value === '*';
  const found = `annotation "${PREFIX}proxy-protocol"=${JSON.stringify(value)} detected`;
  return refuse(`${found}, but the only value supported currently is '*'`);
}
