/**
 * model/kubernetes/gateway-hostnames — the name that a listener and a route both serve.
 *
 * Upstream: kubernetes-sigs/gateway-api@v1.6.0 apis/v1/httproute_types.go Hostnames. A wildcard
 * stands for one label or more.
 */

/** The more specific of two hostnames, where one is within the other. */
export function commonHostname(one: string, other: string): string | undefined {
  if (one === other) return one;
  if (isWithin(other, one)) return other;
  return isWithin(one, other) ? one : undefined;
}

const isWithin = (hostname: string, wildcard: string): boolean =>
  wildcard.startsWith('*.') && hostname.endsWith(wildcard.slice(1));
