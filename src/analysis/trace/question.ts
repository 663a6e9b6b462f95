/**
 * analysis/trace/question — "will this packet get there?": the ends are looked up, a name is
 * resolved by whoever asks, and every way the packet may go is walked, there and back.
 */
import { formatProbability } from '../../datapath/chance.ts';
import type { AskedRequest } from '../../datapath/elb/http-request.ts';
import { shortLocation } from '../../datapath/elb/redirect.ts';
import type { Remedy, Verdict } from '../../datapath/trace.ts';
import { walkBranches } from '../../datapath/walk/branches.ts';
import type { Branch } from '../../datapath/walk/flow.ts';
import type { NameWalk } from '../../datapath/walk/name-walk.ts';
import { InputError } from '../../model/input-error.ts';
import type { TwinStore } from '../../model/kinds.ts';
import {
  familyOf,
  formatIp,
  hasPorts,
  type Ip,
  type IpFamily,
  type Protocol,
  parseIp,
} from '../../net/index.ts';
import type { Datapath } from '../../twin/datapath.ts';
import { askedRequest, type RequestWords } from './asked-request.ts';
import { withBalancerDoubt } from './balancer-doubt.ts';
import {
  type EndpointContext,
  INTERNET_ADDRESS,
  INTERNET_SERVER,
  type Source,
  type Target,
} from './endpoint.ts';
import { sourceOf } from './endpoint-source.ts';
import { targetOf } from './endpoint-target.ts';
import { parseEndpoint } from './endpoint-text.ts';
import { firstPacket, senderAddress } from './first-packet.ts';
import { withManagedGroup } from './managed-group.ts';
import { withPrivateEndpoint } from './private-endpoint.ts';
import { publicFace } from './public-face.ts';
import { servedHost } from './served-host.ts';
import { withServiceDoubt } from './service-doubt.ts';
import { strayName } from './stray-name.ts';
import { verdictOf } from './verdict.ts';

export interface TraceQuestion {
  readonly from: string;
  readonly to: string;
  readonly protocol: Protocol;
  /** For ICMP; default echo request. */
  readonly icmp?: { readonly type: number; readonly code: number } | undefined;
  readonly sizeBytes?: number | undefined;
  readonly sourcePort?: number | undefined;
  readonly withReturn: boolean;
  /** Of ends that name none. */
  readonly namespace: string;
  /** Ways walked at most. */
  readonly limit?: number | undefined;
  /** Of the HTTP request, where a load balancer looks at it. */
  readonly request?: RequestWords | undefined;
}

export interface TraceAnswer extends Verdict {
  readonly from: string;
  readonly to: string;
  /** How a name was looked up, with the packets that took. */
  readonly name?: NameWalk | undefined;
  readonly branches: readonly Branch[];
  readonly notes: readonly string[];
  /** The HTTP request, where one is asked. */
  readonly request?: AskedRequest | undefined;
}

/** @throws InputError where an end does not exist or cannot send */
export function traceAnswer(datapath: Datapath, question: TraceQuestion): TraceAnswer {
  const { store, region } = datapath;
  const context: EndpointContext = {
    store,
    region,
    namespace: question.namespace,
    interfacesAt: (ip) => datapath.world.fabric.addresses.everywhere(ip).map(({ eni }) => eni),
    needsPort: hasPorts(question.protocol),
  };
  const fromText = parseEndpoint(question.from, 'trace FROM');
  const source = sourceOf(fromText, context, 'trace FROM');
  const family = onlyFamily(source.addresses);
  const toText = parseEndpoint(question.to, 'trace TO');
  const isFromControlPlane = source.isControlPlane;
  const named = targetOf(
    toText,
    {
      ...context,
      family,
      isFromControlPlane,
      sender: source.label,
      isFromOutside: !['pod', 'node'].includes(source.vantage.kind),
    },
    'trace TO',
  );
  // An address that was typed is meant.
  const isSeenFromOutside = fromText.kind === 'internet' && toText.kind !== 'address';
  const target = isSeenFromOutside ? publicFace(store, named) : named;
  const isAsked = question.request?.host ?? question.request?.path;
  const assumed = 'requestNote' in target && !isAsked ? target.requestNote : undefined;
  const notes = [source.note, target.note, assumed].flatMap((note) => note ?? []);
  if (source.origin.kind === 'outside' && toText.kind === 'internet') {
    throw new InputError(
      'trace TO',
      `${question.from} and ${question.to} are both outside of what was described`,
      'name a pod, a node, a Service or an interface at one end',
    );
  }
  const request = askedRequest(toText, target, question.request);
  if (target.kind === 'address') {
    const { address, port } = target;
    const flow = { ...firstPacket(datapath, question, source, address, port), request };
    const branches = walkBranches(datapath.world, flow, question);
    return { ...answerOf(store, question, source, target, branches, notes, undefined), request };
  }
  if (target.kind === 'endpoints') {
    const { ends, failure } = target;
    const branches = branchesToAny(datapath, question, source, ends, request);
    const answer = answerOf(store, question, source, target, branches, notes, undefined);
    return failure === undefined ? answer : { ...answer, ...failure };
  }
  return { ...byName(datapath, question, source, target, notes, request), request };
}

function onlyFamily(addresses: readonly Ip[]): IpFamily | undefined {
  const families = new Set(addresses.map(familyOf));
  return families.size === 1 ? [...families][0] : undefined;
}

