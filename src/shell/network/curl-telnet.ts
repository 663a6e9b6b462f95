/**
 * shell/network/curl-telnet — `curl telnet://host:port`, by which people ask whether a port is
 * open: it connects, and stays until the other side closes.
 */

import { formatIp } from '../../net/index.ts';
import type { Url } from '../http/message.ts';
import type { Run } from '../run.ts';
import { callerOf } from './caller.ts';
import { connect } from './connect.ts';
import type { CurlOptions } from './curl-options.ts';
import { curlError, eventText, PROGRESS_HEAD, progressRow } from './curl-texts.ts';
import { resolve } from './resolve.ts';

/** MySQL's connect_timeout; for others a server's usual patience with a client that says nothing. */
const CLOSED_AFTER_MS = { database: 10_000, other: 60_000 } as const;
const MYSQL = 3306;

export async function curlTelnet(run: Run, url: Url, options: CurlOptions): Promise<number> {
  const { isVerbose, isSilent, showsErrors, timeoutMs, connectTimeoutMs } = options;
  const caller = callerOf(run);
  const limitMs = Math.min(
    timeoutMs ?? Number.POSITIVE_INFINITY,
    connectTimeoutMs ?? Number.POSITIVE_INFINITY,
  );
  const hasMeter = !isSilent && !run.isOutputTerminal;
  if (hasMeter) run.err(PROGRESS_HEAD + progressRow(0, 0, 0));
  const told = (text: string): void => {
    if (isVerbose) run.err(text);
  };
  const failed = (failure: Parameters<typeof curlError>[0]): number => {
    const isConnectLimit = timeoutMs === undefined || failure.afterMs < timeoutMs;
    const error = curlError(failure, url, isConnectLimit);
    told(`* ${error.text}\n`);
    if (hasMeter) run.err(`${progressRow(0, 0, failure.afterMs)}\n`);
    told('* Closing connection 0\n');
    if (showsErrors) run.err(`curl: (${error.status}) ${error.text}\n`);
    return error.status;
  };
  const named = await resolve(caller, url.host, { timeoutMs: limitMs, family: options.family });
  if (named.kind !== 'found') {
    const why = named.kind === 'timed-out' ? 'timed-out' : 'unknown-host';
    return failed({ kind: 'failed', at: 'resolve', why, afterMs: named.ms });
  }
  let spentMs = named.ms;
  for (const [i, address] of named.addresses.entries()) {
    const { port } = url;
    told(eventText({ kind: 'trying', address, port }, url));
    const isLast = i === named.addresses.length - 1;
    const givenMs = (limitMs - spentMs) / (isLast ? 1 : 2);
    const attempt = await connect(caller, address, port, { timeoutMs: givenMs });
    spentMs += attempt.ms;
    if (attempt.kind === 'connected') {
      told(`* Connected to ${url.host} (${formatIp(address)}) port ${port} (#0)\n`);
      const stays = port === MYSQL ? CLOSED_AFTER_MS.database : CLOSED_AFTER_MS.other;
      const allowed = (timeoutMs ?? Number.POSITIVE_INFINITY) - spentMs;
      await run.patience.sleep(Math.min(stays, allowed));
      if (allowed < stays)
        return failed({ kind: 'failed', at: 'read', why: 'timed-out', afterMs: timeoutMs! });
      if (hasMeter) run.err(`${progressRow(0, 0, stays)}\n`);
      told('* Closing connection 0\n');
      return 0;
    }
    told(eventText({ kind: 'attempt-failed', address, port, attempt, givenMs }, url));
    if (isLast || spentMs >= limitMs) {
      const text = attempt.kind === 'not-simulated' ? attempt.text : undefined;
      return failed({ kind: 'failed', at: 'connect', why: attempt.kind, afterMs: spentMs, text });
    }
  }
  return failed({ kind: 'failed', at: 'resolve', why: 'unknown-host', afterMs: spentMs });
}
