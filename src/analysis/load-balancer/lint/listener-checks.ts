/**
 * analysis/load-balancer/lint/listener-checks — ports, protocols, certificates and what hangs on a
 * listener, of one Ingress.
 */

import type { Ingress, IngressClassParams } from '../../../model/kubernetes/ingress.ts';
import { knownAnnotation } from '../../../model/kubernetes/known-annotation.ts';
import type { Finding } from './finding.ts';
import { ingressClaim, isAlb } from './ingress-claim.ts';
import { pathsOf } from './ingress-paths.ts';
import {
  annotationsOf,
  error,
  type Linted,
  type LintInput,
  placeOfAnnotation,
  warning,
} from './linted.ts';
import {
  CERTIFICATE_ARN,
  LISTEN_PORTS,
  type ListenPort,
  listenPorts,
  namesCertificate,
} from './listen-port.ts';

const PREFIX = 'alb.ingress.kubernetes.io/';
/** Annotations that only a listener with TLS has any use for. */
const TLS_ONLY = ['ssl-policy', 'auth-type', 'jwt-validation', 'mutual-authentication'];
const PROTOCOLS = new Set(['HTTP', 'HTTPS']);

/** What is wrong with the listeners that one Ingress asks for. */
export function listenerChecks(input: LintInput): Finding[] {
  return input.ingresses.flatMap((it) => {
    const claim = ingressClaim(input, it.object);
    if (!isAlb(claim)) return [];
    const params = claim.by === 'class' ? claim.params : undefined;
    const ports = listenPorts(it.object, params);
    if (ports === undefined) return [];
    return [
      ...ofPorts(it, ports),
      ...ofCertificates(it, ports, params),
      ...ofAttributes(it, ports),
      ...ofTlsOnly(it, ports),
    ];
  });
}

function ofPorts(it: Linted<Ingress>, ports: readonly ListenPort[]): Finding[] {
  const place = placeOfAnnotation(it, LISTEN_PORTS);
  const findings: Finding[] = [];
  const protocolOf = new Map<number, string>();
  for (const { port, protocol } of ports) {
    if (!PROTOCOLS.has(protocol)) {
      const text = `listen protocol must be within [HTTP, HTTPS]: ${protocol}`;
      const hint =
        'an ALB speaks HTTP and HTTPS; for other protocols make a Service of type LoadBalancer';
      findings.push(error(it, place, { check: 'listen-protocol', text, hint }));
    }
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      const text = `listen port must be within [1, 65535]: ${port}`;
      findings.push(error(it, place, { check: 'listen-port', text, hint: '[{"HTTP":80}]' }));
    }
    const other = protocolOf.get(port);
    if (other !== undefined && other !== protocol) {
      const text = `port ${port} is asked for as ${other} and as ${protocol}`;
      const hint = 'one port has one protocol';
      findings.push(error(it, place, { check: 'listen-port', text, hint }));
    }
    protocolOf.set(port, protocol);
  }
  if (ports.length === 0) {
    const text = `empty ${LISTEN_PORTS}: no listener is made`;
    findings.push(error(it, place, { check: 'listen-port', text, hint: '[{"HTTP":80}]' }));
  }
  return findings;
}

function ofCertificates(
  it: Linted<Ingress>,
  ports: readonly ListenPort[],
  params: IngressClassParams | undefined,
): Finding[] {
  const hasTls = ports.some(({ protocol }) => protocol === 'HTTPS');
  const isNamed = namesCertificate(it.object, params);
  const place = placeOfAnnotation(it, LISTEN_PORTS);
  if (!hasTls && isNamed) {
    const text = `${CERTIFICATE_ARN} without an HTTPS port in ${LISTEN_PORTS}: no listener uses it`;
    const hint = `write ${LISTEN_PORTS}: '[{"HTTP":80},{"HTTPS":443}]'`;
    return [warning(it, place, { check: 'certificate-unused', text, hint })];
  }
  const secrets = (it.object.spec.tls ?? []).flatMap(({ secretName }, i) =>
    secretName === undefined ? [] : [{ secretName, i }],
  );
  const ofSecrets = secrets.map(({ secretName, i }) =>
    warning(it, it.at(['spec', 'tls', i, 'secretName']), {
      check: 'tls-secret',
      text: `secretName ${secretName} is not read: an ALB takes certificates of ACM only`,
      hint: `leave it out; the hosts are enough to find a certificate, or name one with ${CERTIFICATE_ARN}`,
    }),
  );
  if (!hasTls) return [...ofTlsHosts(it), ...ofSecrets];
  if (isNamed || hostsOf(it.object).length > 0) return ofSecrets;
  const said = {
    check: 'no-certificate',
    text: 'an HTTPS listener without certificate-arn and without any host to find a certificate by: AWS refuses it (a certificate must be specified)',
    hint: `add ${CERTIFICATE_ARN}, or a host to the rules or to spec.tls`,
  };
  return [error(it, place, said), ...ofSecrets];
}

/** `spec.tls` alone opens no port 443. */
function ofTlsHosts(it: Linted<Ingress>): Finding[] {
  if ((it.object.spec.tls ?? []).length === 0) return [];
  const text =
    'spec.tls makes no HTTPS listener: without listen-ports or certificate-arn there is port 80 only';
  const hint = `write ${LISTEN_PORTS}: '[{"HTTPS":443}]'`;
  return [warning(it, it.at(['spec', 'tls']), { check: 'tls-without-listener', text, hint })];
}

const hostsOf = (ingress: Ingress): string[] => [
  ...pathsOf(ingress).flatMap(({ host }) => (host === '' ? [] : [host])),
  ...(ingress.spec.tls ?? []).flatMap(({ hosts }) => hosts ?? []),
];

/** `listener-attributes.HTTPS-443` of a listener that the Ingress does not have. */
function ofAttributes(it: Linted<Ingress>, ports: readonly ListenPort[]): Finding[] {
  const has = new Set(ports.map(({ protocol, port }) => `${protocol}-${port}`));
  const prefix = `${PREFIX}listener-attributes.`;
  return Object.keys(annotationsOf(it.object)).flatMap((key) => {
    if (!key.startsWith(prefix) || has.has(key.slice(prefix.length))) return [];
    const text = `${key}: the Ingress has no listener ${key.slice(prefix.length)}`;
    const hint = `its listeners are ${[...has].join(', ')}`;
    const place = placeOfAnnotation(it, key);
    return [error(it, place, { check: 'listener-attributes', text, hint })];
  });
}

function ofTlsOnly(it: Linted<Ingress>, ports: readonly ListenPort[]): Finding[] {
  if (ports.some(({ protocol }) => protocol === 'HTTPS')) return [];
  return TLS_ONLY.flatMap((suffix) => {
    const key = `${PREFIX}${suffix}`;
    const value = annotationsOf(it.object)[key];
    if (value === undefined || value === knownAnnotation(key)?.default) return [];
    const text = `${key} holds for HTTPS listeners only, and this Ingress has none: it changes nothing`;
    const hint = `write ${LISTEN_PORTS}: '[{"HTTPS":443}]' and name a certificate`;
    const place = placeOfAnnotation(it, key);
    return [warning(it, place, { check: 'needs-https', text, hint })];
  });
}
