/**
 * datapath/vpc/gateway-endpoint — packets to S3 or DynamoDB by a gateway endpoint, and back.
 *
 * Source: AWS PrivateLink Guide, "Gateway endpoints"; Reachability Analyzer's codes VPCE_GATEWAY_*.
 */
import { formatIp, formatProtocol, isIcmp, PROTOCOL_TCP } from '../../net/index.ts';
import type { Element } from '../trace.ts';
import { deliverLocally } from './arrival.ts';
import { type Next, note, type Passage, stop } from './passage.ts';
import { anyContains, type SubnetPlace } from './topology.ts';

const kind = 'gateway-endpoint';

/** Out by a route to an endpoint. */
export function throughEndpoint(passage: Passage, id: string, from: SubnetPlace): Next {
  const { fabric, packet, recorder, memory } = passage;
  const endpoint = fabric.store.get('ec2/vpc-endpoint', id);
  recorder.enter(id, 'vpc');
  const element: Element = { kind: 'vpc-endpoint', object: id };
  const end = (
    disposition: 'timed-out' | 'not-simulated',
    text: string,
    code: string | undefined,
  ): Next => stop(passage, { layer: 'vpc', kind, disposition, text, code, decisive: [element] });
  if (endpoint === undefined)
    return end('not-simulated', `${id} is in no document`, 'UNKNOWN_RESOURCE');
  if (endpoint.type !== 'Gateway') {
    const text = `${id} is a ${endpoint.type} endpoint: as a route's target it is not simulated`;
    return end('not-simulated', text, undefined);
  }
  if (endpoint.state !== 'available') return end('timed-out', `${id} is pending`, 'BAD_STATE');
  const isEcho = isIcmp(packet) && packet.icmpType === 8;
  if (packet.protocol !== PROTOCOL_TCP && !isEcho) {
    const text = `${id} takes TCP and ICMP echo, not ${formatProtocol(packet.protocol)}`;
    return end('timed-out', text, 'VPCE_GATEWAY_PROTOCOL_RESTRICTION');
  }
  if (!anyContains(from.vpc.cidrs, packet.source)) {
    const text = `${id} serves ${from.vpc.vpc.vpcId} only, not ${formatIp(packet.source)}`;
    return end('timed-out', text, 'VPCE_GATEWAY_EGRESS_SOURCE_ADDRESS_RESTRICTION');
  }
  const service = endpoint.serviceName;
  note(passage, 'vpc', kind, 'deliver', `${id} takes it to ${service}`, [element]);
  memory.track(id, packet, element);
  return { kind: 'aws-service', service, via: id, packet };
}

/** Back from the service. */
export function fromEndpoint(passage: Passage, id: string): Next {
  const { fabric, recorder, memory, packet } = passage;
  recorder.enter(id, 'vpc');
  const endpoint = fabric.store.get('ec2/vpc-endpoint', id);
  const vpc = endpoint === undefined ? undefined : fabric.topology.vpc(endpoint.vpcId);
  const decisive: Element[] = [{ kind: 'vpc-endpoint', object: id }];
  if (vpc === undefined || memory.answered(id, packet) === undefined) {
    return stop(passage, {
      layer: 'vpc',
      kind,
      disposition: 'timed-out',
      text: `a service begins no connection through ${id}`,
      code: 'NO_POSSIBLE_DESTINATION',
      decisive,
    });
  }
  passage.isReply = true;
  note(passage, 'vpc', kind, 'forward', `${id} brings the answer back`, decisive);
  return deliverLocally(passage, vpc, undefined);
}
