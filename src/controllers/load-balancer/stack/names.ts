/**
 * controllers/load-balancer/stack/names — names made of what a resource is for and a hash of it.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/model_build_load_balancer.go
 * buildLoadBalancerName and the other builders of names: `k8s-%.8s-%.8s-%.10s`.
 */
import { sha256 } from '../../../sim/sha256.ts';
import type { StackId } from './stack.ts';

/** SHA-256 over the texts one after another, in hexadecimal. */
export function digestOf(...texts: readonly (number | string)[]): string {
  let hex = '';
  for (const byte of sha256(texts.join(''))) hex += byte.toString(16).padStart(2, '0');
  return hex;
}

/** Without what AWS's names may not have: everything but ASCII letters and digits. */
export const sanitized = (name: string): string => name.replaceAll(/[^0-9A-Za-z]/g, '');

/** `k8s-NAMESPAC-NAME-0123456789`: the names cut at 8, the digest at 10. */
export const nameOfObject = (namespace: string, name: string, digest: string): string =>
  `k8s-${sanitized(namespace).slice(0, 8)}-${sanitized(name).slice(0, 8)}-${digest.slice(0, 10)}`;

/** As `nameOfObject` for a group of one Ingress, `k8s-GROUP-0123456789` for a named group. */
export const nameOfGroup = ({ namespace, name }: StackId, digest: string): string =>
  namespace === undefined || namespace === ''
    ? `k8s-${sanitized(name).slice(0, 17)}-${digest.slice(0, 10)}`
    : nameOfObject(namespace, name, digest);

/** The security group that all load balancers of a cluster share: what their targets let in. */
export const backendSecurityGroupName = (clusterName: string): string =>
  `k8s-traffic-${sanitized(clusterName).slice(0, 232)}-${digestOf(clusterName).slice(0, 10)}`;
