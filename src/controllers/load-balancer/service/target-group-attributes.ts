/**
 * load-balancer/service/target-group-attributes — attributes of a port's target group, and what
 * they say of clients' addresses.
 *
 * Follows aws-load-balancer-controller@225f4456 pkg/service/model_build_target_group.go:267-406.
 */
import type { ServicePort } from '../../../model/kubernetes/core.ts';
import type { Labels } from '../../../model/kubernetes/meta.ts';
import { parseBool } from '../annotations/go-literals.ts';
import { BuildError, within } from '../build-error.ts';
import type { AttributeSpec } from '../stack/load-balancer-spec.ts';
import { annotated, type ServiceBuild } from './service-build.ts';

const PRESERVE_CLIENT_IP = 'preserve_client_ip.enabled';
const PROXY_PROTOCOL = 'proxy_protocol_v2.enabled';
const ATTRIBUTES = 'aws-load-balancer-target-group-attributes';

/** By key; a port's own annotation over the one for all, and PROXY's own annotations over both. */
export function targetGroupAttributes(
  { annotations }: ServiceBuild,
  { port }: ServicePort,
): readonly AttributeSpec[] {
  const attributes: Record<string, string> = {
    [PROXY_PROTOCOL]: 'false',
    ...annotatedAttributes(ATTRIBUTES, annotations),
  };
  const ofPort = annotatedAttributes(`${ATTRIBUTES}.${port}`, annotations);
  for (const [key, value] of Object.entries(ofPort)) {
    if (value !== '') attributes[key] = value;
  }
  const ports = proxyPorts(annotations);
  if (ports !== undefined) attributes[PROXY_PROTOCOL] = String(ports.includes(String(port)));
  const proxy = annotated.string('aws-load-balancer-proxy-protocol', annotations);
  if (proxy !== undefined && proxy !== '*') {
    throw new BuildError(
      `invalid value ${proxy} for Load Balancer proxy protocol v2 annotation, only value ` +
        'currently supported is *',
    );
  }
  if (proxy !== undefined) attributes[PROXY_PROTOCOL] = 'true';
  return Object.keys(attributes)
    .filter((key) => key !== PROXY_PROTOCOL || attributes[key] !== '')
    .sort()
    .map((key) => ({ key, value: attributes[key]! }));
}

function annotatedAttributes(suffix: string, annotations: Labels): Labels {
  const attributes = annotated.stringMap(suffix, annotations) ?? {};
  const preserves = attributes[PRESERVE_CLIENT_IP];
  if (preserves !== undefined) parsePreserving(preserves);
  return attributes;
}

const parsePreserving = (value: string): boolean =>
  within(`failed to parse attribute ${PRESERVE_CLIENT_IP}=${value}`, () => parseBool(value));

/** Ports whose targets get a PROXY header, as written. */
function proxyPorts(annotations: Labels): readonly string[] | undefined {
  const suffix = 'aws-load-balancer-proxy-protocol-per-target-group';
  const raw = annotated.string(suffix, annotations);
  const ports = raw
    ?.split(',')
    .map((port) => port.trim())
    .filter((port) => port !== '');
  const wrong = ports?.find((port) => !/^[+-]?\d+$/.test(port));
  if (wrong === undefined) return ports;
  throw new BuildError(`invalid port number in proxy-protocol-per-target-group: ${wrong}`);
}

/** Whether targets see the client's address: nodes do unless told otherwise, pods do not. */
export function preservesClientIp(
  attributes: readonly AttributeSpec[],
  targetType: 'instance' | 'ip',
): boolean {
  const attribute = attributes.find(({ key }) => key === PRESERVE_CLIENT_IP);
  return attribute === undefined ? targetType === 'instance' : parsePreserving(attribute.value);
}
