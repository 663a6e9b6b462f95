/**
 * shell/network/nc — nc (OpenBSD's, as Debian has it) and telnet: is the port open?
 *
 * Upstream: netcat-openbsd 1.219 netcat.c.
 */
import { formatIp, type Ip, PROTOCOL_TCP, PROTOCOL_UDP } from '../../net/index.ts';
import { parseOptions } from '../options.ts';
import { type Run, readAll } from '../run.ts';
import { callerOf } from './caller.ts';
import { type Attempt, connect } from './connect.ts';
import { resolve } from './resolve.ts';

const PORTS_MAX = 1_000;
const SERVICES: Readonly<Record<number, string>> = {
  22: 'ssh',
  25: 'smtp',
  53: 'domain',
  80: 'http',
  110: 'pop3',
  143: 'imap2',
  443: 'https',
  3306: 'mysql',
  5432: 'postgresql',
  5672: 'amqp',
  6379: 'redis',
  8080: 'http-alt',
  27017: 'mongodb',
};
const UNHEARD_MS = 1_000;
/** A server's patience with a client that says nothing. */
const IDLE_MS = 60_000;

const WHY: Readonly<Record<Exclude<Attempt['kind'], 'connected'>, string>> = {
  refused: 'Connection refused',
  'no-route': 'No route to host',
  'no-network': 'Network is unreachable',
  'timed-out': 'Connection timed out',
  'not-simulated': 'not simulated',
};

const portsOf = (text: string): readonly number[] | undefined => {
  const [, from, to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to)];
  if (from === undefined || first < 1 || last > 65_535 || last < first) return undefined;
  return Array.from({ length: Math.min(PORTS_MAX, last - first + 1) }, (_, i) => first + i);
};

export async function nc(run: Run): Promise<number> {
  const options = parseOptions(run.args, { flags: 'zvun46lkdNtC', valued: 'wqspiX' });
  if (typeof options === 'string') {
    run.err(`nc: ${options}\nusage: nc [-46dNnuvz] [-w timeout] [destination] [port]\n`);
    return 1;
  }
  if (options.has('l')) {
    run.err('nc: listening is not built into this shell\n');
    return 1;
  }
  const [name, portText] = options.words;
  if (name === undefined || portText === undefined) {
    run.err('usage: nc [-46dNnuvz] [-w timeout] [destination] [port]\n');
    return 1;
  }
  const named = Object.entries(SERVICES).find(([, service]) => service === portText)?.[0];
  const ports = portsOf(named ?? portText);
  if (ports === undefined) {
    run.err(`nc: port number invalid: ${portText}\n`);
    return 1;
  }
  const family = options.has('4') ? 4 : options.has('6') ? 6 : undefined;
  const resolved = await resolve(callerOf(run), name, { family });
  if (resolved.kind !== 'found') {
    const why =
      resolved.kind === 'unknown'
        ? 'Name or service not known'
        : 'Temporary failure in name resolution';
    run.err(`nc: getaddrinfo for host "${name}" port ${portText}: ${why}\n`);
    return 1;
  }
  const seconds = Number(options.value('w') ?? 0);
  let status = 1;
  for (const port of ports) {
    await run.patience.turn();
    const isOpen = await tried(run, name, resolved.addresses, port, {
      isUdp: options.has('u'),
      isScan: options.has('z'),
      isVerbose: options.has('v'),
      timeoutMs: seconds > 0 ? seconds * 1_000 : undefined,
    });
    if (isOpen) status = 0;
  }
  return status;
}

interface How {
  readonly isUdp: boolean;
  readonly isScan: boolean;
  readonly isVerbose: boolean;
  readonly timeoutMs: number | undefined;
}

async function tried(
  run: Run,
  name: string,
  addresses: readonly Ip[],
  port: number,
  { isUdp, isScan, isVerbose, timeoutMs }: How,
): Promise<boolean> {
  const protocol = isUdp ? PROTOCOL_UDP : PROTOCOL_TCP;
  const word = isUdp ? 'udp' : 'tcp';
  for (const address of addresses) {
    // Of a datagram nothing is heard but a refusal.
    const wait = isUdp ? UNHEARD_MS : timeoutMs;
    const attempt = await connect(callerOf(run), address, port, { protocol, timeoutMs: wait });
    const isOpen = attempt.kind === 'connected' || (isUdp && attempt.kind === 'timed-out');
    const shown = formatIp(address) === name ? '' : ` (${formatIp(address)})`;
    if (!isOpen) {
      const why =
        attempt.kind === 'not-simulated'
          ? `not simulated: ${attempt.text}`
          : WHY[attempt.kind as 'refused'];
      if (isVerbose)
        run.err(`nc: connect to ${name}${shown} port ${port} (${word}) failed: ${why}\n`);
      continue;
    }
    if (isVerbose)
      run.err(
        `Connection to ${name}${shown} ${port} port [${word}/${SERVICES[port] ?? '*'}] succeeded!\n`,
      );
    if (!isScan) {
      await saidOver(run, timeoutMs ?? (isUdp ? UNHEARD_MS : undefined), isVerbose);
    }
    return true;
  }
  return false;
}

/** What is typed or piped goes over the connection; nobody answers it here, which is said. */
export async function saidOver(run: Run, waitMs: number | undefined, isHeld = false) {
  const said = run.input.isTerminal ? '' : await readAll(run);
  if (said === '' || isHeld) await run.patience.sleep(waitMs ?? IDLE_MS);
  if (said !== '') run.err('ekstwin: what is said over nc is not answered: use curl\n');
}

/** `telnet HOST PORT`. */
export async function telnet(run: Run): Promise<number> {
  const [name, portText = '23'] = run.args.filter((it) => !it.startsWith('-'));
  const port = portsOf(portText)?.[0];
  if (name === undefined || port === undefined) {
    run.err(name === undefined ? 'telnet: HOST PORT\n' : `telnet: ${portText}: bad port\n`);
    return 1;
  }
  const resolved = await resolve(callerOf(run), name);
  if (resolved.kind !== 'found') {
    const why =
      resolved.kind === 'unknown'
        ? 'Name or service not known'
        : 'Temporary failure in name resolution';
    run.err(`telnet: could not resolve ${name}/${portText}: ${why}\n`);
    return 1;
  }
  for (const address of resolved.addresses) {
    run.out(`Trying ${formatIp(address)}...\n`);
    const attempt = await connect(callerOf(run), address, port);
    if (attempt.kind === 'connected') {
      run.out(`Connected to ${name}.\nEscape character is '^]'.\n`);
      await run.patience.sleep(IDLE_MS);
      run.out('Connection closed by foreign host.\n');
      return 1;
    }
    const why =
      attempt.kind === 'not-simulated' ? `not simulated: ${attempt.text}` : WHY[attempt.kind];
    run.err(`telnet: Unable to connect to remote host: ${why}\n`);
  }
  return 1;
}
