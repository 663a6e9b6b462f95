/**
 * load-balancer/gateway/model/certificates — the certificates of a secure listener: named by its
 * configuration, or found in ACM by the hostnames of listener and routes. What a Gateway's listener
 * says itself (certificateRefs) is never read.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/model/
 * model_build_listener.go buildCertificates.
 */
import { keyOf } from '../../../../model/kubernetes/meta.ts';
import { BuildError } from '../../build-error.ts';
import { discoverCertificates } from '../../ingress/certificates.ts';
import type { ListenerSpec } from '../../stack/listener-spec.ts';
import type { GatewayBuild } from './gateway-build.ts';
import type { ListenerPort } from './listener-ports.ts';

export const isSecure = ({ protocol }: Pick<ListenerPort, 'protocol'>): boolean =>
  protocol === 'HTTPS' || protocol === 'TLS';

/** The first is the default one. @throws BuildError  where a hostname has none */
export async function certificatesOf(
  { gateway, reads, settings }: GatewayBuild,
  port: ListenerPort,
): Promise<ListenerSpec['certificates']> {
  if (!isSecure(port)) return undefined;
  const { defaultCertificate, certificates = [] } = port.configuration ?? {};
  const named = [
    ...(defaultCertificate === undefined ? [] : [defaultCertificate]),
    ...certificates,
  ];
  const arns = named.length > 0 ? named : await discovered();
  return arns.map((certificateArn) => ({ certificateARN: { certificateArn } }));

  async function discovered(): Promise<readonly string[]> {
    if (port.hostnames.length === 0) {
      const where = `gateway ${keyOf(gateway)} with protocol:port ${port.protocol}:${port.port}`;
      throw new BuildError(`No hostnames found for TLS cert discovery for listener on ${where}`);
    }
    return discoverCertificates(await reads.certificates(), port.hostnames, settings, {});
  }
}
