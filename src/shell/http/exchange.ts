/**
 * shell/http/exchange — one HTTP request from a pod, a node or the internet: the name is resolved
 * there, the connection walked through the twin, TLS judged, the request answered by who got it.
 */
import { EPOCH_MS } from '../../model/time.ts';
import { familyOf, formatIp, type Ip, PROTOCOL_TCP, parseIp } from '../../net/index.ts';
import type { Millis } from '../../sim/clock.ts';
import { type Caller, callerAt, type Internet, sourceFor } from '../network/caller.ts';
import { type Attempt, connect, ROUND_TRIP_MS } from '../network/connect.ts';
import { resolve } from '../network/resolve.ts';
import type { Machine, ShellWorld } from '../session.ts';
import { balancerAnswer, passedOn } from './balancer-answer.ts';
import { headerOf, hostHeaderOf, type Request, type Response, response } from './message.ts';
import { type Answered, receiverAnswer } from './receiver-answer.ts';
import { type Certificate, certificateAt } from './transport-security.ts';

/** What happens on the way, as it happens: for clients that tell it. */
export type ExchangeEvent =
  | { readonly kind: 'trying'; readonly address: Ip; readonly port: number }
  | {
      readonly kind: 'attempt-failed';
      readonly address: Ip;
      readonly port: number;
      readonly attempt: Exclude<Attempt, { kind: 'connected' }>;
      /** How long it was given, where its end came first. */
      readonly givenMs: Millis;
    }
  | { readonly kind: 'connected'; readonly address: Ip; readonly port: number }
  | { readonly kind: 'secured'; readonly certificate: Certificate };

export interface ExchangeOptions {
  /** For the name and the connection together. */
  readonly connectTimeoutMs?: Millis | undefined;
  /** For everything. */
  readonly timeoutMs?: Millis | undefined;
  readonly family?: 4 | 6 | undefined;
  /** `host:port` to addresses, in place of asking. */
  readonly resolve?: ReadonlyMap<string, readonly string[]> | undefined;
  /** Any certificate is taken. */
  readonly isInsecure?: boolean | undefined;
  /** The cluster's own authority is known to the client. */
  readonly knowsCluster?: boolean | undefined;
  readonly onEvent?: ((event: ExchangeEvent) => void) | undefined;
}

export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

/** From the beginning, each including the ones before it. */
export interface Timings {
  readonly resolvedMs: Millis;
  readonly connectedMs: Millis;
  readonly securedMs: Millis;
  readonly totalMs: Millis;
}

export type Outcome =
  | {
      readonly kind: 'answered';
      readonly response: Response;
      readonly httpVersion: '1.1';
      readonly remote: SocketAddress;
      readonly local: SocketAddress;
      readonly timings: Timings;
    }
  | {
      readonly kind: 'failed';
      readonly at: 'resolve' | 'connect' | 'tls' | 'read';
      readonly why: FailedWhy;
      readonly afterMs: Millis;
      /** Of what is not simulated. */
      readonly text?: string | undefined;
      readonly remote?: SocketAddress | undefined;
    };

export type FailedWhy =
  | 'unknown-host'
  | 'unreachable-resolver'
  | 'timed-out'
  | 'refused'
  | 'no-route'
  | 'no-network'
  | 'not-simulated'
  | 'not-tls'
  | 'untrusted'
  | 'self-signed'
  | 'wrong-name'
  | 'closed'
  | 'other-protocol';

/** A client that waits without end is sent away by the other side. */
const SILENCE_MAX_MS = 900_000;
const PLAIN_TO_TLS = 'Client sent an HTTP request to an HTTPS server.\n';

/** @returns undefined where there is no such pod or node */
export async function exchange(
  world: ShellWorld,
  origin: Machine | Internet,
  request: Request,
  options: ExchangeOptions = {},
): Promise<Outcome | undefined> {
  const caller = callerAt(world, origin);
  return caller && exchangeFrom(caller, request, options);
}

/** The Date header's text. */
export const httpDate = (atMs: Millis): string => new Date(EPOCH_MS + atMs).toUTCString();

