/**
 * shell/network/wget — wget, in GNU's words; BusyBox's options are a part of them.
 *
 * Upstream: GNU wget 1.21 src/http.c, src/connect.c, "Exit Status" of its manual.
 */

import { formatIp } from '../../net/index.ts';
import { resolvePath } from '../files/file-system.ts';
import { exchangeFrom, type Outcome } from '../http/exchange.ts';
import { bytesOf, headerOf, parseUrl, resolvedUrl, type Url, urlText } from '../http/message.ts';
import { parseOptions } from '../options.ts';
import type { Run } from '../run.ts';
import { dateText } from '../system/machine-tools.ts';
import { callerOf } from './caller.ts';

const LONG = {
  quiet: 'q',
  'output-document': 'O',
  timeout: 'T',
  tries: 't',
  'server-response': 'S',
  spider: '\x01',
  'no-check-certificate': '\x02',
  header: '\x03',
  'post-data': '\x04',
  'user-agent': 'U',
  'connect-timeout': '\x05',
  'dns-timeout': '\x05',
  'read-timeout': '\x05',
  'no-verbose': '\x06',
  'content-on-error': '\x07',
  continue: 'c',
  'no-proxy': '\x08',
  'ca-certificate': '\x09',
  method: '\x0a',
} as const;
const [SPIDER, INSECURE, HEADER, POST, CONNECT, BRIEF, ON_ERROR, AUTHORITY, METHOD] = [
  '\x01',
  '\x02',
  '\x03',
  '\x04',
  '\x05',
  '\x06',
  '\x07',
  '\x09',
  '\x0a',
] as const;
const REDIRECTS_MAX = 20;
const TRIES = 20;
const [GENERIC, NETWORK, TLS, SERVER_ERROR] = [1, 4, 5, 8] as const;

type Options = Exclude<ReturnType<typeof parseOptions>, string>;

export async function wget(run: Run): Promise<number> {
  const options = parseOptions(
    run.args.flatMap((it) => (it === '-nv' ? ['--no-verbose'] : [it])),
    {
      flags: `qScdv46n${SPIDER}${INSECURE}${BRIEF}${ON_ERROR}\x08`,
      valued: `OTtUPo${HEADER}${POST}${CONNECT}${AUTHORITY}${METHOD}`,
      long: LONG,
    },
  );
  if (typeof options === 'string' || options.words.length === 0) {
    const problem = typeof options === 'string' ? options : 'missing URL';
    run.err(
      `wget: ${problem}\nUsage: wget [OPTION]... [URL]...\n\nTry \`wget --help' for more information.\n`,
    );
    return typeof options === 'string' ? 2 : GENERIC;
  }
  let status = 0;
  for (const word of options.words) status = (await fetched(run, options, word)) || status;
  return status;
}

async function fetched(run: Run, options: Options, word: string): Promise<number> {
  const isQuiet = options.has('q');
  const say = (text: string): void => {
    if (!isQuiet && !options.has(BRIEF)) run.err(text);
  };
  let url = parseUrl(word);
  const tries = Math.max(1, Number(options.value('t') ?? TRIES) || TRIES);
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects++) {
    if (typeof url === 'string' || !/^https?$/.test(url.scheme)) {
      run.err(
        `${word}: ${typeof url === 'string' ? 'Invalid host name' : 'Unsupported scheme'}.\n`,
      );
      return GENERIC;
    }
    say(`--${dateText(run.patience.now(), '%F %T')}--  ${urlText(url)}\n`);
    const outcome = await tried(run, options, url, tries, say);
    if (outcome.kind === 'failed') return failure(run, outcome, url, isQuiet);
    const location = headerOf(outcome.response.headers, 'Location');
    const { status, reason } = outcome.response;
    say(`HTTP request sent, awaiting response... ${status} ${reason}\n`);
    if (options.has('S'))
      run.err(
        [
          `  HTTP/1.1 ${status} ${reason}`,
          ...outcome.response.headers.map(({ name, value }) => `  ${name}: ${value}`),
        ]
          .map((line) => `${line}\n`)
          .join(''),
      );
    if ([301, 302, 303, 307, 308].includes(status) && location !== undefined) {
      say(`Location: ${location} [following]\n`);
      url = resolvedUrl(url, location);
      continue;
    }
    if (status >= 400) {
      if (!isQuiet)
        run.err(`${dateText(run.patience.now(), '%F %T')} ERROR ${status}: ${reason}.\n\n`);
      if (!options.has(ON_ERROR)) return SERVER_ERROR;
    }
    if (options.has(SPIDER)) {
      say('Remote file exists.\n\n');
      return 0;
    }
    return saved(run, options, url, outcome, say) || (status >= 400 ? SERVER_ERROR : 0);
  }
  run.err(`${REDIRECTS_MAX} redirections exceeded.\n`);
  return SERVER_ERROR;
}

