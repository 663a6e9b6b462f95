/**
 * shell/network/curl-texts — what curl says: errors with their numbers, the progress meter, and
 * the variables of --write-out.
 *
 * Upstream: curl 7.88.1 lib/connect.c, lib/multi.c, lib/strerror.c, src/tool_writeout.c,
 * lib/progress.c; the texts are those the program prints.
 */
import { formatIp } from '../../net/index.ts';
import type { ExchangeEvent, Outcome } from '../http/exchange.ts';
import { headerOf, type Url, urlText } from '../http/message.ts';

export interface CurlError {
  readonly status: number;
  readonly text: string;
}

const UNTRUSTED = `
More details here: https://curl.se/docs/sslcerts.html

curl failed to verify the legitimacy of the server and therefore could not
establish a secure connection to it. To learn more about this situation and
how to fix it, please visit the web page mentioned above.`;

type Failed = Extract<Outcome, { kind: 'failed' }>;

/** @param isConnectLimit  what ended it was --connect-timeout, or the kernel; not --max-time */
export function curlError(failed: Failed, { host, port }: Url, isConnectLimit: boolean): CurlError {
  const ms = Math.round(failed.afterMs);
  const toConnect = (why: string): string =>
    `Failed to connect to ${host} port ${port} after ${ms} ms: ${why}`;
  switch (failed.why) {
    case 'unknown-host':
    case 'unreachable-resolver':
      return { status: 6, text: `Could not resolve host: ${host}` };
    case 'timed-out':
      if (failed.at === 'resolve')
        return { status: 28, text: `Resolving timed out after ${ms} milliseconds` };
      if (failed.at === 'read') {
        const text = `Operation timed out after ${ms} milliseconds with 0 bytes received`;
        return { status: 28, text };
      }
      return isConnectLimit
        ? { status: 28, text: toConnect('Timeout was reached') }
        : { status: 28, text: `Connection timed out after ${ms} milliseconds` };
    case 'refused':
    case 'no-route':
    case 'no-network':
      return { status: 7, text: toConnect("Couldn't connect to server") };
    case 'not-simulated':
      return {
        status: 7,
        text: `${toConnect("Couldn't connect to server")}\nekstwin: not simulated: ${failed.text ?? host}`,
      };
    case 'not-tls':
      return {
        status: 35,
        text: 'OpenSSL/3.0.19: error:0A00010B:SSL routines::wrong version number',
      };
    case 'untrusted':
      return {
        status: 60,
        text: `SSL certificate problem: unable to get local issuer certificate${UNTRUSTED}`,
      };
    case 'self-signed':
      return { status: 60, text: `SSL certificate problem: self-signed certificate${UNTRUSTED}` };
    case 'wrong-name': {
      const text = `SSL: no alternative certificate subject name matches target host name '${host}'`;
      return { status: 60, text: text + UNTRUSTED };
    }
    case 'closed':
      return { status: 52, text: 'Empty reply from server' };
    case 'other-protocol':
      return { status: 1, text: 'Received HTTP/0.9 when not allowed' };
  }
}

export const PROGRESS_HEAD =
  '  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n' +
  '                                 Dload  Upload   Total   Spent    Left  Speed\n';

/** In five characters. */
const short = (count: number): string => {
  if (count < 100_000) return String(count).padStart(5);
  return (
    count < 10_240_000 ? `${Math.floor(count / 1024)}k` : `${(count / 1_048_576).toFixed(1)}M`
  ).padStart(5);
};

const clock = (seconds: number): string => {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `${String(Math.floor(seconds / 3600)).padStart(2)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`;
};

/** One row of the meter. */
export function progressRow(bytes: number, sent: number, ms: number): string {
  const all = bytes + sent;
  const seconds = Math.floor(ms / 1_000);
  const speed = (count: number): number => (ms === 0 ? 0 : Math.round((count * 1_000) / ms));
  const share = (count: number): string => (count > 0 ? '100' : '  0');
  const none = '--:--:--';
  return (
    `\r${share(all)} ${short(all)}  ${share(bytes)} ${short(bytes)}  ${share(sent)} ${short(sent)}  ` +
    `${short(speed(bytes))}  ${short(speed(sent))} ${seconds > 0 && all > 0 ? clock(seconds) : none} ` +
    `${seconds > 0 ? clock(seconds) : none} ${none} ${short(speed(all))}`
  );
}

export interface Transfer {
  readonly url: Url;
  readonly method: string;
  readonly outcome: Outcome | undefined;
  readonly redirects: number;
  readonly sentBytes: number;
  readonly headerBytes: number;
  readonly error: CurlError | undefined;
}

