/**
 * load-balancer/service/tcp-udp-ports — the port numbers that one TCP_UDP listener serves.
 *
 * Follows aws-load-balancer-controller@225f4456 pkg/service/model_build_listener.go:42-75,395-412.
 */
import type { ServicePort } from '../../../model/kubernetes/core.ts';
import { BuildError } from '../build-error.ts';

/** @throws BuildError  where ports of one number are not one TCP and one UDP */
export function tcpUdpPorts(ports: readonly ServicePort[]): ReadonlySet<number> {
  const merged = new Set<number>();
  for (const { port } of ports) {
    const sharing = ports.filter((it) => it.port === port);
    if (sharing.length < 2) continue;
    checkMerging(sharing);
    merged.add(port);
  }
  return merged;
}

/** @throws BuildError  unless they are one TCP and one UDP */
export function checkMerging(sharing: readonly ServicePort[]): void {
  if (sharing.length !== 2) {
    const listed = `[${sharing.map(goText).join(' ')}]`;
    throw new BuildError(`can only merge two ports, not ${sharing.length} (${listed})`);
  }
  const protocols = sharing.map(({ protocol = 'TCP' }) => protocol);
  const foreign = protocols.find((protocol) => protocol !== 'TCP' && protocol !== 'UDP');
  if (foreign !== undefined) {
    throw new BuildError(`unsupported protocol for merging: ${foreign}`);
  }
  if (protocols[0] === protocols[1]) {
    throw new BuildError(`protocols can't match for merging: ${protocols[0]}`);
  }
}

/** A port as Go's `%+v` prints it, except the address that Go prints for appProtocol. */
function goText({
  name = '',
  protocol = 'TCP',
  port,
  targetPort = port,
  nodePort = 0,
}: ServicePort) {
  const isText = typeof targetPort === 'string';
  const target = isText
    ? `{Type:1 IntVal:0 StrVal:${targetPort}}`
    : `{Type:0 IntVal:${targetPort} StrVal:}`;
  const start = `Name:${name} Protocol:${protocol} AppProtocol:<nil> Port:${port}`;
  return `{${start} TargetPort:${target} NodePort:${nodePort}}`;
}