/** Looks the name up as the source would, then walks to every address it may use. */
function byName(
  datapath: Datapath,
  question: TraceQuestion,
  source: Source,
  target: Extract<Target, { kind: 'name' }>,
  notes: readonly string[],
  request: AskedRequest | undefined,
): TraceAnswer {
  const { store } = datapath;
  const name = datapath.lookup(source.vantage, target.host, source.origin);
  const said = [...notes, ...name.notes, ...name.lookup.notes];
  const isAnswered = name.failure === undefined || name.failure.code === 'DNS_NXDOMAIN';
  const failure =
    (isAnswered ? strayName(store, source, name) : undefined) ??
    name.failure ??
    servedHost(store, question.from, name);
  if (failure !== undefined) {
    return answerOf(store, question, source, target, [], said, { ...name, failure });
  }
  const usable = name.lookup.addresses
    .flatMap((text) => parseIp(text) ?? [])
    .filter((it) => senderAddress(datapath, source, it, question.protocol) !== undefined);
  const family = usable[0] === undefined ? undefined : familyOf(usable[0]);
  const addresses = usable.filter((address) => familyOf(address) === family);
  const ends = addresses.map((address) => ({ address, port: target.port }));
  const branches = branchesToAny(datapath, question, source, ends, request);
  return answerOf(store, question, source, target, branches, said, name);
}

/** The ways to each of several addresses, of which the sender takes any. */
function branchesToAny(
  datapath: Datapath,
  question: TraceQuestion,
  source: Source,
  ends: readonly { readonly address: Ip; readonly port?: number | undefined }[],
  request: AskedRequest | undefined,
): readonly Branch[] {
  const share = 1 / ends.length;
  return ends.flatMap(({ address, port }) => {
    const flow = { ...firstPacket(datapath, question, source, address, port), request };
    return walkBranches(datapath.world, flow, question).map((branch) => ({
      ...branch,
      probability: branch.probability * share,
      choices: ends.length > 1 ? [formatIp(address), ...branch.choices] : branch.choices,
    }));
  });
}

function answerOf(
  store: TwinStore,
  question: TraceQuestion,
  source: Source,
  target: Target,
  branches: readonly Branch[],
  notes: readonly string[],
  name: NameWalk | undefined,
): TraceAnswer {
  const from = source.label;
  const to = targetText(question, target);
  const verdict = verdictOf(branches, name);
  const failed = branches.find(({ text }) => verdict.text.endsWith(text)) ?? branches[0];
  const subject = failed ?? (name?.failure && failedQuery(name));
  const told =
    subject === undefined
      ? verdict
      : withBalancerDoubt(
          store,
          subject,
          withPrivateEndpoint(
            store,
            subject.sent,
            withManagedGroup(store, subject.sent, withServiceDoubt(store, subject, verdict)),
          ),
        );
  const remedy = told.remedy && forAnyServer(withRedirect(question, failed, told.remedy));
  const saidOnce = new Set([...notes, ...branches.flatMap((it) => it.notes ?? [])]);
  return {
    ...told,
    remedy,
    from,
    to,
    name,
    branches,
    notes: [...saidOnce, ...unwalked(branches)],
  };
}

/** Who is sent elsewhere asks there: the same question with the other URL. */
function withRedirect({ from }: TraceQuestion, failed: Branch | undefined, remedy: Remedy): Remedy {
  const location = failed?.http?.response?.location;
  if (location === undefined || remedy.command !== undefined) return remedy;
  return { ...remedy, command: `ekstwin trace ${from} ${shortLocation(location)}` };
}

/** Rounding of the product of a few probabilities. */
const EPSILON = 1e-9;

/** What the limit of ways left out is not known to arrive. */
function unwalked(branches: readonly Branch[]): readonly string[] {
  const walked = branches.reduce((sum, { probability }) => sum + probability, 0);
  if (branches.length === 0 || walked > 1 - EPSILON) return [];
  const rest = formatProbability(1 - walked);
  return [
    `${rest} of connections go ways that were not walked: the verdict is about the first ` +
      `${branches.length} ways; --all-backends walks more`,
  ];
}

const failedQuery = ({ ways }: NameWalk): Branch | undefined =>
  ways.flatMap((way) => way.branches).find(({ disposition }) => disposition !== 'delivered');

/** A rule for the address that stands for the internet would help nobody. */
function forAnyServer({ text, command }: Remedy): Remedy {
  const widened = (it: string): string =>
    it
      .replaceAll(`${INTERNET_SERVER[4]}/32`, '0.0.0.0/0')
      .replaceAll(`${INTERNET_SERVER[6]}/128`, '::/0')
      .replaceAll(`${INTERNET_ADDRESS[4]}/32`, '0.0.0.0/0')
      .replaceAll(`${INTERNET_ADDRESS[6]}/128`, '::/0');
  return { text: widened(text), command: command && widened(command) };
}

/** The end as it was asked for, with the port that was chosen for it. */
function targetText(question: TraceQuestion, target: Target): string {
  if (question.to.includes('://')) return question.to;
  const { port } = target;
  // The final dot says to the resolver that the name is whole; to a reader it says nothing.
  const label = target.label.replace(/\.$/, '');
  const isWithPort = port !== undefined && hasPorts(question.protocol);
  return isWithPort ? `${label}:${port}` : label;
}
