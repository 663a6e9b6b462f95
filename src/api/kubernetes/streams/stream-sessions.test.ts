import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { controlFrame } from './spdy/spdy-frame.ts';
import { rawWebSocket, SpdyClient, streamServer } from './streams.fixture.ts';

let at: Awaited<ReturnType<typeof streamServer>>;

beforeAll(async () => {
  at = await streamServer();
});

afterAll(async () => {
  at.sessions.close();
  at.server.closeAllConnections();
  await new Promise((resolve) => at.server.close(resolve));
});

const V4 = 'v4.channel.k8s.io';
const V5 = 'v5.channel.k8s.io';
const exec = (program: string, more = ''): string =>
  `/default/web/exec?${program
    .split(' ')
    .map((word) => `command=${encodeURIComponent(word)}`)
    .join('&')}&stdout=true&stderr=true${more}`;

async function spdy(path: string, protocol = V4): Promise<SpdyClient> {
  const client = await SpdyClient.connect(at.port, path, protocol);
  if (!(client instanceof SpdyClient)) throw new Error(`${client.code} ${client.body}`);
  return client;
}

const refusal = async (path: string, protocol = V4) => {
  const answer = await SpdyClient.connect(at.port, path, protocol);
  if (answer instanceof SpdyClient) throw new Error('it was upgraded');
  return answer;
};

/** Messages by channel, until the server closes. */
function webSocket(path: string, protocols: string[]) {
  const socket = new WebSocket(`ws://127.0.0.1:${at.port}${path}`, protocols);
  const heard: Record<number, string> = {};
  socket.on('message', (data: Buffer) => {
    const channel = data[0] ?? -1;
    heard[channel] = (heard[channel] ?? '') + data.subarray(1).toString();
  });
  const opened = new Promise<void>((resolve, reject) => {
    socket.on('open', resolve);
    socket.on('error', reject);
  });
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  return { socket, heard, opened, closed };
}

const until = async (isSo: () => boolean): Promise<void> => {
  for (let tries = 0; tries < 400 && !isSo(); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(isSo()).toBe(true);
};

describe('exec over SPDY', () => {
  const streamsOf = (client: SpdyClient, ...types: string[]) =>
    types.map((streamtype) => client.open({ streamtype }));

  test('what a program writes comes on its stream, and success at the end', async () => {
    const client = await spdy(exec('echo hello'));
    const [error, stdout, stderr] = streamsOf(client, 'error', 'stdout', 'stderr');
    await Promise.all([error!.ended, stdout!.ended, stderr!.ended]);
    expect(stdout!.text()).toBe('hello\n');
    expect(JSON.parse(error!.text())).toEqual({ metadata: {}, status: 'Success' });
    expect(client.replies).toBe(3);
  });

  test('an exit code is a cause of the Status that kubectl exits with', async () => {
    const client = await spdy(exec('fail now'));
    const [error, , stderr] = streamsOf(client, 'error', 'stdout', 'stderr');
    await error!.ended;
    expect(stderr!.text()).toBe('oops\n');
    expect(JSON.parse(error!.text())).toEqual({
      metadata: {},
      status: 'Failure',
      message:
        'command terminated with non-zero exit code: error executing command [fail now], exit code 7',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '7' }] },
    });
  });

  test('200 kB come whole, and a half-closed standard input is an end of file', async () => {
    const big = await spdy(exec('big'));
    const [, out] = streamsOf(big, 'error', 'stdout', 'stderr');
    await out!.ended;
    expect(out!.text()).toHaveLength(200_000);
    const client = await spdy(exec('cat', '&stdin=true'));
    const [stdin, stdout] = streamsOf(client, 'stdin', 'stdout', 'stderr', 'error');
    stdin!.write('grüße'.repeat(30_000));
    stdin!.end();
    await stdout!.ended;
    expect(stdout!.text() === 'grüße'.repeat(30_000)).toBe(true);
  });

  test('a program that is not there is told in the words of kubelet, containerd and runc', async () => {
    const client = await spdy(exec('nosuch'));
    const [error] = streamsOf(client, 'error', 'stdout', 'stderr');
    await error!.ended;
    const status = JSON.parse(error!.text());
    expect(status).toMatchObject({ status: 'Failure', reason: 'InternalError', code: 500 });
    expect(status.message.replace(/[0-9a-f]{64}/, 'ID')).toBe(
      'Internal error occurred: error executing command in container: failed to exec in ' +
        'container: failed to start exec "ID": OCI runtime exec failed: exec failed: unable to ' +
        'start container process: exec: "nosuch": executable file not found in $PATH: unknown',
    );
  });

  test('a client that goes away is told to the program', async () => {
    const client = await spdy(exec('wait'));
    const [, stdout] = streamsOf(client, 'error', 'stdout', 'stderr');
    await until(() => stdout!.text() === 'waiting\n');
    const before = at.seen.hangUps;
    client.hangUp();
    await until(() => at.seen.hangUps === before + 1);
  });

  test('errors before the upgrade are the API server’s, with their codes', async () => {
    const texts: [string, number, string][] = [
      ['/default/nobody/exec?command=x&stdout=1', 404, 'pods "nobody" not found'],
      [
        '/default/web/exec?container=zz&command=x&stdout=1',
        400,
        'container zz is not valid for pod web',
      ],
      [
        '/default/two/exec?command=x&stdout=1',
        400,
        'a container name must be specified for pod two, choose one of: [a b]',
      ],
      [
        '/default/homeless/exec?command=x&stdout=1',
        400,
        'pod homeless does not have a host assigned',
      ],
    ];
    for (const [path, code, message] of texts) {
      const answer = await refusal(path);
      expect(JSON.parse(answer.body)).toMatchObject({ kind: 'Status', code, message });
      expect(answer.code).toBe(code);
    }
  });

  test('no stream, no protocol or none that is known: refused in plain text', async () => {
    expect(await refusal('/default/web/exec?command=x')).toEqual({
      code: 400,
      body: 'you must specify at least 1 of stdin, stdout, stderr',
    });
    expect(await refusal(exec('echo'), '')).toEqual({
      code: 400,
      body: 'unable to upgrade: X-Stream-Protocol-Version is required\n',
    });
    expect(await refusal(exec('echo'), 'channel.k8s.io')).toEqual({
      code: 403,
      body:
        'unable to upgrade: unable to negotiate protocol: client supports [channel.k8s.io], ' +
        `server accepts [${V5} ${V4}]\n`,
    });
  });

  test('what is no SPDY ends the connection and nothing else', async () => {
    for (const bytes of [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'.repeat(3)),
      controlFrame(1, Buffer.alloc(3)),
      controlFrame(1, Buffer.alloc(10), Buffer.from('no zlib at all')),
      Buffer.of(0x80, 3, 0, 1, 0, 0xff, 0xff, 0xff),
      Buffer.of(0x80, 2, 0, 1, 0, 0, 0, 10),
    ]) {
      const client = await spdy(exec('echo still here'));
      const closed = new Promise<void>((resolve) => client.onClose(resolve));
      client.send(bytes);
      // A request line reads as the head of a long data frame; its end never comes.
      if (bytes[0] === 0x47) client.hangUp();
      await closed;
    }
  });
});

