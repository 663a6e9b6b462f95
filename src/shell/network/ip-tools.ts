/**
 * shell/network/ip-tools — ip, ss, netstat: the network of the pod or node as iproute2 6.1 prints
 * it. Nothing can be changed by them.
 */
import { compile } from '../../datapath/linux/compiled-namespace.ts';
import { NO_MARK } from '../../datapath/linux/decision.ts';
import { lookUpRoute, RouteQuestion } from '../../datapath/linux/policy-routing.ts';
import { ipAddrText } from '../../formats/linux/ip-addr.ts';
import { namespaceText, parseNamespaceView } from '../../formats/linux/namespace-view.ts';
import { InputError } from '../../model/input-error.ts';
import type { NetworkNamespace, Socket } from '../../model/linux/namespace.ts';
import { formatIp, PROTOCOL_TCP, parseIp } from '../../net/index.ts';
import { namespaceOf } from '../host.ts';
import type { Run } from '../run.ts';
import { callerOf, sourceFor } from './caller.ts';

const CHANGES = ['add', 'del', 'delete', 'change', 'replace', 'set', 'flush', 'append'];
const OBJECTS = ['address', 'link', 'route', 'rule', 'neighbour', 'neighbor'];

interface IpFlags {
  readonly isBrief: boolean;
  readonly isOneLine: boolean;
  readonly family: 4 | 6 | undefined;
}

/** The namespace; undefined: not known, and that is said. */
export function knownNamespace(run: Run): NetworkNamespace | undefined {
  const namespace = namespaceOf(run.host);
  if (namespace === undefined)
    run.err(
      'ekstwin: the network of this machine is not known: no interface of it is in the input\n',
    );
  return namespace;
}

export function ip(run: Run): number {
  const words = [...run.args];
  const flags = { isBrief: false, isOneLine: false, family: undefined as 4 | 6 | undefined };
  while (words[0]?.startsWith('-')) {
    const flag = words.shift()!;
    if (flag === '-4' || flag === '-6') flags.family = flag === '-4' ? 4 : 6;
    else if (/^-br/.test(flag)) flags.isBrief = true;
    else if (/^-o/.test(flag)) flags.isOneLine = true;
    else if (!/^-(c|color|d|details|s|stats|n|N)/.test(flag)) {
      run.err(`Option "${flag}" is unknown, try "ip -help".\n`);
      return 255;
    }
  }
  const [asked = '', ...rest] = words;
  const object = OBJECTS.find((it) => asked !== '' && it.startsWith(asked));
  if (object === undefined) {
    run.err(
      asked === ''
        ? 'Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\n'
        : `Object "${asked}" is unknown, try "ip help".\n`,
    );
    return asked === '' ? 255 : 1;
  }
  if (rest.some((it) => CHANGES.includes(it))) {
    run.err('RTNETLINK answers: Operation not permitted\n');
    return 2;
  }
  const namespace = knownNamespace(run);
  if (namespace === undefined) return 1;
  if (object === 'address' || object === 'link')
    return links(run, namespace, object === 'link', flags, rest);
  if (object === 'route' && rest[0] === 'get') return routeTo(run, namespace, rest[1] ?? '');
  return viewed(run, namespace, [object === 'neighbor' ? 'neigh' : asked, ...rest], flags);
}

function viewed(
  run: Run,
  namespace: NetworkNamespace,
  words: readonly string[],
  { family }: IpFlags,
): number {
  try {
    const view = parseNamespaceView(['ip', ...words], { isIpv6: family === 6 });
    if (view !== undefined) run.out(namespaceText(namespace, view));
    return 0;
  } catch (mistake) {
    if (!(mistake instanceof InputError)) throw mistake;
    run.err(`ip: ${mistake.problem}\n`);
    return 255;
  }
}

function links(
  run: Run,
  namespace: NetworkNamespace,
  isLink: boolean,
  { isBrief, isOneLine, family }: IpFlags,
  rest: readonly string[],
): number {
  const device = rest.filter((it) => !/^(show|list|sh|s|ls|l|dev|up)$/.test(it))[0];
  const blocks = ipAddrText(namespace)
    .split(/^(?=\d+: )/m)
    .map((block) => block.split('\n').filter((line) => line !== ''))
    .filter(([first = '']) => device === undefined || first.split(/[:@ ]+/)[1] === device);
  if (device !== undefined && blocks.length === 0) {
    run.err(`Device "${device}" does not exist.\n`);
    return 1;
  }
  for (const [head = '', hardware = '', ...lines] of blocks) {
    const pairs = lines.flatMap((line, i) =>
      i % 2 === 0 ? [[line, lines[i + 1] ?? ''] as const] : [],
    );
    const wanted = pairs.filter(
      ([line]) => family === undefined || line.trim().startsWith(family === 6 ? 'inet6' : 'inet '),
    );
    if (isBrief)
      run.out(
        briefRow(
          head,
          hardware,
          isLink ? [] : wanted.map(([line]) => line.trim().split(' ')[1]!),
          isLink,
        ),
      );
    else if (isOneLine && !isLink) {
      const [number, name = ''] = head.split(/[:@ ]+/);
      for (const [line, lifetime] of wanted)
        run.out(`${number}: ${name}    ${line.trim()}\\${lifetime}\n`);
    } else {
      const all = isLink ? [] : wanted.flat();
      if (family !== undefined && !isLink && all.length === 0) continue;
      run.out([head, hardware, ...all].map((line) => `${line}\n`).join(''));
    }
  }
  return 0;
}

