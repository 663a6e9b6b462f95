/** api/kubernetes/service.fixture — the API of a twin at rest on a loopback port, for its tests. */
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { settledTwin, smallCluster } from '../../twin/small-cluster.fixture.ts';
import type { Twin } from '../../twin/twin.ts';
import { runningTwin, SERVED } from '../running-twin.fixture.ts';
import { kubernetesService } from './service.ts';

type Json = Readonly<Record<string, unknown>>;

export interface Reply {
  readonly code: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** The body as JSON; empty when it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  readonly json: any;
}

export interface AskOptions {
  readonly body?: unknown;
  readonly type?: string;
  readonly accept?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

export interface OpenWatch {
  /** Events so far, oldest first. */
  readonly events: { readonly type: string; readonly object: Json }[];
  /** Resolves when there are so many events. */
  until(count: number): Promise<void>;
  /** Resolves when the server ends the stream. */
  readonly ended: Promise<void>;
  readonly response: IncomingMessage;
  close(): void;
}

export interface TestService {
  readonly twin: Twin;
  ask(method: string, path: string, options?: AskOptions): Promise<Reply>;
  watch(path: string, accept?: string): Promise<OpenWatch>;
  close(): Promise<void>;
}

const NO_APP = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: none}\n';

export async function testService(): Promise<TestService> {
  const twin = await settledTwin(smallCluster(1), NO_APP);
  // Nobody but the test changes what it writes.
  twin.stop();
  const service = kubernetesService(runningTwin(twin));
  const server = createServer((asked, response) => void service.request(asked, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const open = (method: string, path: string, options: AskOptions): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const { body, type = 'application/json', accept, token = SERVED.token } = options;
      const bytes =
        body === undefined
          ? undefined
          : Buffer.isBuffer(body) || typeof body === 'string'
            ? Buffer.from(body)
            : Buffer.from(JSON.stringify(body));
      const headers = {
        ...(options.headers as Record<string, string | string[]> | undefined),
        authorization: `Bearer ${token}`,
        ...(accept === undefined ? {} : { accept }),
        ...(bytes === undefined ? {} : { 'content-type': type, 'content-length': bytes.length }),
      };
      const sent = request({ port, method, path, headers, agent: false }, resolve);
      sent.on('error', reject);
      sent.end(bytes);
    });
  return {
    twin,
    async ask(method, path, options = {}) {
      const response = await open(method, path, options);
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString();
      return {
        code: response.statusCode ?? 0,
        headers: response.headers,
        text,
        json: jsonOf(text),
      };
    },
    async watch(path, accept) {
      return opened(await open('GET', path, accept === undefined ? {} : { accept }));
    },
    async close() {
      service.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function opened(response: IncomingMessage): OpenWatch {
  const events: OpenWatch['events'] = [];
  const waiting = new Set<() => void>();
  let rest = '';
  response.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) events.push(JSON.parse(line));
    for (const look of waiting) look();
  });
  const ended = new Promise<void>((resolve) => response.on('close', () => resolve()));
  return {
    events,
    ended,
    response,
    until: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (events.length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    close: () => void response.destroy(),
  };
}
