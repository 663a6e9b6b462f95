/** test/wire/fuzz/broken-http — bytes that are no HTTP, half of it, or too much of it. */
import type { Dice } from './chance.ts';
import type { Manners } from './raw-requests.ts';

export interface Broken {
  readonly bytes: Buffer;
  readonly manners: Manners;
}

/** @param paths  where such a request would be looked at, @param authorization  whose it is */
export function brokenHttp(dice: Dice, paths: readonly string[], authorization: string): Broken {
  const path = dice.one(paths);
  const head = `POST ${path} HTTP/1.1\r\nHost: twin\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\n`;
  const manners = dice.one<Manners>(['waits', 'hangs up', 'half-closes']);
  const text = (bytes: string, how: Manners = manners): Broken => ({
    bytes: Buffer.from(bytes, 'latin1'),
    manners: how,
  });
  switch (dice.below(14)) {
    case 0:
      return { bytes: dice.bytes(dice.below(400)), manners };
    case 1:
      return text(`${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`);
    case 2:
      return text(`${head}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}`, 'hangs up');
    case 3:
      return text(`${head}Content-Length: 10\r\nContent-Length: 20\r\n\r\n{}`);
    case 4:
      return text(
        `${head}Content-Length: 1000\r\n\r\n{"kind":`,
        dice.one(['hangs up', 'half-closes']),
      );
    case 5:
      return text(`${head}Content-Length: 9999999999\r\n\r\n{}`, 'waits');
    case 6:
      return text(`${head}X-Long: ${'x'.repeat(20_000)}\r\n\r\n`);
    case 7:
      return text(`GET ${path} HTTP/9.9\r\nHost: twin\r\n\r\n`);
    case 8:
      return text(`GET ${path}\u0000 HTTP/1.1\r\nHost: twin\r\n\r\n`);
    case 9:
      return text(head, dice.one(['hangs up', 'half-closes']));
    case 10:
      return text(`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`);
    case 11:
      return text(`CONNECT ${path}:443 HTTP/1.1\r\nHost: twin\r\n\r\n`);
    case 12:
      return text(
        `${dice.one(['GET', 'OPTIONS', 'CONNECT'])} ${dice.one(['*', 'http://[::1', '//', 'http://%', '\\', '/%zz?%', 'https://a:b@c:99999/'])} HTTP/1.1\r\nHost: ${dice.one(['twin', '', '[', 'a b'])}\r\nAuthorization: ${authorization}\r\n\r\n`,
      );
    default:
      return text(
        `GET ${path} HTTP/1.1\r\nHost: twin\r\nExpect: 100-continue\r\nTransfer-Encoding: gzip, chunked\r\n\r\n`,
      );
  }
}

const STREAMS = [
  'exec?command=echo&stdout=1',
  'attach?stdout=1',
  'portforward?ports=80',
  'exec',
  'log',
];

/** An upgrade that goes wrong: before it, or by what is sent after it. */
export function brokenUpgrade(dice: Dice, pod: string, authorization: string): Broken {
  const isWebSocket = dice.isLucky(0.5);
  const protocol = dice.one([
    'v5.channel.k8s.io',
    'v4.channel.k8s.io',
    'SPDY/3.1+portforward.k8s.io',
    'portforward.k8s.io',
    'v4.base64.channel.k8s.io',
    '',
    ',,,',
  ]);
  const name = dice.isLucky(0.9) ? pod : dice.one(['nobody', '%', '..']);
  const lines = [
    `${isWebSocket ? 'GET' : 'POST'} /api/v1/namespaces/default/pods/${name}/${dice.one(STREAMS)} HTTP/1.1`,
    'Host: twin',
    `Authorization: ${dice.isLucky(0.95) ? authorization : 'Bearer nobody'}`,
    'Connection: Upgrade',
    `Upgrade: ${isWebSocket ? 'websocket' : dice.one(['SPDY/3.1', 'SPDY/3.1', 'h2c', ''])}`,
    ...(isWebSocket
      ? [
          `Sec-WebSocket-Version: ${dice.isLucky(0.9) ? 13 : 7}`,
          `Sec-WebSocket-Key: ${dice.isLucky(0.9) ? dice.bytes(16).toString('base64') : 'short'}`,
          `Sec-WebSocket-Protocol: ${protocol}`,
        ]
      : [`X-Stream-Protocol-Version: ${protocol}`]),
  ];
  const frames = Array.from({ length: dice.below(5) }, () => frame(dice, isWebSocket));
  return {
    bytes: Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), ...frames]),
    manners: dice.one<Manners>(['hangs up', 'half-closes']),
  };
}

function frame(dice: Dice, isWebSocket: boolean): Buffer {
  const body = dice.bytes(dice.below(60));
  if (dice.isLucky(0.2)) return body;
  if (isWebSocket) {
    const opcode = dice.one([0x80, 0x81, 0x82, 0x88, 0x89, 0x8a, 0x8f, 0xf2, 0x02]);
    const mask = dice.isLucky(0.9) ? 0x80 : 0;
    return Buffer.concat([Buffer.of(opcode, mask | body.length, 0, 0, 0, 0), body]);
  }
  const type = dice.below(12);
  const flags = dice.below(256);
  const head = dice.isLucky(0.7) ? Buffer.of(0x80, 3, 0, type) : Buffer.of(0, 0, 0, dice.below(4));
  const length = dice.isLucky(0.9) ? body.length : dice.below(2 ** 24);
  return Buffer.concat([
    head,
    Buffer.of(flags, length >>> 16, (length >>> 8) & 0xff, length & 0xff),
    body,
  ]);
}
