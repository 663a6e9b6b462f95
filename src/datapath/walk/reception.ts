/**
 * datapath/walk/reception — whether something takes a packet that got there: a socket, a database,
 * the API server. What is not known is assumed and said.
 */
import type { EksCluster } from '../../model/eks/cluster.ts';
import {
  canonicalIpText,
  cidrTextContains,
  formatIp,
  formatProtocol,
  hasPorts,
  isIcmp,
  type Packet,
  PROTOCOL_TCP,
  protocolInCapitals,
} from '../../net/index.ts';
import { compile } from '../linux/compiled-namespace.ts';
import { listening } from '../linux/listening.ts';
import type { Recorder } from '../recorder.ts';
import type { Element, Layer, Step, Verdict } from '../trace.ts';
import type { Receiver } from './flow.ts';
import { hopOf } from './hop-name.ts';
import type { World } from './world.ts';

export type Reception =
  /** Something answers, or is assumed to. */
  | { readonly kind: 'taken'; readonly process?: string | undefined }
  /** The host says that nothing listens. */
  | { readonly kind: 'closed'; readonly verdict: Verdict }
  /** Thrown away without a word. */
  | { readonly kind: 'denied'; readonly verdict: Verdict };

const TAKEN: Reception = { kind: 'taken' };
const HTTPS = 443;

/** What becomes of a packet at its receiver; one step says so. */
export function receptionOf(
  world: World,
  receiver: Receiver,
  packet: Packet,
  recorder: Recorder,
): Reception {
  switch (receiver.kind) {
    case 'namespace':
      return inNamespace(world, receiver, packet, recorder);
    case 'interface':
      return atInterface(world, receiver, packet, recorder);
    case 'control-plane':
      return atApiServer(receiver.clusterName, packet, recorder);
    case 'aws-service':
      return atAwsService(receiver.service, packet, recorder);
    case 'outside':
      return outside(world, receiver.place, packet, recorder);
  }
}

const delivered = (layer: Layer, text: string, decisive: readonly Element[]): Step => ({
  layer,
  kind: 'socket',
  action: 'deliver',
  text,
  evidence: { decisive },
});

const portText = ({ protocol, destinationPort }: Packet): string =>
  `${protocolInCapitals(protocol)} ${destinationPort}`;

function inNamespace(
  world: World,
  receiver: Extract<Receiver, { kind: 'namespace' }>,
  packet: Packet,
  recorder: Recorder,
): Reception {
  const namespace = world.namespaces.get(receiver.id)!;
  const place = compile(namespace).label;
  recorder.enter(place, 'cni');
  const found = listening(namespace, packet);
  if (found.kind === 'kernel') {
    recorder.step(delivered('cni', `${place}: the kernel answers`, []));
    return TAKEN;
  }
  if (found.kind === 'listens') {
    const { process, source, protocol, port } = found.socket;
    const element: Element = {
      kind: 'socket',
      object: place,
      rule: `${protocol} ${port}`,
      field: source,
    };
    recorder.step(
      delivered('cni', `${process} listens on ${portText(packet)} (${source})`, [element]),
    );
    return { kind: 'taken', process };
  }
  if (found.kind === 'unknown') {
    const text = `assumed: something in ${place} listens on ${portText(packet)}; its manifest declares no port at all`;
    recorder.step({ ...delivered('cni', text, []), action: 'note' });
    return TAKEN;
  }
  return nothingListens(world, receiver, packet, recorder);
}