describe('exec over WebSocket', () => {
  test('v5: channels by number, standard input closed by its signal, one Status', async () => {
    const { socket, heard, opened, closed } = webSocket(exec('cat', '&stdin=true'), [V5, V4]);
    await opened;
    expect(socket.protocol).toBe(V5);
    socket.send(Buffer.from('\0one '));
    socket.send(Buffer.from('\0two'));
    socket.send(Buffer.of(255, 0));
    expect(await closed).toBe(1000);
    expect(heard).toEqual({ 1: 'one two', 3: '{"metadata":{},"status":"Success"}' });
  });

  test('v5 tells exit codes in the API server’s words', async () => {
    const { heard, closed } = webSocket(exec('fail'), [V5]);
    await closed;
    expect(heard[2]).toBe('oops\n');
    expect(JSON.parse(heard[3]!).message).toBe(
      'command terminated with non-zero exit code: command terminated with exit code 7',
    );
  });

  test('v4 begins with an empty message, as the kubelet does', async () => {
    const { socket, heard, closed } = webSocket(exec('echo hi'), [V4]);
    const first = await new Promise<Buffer>((resolve) => socket.once('message', resolve));
    expect([...first]).toEqual([1]);
    await closed;
    expect(heard[1]).toBe('hi\n');
  });

  test('base64 channels and other subprotocols are refused', async () => {
    for (const protocol of ['v4.base64.channel.k8s.io', 'base64.channel.k8s.io', 'mqtt']) {
      const { opened } = webSocket(exec('echo'), [protocol]);
      await expect(opened).rejects.toThrow('403');
    }
  });

  test('a terminal echoes, edits, resizes and interrupts', async () => {
    const before = at.seen.interrupts;
    const path = exec('columns', '&stdin=true&tty=true');
    const { socket, heard, opened, closed } = webSocket(path, [V5]);
    await opened;
    socket.send(Buffer.from('\x04{"Width":132,"Height":40}'));
    socket.send(Buffer.from('\0ab\x7fc\x03'));
    await until(() => at.seen.interrupts === before + 1);
    socket.send(Buffer.from('\0x\r'));
    await closed;
    expect(heard[1]).toBe('ab\b \bc^C\r\nx\r\n132 true\r\n');
    expect(heard[2]).toBeUndefined();
  });

  test('a shell at a terminal gets the keys as they are, Ctrl-C too while it waits for one', async () => {
    const { socket, heard, opened, closed } = webSocket(exec('sh', '&stdin=true&tty=true'), [V5]);
    await opened;
    socket.send(Buffer.from('\0l\x03'));
    await closed;
    expect(heard[1]).toBe('"l\\u0003"');
  });

  test('a pod that is deleted takes its programs with it', async () => {
    const { heard, closed } = webSocket('/default/two/exec?container=a&command=wait&stdout=1', [
      V5,
    ]);
    await until(() => heard[1] === 'waiting\n');
    at.twin.kubernetes.delete('Pod', 'default/two', { gracePeriodSeconds: 0 });
    await closed;
    expect(JSON.parse(heard[3]!).details.causes[0].message).toBe('137');
  });

  test('a bug in a program is an error of that run, not of the server', async () => {
    const { heard, closed } = webSocket(exec('crash'), [V5]);
    await closed;
    expect(JSON.parse(heard[3]!)).toMatchObject({ status: 'Failure', reason: 'InternalError' });
  });
});

