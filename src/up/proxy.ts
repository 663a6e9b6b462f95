/**
 * up/proxy — a loopback HTTP proxy for the user's own curl or browser (`http_proxy`): names are
 * resolved in the twin as somebody on the internet resolves them, and the request goes through the
 * twin's network from there. Nothing is ever dialled outside of the twin.
 *
 * A blocked path is a connection that never opens. A proxy has opened one already, so it closes it
 * without an answer when the client's patience in the twin's time is over: curl exits with 52.
 * The Host header stays as the client wrote it (RFC 9112 3.2.2 would have it replaced), because
 * `curl -H Host:` has to reach a load balancer's rules as it does without a proxy.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HttpService } from '../api/http-service.ts';
import { answerUpgrade } from '../api/kubernetes/streams/upgraded-socket.ts';
import type { RunningTwin } from '../api/running-twin.ts';
import { shellWorldOf } from '../api/shell-world.ts';
import { twinRequest, writeTwinResponse } from '../api/twin-http.ts';
import { type Ip, parseIp } from '../net/index.ts';
import { exchange, type Outcome } from '../shell/http/exchange.ts';
import { parseUrl, type Url } from '../shell/http/message.ts';
import type { ShellWorld } from '../shell/session.ts';
import type { Twin } from '../twin/twin.ts';

/** How long a client waits for a connection, in the twin's time. */
const PATIENCE_MS = 10_000;

const PLAIN = 'text/plain; charset=utf-8';

const HOW =
  'This is the proxy of ekstwin: it leads to load balancers and names of the twin, over http.\n';

const outsideText = (host: string, why = 'it is not of the twin'): string =>
  `ekstwin: ${host}: ${why}.\n${HOW}` +
  'Nothing outside of the twin is asked: to reach it, unset http_proxy or add it to no_proxy.\n';

type Failed = Extract<Outcome, { kind: 'failed' }>;

/** Serves the proxy of a twin. */
export function proxyService(running: RunningTwin): HttpService {
  const world = shellWorldOf(running);
  return {
    request: (request, response) => answer(world, request, response),
    upgrade: async (request, socket) => refuseTunnel(request, socket),
    close() {
      // Nothing stays open between requests.
    },
  };
}

async function answer(
  world: ShellWorld,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const url = targetOf(incoming.url ?? '');
  if (typeof url === 'string') return say(outgoing, 400, url);
  if (url.scheme !== 'http') {
    return say(outgoing, 403, `ekstwin: ${url.scheme} is not proxied; ask by http.\n`);
  }
  if (isOutside(world.twin, url.host)) return say(outgoing, 502, outsideText(url.host));
  const request = await twinRequest(incoming, url);
  if (request === 'aborted') return;
  if (request === 'too-large') {
    return say(outgoing, 413, 'ekstwin: the body is larger than 1 MiB.\n');
  }
  const outcome = await exchange(world, { kind: 'internet' }, request, {
    connectTimeoutMs: PATIENCE_MS,
  });
  if (outcome?.kind === 'answered') writeTwinResponse(incoming, outgoing, outcome.response);
  else if (outcome !== undefined) tellFailure(outcome, url, outgoing);
}

/** A name that leads to nobody's address in the twin: some other site, this machine itself. */
function isOutside({ datapath }: Twin, host: string): boolean {
  const { fabric, publicEndpoint } = datapath.world;
  const addresses = addressesOf(datapath, host);
  return (
    addresses.length > 0 &&
    addresses.every((ip) => fabric.ownersOf(ip).length === 0 && publicEndpoint(ip) === undefined)
  );
}

function addressesOf({ names }: Twin['datapath'], host: string): readonly Ip[] {
  const own = parseIp(host);
  const texts = own === undefined ? names.lookup({ kind: 'outside' }, host).addresses : [];
  return own === undefined ? texts.flatMap((text) => parseIp(text) ?? []) : [own];
}

/** What a request to a proxy names; a sentence where it names nothing that a proxy could ask. */
function targetOf(text: string): Url | string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    return `${HOW}Set it as http_proxy, or ask: curl -x http://ADDRESS http://NAME/\n`;
  }
  const url = parseUrl(text);
  return typeof url === 'string' ? `ekstwin: ${text.slice(0, 200)} is no URL.\n` : url;
}

/** Tells what became of a request that nobody answered. */
function tellFailure({ at, why, text }: Failed, { host }: Url, outgoing: ServerResponse): void {
  if (at === 'resolve') {
    const known = why === 'not-simulated' ? (text ?? why) : 'no zone of the twin has the name';
    say(outgoing, 502, outsideText(host, known));
    return;
  }
  if (why === 'not-simulated') {
    say(outgoing, 502, `ekstwin: ${text ?? why}\n`);
    return;
  }
  // Refused, lost on the way, closed: there is no answer to pass on, and no proxy makes one up.
  outgoing.destroy();
}

function say(outgoing: ServerResponse, status: number, text: string): void {
  outgoing.writeHead(status, {
    'Content-Type': PLAIN,
    'Content-Length': Buffer.byteLength(text),
    Connection: 'close',
  });
  outgoing.end(text);
}

/** CONNECT and upgrades: TLS to the twin's names would need certificates that clients trust. */
function refuseTunnel({ method, url }: IncomingMessage, socket: Duplex): void {
  const what = method === 'CONNECT' ? `a tunnel to ${url}` : 'an upgrade';
  answerUpgrade(socket, 403, PLAIN, `ekstwin: ${what} is not proxied; ask by http.\n`);
}