function nothingListens(
  world: World,
  receiver: Extract<Receiver, { kind: 'namespace' }>,
  packet: Packet,
  recorder: Recorder,
): Reception {
  const place = hopOf(receiver.id);
  const sockets = world.namespaces.get(receiver.id)!.sockets;
  const considered = sockets.map(
    ({ protocol, port, source }): Element => ({
      kind: 'socket',
      object: place,
      rule: `${protocol} ${port}`,
      field: source,
    }),
  );
  const known = sockets.map(({ protocol, port }) => `${protocol} ${port}`);
  const text = `nothing in ${place} is declared to listen on ${portText(packet)}`;
  const code = 'NODE_NOTHING_LISTENS';
  recorder.step({
    layer: 'cni',
    kind: 'socket',
    action: 'deny',
    text: `${text}; declared: ${known.length === 0 ? 'nothing' : known.join(', ')}`,
    evidence: { decisive: [], considered, code },
  });
  const remedy = {
    text:
      receiver.id.startsWith('pod/') && known.length > 0
        ? `send to ${known.join(' or ')} (a Service: its targetPort), or declare containerPort ${packet.destinationPort} if the process does listen there`
        : `start something that listens on ${portText(packet)}`,
  };
  return { kind: 'closed', verdict: { disposition: 'refused', text, code, remedy } };
}

/** Behind an interface of no node: RDS says what it listens on, an instance does not. */
function atInterface(
  world: World,
  { networkInterfaceId, label }: Extract<Receiver, { kind: 'interface' }>,
  packet: Packet,
  recorder: Recorder,
): Reception {
  recorder.enter(label, 'vpc');
  const listens = world.store.get('ec2/network-interface', networkInterfaceId)?.listens;
  const element: Element = { kind: 'network-interface', object: networkInterfaceId };
  if (isIcmp(packet)) {
    const text = `assumed: ${label} answers the ping`;
    recorder.step({ ...delivered('vpc', text, [element]), action: 'note' });
    return TAKEN;
  }
  if (listens === undefined) {
    const text = `assumed: ${label} listens on ${portText(packet)}; what runs there is not known`;
    recorder.step({ ...delivered('vpc', text, [element]), action: 'note' });
    return TAKEN;
  }
  const protocol = formatProtocol(packet.protocol);
  if (listens.some((it) => it.protocol === protocol && it.port === packet.destinationPort)) {
    recorder.step(delivered('vpc', `${label} listens on ${portText(packet)}`, [element]));
    return { kind: 'taken', process: label };
  }
  const known = listens.map((it) => `${it.protocol} ${it.port}`).join(', ');
  const text = `${label} does not listen on ${portText(packet)}, only on ${known}`;
  const code = 'NODE_NOTHING_LISTENS';
  recorder.step({
    layer: 'vpc',
    kind: 'socket',
    action: 'deny',
    text,
    evidence: { decisive: [{ ...element, field: `listens on ${known}` }], code },
  });
  const remedy = { text: `send to ${known}` };
  return { kind: 'closed', verdict: { disposition: 'refused', text, code, remedy } };
}

/** The one port of every service at a fixed address of the VPC, as `datapath/vpc` names them. */
const FIXED_PORTS: Readonly<Record<string, string>> = {
  imds: 'TCP 80',
  resolver: 'UDP 53',
  'time-sync': 'UDP 123',
};

/** AWS's services are called by HTTPS; DNS by TCP too. What others are open is not known. */
function atAwsService(service: string, packet: Packet, recorder: Recorder): Reception {
  recorder.enter(service, 'vpc');
  const fixed = FIXED_PORTS[service];
  const asked = portText(packet);
  const isDnsByTcp = service === 'resolver' && asked === 'TCP 53';
  if (asked === (fixed ?? `TCP ${HTTPS}`) || isDnsByTcp) {
    recorder.step(delivered('vpc', `${service} answers`, []));
    return TAKEN;
  }
  if (fixed === undefined || !hasPorts(packet.protocol)) {
    const text = `assumed: ${service} answers ${hasPorts(packet.protocol) ? `on ${asked}` : 'the ping'}`;
    recorder.step({ ...delivered('vpc', text, []), action: 'note' });
    return TAKEN;
  }
  const text = `${service} answers on ${fixed} only, not on ${asked}`;
  const code = 'NODE_NOTHING_LISTENS';
  recorder.step({
    layer: 'vpc',
    kind: 'socket',
    action: 'deny',
    text,
    evidence: { decisive: [], code },
  });
  const remedy = { text: `send to ${fixed}` };
  return { kind: 'denied', verdict: { disposition: 'timed-out', text, code, remedy } };
}

