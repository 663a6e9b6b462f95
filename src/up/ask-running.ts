/** up/ask-running — asks a running twin on its own endpoint: a copy of itself, an install. */
import { type IncomingMessage, request } from 'node:http';
import { restoreTwin } from '../twin/snapshot.ts';
import type { Twin } from '../twin/twin.ts';
import { storeOf } from './data-folder/entries.ts';
import { snapshotOf } from './data-folder/snapshot-file.ts';
import { FLOW_LOGS_PATH, INSTALL_PATH, SNAPSHOT_PATH } from './own-endpoint.ts';
import type { RunningState } from './running-state.ts';

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** @throws Error of the network when nobody answers */
function ask(
  { awsUrl, token }: RunningState,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const answered = (response: IncomingMessage): void => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }),
      );
    };
    const asked = request(`${awsUrl}${path}`, { method, headers, agent: false }, answered);
    asked.on('error', reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** A copy of the running twin as it is now; it does not run, and knows what that one knows. */
export async function copyOfRunning(state: RunningState): Promise<Twin> {
  const { status, body } = await ask(state, 'GET', SNAPSHOT_PATH);
  const read = status === 200 ? snapshotOf(body) : { problem: `it answers ${status}` };
  if ('problem' in read) throw new Error(`the running twin gave no copy: ${read.problem}`);
  const { head, entries } = read;
  const store = storeOf(entries, head.revision);
  const twin = restoreTwin(store, head.origin, { nowMs: head.atMs });
  if (head.memory !== undefined) twin.remember(head.memory);
  return twin;
}

/** What a flow log there holds, a line a record; undefined when there is no such log. */
export async function flowLogOfRunning(
  state: RunningState,
  flowLogId: string,
): Promise<string | undefined> {
  const path = `${FLOW_LOGS_PATH}${encodeURIComponent(flowLogId)}`;
  const { status, body } = await ask(state, 'GET', path);
  return status === 200 ? body.toString() : undefined;
}

/** Installs a component there. @returns what was done, or what is wrong */
export async function installOnRunning(
  state: RunningState,
  asked: unknown,
): Promise<{ readonly status: number; readonly answer: unknown }> {
  const { status, body } = await ask(state, 'POST', INSTALL_PATH, asked);
  return { status, answer: JSON.parse(body.toString()) as unknown };
}
