/** cli/render/trace-json — a trace as plain data, for `-o json|yaml`: disposition at the top. */
import type { TraceAnswer } from '../../analysis/trace/question.ts';
import type { DnsQuery } from '../../datapath/dns/answer.ts';
import type { Hop, Layer, Step } from '../../datapath/trace.ts';
import type { Branch } from '../../datapath/walk/flow.ts';
import type { NameWalk } from '../../datapath/walk/name-walk.ts';
import { formatIp, formatProtocol, hasPorts, isIcmp, type Packet } from '../../net/index.ts';

/** Hops of one layer only, where one is asked for; a hop without such a step goes. */
export function hopsOfLayer(hops: readonly Hop[], layer: Layer | undefined): readonly Hop[] {
  if (layer === undefined) return hops;
  return hops.flatMap((hop) => {
    const steps = hop.steps.filter((step) => step.layer === layer);
    return steps.length === 0 ? [] : [{ ...hop, steps }];
  });
}

/** The answer as JSON may hold it: addresses as text. */
export function traceJson(answer: TraceAnswer, layer: Layer | undefined) {
  const { disposition, text, code, remedy, from, to, request, name, branches, notes } = answer;
  return {
    disposition,
    text,
    code,
    remedy,
    from,
    to,
    request,
    name: name && nameJson(name, layer),
    branches: branches.map((branch) => branchJson(branch, layer)),
    notes,
  };
}

function branchJson(branch: Branch, layer: Layer | undefined) {
  return {
    ...branch,
    sent: packetJson(branch.sent),
    arrived: branch.arrived && packetJson(branch.arrived),
    forward: hopsOfLayer(branch.forward, layer).map(hopJson),
    return: branch.return && hopsOfLayer(branch.return, layer).map(hopJson),
  };
}

const hopJson = (hop: Hop) => ({ ...hop, steps: hop.steps.map(stepJson) });

const stepJson = ({ rewritten, ...step }: Step) => ({
  ...step,
  ...(rewritten === undefined
    ? {}
    : {
        rewritten: { before: packetJson(rewritten.before), after: packetJson(rewritten.after) },
      }),
});

function nameJson({ lookup, ways, failure, notes }: NameWalk, layer: Layer | undefined) {
  return {
    asked: lookup.name,
    answered: lookup.answeredName,
    rcode: lookup.rcode,
    addresses: lookup.addresses,
    queries: lookup.queries.map(queryJson),
    ways: ways.map((way) => ({
      ...way,
      branches: way.branches.map((branch) => branchJson(branch, layer)),
    })),
    failure,
    notes,
  };
}

const queryJson = ({
  name,
  type,
  server,
  protocol,
  rcode,
  answer,
  answeredBy,
  source,
}: DnsQuery) => ({
  name,
  type,
  server,
  protocol,
  rcode,
  answer: answer.map(({ type: recordType, data }) => `${recordType} ${data}`),
  answeredBy,
  source,
});

function packetJson(packet: Packet) {
  const { protocol, sourcePort, destinationPort, icmpType, icmpCode, sizeBytes } = packet;
  return {
    protocol: formatProtocol(protocol),
    source: formatIp(packet.source),
    destination: formatIp(packet.destination),
    ...(hasPorts(protocol) ? { sourcePort, destinationPort } : {}),
    ...(isIcmp(packet) ? { icmpType, icmpCode } : {}),
    sizeBytes,
  };
}
