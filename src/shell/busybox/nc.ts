/**
 * shell/busybox/nc — nc of BusyBox, which is compatible with netcat 1.10 in the images people use.
 *
 * Upstream: mirror/busybox 1.37 networking/nc_bloaty.c.
 */
import { PROTOCOL_TCP, PROTOCOL_UDP } from '../../net/index.ts';
import { callerOf } from '../network/caller.ts';
import { connect } from '../network/connect.ts';
import { saidOver } from '../network/nc.ts';
import { parseOptions } from '../options.ts';
import type { Run } from '../run.ts';
import { addressOf, reasonText, socketText } from './texts.ts';

const UNHEARD_MS = 1_000;
const USAGE = `Usage: nc [OPTIONS] HOST PORT  - connect
nc [OPTIONS] -l -p PORT [HOST] [PORT]  - listen

\t-w SEC\tTimeout for connects and final net reads
\t-n\tDon't do DNS resolution
\t-u\tUDP mode
\t-v\tVerbose
\t-z\tZero-I/O mode (scanning)
`;

export async function nc(run: Run): Promise<number> {
  const options = parseOptions(run.args, { flags: 'lknubvz46', valued: 'wpsieo' });
  const [name, portText] = typeof options === 'string' ? [] : options.words;
  if (typeof options === 'string' || (name === undefined && !options.has('l'))) {
    run.err(typeof options === 'string' ? `nc: ${options}\n${USAGE}` : USAGE);
    return 1;
  }
  if (options.has('l') || name === undefined) {
    run.err('ekstwin: listening is not built into this shell\n');
    return 1;
  }
  const port = Number(portText ?? Number.NaN);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    run.err(portText === undefined ? USAGE : `nc: bad port '${portText}'\n`);
    return 1;
  }
  const address = await addressOf(run, name);
  if (address === undefined) return 1;
  const isUdp = options.has('u');
  const seconds = Number(options.value('w') ?? 0);
  const timeoutMs = isUdp ? UNHEARD_MS : seconds > 0 ? seconds * 1_000 : undefined;
  const protocol = isUdp ? PROTOCOL_UDP : PROTOCOL_TCP;
  const attempt = await connect(callerOf(run), address, port, { protocol, timeoutMs });
  const shown = `${name} (${socketText(address, port)})`;
  const verbosity = options.values('v').length;
  // Of a datagram nothing is heard but a refusal.
  if (attempt.kind === 'connected' || (isUdp && attempt.kind === 'timed-out')) {
    if (verbosity > 0) run.err(`${shown} open\n`);
    if (!options.has('z')) await saidOver(run, seconds > 0 ? seconds * 1_000 : undefined);
    return 0;
  }
  if (attempt.kind === 'not-simulated') run.err(`ekstwin: not simulated: ${attempt.text}\n`);
  else if (verbosity > 1 || (verbosity > 0 && attempt.kind !== 'refused'))
    run.err(`nc: ${shown}: ${reasonText(run, attempt.kind)}\n`);
  return 1;
}