/** @returns the text, and what it knows no variable for */
export function writtenOut(
  format: string,
  transfer: Transfer,
): { readonly text: string; readonly unknown: readonly string[] } {
  const values = variablesOf(transfer);
  const unknown: string[] = [];
  const text = format.replace(
    /%\{([^}]*)\}|%%|\\([nrt])/g,
    (all, name: string | undefined, letter: 'n' | undefined) => {
      if (letter !== undefined) return { n: '\n', r: '\r', t: '\t' }[letter];
      if (name === undefined) return '%';
      if (name === 'stdout' || name === 'stderr') return '';
      const value = values.get(name);
      if (value === undefined) unknown.push(name);
      return value ?? (all === '' ? all : '');
    },
  );
  return { text, unknown };
}

function variablesOf(transfer: Transfer): ReadonlyMap<string, string> {
  const { url, method, outcome, redirects, sentBytes, headerBytes, error } = transfer;
  const answered = outcome?.kind === 'answered' ? outcome : undefined;
  const code = String(answered?.response.status ?? 0).padStart(3, '0');
  const seconds = (ms: number | undefined): string => ((ms ?? 0) / 1_000).toFixed(6);
  const { resolvedMs, connectedMs, securedMs, totalMs } = answered?.timings ?? {};
  const isSecure = url.scheme === 'https';
  const failedMs = outcome?.kind === 'failed' ? outcome.afterMs : 0;
  const size = answered?.response.body.length ?? 0;
  return new Map([
    ['http_code', code],
    ['response_code', code],
    ['http_connect', '000'],
    ['http_version', answered?.httpVersion ?? '0'],
    ['remote_ip', outcome?.remote?.address ?? ''],
    ['remote_port', String(outcome?.remote?.port ?? 0)],
    ['local_ip', answered?.local.address ?? ''],
    ['local_port', String(answered?.local.port ?? 0)],
    ['time_namelookup', seconds(resolvedMs)],
    ['time_connect', seconds(connectedMs)],
    ['time_appconnect', seconds(isSecure ? securedMs : 0)],
    ['time_pretransfer', seconds(securedMs)],
    ['time_starttransfer', seconds(totalMs)],
    ['time_redirect', seconds(0)],
    ['time_total', seconds(totalMs ?? failedMs)],
    ['size_download', String(size)],
    ['size_upload', String(sentBytes)],
    ['size_header', String(headerBytes)],
    ['speed_download', String(totalMs === undefined ? 0 : Math.round((size * 1_000) / totalMs))],
    ['num_redirects', String(redirects)],
    ['num_connects', answered === undefined ? '0' : '1'],
    [
      'redirect_url',
      answered === undefined ? '' : (headerOf(answered.response.headers, 'Location') ?? ''),
    ],
    ['url_effective', urlText(url)],
    ['url', urlText(url)],
    [
      'content_type',
      answered === undefined ? '' : (headerOf(answered.response.headers, 'Content-Type') ?? ''),
    ],
    ['ssl_verify_result', '0'],
    ['exitcode', String(error?.status ?? 0)],
    ['errormsg', error?.text.split('\n')[0] ?? ''],
    ['scheme', url.scheme.toUpperCase()],
    ['method', method],
  ]);
}

/** The lines of --verbose. */
export function eventText(event: ExchangeEvent, { host, port }: Url): string {
  if (event.kind === 'secured') {
    const { subject, issuer } = event.certificate;
    return (
      '* ALPN: offers h2,http/1.1\n* TLSv1.3 (OUT), TLS handshake, Client hello (1):\n' +
      '* TLSv1.3 (IN), TLS handshake, Server hello (2):\n' +
      `* Server certificate:\n*  subject: ${subject.replace(' = ', '=')}\n*  issuer: ${issuer.replaceAll(' = ', '=')}\n`
    );
  }
  const address = formatIp(event.address);
  const shown = address.includes(':') ? `[${address}]` : address;
  if (event.kind === 'trying') return `*   Trying ${shown}:${port}...\n`;
  if (event.kind === 'connected') return `* Connected to ${host} (${address}) port ${port} (#0)\n`;
  const { attempt, givenMs } = event;
  switch (attempt.kind) {
    case 'refused':
      return `* connect to ${address} port ${port} failed: Connection refused\n`;
    case 'no-route':
      return `* connect to ${address} port ${port} failed: No route to host\n`;
    case 'no-network':
      return `* Immediate connect fail for ${address}: Network is unreachable\n`;
    case 'timed-out':
      return attempt.isByKernel
        ? `* connect to ${address} port ${port} failed: Connection timed out\n`
        : `* ${address.includes(':') ? 'ipv6' : 'ipv4'} connect timeout after ${Math.round(givenMs) - 1}ms, move on!\n`;
    case 'not-simulated':
      return `* not simulated: ${attempt.text}\n`;
  }
}