export async function exchangeFrom(
  caller: Caller,
  asked: Request,
  options: ExchangeOptions,
): Promise<Outcome> {
  const request = withHost(asked);
  const { url } = request;
  const limitMs = Math.min(
    options.timeoutMs ?? Number.POSITIVE_INFINITY,
    options.connectTimeoutMs ?? Number.POSITIVE_INFINITY,
  );
  const named = await addressesOf(caller, request, options, limitMs);
  if ('kind' in named) return named;
  const reached = await reach(caller, request, named, options, limitMs);
  if ('at' in reached) return reached;
  const { address, attempt, ms } = reached;
  const remote = { address: formatIp(address), port: url.port };
  const local = {
    address: formatIp(attempt.sent.source),
    port: attempt.sent.sourcePort,
  };
  let securedMs = ms;
  if (url.scheme === 'https' || url.scheme === 'wss') {
    const certificate = certificateAt(caller.world.twin, attempt.heard, attempt.sent, url.host);
    securedMs += 2 * ROUND_TRIP_MS;
    const why = certificate === undefined ? 'not-tls' : judged(certificate, options);
    if (certificate !== undefined) options.onEvent?.({ kind: 'secured', certificate });
    if (why !== undefined) return { kind: 'failed', at: 'tls', why, afterMs: securedMs, remote };
  }
  const answered = answer(caller, request, attempt);
  if (typeof answered === 'string')
    return withoutAnswer(caller, answered, options.timeoutMs, securedMs, remote);
  const dated =
    headerOf(answered.headers, 'Date') === undefined
      ? [{ name: 'Date', value: httpDate(caller.world.twin.clock.now()) }]
      : [];
  return {
    kind: 'answered',
    response: { ...answered, headers: [...answered.headers, ...dated] },
    httpVersion: '1.1',
    remote,
    local,
    timings: {
      resolvedMs: named.ms,
      connectedMs: ms,
      securedMs,
      totalMs: securedMs + 2 * ROUND_TRIP_MS,
    },
  };
}

function withHost(request: Request): Request {
  if (headerOf(request.headers, 'Host') !== undefined) return request;
  const host = { name: 'Host', value: hostHeaderOf(request.url) };
  return { ...request, headers: [host, ...request.headers] };
}

interface Named {
  readonly addresses: readonly Ip[];
  readonly ms: Millis;
}

type Failed = Extract<Outcome, { kind: 'failed' }>;

async function addressesOf(
  caller: Caller,
  { url }: Request,
  { resolve: given, family }: ExchangeOptions,
  timeoutMs: Millis,
): Promise<Named | Failed> {
  const pinned = given?.get(`${url.host}:${url.port}`);
  if (pinned !== undefined)
    return { addresses: pinned.flatMap((text) => parseIp(text) ?? []), ms: 0 };
  const resolved = await resolve(caller, url.host, { timeoutMs, family });
  const failed = (why: FailedWhy, text?: string): Failed => ({
    kind: 'failed',
    at: 'resolve',
    why,
    afterMs: resolved.ms,
    text,
  });
  switch (resolved.kind) {
    case 'found': {
      const usable = resolved.addresses.filter(
        (ip) => sourceFor(caller, ip, PROTOCOL_TCP) !== undefined,
      );
      const addresses = usable.length === 0 ? resolved.addresses : usable;
      return { addresses: shuffled(caller, addresses), ms: resolved.ms };
    }
    case 'unknown':
      return failed('unknown-host');
    case 'unreachable':
      return failed('unreachable-resolver');
    case 'timed-out':
      return failed(resolved.ms >= timeoutMs ? 'timed-out' : 'unreachable-resolver');
    case 'not-simulated':
      return failed('not-simulated', resolved.text);
  }
}

/** DNS servers turn the order of answers; families stay in theirs. */
function shuffled(caller: Caller, addresses: readonly Ip[]): readonly Ip[] {
  const [first] = addresses;
  if (first === undefined || addresses.length < 2) return addresses;
  const own = addresses.filter((ip) => familyOf(ip) === familyOf(first));
  const others = addresses.filter((ip) => familyOf(ip) !== familyOf(first));
  const turn = caller.memory.random.int(own.length);
  return [...own.slice(turn), ...own.slice(0, turn), ...others];
}

