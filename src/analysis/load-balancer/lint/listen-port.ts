/**
 * analysis/load-balancer/lint/listen-port — the ports an Ingress asks for, by the controller's rules.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * pkg/ingress/model_build_listener.go computeIngressListenPorts.
 */
import type { Ingress, IngressClassParams } from '../../../model/kubernetes/ingress.ts';
import { annotationsOf } from './linted.ts';

export interface ListenPort {
  readonly port: number;
  readonly protocol: string;
}

const PREFIX = 'alb.ingress.kubernetes.io/';
export const LISTEN_PORTS = `${PREFIX}listen-ports`;
export const CERTIFICATE_ARN = `${PREFIX}certificate-arn`;
export const SSL_REDIRECT = `${PREFIX}ssl-redirect`;

/** True where certificates are named, by the Ingress or for its class. */
export function namesCertificate(
  ingress: Ingress,
  params: IngressClassParams | undefined,
): boolean {
  const ofClass = params?.spec?.certificateArn;
  if (Array.isArray(ofClass) && ofClass.length > 0) return true;
  return (annotationsOf(ingress)[CERTIFICATE_ARN] ?? '').trim() !== '';
}

/** Undefined where the annotation cannot be read. */
export function listenPorts(
  ingress: Ingress,
  params: IngressClassParams | undefined,
): readonly ListenPort[] | undefined {
  const raw = annotationsOf(ingress)[LISTEN_PORTS];
  if (raw === undefined) {
    return namesCertificate(ingress, params)
      ? [{ port: 443, protocol: 'HTTPS' }]
      : [{ port: 80, protocol: 'HTTP' }];
  }
  const entries = readList(raw);
  return entries?.flatMap((entry) =>
    typeof entry !== 'object' || entry === null
      ? []
      : Object.entries(entry).map(([protocol, port]) => ({ protocol, port: Number(port) })),
  );
}

function readList(raw: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(raw);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The port that HTTP is redirected to; undefined where nothing or no number is said. */
export function redirectPort(
  ingress: Ingress,
  params: IngressClassParams | undefined,
): number | undefined {
  const raw = params?.spec?.sslRedirectPort ?? annotationsOf(ingress)[SSL_REDIRECT];
  return typeof raw === 'string' && /^\d+$/.test(raw) ? Number(raw) : undefined;
}
