/**
 * load-balancer/gateway/attachment/hostnames — which hostnames of a route a listener serves.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/routeutils/utils.go,
 * listener_attachment_helper.go hostnameCheck.
 */
import type { Listener } from '../../../../model/kubernetes/gateway.ts';
import { commonHostname } from '../../../../model/kubernetes/gateway-hostnames.ts';
import { parseIp } from '../../../../net/index.ts';
import { LoadError } from './load-error.ts';

const LABEL_MAX = 63;

/** The CRD's pattern has been kept already. */
function isHostname(hostname: string): boolean {
  if (parseIp(hostname) !== undefined) return false;
  const labels = hostname.split('.').slice(hostname.startsWith('*.') ? 1 : 0);
  return labels.every((label) => label.length >= 1 && label.length <= LABEL_MAX);
}

/**
 * What a route serves at a listener: nothing in particular where the listener has no hostname,
 * undefined where they have none in common.
 *
 * @throws LoadError  where the listener's own hostname is none
 */
export function servedHostnames(
  { name, hostname }: Listener,
  hostnames: readonly string[],
): readonly string[] | undefined {
  if (hostname === undefined) return [];
  if (hostnames.length === 0) return [hostname];
  if (!isHostname(hostname)) {
    // Upstream has the two the wrong way round.
    const text = `listener hostname ${name} is not valid (listener name ${hostname})`;
    throw new LoadError(text, 'UnsupportedValue');
  }
  const served = hostnames.filter(isHostname).flatMap((it) => commonHostname(it, hostname) ?? []);
  return served.length === 0 ? undefined : served;
}