interface Reached {
  readonly address: Ip;
  readonly attempt: Extract<Attempt, { kind: 'connected' }>;
  readonly ms: Millis;
}

/** One address after the other; all but the last have half of the time that is left. */
async function reach(
  caller: Caller,
  request: Request,
  { addresses, ms: resolvedMs }: Named,
  { onEvent }: ExchangeOptions,
  limitMs: Millis,
): Promise<Reached | Failed> {
  const { url } = request;
  const { port } = url;
  let ms = resolvedMs;
  let last: Exclude<Attempt, { kind: 'connected' }> = { kind: 'no-network', ms: 0 };
  for (const [i, address] of addresses.entries()) {
    onEvent?.({ kind: 'trying', address, port });
    const left = limitMs - ms;
    const givenMs = i < addresses.length - 1 ? left / 2 : left;
    const attempt = await connect(caller, address, port, {
      timeoutMs: givenMs,
      request: {
        scheme: url.scheme === 'https' ? 'https' : 'http',
        method: request.method,
        host: (headerOf(request.headers, 'Host') ?? url.host).replace(/:\d+$/, ''),
        path: url.path,
        query: url.query,
        headers: request.headers.filter(({ name }) => name.toLowerCase() !== 'host'),
      },
    });
    ms += attempt.ms;
    if (attempt.kind === 'connected') {
      onEvent?.({ kind: 'connected', address, port });
      return { address, attempt, ms };
    }
    onEvent?.({ kind: 'attempt-failed', address, port, attempt, givenMs });
    last = attempt;
    if (ms >= limitMs) break;
  }
  const text = last.kind === 'not-simulated' ? last.text : undefined;
  return { kind: 'failed', at: 'connect', why: last.kind, afterMs: ms, text };
}

function judged(
  { trust, isForName }: Certificate,
  { isInsecure, knowsCluster }: ExchangeOptions,
): FailedWhy | undefined {
  if (isInsecure === true) return undefined;
  if (trust === 'private') return 'self-signed';
  if (trust === 'cluster') return knowsCluster === true ? undefined : 'untrusted';
  return isForName ? undefined : 'wrong-name';
}

function answer(caller: Caller, request: Request, attempt: Reached['attempt']): Answered {
  const { twin } = caller.world;
  const { heard, sent } = attempt;
  const isPlain = request.url.scheme === 'http';
  const own =
    heard.http &&
    balancerAnswer(
      heard.http,
      httpDate(twin.clock.now()),
      isPlain && heard.http.response?.status === 400,
    );
  if (own !== undefined) return own;
  const isToTls =
    isPlain &&
    heard.http === undefined &&
    certificateAt(twin, heard, sent, request.url.host) !== undefined;
  if (isToTls) return response(400, 'text/plain', PLAIN_TO_TLS);
  const { origin } = caller;
  const isPod = origin.kind === 'namespace' && origin.id.startsWith('pod/');
  const answered = receiverAnswer(caller.world, heard, sent, request, isPod);
  return heard.http === undefined || typeof answered === 'string' ? answered : passedOn(answered);
}

async function withoutAnswer(
  caller: Caller,
  answered: Extract<Answered, string>,
  timeoutMs: Millis | undefined,
  ms: Millis,
  remote: SocketAddress,
): Promise<Failed> {
  const failed = (why: FailedWhy, afterMs: Millis): Failed => ({
    kind: 'failed',
    at: 'read',
    why,
    afterMs,
    remote,
  });
  if (answered === 'other-protocol') return failed('other-protocol', ms + ROUND_TRIP_MS);
  if (answered === 'closes') return failed('closed', ms + ROUND_TRIP_MS);
  const wait = Math.min(timeoutMs ?? SILENCE_MAX_MS, SILENCE_MAX_MS);
  await caller.sleep(wait);
  return failed(wait === timeoutMs ? 'timed-out' : 'closed', wait);
}