function atApiServer(clusterName: string, packet: Packet, recorder: Recorder): Reception {
  const place = `API server of ${clusterName}`;
  recorder.enter(place, 'vpc');
  const element: Element = { kind: 'cluster', object: clusterName, field: 'endpoint' };
  if (isIcmp(packet)) {
    const text = `assumed: the ${place} answers the ping`;
    recorder.step({ ...delivered('vpc', text, [element]), action: 'note' });
    return TAKEN;
  }
  if (packet.protocol === PROTOCOL_TCP && packet.destinationPort === HTTPS) {
    recorder.step(delivered('vpc', `${place} answers`, [element]));
    return { kind: 'taken', process: 'kube-apiserver' };
  }
  const text = `the API server listens on TCP 443 only, not on ${portText(packet)}`;
  recorder.step({
    layer: 'vpc',
    kind: 'socket',
    action: 'deny',
    text,
    evidence: { decisive: [element], code: 'NODE_NOTHING_LISTENS' },
  });
  const remedy = { text: 'send to port 443' };
  const verdict: Verdict = { disposition: 'timed-out', text, code: 'NODE_NOTHING_LISTENS', remedy };
  return { kind: 'denied', verdict };
}

function outside(world: World, place: string, packet: Packet, recorder: Recorder): Reception {
  const cluster = world.publicEndpoint(packet.destination);
  if (cluster !== undefined) {
    const denied = publicAccess(cluster, packet, recorder);
    return denied ?? atApiServer(cluster.name, packet, recorder);
  }
  const name = place === 'internet' ? 'the internet' : place;
  recorder.enter(place, 'vpc');
  const text = `assumed: ${formatIp(packet.destination)} in ${name} answers; what is there is not simulated`;
  recorder.step({ ...delivered('vpc', text, []), action: 'note' });
  return TAKEN;
}

/** The public endpoint lets in the source it sees: after NAT. */
function publicAccess(
  cluster: EksCluster,
  packet: Packet,
  recorder: Recorder,
): Reception | undefined {
  recorder.enter(`public endpoint of ${cluster.name}`, 'vpc');
  const source = formatIp(packet.source);
  const ip = canonicalIpText(source)!;
  const cidr = cluster.publicAccessCidrs.find((it) => cidrTextContains(it, ip));
  const object = cluster.name;
  if (cidr !== undefined) {
    const rule = `publicAccessCidrs ${cidr}`;
    recorder.step({
      layer: 'security',
      kind: 'public-access-cidrs',
      action: 'allow',
      text: `${source} is in ${rule}`,
      evidence: { decisive: [{ kind: 'cluster', object, rule }] },
    });
    return undefined;
  }
  const text = `${source} is in none of the cluster's publicAccessCidrs`;
  const code = 'K8S_API_PUBLIC_ACCESS_CIDRS';
  recorder.step({
    layer: 'security',
    kind: 'public-access-cidrs',
    action: 'deny',
    text,
    evidence: {
      decisive: [{ kind: 'cluster', object, field: 'publicAccessCidrs' }],
      considered: cluster.publicAccessCidrs.map(
        (it): Element => ({ kind: 'cluster', object, rule: `publicAccessCidrs ${it}` }),
      ),
      code,
    },
  });
  const bits = typeof packet.source === 'number' ? 32 : 128;
  const cidrs = [...cluster.publicAccessCidrs, `${source}/${bits}`].join(',');
  const remedy = {
    text: `add ${source}/${bits} to publicAccessCidrs, or turn the private endpoint on for callers inside the VPC`,
    command: `aws eks update-cluster-config --name ${object} --resources-vpc-config publicAccessCidrs=${cidrs}`,
  };
  return {
    kind: 'denied',
    verdict: { disposition: 'denied-by-endpoint-access', text, code, remedy },
  };
}