function briefRow(
  head: string,
  hardware: string,
  addresses: readonly string[],
  isLink: boolean,
): string {
  const [, name = '', flags = '', state = ''] =
    /^\d+: (\S+): <(.*)> .* state (\S+)/.exec(head) ?? [];
  const tail = isLink ? `${hardware.trim().split(' ')[1]} <${flags}>` : addresses.join(' ');
  return `${name.padEnd(16)} ${state.padEnd(14)} ${tail} \n`;
}

function routeTo(run: Run, namespace: NetworkNamespace, text: string): number {
  const to = parseIp(text);
  if (to === undefined) {
    run.err(`Error: any valid prefix is expected rather than "${text}".\n`);
    return 1;
  }
  const source = sourceFor(callerOf(run), to, PROTOCOL_TCP);
  const question = new RouteQuestion(source, to, 'lo', NO_MARK, PROTOCOL_TCP);
  const answer = lookUpRoute(compile(namespace), question);
  if (answer === undefined || !['unicast', 'local', 'broadcast'].includes(answer.route.type)) {
    run.err(`RTNETLINK answers: Network is unreachable\n`);
    return 2;
  }
  const { type, device, via, route } = answer.route;
  const isLocal = type === 'local';
  const table = route === undefined || route.table === 254 ? '' : ` table ${route.table}`;
  run.out(
    `${isLocal ? 'local ' : ''}${formatIp(to)}${via === undefined ? '' : ` via ${formatIp(via)}`} dev ${isLocal ? 'lo' : device}${table}` +
      `${source === undefined ? '' : ` src ${formatIp(source)}`} uid 0 \n    cache ${isLocal ? '<local> ' : ''}\n`,
  );
  return 0;
}

const shown = ({ address, port }: Socket, isV6: boolean): string =>
  address === undefined
    ? `${isV6 ? '*' : '0.0.0.0'}:${port}`
    : `${address.includes(':') ? `[${address}]` : address}:${port}`;

/** Sockets that wait; of connections nothing is kept. */
function socketsOf(run: Run): readonly Socket[] | undefined {
  const namespace = knownNamespace(run);
  if (namespace === undefined) return undefined;
  if (!namespace.areSocketsKnown)
    run.err('ekstwin: no container declares a port, so what listens here is not known\n');
  const letters = run.args.filter((it) => it.startsWith('-')).join('');
  const isTcp = letters.includes('t') || !letters.includes('u');
  const isUdp = letters.includes('u') || !letters.includes('t');
  return [...namespace.sockets]
    .filter(({ protocol }) => (protocol === 'tcp' ? isTcp : protocol === 'udp' ? isUdp : false))
    .sort((a, b) => (a.protocol < b.protocol ? -1 : a.protocol > b.protocol ? 1 : a.port - b.port));
}

export function ss(run: Run): number {
  const sockets = socketsOf(run);
  if (sockets === undefined) return 1;
  const isBoth = new Set(sockets.map(({ protocol }) => protocol)).size > 1;
  const row = (cells: readonly string[]): string =>
    `${cells
      .map((cell, i) => (i === 3 || i === 4 ? cell.padStart(20) : cell.padEnd(7)))
      .join(' ')
      .trimEnd()}\n`;
  run.out(
    (isBoth ? 'Netid  ' : '') +
      row(['State', 'Recv-Q', 'Send-Q', 'Local Address:Port', 'Peer Address:Port', 'Process']),
  );
  for (const socket of sockets) {
    const state = socket.protocol === 'tcp' ? 'LISTEN' : 'UNCONN';
    const process = run.args.some((it) => /^-\w*p/.test(it)) ? `users:(("${socket.process}"))` : '';
    run.out(
      (isBoth ? socket.protocol.padEnd(7) : '') +
        row([
          state,
          '0',
          socket.protocol === 'tcp' ? '4096' : '0',
          shown(socket, true),
          '*:*',
          process,
        ]),
    );
  }
  return 0;
}

export function netstat(run: Run): number {
  const sockets = socketsOf(run);
  if (sockets === undefined) return 1;
  run.out(
    'Active Internet connections (only servers)\nProto Recv-Q Send-Q Local Address           Foreign Address         State      \n',
  );
  for (const socket of sockets)
    run.out(
      `${socket.protocol.padEnd(5)} ${'0'.padStart(6)} ${'0'.padStart(6)} ${shown(socket, false).padEnd(23)} ${'0.0.0.0:*'.padEnd(23)} ${socket.protocol === 'tcp' ? 'LISTEN     ' : ''}\n`,
    );
  return 0;
}