async function tried(
  run: Run,
  options: Options,
  url: Url,
  tries: number,
  say: (text: string) => void,
): Promise<Outcome> {
  const seconds = Number(options.value('T') ?? options.value(CONNECT) ?? 0);
  const timeoutMs = seconds > 0 ? seconds * 1_000 : undefined;
  const method =
    options.value(METHOD) ?? (options.has(SPIDER) ? 'HEAD' : options.has(POST) ? 'POST' : 'GET');
  const headers = options.values(HEADER).flatMap((text) => {
    const at = text.indexOf(':');
    return at <= 0 ? [] : [{ name: text.slice(0, at).trim(), value: text.slice(at + 1).trim() }];
  });
  const own = [
    { name: 'User-Agent', value: options.value('U') ?? 'Wget/1.21.4' },
    { name: 'Accept', value: '*/*' },
    { name: 'Accept-Encoding', value: 'identity' },
  ].filter(({ name }) => headerOf(headers, name) === undefined);
  const request = { method, url, headers: [...own, ...headers], body: options.value(POST) ?? '' };
  for (let one = 1; ; one++) {
    await run.patience.turn();
    const outcome = await exchangeFrom(callerOf(run), request, {
      timeoutMs,
      isInsecure: options.has(INSECURE),
      knowsCluster: options.has(AUTHORITY),
      family: options.has('4') ? 4 : options.has('6') ? 6 : undefined,
      onEvent: (event) => {
        if (event.kind === 'trying') say(tryingText(url, formatIp(event.address)));
        else if (event.kind === 'connected') say('connected.\n');
        else if (event.kind === 'attempt-failed') say(`failed: ${REASONS[event.attempt.kind]}.\n`);
      },
    });
    const isAgain =
      outcome.kind === 'failed' && outcome.why === 'timed-out' && outcome.at !== 'resolve';
    if (!isAgain || one >= tries) return outcome;
    say(
      `Retrying.\n\n--${dateText(run.patience.now(), '%F %T')}--  (try:${String(one + 1).padStart(2)})  ${urlText(url)}\n`,
    );
  }
}

/** A name's address is told first. */
function tryingText({ host, port }: Url, address: string): string {
  if (host === address) return `Connecting to ${host}:${port}... `;
  const named = `${host} (${host})`;
  return `Resolving ${named}... ${address}\nConnecting to ${named}|${address}|:${port}... `;
}

const REASONS: Readonly<Record<string, string>> = {
  refused: 'Connection refused',
  'no-route': 'No route to host',
  'no-network': 'Network is unreachable',
  'timed-out': 'Connection timed out',
  'not-simulated': 'not simulated',
};

function failure(
  run: Run,
  failed: Extract<Outcome, { kind: 'failed' }>,
  url: Url,
  isQuiet: boolean,
): number {
  const say = (text: string): void => {
    if (!isQuiet) run.err(text);
  };
  if (failed.text !== undefined) run.err(`ekstwin: not simulated: ${failed.text}\n`);
  if (failed.at === 'resolve') {
    const why =
      failed.why === 'unknown-host'
        ? 'Name or service not known'
        : 'Temporary failure in name resolution';
    say(
      `Resolving ${url.host} (${url.host})... failed: ${why}.\nwget: unable to resolve host address ‘${url.host}’\n`,
    );
    return NETWORK;
  }
  if (failed.at === 'tls') {
    say(
      failed.why === 'not-tls'
        ? 'OpenSSL: error:0A00010B:SSL routines::wrong version number\nUnable to establish SSL connection.\n'
        : `ERROR: cannot verify ${url.host}'s certificate:\n  Unable to locally verify the issuer's authority.\nTo connect to ${url.host} insecurely, use \`--no-check-certificate'.\n`,
    );
    return failed.why === 'not-tls' ? NETWORK : TLS;
  }
  if (failed.at === 'connect' && failed.why === 'timed-out') say('Giving up.\n\n');
  if (failed.at === 'read')
    say(
      failed.why === 'timed-out'
        ? 'HTTP request sent, awaiting response... Read error (Connection timed out) in headers.\nGiving up.\n\n'
        : 'HTTP request sent, awaiting response... No data received.\n',
    );
  return NETWORK;
}

function saved(
  run: Run,
  options: Options,
  url: Url,
  { response }: Extract<Outcome, { kind: 'answered' }>,
  say: (text: string) => void,
): number {
  const name = options.value('O') ?? (url.path.split('/').at(-1) || 'index.html');
  const length = bytesOf(response.body);
  const type = headerOf(response.headers, 'Content-Type') ?? 'text/plain';
  say(
    `Length: ${length} [${type.split(';')[0]}]\nSaving to: ‘${name === '-' ? 'STDOUT' : name}’\n\n`,
  );
  if (name === '-') run.out(response.body);
  else {
    const refused = run.files.write(resolvePath(run.cwd, name), response.body, false);
    if (refused !== undefined) {
      run.err(`${name}: ${refused}\n`);
      return 3;
    }
  }
  say(
    `\n${dateText(run.patience.now(), '%F %T')} (1.00 MB/s) - ${name === '-' ? 'written to stdout' : `‘${name}’ saved`} [${length}/${length}]\n\n`,
  );
  return 0;
}
