/**
 * api/kubernetes/streams/port-forward — connections of a client to ports of a pod, each made inside
 * the pod's network namespace as the container runtime makes it.
 *
 * Upstream: kubernetes/kubernetes staging/src/k8s.io/kubelet/pkg/cri/streaming/portforward/
 * httpstream.go, websocket.go; staging/src/k8s.io/apiserver/pkg/util/proxy/streamtunnel.go.
 */
import type { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { ByteInput } from './byte-input.ts';
import { SpdyConnection, type SpdyStream } from './spdy/spdy-connection.ts';
import { PORT_FORWARD_PROTOCOLS, upgradeToSpdy } from './spdy-upgrade.ts';
import type { WebSocketBytes } from './websocket-upgrade.ts';

/**
 * Connects to a port of the pod and carries the bytes until one side ends.
 *
 * @returns what went wrong, as the runtime says it; undefined when nothing did
 */
export type ConnectPort = (port: number, client: Duplex) => Promise<string | undefined>;

/** `error forwarding port 80 to pod ID, uid : …`: the kubelet names the sandbox. */
export type ForwardError = (port: number, text: string) => string;

export interface PortForwarder {
  readonly connect: ConnectPort;
  readonly errorText: ForwardError;
}

/** The client's bytes as a socket. */
class ClientSocket extends Duplex {
  readonly #input: ByteInput;
  readonly #send: (bytes: Buffer) => void;
  readonly #sendEnd: () => void;
  #isReading = false;

  constructor(input: ByteInput, send: (bytes: Buffer) => void, sendEnd: () => void) {
    super({ allowHalfOpen: true });
    this.#input = input;
    this.#send = send;
    this.#sendEnd = sendEnd;
  }

  override _read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    void this.#input.read().then((bytes) => {
      this.#isReading = false;
      this.push(bytes ?? null);
    });
  }

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.#send(bytes);
    done();
  }

  override _final(done: () => void): void {
    this.#sendEnd();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#input.discard();
    this.#sendEnd();
    done(error);
  }
}

const portOf = (text: string): number | undefined => {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
};

/** A connection of two streams: what goes wrong with the first is told on the second. */
interface Pair {
  data?: SpdyStream | undefined;
  error?: SpdyStream | undefined;
}

/** Brings the streams of a SPDY connection together in pairs, and connects each pair. */
function pairs({ connect, errorText }: PortForwarder): (stream: SpdyStream) => void {
  const open = new Map<string, Pair>();
  const forward = async (port: number, data: SpdyStream, error: SpdyStream): Promise<void> => {
    const client = new ClientSocket(
      data.input,
      (bytes) => data.write(bytes),
      () => data.end(),
    );
    client.on('error', () => client.destroy());
    const failure = await connect(port, client);
    if (failure !== undefined) error.write(Buffer.from(errorText(port, failure)));
    client.destroy();
    error.end();
  };
  return (stream) => {
    const { streamtype: type = '', port: portText = '', requestid } = stream.headers;
    const port = portOf(portText);
    if (port === undefined || (type !== 'data' && type !== 'error')) {
      stream.input.discard();
      stream.end();
      return;
    }
    const id = requestid ?? String(type === 'error' ? stream.id : stream.id - 2);
    const pair = open.get(id) ?? {};
    pair[type] = stream;
    if (pair.data === undefined || pair.error === undefined) {
      open.set(id, pair);
      return;
    }
    open.delete(id);
    void forward(port, pair.data, pair.error);
  };
}

/** What is left open when the client has gone. */
export interface Forwarding {
  onLost(callback: () => void): void;
  abandon(): void;
}

/** Over SPDY itself; undefined when it was refused. */
export function forwardOverSpdy(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  forwarder: PortForwarder,
): Forwarding | undefined {
  const onStream = pairs(forwarder);
  const upgraded = upgradeToSpdy(request, socket, head, PORT_FORWARD_PROTOCOLS, onStream);
  return (
    upgraded && {
      onLost: (callback) => upgraded.loss.onLost(callback),
      abandon: () => upgraded.connection.close(),
    }
  );
}

/** SPDY inside the messages of a WebSocket. */
export function forwardThroughTunnel(socket: WebSocketBytes, forwarder: PortForwarder): Forwarding {
  const connection = new SpdyConnection(socket, pairs(forwarder));
  socket.onMessage((bytes) => connection.receive(bytes));
  socket.onLost(() => connection.lost());
  return {
    onLost: (callback) => socket.onLost(callback),
    abandon: () => connection.close(),
  };
}

/** The ports of `?ports=80,8080&ports=443`; undefined when one of them is none. */
export function portsOf(query: URLSearchParams): readonly number[] | undefined {
  const texts = query.getAll('ports').flatMap((it) => it.split(','));
  const ports = texts.flatMap((it) => portOf(it) ?? []);
  return texts.length > 0 && ports.length === texts.length ? ports : undefined;
}

/** Channels of a WebSocket: two for every port, which both begin with the port's number. */
export function forwardOverChannels(
  socket: WebSocketBytes,
  ports: readonly number[],
  { connect, errorText }: PortForwarder,
): Forwarding {
  const inputs = ports.map(() => new ByteInput(socket));
  socket.onMessage((bytes) => {
    const channel = bytes[0] ?? 1;
    if (channel % 2 === 0) inputs[channel / 2]?.push(bytes.subarray(1));
  });
  socket.onLost(() => {
    for (const input of inputs) input.end();
  });
  const forward = async (port: number, index: number): Promise<void> => {
    const number = Buffer.of(port & 0xff, port >>> 8);
    const [data, error] = [Buffer.of(2 * index), Buffer.of(2 * index + 1)];
    socket.write(data, number);
    socket.write(error, number);
    const client = new ClientSocket(
      inputs[index]!,
      (bytes) => socket.write(data, bytes),
      () => {},
    );
    client.on('error', () => client.destroy());
    const failure = await connect(port, client);
    if (failure !== undefined) socket.write(error, Buffer.from(errorText(port, failure)));
    client.destroy();
  };
  void Promise.all(ports.map(forward)).then(() => socket.end());
  return { onLost: (callback) => socket.onLost(callback), abandon: () => socket.end() };
}
