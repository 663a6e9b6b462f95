/**
 * datapath/walk/balancing-requests — an HTTP request at an Application (or Classic) Load Balancer:
 * TLS, the rule that holds, its action, and for a forward the request as a target gets it.
 *
 * Source: Application Load Balancers, "Listener rules", "Troubleshoot" (which status means what).
 */
import type { ListenerAction } from '../../model/elbv2/listener.ts';
import { formatIp, formatPacket } from '../../net/index.ts';
import { formatRequest, type HttpRequest, plainRequest } from '../elb/http-request.ts';
import { chooseRule, type ReadyRule, type RuleChoice } from '../elb/ready-listener.ts';
import { redirectionOf, shortLocation } from '../elb/redirect.ts';
import { transformed, withForwardedHeaders } from '../elb/rewritten-request.ts';
import type { Verdict } from '../trace.ts';
import type { Balanced } from './balanced.ts';
import { certificateNotes } from './balancer-certificate.ts';
import { answeredItself, badConnection, withoutTarget } from './balancer-status.ts';
import type { Heard, Taken } from './exchange.ts';
import { chooseGroup, chooseTarget, failOpenNotes } from './target-choice.ts';
import { ownConnection, sayConnection, targetAddress, withoutFamily } from './target-connection.ts';

/** A connection with a request in it; what the load balancer says to its client. */
export function throughHttp(balanced: Balanced): Taken {
  const { flow, listener, packet } = balanced;
  const isTls = listener.protocol === 'HTTPS';
  const spoken = isTls ? 'https' : 'http';
  const asked = flow.request ?? plainRequest(spoken, formatIp(flow.packet.destination));
  const request: HttpRequest = { ...asked, scheme: asked.scheme ?? spoken };
  if ((request.scheme === 'https') !== isTls) return wrongScheme(balanced, request, isTls);
  const notes = isTls ? certificateNotes(balanced, request.host) : [];
  const choice = chooseRule(listener, request, packet.source);
  sayRule(balanced, choice, request);
  const { rule } = choice;
  for (const { type } of rule.actions) {
    if (type === 'forward' || type === 'redirect' || type === 'fixed-response') continue;
    notes.push(`${rule.label} asks for ${type} first: declared, not simulated, taken as passed`);
  }
  const taken = act(balanced, choice, request);
  return notes.length === 0 ? taken : { ...taken, notes: [...notes, ...(taken.notes ?? [])] };
}

function wrongScheme(balanced: Balanced, request: HttpRequest, isTls: boolean): Taken {
  const { listener } = balanced;
  const text = isTls
    ? `a plain HTTP request was sent to ${listener.label}, which speaks TLS`
    : `a TLS handshake was sent to ${listener.label}, which speaks plain HTTP`;
  const remedy = isTls
    ? { text: `write https://${request.host}` }
    : { text: `write http://${request.host}, or give the listener a certificate (HTTPS)` };
  return answeredItself(balanced, request, 400, { text, remedy, decisive: [listener.element] });
}

function sayRule({ exchange }: Balanced, choice: RuleChoice, request: HttpRequest): void {
  const { rule, considered, unread } = choice;
  const isLeft = rule.conditions.length === 0 && considered.length > 0;
  exchange.there.step({
    layer: 'load-balancer',
    kind: 'listener-rule',
    action: 'choose',
    text: isLeft
      ? `${formatRequest(request)}: no rule holds, so ${rule.label} does`
      : `${formatRequest(request)}: ${rule.label} holds`,
    evidence: {
      decisive: [rule.element],
      considered: considered.length === 0 ? undefined : considered,
    },
  });
  if (unread === undefined) return;
  exchange.there.step({
    layer: 'load-balancer',
    kind: 'listener-rule',
    action: 'note',
    text: `not simulated: the expression ${unread} cannot be read here; taken as not matching`,
    evidence: { decisive: [] },
  });
}

function act(balanced: Balanced, choice: RuleChoice, request: HttpRequest): Taken {
  const { rule } = choice;
  const { node, listener } = balanced;
  const action = rule.actions.find(isFinal);
  switch (action?.type) {
    case 'redirect': {
      const to = redirectionOf(action.redirect, request, listener.port);
      const short = shortLocation(to.location);
      const loop = to.isLoop ? ', which is where it came from: it goes round in a circle' : '';
      return answeredItself(balanced, request, to.status, {
        text: `${rule.label} redirects to ${to.location}${loop}`,
        remedy: to.isLoop
          ? { text: 'redirect to another protocol, host, port or path' }
          : { text: `ask for ${short}` },
        decisive: [rule.element],
        location: to.location,
        code: to.isLoop ? 'ELB_REDIRECT_LOOP' : 'ELB_REDIRECT',
      });
    }
    case 'fixed-response': {
      const { statusCode, messageBody, contentType } = action.fixedResponse;
      const body = messageBody === undefined ? '' : `, "${messageBody}"`;
      return answeredItself(balanced, request, Number(statusCode), {
        text: `${rule.label} is a fixed response${body}`,
        remedy: nearestRule(choice),
        decisive: [rule.element],
        code: 'ELB_FIXED_RESPONSE',
        body: messageBody,
        contentType,
      });
    }
    case 'forward':
      return forward(balanced, rule, action, request);
    default: {
      const text = `${rule.label} of ${node.balancer.label} has no action that is simulated`;
      return { verdict: { disposition: 'not-simulated', text }, says: undefined };
    }
  }
}

