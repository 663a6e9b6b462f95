/**
 * shell/busybox/wget — wget of BusyBox: one try, ended by `-T` or by the kernel.
 *
 * Upstream: mirror/busybox 1.37 networking/wget.c, libbb/progress.c.
 */
import { resolvePath } from '../files/file-system.ts';
import { exchangeFrom, type Outcome } from '../http/exchange.ts';
import { bytesOf, headerOf, parseUrl, resolvedUrl, type Url } from '../http/message.ts';
import { callerOf } from '../network/caller.ts';
import { parseOptions } from '../options.ts';
import type { Run } from '../run.ts';
import { reasonText, socketText } from './texts.ts';

const [SPIDER, HEADER, POST, INSECURE] = ['\x01', '\x02', '\x03', '\x04'] as const;
const REDIRECTS_MAX = 16;
/** Reads end after it; a connection ends with the kernel's patience before. */
const TIMEOUT_S = 900;
const BAR = '*'.repeat(32);
const USAGE = `Usage: wget [-cqS] [--spider] [-O FILE] [-o LOGFILE] [--header STR]
\t[--post-data STR | --post-file FILE] [-Y on/off]
\t[--no-check-certificate] [-P DIR] [-U AGENT] [-T SEC] URL...

Retrieve files via HTTP or FTP
`;

type Options = Exclude<ReturnType<typeof parseOptions>, string>;

export async function wget(run: Run): Promise<number> {
  const options = parseOptions(run.args, {
    flags: `qScn${SPIDER}${INSECURE}`,
    valued: `OoTtUYP${HEADER}${POST}`,
    long: {
      spider: SPIDER,
      header: HEADER,
      'post-data': POST,
      'no-check-certificate': INSECURE,
      quiet: 'q',
      continue: 'c',
      'server-response': 'S',
      timeout: 'T',
      tries: 't',
      'output-document': 'O',
      'user-agent': 'U',
    },
  });
  if (typeof options === 'string' || options.words.length === 0) {
    run.err(typeof options === 'string' ? `wget: ${options}\n${USAGE}` : USAGE);
    return 1;
  }
  for (const word of options.words) {
    const failed = await fetched(run, options, word);
    if (failed !== undefined) {
      run.err(`wget: ${failed}\n`);
      return 1;
    }
  }
  return 0;
}

/** What it dies of; undefined: it is there. */
async function fetched(run: Run, options: Options, word: string): Promise<string | undefined> {
  let url = parseUrl(word.includes('://') ? word : `http://${word}`);
  for (let redirects = 0; redirects < REDIRECTS_MAX; redirects++) {
    if (typeof url === 'string' || !/^https?$/.test(url.scheme)) {
      return `not an http or ftp url: ${word}`;
    }
    const outcome = await exchanged(run, options, url);
    if (outcome.kind === 'failed') return failure(run, outcome, url);
    const { status, reason, headers } = outcome.response;
    const line = `HTTP/1.1 ${status} ${reason}`;
    if (options.has('S')) {
      const shown = [line, ...headers.map(({ name, value }) => `${name}: ${value}`)];
      run.err(shown.map((text) => `  ${text}\n`).join(''));
    }
    const location = headerOf(headers, 'Location');
    if (status >= 300 && status < 400 && location !== undefined) url = resolvedUrl(url, location);
    else if (status >= 300) return `server returned error: ${line}`;
    else return saved(run, options, url, outcome.response.body);
  }
  return 'too many redirections';
}

function exchanged(run: Run, options: Options, url: Url): Promise<Outcome> {
  const headers = options.values(HEADER).flatMap((text) => {
    const at = text.indexOf(':');
    return at <= 0 ? [] : [{ name: text.slice(0, at).trim(), value: text.slice(at + 1).trim() }];
  });
  const post = options.value(POST);
  const own = [
    { name: 'User-Agent', value: options.value('U') ?? 'Wget' },
    { name: 'Connection', value: 'close' },
    ...(post === undefined
      ? []
      : [{ name: 'Content-Type', value: 'application/x-www-form-urlencoded' }]),
  ].filter(({ name }) => headerOf(headers, name) === undefined);
  const method = post === undefined ? 'GET' : 'POST';
  const request = { method, url, headers: [...own, ...headers], body: post ?? '' };
  const told = { isTold: false };
  const isSecure = url.scheme === 'https' && !options.has(INSECURE);
  return exchangeFrom(callerOf(run), request, {
    timeoutMs: Number(options.value('T') ?? TIMEOUT_S) * 1_000,
    // It checks no certificate, and says so.
    isInsecure: true,
    onEvent: (event) => {
      if (event.kind === 'trying' && !told.isTold && !options.has('q')) {
        told.isTold = true;
        run.err(`Connecting to ${url.host} (${socketText(event.address, event.port)})\n`);
      }
      if (event.kind === 'connected' && isSecure)
        run.err('wget: note: TLS certificate validation not implemented\n');
    },
  });
}

function failure(run: Run, failed: Extract<Outcome, { kind: 'failed' }>, url: Url): string {
  if (failed.text !== undefined) run.err(`ekstwin: not simulated: ${failed.text}\n`);
  const { at, why } = failed;
  if (at === 'resolve') return `bad address '${url.host}'`;
  if (why === 'timed-out' && !isKernelsTimeout(failed.afterMs)) return 'download timed out';
  if (at === 'connect') {
    const remote = failed.remote?.address ?? url.host;
    const shown = remote.includes(':') ? '' : ` (${remote})`;
    return `can't connect to remote host${shown}: ${reasonText(run, why)}`;
  }
  return at === 'tls' ? 'TLS error from peer (alert code 80): 80' : 'error getting response';
}

/** SYNs are repeated for so long. */
const isKernelsTimeout = (afterMs: number): boolean => afterMs >= 127_000;

function saved(run: Run, options: Options, url: Url, body: string): string | undefined {
  const say = (text: string): void => {
    if (!options.has('q')) run.err(text);
  };
  if (options.has(SPIDER)) {
    say('remote file exists\n');
    return undefined;
  }
  const name = options.value('O') ?? (url.path.split('?')[0]?.split('/').at(-1) || 'index.html');
  const size = String(bytesOf(body)).padStart(5);
  say(name === '-' ? 'writing to stdout\n' : `saving to '${name}'\n`);
  if (name === '-') run.out(body);
  else {
    const refused = run.files.write(resolvePath(run.cwd, name), body, false);
    if (refused !== undefined) return `can't open '${name}': ${refused}`;
  }
  const file = name.slice(name.lastIndexOf('/') + 1).padEnd(20);
  say(`${run.isOutputTerminal ? '\r' : ''}${file} 100% |${BAR}| ${size}  0:00:00 ETA\n`);
  say(name === '-' ? 'written to stdout\n' : `'${name}' saved\n`);
  return undefined;
}
