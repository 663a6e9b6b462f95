/**
 * up/own-endpoint — what ekstwin's own commands ask of a running twin, on the AWS port beside the
 * API and for whoever knows the token: GET /ekstwin/snapshot, POST /ekstwin/install, and
 * GET /ekstwin/flow-logs/ID.
 */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { flowJournalOf } from '../analysis/flow-logs/flow-journal.ts';
import { readBody } from '../api/http-body.ts';
import type { HttpService } from '../api/http-service.ts';
import type { RunningTwin } from '../api/running-twin.ts';
import { memoryOf } from '../twin/memory.ts';
import { originOf } from '../twin/snapshot.ts';
import { FORMAT, rowsOf, snapshotParts } from './data-folder/snapshot-file.ts';
import { type InstallRequest, installOn } from './install.ts';

export const SNAPSHOT_PATH = '/ekstwin/snapshot';
export const INSTALL_PATH = '/ekstwin/install';
export const FLOW_LOGS_PATH = '/ekstwin/flow-logs/';
const BODY_MAX = 1024 * 1024;

/** Answers our own commands, and hands everything else on. */
export function withOwnEndpoint(running: RunningTwin, rest: HttpService): HttpService {
  const { token } = running.served;
  return {
    request: async (request, response) => {
      if (!request.url?.startsWith('/ekstwin/')) return rest.request(request, response);
      if (!isAllowed(request, token)) return end(response, 401, { problem: 'Unauthorized' });
      const asked = `${request.method} ${request.url}`;
      if (asked === `GET ${SNAPSHOT_PATH}`) return sendSnapshot(running, response);
      if (asked === `POST ${INSTALL_PATH}`) return install(running, request, response);
      if (asked.startsWith(`GET ${FLOW_LOGS_PATH}`)) return sendFlowLog(running, request, response);
      return end(response, 404, { problem: 'not found' });
    },
    close: () => rest.close(),
    ...(rest.upgrade === undefined ? {} : { upgrade: rest.upgrade.bind(rest) }),
  };
}

function isAllowed({ headers }: IncomingMessage, token: string): boolean {
  const given = Buffer.from(headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function end(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(value)}\n`);
}

/** The lines of one flow log, as AWS would have delivered them. */
function sendFlowLog(
  { twin }: RunningTwin,
  { url = '' }: IncomingMessage,
  response: ServerResponse,
): void {
  const lines = flowJournalOf(twin).lines(url.slice(FLOW_LOGS_PATH.length));
  if (lines === undefined) {
    end(response, 404, { problem: 'no such flow log' });
    return;
  }
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.end(lines.map((line) => `${line}\n`).join(''));
}

/** The twin as it is now, as a snapshot file has it, and what it knows beside. */
async function sendSnapshot({ twin }: RunningTwin, response: ServerResponse): Promise<void> {
  const head = {
    format: FORMAT,
    revision: twin.store.revision,
    atMs: twin.clock.now(),
    origin: originOf(twin),
    inputs: undefined,
    memory: memoryOf(twin),
  };
  response.writeHead(200, { 'content-type': 'application/octet-stream' });
  const parts = Readable.from(snapshotParts(head, rowsOf(twin.store)));
  // Whoever asked may have gone.
  await pipeline(parts, response).catch(() => undefined);
}

async function install(
  running: RunningTwin,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request, BODY_MAX);
  if (body.kind !== 'body') return end(response, 413, { problem: 'the request is too large' });
  const asked = JSON.parse(body.bytes.toString()) as InstallRequest;
  const done = await running.commit(() => installOn(running.twin, asked));
  return end(response, 'problem' in done ? 422 : 200, done);
}