type FinalAction = Extract<ListenerAction, { type: 'forward' | 'redirect' | 'fixed-response' }>;

const isFinal = ({ type }: ListenerAction): boolean =>
  type === 'forward' || type === 'redirect' || type === 'fixed-response';

/** What the request would need to be for a rule: the first one that asks for something else. */
function nearestRule({ rule, considered }: RuleChoice): Verdict['remedy'] {
  if (rule.conditions.length > 0) return undefined;
  const [first] = considered;
  if (first?.field === undefined) return { text: 'add a rule for the request' };
  const host = considered.find(({ field }) => field?.startsWith('host-header') === true);
  const wanted = (host ?? first).field!;
  return { text: `a rule asks for ${wanted}: send that, or add a rule for this request` };
}

function forward(
  balanced: Balanced,
  rule: ReadyRule,
  action: Extract<FinalAction, { type: 'forward' }>,
  request: HttpRequest,
): Taken {
  const { exchange, node, packet, listener, before } = balanced;
  const group = chooseGroup(balanced, action);
  if (typeof group === 'string') {
    const text = `${rule.label} forwards to ${group}, which is in no document`;
    return { verdict: { disposition: 'not-simulated', text }, says: undefined };
  }
  const mismatch = protocolMismatch(group.protocolVersion, request);
  if (mismatch !== undefined) {
    const text = `target group ${group.name} speaks ${group.protocolVersion}: ${mismatch}`;
    return answeredItself(balanced, request, 464, { text, decisive: [group.element] });
  }
  const { target, candidates } = chooseTarget(balanced, group);
  if (target === undefined) return withoutTarget(balanced, request, group, candidates);
  const address = targetAddress(target);
  if (typeof address === 'object') return { verdict: address, says: undefined };
  const made = transformed(request, rule.transforms);
  const isTls = listener.protocol === 'HTTPS';
  const client = {
    address: packet.source,
    port: packet.sourcePort,
    listenerPort: listener.port,
    isTls,
  };
  const seen = withForwardedHeaders(made.request, client, node.balancer.attributes);
  const flow = ownConnection(balanced, address, target.port, seen);
  if (flow === undefined) return withoutFamily(balanced, address);
  sayConnection(balanced, flow.packet, connectionText(flow.packet, request, seen), [
    node.balancer.element,
  ]);
  const heard = exchange.open(flow, before + 1);
  return answerOf(
    balanced,
    heard,
    () => badConnection(balanced, request, heard, group, candidates),
    {
      request: seen,
      notes: [
        ...failOpenNotes(group, candidates),
        ...(made.unread === undefined
          ? []
          : [`the transform ${made.unread} cannot be read here: left out, not simulated`]),
      ],
    },
  );
}

function connectionText(
  to: Parameters<typeof formatPacket>[0],
  request: HttpRequest,
  seen: HttpRequest,
): string {
  const rewritten =
    formatRequest(seen) === formatRequest(request) ? '' : `; as ${formatRequest(seen)}`;
  const headers = seen.headers
    .filter(({ name }) => name.startsWith('X-Forwarded-'))
    .map(({ name, value }) => `${name}: ${value}`);
  return `new connection ${formatPacket(to)}${rewritten}; ${headers.join(', ')}`;
}

/** The target's answer passed on; an error of the load balancer's where none came. */
function answerOf(
  { exchange, node }: Balanced,
  heard: Heard,
  failed: () => Taken,
  { request, notes }: { readonly request: HttpRequest; readonly notes: readonly string[] },
): Taken {
  const { verdict, hears, receiver, arrived } = heard;
  if (verdict.disposition === 'not-simulated') return { verdict, says: undefined };
  if (hears !== 'answer') return { ...failed(), receiver, arrived };
  if (exchange.withReturn) {
    exchange.back.enter(node.balancer.label, 'load-balancer');
    exchange.back.step({
      layer: 'load-balancer',
      kind: 'response',
      action: 'forward',
      text: "passes the target's answer to the client, on the client's connection",
      evidence: { decisive: [] },
    });
  }
  return {
    verdict,
    says: 'answer',
    receiver,
    arrived,
    http: heard.http ?? { request },
    notes: [...notes, ...(heard.notes ?? [])],
  };
}

/** Why the load balancer does not translate the request for such a group. */
function protocolMismatch(
  version: 'HTTP1' | 'HTTP2' | 'GRPC',
  { scheme, method }: HttpRequest,
): string | undefined {
  if (version === 'HTTP1') return undefined;
  if (scheme === 'http') return 'the client speaks HTTP/1.1, as no TLS lets it choose HTTP/2';
  if (version === 'GRPC' && method !== 'POST') return `gRPC is POST, not ${method}`;
  return undefined;
}