describe('attach', () => {
  test('what a container writes from now on is shown; when the client goes nothing ends', async () => {
    at.seen.log.set('nginx', ['before']);
    const { socket, heard, opened } = webSocket('/default/web/attach?stdout=1', [V5]);
    await opened;
    await new Promise((resolve) => setTimeout(resolve, 50));
    at.seen.log.get('nginx')!.push('now');
    await until(() => heard[1] !== undefined);
    expect(heard).toEqual({ 1: 'now\n' });
    socket.close();
    expect(at.twin.store.get('Pod', 'default/web')?.status?.phase).toBe('Running');
  });

  test('a container that waits at its standard input runs its program and ends with it', async () => {
    const { heard, closed } = webSocket('/default/debugger/attach?stdin=1&stdout=1&stderr=1', [V5]);
    await closed;
    expect(heard[2]).toBe('oops\n');
    const { phase, containerStatuses } = at.twin.store.get('Pod', 'default/debugger')!.status!;
    expect(phase).toBe('Failed');
    expect(containerStatuses![0]!.state!.terminated).toMatchObject({
      exitCode: 7,
      reason: 'Error',
    });
    const again = webSocket('/default/debugger/attach?stdin=1&stdout=1', [V5]);
    await again.closed;
    expect(JSON.parse(again.heard[3]!).message).toBe(
      'Internal error occurred: unable to upgrade connection: container not found ("c")',
    );
  });
});

describe('port-forward', () => {
  const PORTS = '/default/web/portforward';

  test('over SPDY: each pair of streams is a connection', async () => {
    const client = await spdy(PORTS, 'portforward.k8s.io');
    const pair = (id: string) => {
      const headers = { port: '80', requestid: id };
      const error = client.open({ ...headers, streamtype: 'error' });
      error.end();
      return { error, data: client.open({ ...headers, streamtype: 'data' }) };
    };
    const [one, two] = [pair('0'), pair('1')];
    one.data.write('a');
    two.data.write('b');
    await until(() => one.data.text() !== '' && two.data.text() !== '');
    one.data.end();
    await Promise.all([one.data.ended, one.error.ended]);
    expect([one.data.text(), one.error.text(), two.data.text()]).toEqual([
      '80 heard a',
      '',
      '80 heard b',
    ]);
    client.hangUp();
  });

  test('where nothing listens the runtime’s error comes on the error stream', async () => {
    const client = await spdy(PORTS, 'portforward.k8s.io');
    const headers = { port: '81', requestid: '0' };
    const error = client.open({ ...headers, streamtype: 'error' });
    const data = client.open({ ...headers, streamtype: 'data' });
    await Promise.all([error.ended, data.ended]);
    expect(error.text()).toMatch(
      /^error forwarding port 81 to pod [0-9a-f]+, uid : failed to execute portforward in network namespace "[^"]+": failed to connect to localhost:81 inside namespace "[0-9a-f]+", IPv4: dial tcp4 127.0.0.1:81: connect: connection refused /,
    );
    client.hangUp();
  });

  test('tunnelled through a WebSocket', async () => {
    const client = new SpdyClient(
      await rawWebSocket(at.port, PORTS, 'SPDY/3.1+portforward.k8s.io'),
    );
    const headers = { port: '80', requestid: '0' };
    client.open({ ...headers, streamtype: 'error' });
    const data = client.open({ ...headers, streamtype: 'data' });
    data.write('tunnel');
    await until(() => data.text() === '80 heard tunnel');
    client.hangUp();
  });

  test('over numbered channels, which begin with the port', async () => {
    const { socket, heard, opened } = webSocket(`${PORTS}?ports=80`, [V4]);
    await opened;
    socket.send(Buffer.from('\0x'));
    await until(() => heard[0]?.includes('heard') === true);
    expect(heard).toEqual({ 0: 'P\u{0}80 heard x', 1: 'P\u{0}' });
    socket.close();
  });

  test('channels without a port are refused', async () => {
    const { opened } = webSocket(`${PORTS}?ports=0`, [V4]);
    await expect(opened).rejects.toThrow('400');
  });
});
