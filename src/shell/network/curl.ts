/**
 * shell/network/curl — curl: its options, what it says, its exit statuses; the packets are the
 * twin's.
 *
 * Upstream: curl 7.88.1 (src/tool_operate.c, lib/connect.c, lib/http.c), as Debian 12 has it.
 */

import { resolvePath } from '../files/file-system.ts';
import { exchangeFrom, type Outcome } from '../http/exchange.ts';
import {
  bytesOf,
  headerOf,
  hostHeaderOf,
  parseUrl,
  type Request,
  resolvedUrl,
  targetOf,
  type Url,
} from '../http/message.ts';
import type { Run } from '../run.ts';
import { base64Of } from '../text/base64.ts';
import { callerOf } from './caller.ts';
import { CurlMistake, type CurlOptions, parseCurl, VERSION } from './curl-options.ts';
import { curlTelnet } from './curl-telnet.ts';
import {
  type CurlError,
  curlError,
  eventText,
  PROGRESS_HEAD,
  progressRow,
  writtenOut,
} from './curl-texts.ts';

const TRY = "curl: try 'curl --help' or 'curl --manual' for more information\n";
const TRANSIENT = [408, 429, 500, 502, 503, 504];
const REDIRECTS = [301, 302, 303, 307, 308];

/** The program. */
export async function curl(run: Run): Promise<number> {
  if (/^(-V|--version)$/.test(run.args[0] ?? '')) {
    run.out(`curl ${VERSION} (ekstwin) libcurl/${VERSION}\nProtocols: http https telnet\n`);
    return 0;
  }
  try {
    const options = parseCurl(run.args, (file) => readFile(run, file));
    if (options.urls.length === 0) {
      run.err(TRY);
      return 2;
    }
    let status = 0;
    for (const [i, url] of options.urls.entries())
      status = await new Transfers(run, options).fetch(url, options.outputs[i]);
    return status;
  } catch (mistake) {
    if (!(mistake instanceof CurlMistake)) throw mistake;
    run.err(`curl: ${mistake.message}\n${mistake.status === 2 ? TRY : ''}`);
    return mistake.status;
  }
}

function readFile(run: Run, file: string): string {
  const read = run.files.read(resolvePath(run.cwd, file));
  if (typeof read === 'string') throw new CurlMistake(`Failed to open ${file}`, 26);
  return read.text;
}

class Transfers {
  readonly #run: Run;
  readonly #options: CurlOptions;
  #hasMeter = false;

  constructor(run: Run, options: CurlOptions) {
    this.#run = run;
    this.#options = options;
  }

  async fetch(text: string, output: string | undefined): Promise<number> {
    const { scheme } = this.#schemeOf(text);
    const url = parseUrl(text, scheme);
    if (url === 'malformed' || url === 'port') {
      const text28 =
        url === 'port'
          ? 'URL using bad/illegal format or missing URL'
          : 'URL rejected: Malformed input to a URL function';
      return this.#failed({ status: 3, text: text28 });
    }
    if (url.scheme === 'telnet') return curlTelnet(this.#run, url, this.#options);
    if (url.scheme !== 'http' && url.scheme !== 'https') {
      const problem = `Protocol "${url.scheme}" not supported or disabled in libcurl`;
      return this.#failed({ status: 1, text: problem });
    }
    const { retries } = this.#options;
    for (let tries = 0; ; tries++) {
      await this.#run.patience.turn();
      const done = await this.#once(url, output);
      if (tries >= retries || !this.#isTransient(done)) return done.status;
      const delayMs = this.#options.retryDelayMs ?? Math.min(2 ** tries, 600) * 1_000;
      const seconds = Math.round(delayMs / 1_000);
      const left = retries - tries;
      if (this.#options.showsErrors)
        this.#run.err(
          `Warning: Problem: ${done.problem}. Will retry in ${seconds} \nWarning: seconds. ${left} ${left === 1 ? 'retry' : 'retries'} left.\n`,
        );
      await this.#run.patience.sleep(delayMs);
    }
  }

  #schemeOf(text: string): { readonly scheme: string } {
    return { scheme: /^telnet\./i.test(text) ? 'telnet' : 'http' };
  }

  #isTransient({ status, code, why }: Done): boolean {
    if (status === 0 && code === undefined) return false;
    if (this.#options.retriesAll && status !== 0) return true;
    if (why === 'refused') return this.#options.retriesRefused;
    return status === 28 || status === 6 || (code !== undefined && TRANSIENT.includes(code));
  }

  async #once(first: Url, output: string | undefined): Promise<Done> {
    const { follows, redirectsMax } = this.#options;
    let url = first;
    let method: string | undefined;
    let body = this.#options.data;
    for (let redirects = 0; ; redirects++) {
      const request = this.#requestOf(url, method, body, redirects > 0 && url.host !== first.host);
      const outcome = await this.#exchange(request);
      const location =
        outcome.kind === 'answered' && REDIRECTS.includes(outcome.response.status)
          ? headerOf(outcome.response.headers, 'Location')
          : undefined;
      if (!follows || outcome.kind === 'failed' || location === undefined)
        return this.#finish(request, outcome, redirects, output);
      if (redirects >= redirectsMax) {
        const error = { status: 47, text: `Maximum (${redirectsMax}) redirects followed` };
        return { status: this.#failed(error), problem: '', code: undefined };
      }
      this.#showHead(outcome);
      const next = resolvedUrl(url, location);
      if (typeof next === 'string' || !/^https?$/.test(next.scheme))
        return {
          status: this.#failed({
            status: 1,
            text: `Protocol in "${location}" not supported or disabled in libcurl`,
          }),
          problem: '',
          code: undefined,
        };
      if (this.#options.isVerbose)
        this.#run.err(
          `* Connection #${redirects} to host ${url.host} left intact\n* Issue another request to this URL: '${location}'\n`,
        );
      const { status } = outcome.response;
      const isPost = request.method === 'POST' && this.#options.method === undefined;
      if (status === 303 || (isPost && (status === 301 || status === 302))) {
        method = 'GET';
        body = undefined;
      }
      url = next;
    }
  }

  #requestOf(
    url: Url,
    asked: string | undefined,
    data: string | undefined,
    isElsewhere: boolean,
  ): Request {
    const { isHead, isGet, method, headers, without, user, agent } = this.#options;
    const credentials = isElsewhere ? undefined : (user ?? url.user);
    const given = (name: string): boolean =>
      without.includes(name.toLowerCase()) || headerOf(headers, name) !== undefined;
    const own = [
      { name: 'Host', value: hostHeaderOf(url) },
      ...(credentials === undefined
        ? []
        : [{ name: 'Authorization', value: `Basic ${base64Of(credentials)}` }]),
      { name: 'User-Agent', value: agent },
      { name: 'Accept', value: '*/*' },
    ].filter(({ name }) => !given(name));
    const host = headers.filter(({ name }) => /^host$/i.test(name));
    const others = headers.filter(({ name }) => !/^host$/i.test(name));
    const body = isGet || data === undefined ? '' : data;
    const length =
      data === undefined || isGet
        ? []
        : [
            { name: 'Content-Length', value: String(bytesOf(body)) },
            { name: 'Content-Type', value: 'application/x-www-form-urlencoded' },
          ].filter(({ name }) => !given(name));
    const query =
      isGet && data !== undefined
        ? [url.query, data].filter((it) => it !== '').join('&')
        : url.query;
    const usual = isHead ? 'HEAD' : data !== undefined && !isGet ? 'POST' : 'GET';
    return {
      method: asked ?? method ?? usual,
      url: { ...url, query },
      headers: [...host, ...own, ...others, ...length],
      body,
    };
  }

  async #exchange(request: Request): Promise<Outcome> {
    const { isVerbose } = this.#options;
    const { err } = this.#run;
    this.#startMeter();
    const outcome = await exchangeFrom(callerOf(this.#run), request, {
      ...this.#options,
      knowsCluster: this.#knowsCluster(),
      onEvent: (event) => isVerbose && err(eventText(event, request.url)),
    });
    const isSent = outcome.kind === 'answered' || outcome.at === 'read';
    if (isVerbose && isSent) {
      const lines = request.headers.map(({ name, value }) => `> ${name}: ${value}\r\n`);
      err(`> ${request.method} ${targetOf(request.url)} HTTP/1.1\r\n${lines.join('')}> \r\n`);
      if (request.body !== '' && !this.#run.isOutputTerminal)
        err(`} [${bytesOf(request.body)} bytes data]\n`);
    }
    return outcome;
  }

  #knowsCluster(): boolean {
    const { authorityFile } = this.#options;
    if (authorityFile === undefined) return false;
    const read = this.#run.files.read(resolvePath(this.#run.cwd, authorityFile));
    if (typeof read === 'string')
      throw new CurlMistake(
        `error setting certificate verify locations:  CAfile: ${authorityFile} CApath: none`,
        77,
      );
    return read.text.includes('CERTIFICATE') || authorityFile.endsWith('/serviceaccount/ca.crt');
  }

  #startMeter(): void {
    const { isSilent, isProgressHidden } = this.#options;
    if (isSilent || isProgressHidden || this.#run.isOutputTerminal || this.#hasMeter) return;
    this.#hasMeter = true;
    this.#run.err(`${PROGRESS_HEAD}${progressRow(0, 0, 0)}`);
  }

  #endMeter(bytes: number, sent: number, ms: number): void {
    if (!this.#hasMeter) return;
    this.#hasMeter = false;
    this.#run.err(`${progressRow(bytes, sent, ms)}\n`);
  }

  #finish(request: Request, outcome: Outcome, redirects: number, output: string | undefined): Done {
    const { url } = request;
    const { isVerbose, fails, failsWithBody } = this.#options;
    const { err } = this.#run;
    let error: CurlError | undefined;
    if (outcome.kind === 'failed') {
      error = curlError(outcome, url, this.#isConnectLimit(outcome));
      const line = error.text.split('\n')[0]!;
      if (isVerbose) err(`* ${line}\n`);
      if (outcome.at !== 'resolve') this.#endMeter(0, 0, outcome.afterMs);
      else this.#hasMeter = false;
      if (isVerbose) err('* Closing connection 0\n');
    } else {
      const { status } = outcome.response;
      if (fails && status >= 400)
        error = { status: 22, text: `The requested URL returned error: ${status}` };
      this.#showHead(outcome);
      const isShown = request.method !== 'HEAD' && (error === undefined || failsWithBody);
      const body = isShown ? outcome.response.body : '';
      if (isVerbose && body !== '' && (!this.#run.isOutputTerminal || output !== undefined))
        err(`{ [${bytesOf(body)} bytes data]\n`);
      this.#endMeter(bytesOf(body), bytesOf(request.body), outcome.timings.totalMs);
      const unwritten = this.#write(body, output ?? this.#remoteName(url));
      error ??= unwritten;
      if (isVerbose) err(`* Connection #${redirects} to host ${url.host} left intact\n`);
    }
    if (error !== undefined) this.#failed(error);
    this.#writeOut(request, outcome, redirects, error);
    return {
      status: error?.status ?? 0,
      code: outcome.kind === 'answered' ? outcome.response.status : undefined,
      why: outcome.kind === 'failed' ? outcome.why : undefined,
      problem:
        outcome.kind === 'answered'
          ? 'HTTP error'
          : outcome.why === 'timed-out'
            ? 'timeout'
            : 'connection refused',
    };
  }

  #isConnectLimit({ afterMs }: Extract<Outcome, { kind: 'failed' }>): boolean {
    const { timeoutMs } = this.#options;
    return timeoutMs === undefined || afterMs < timeoutMs;
  }

  #remoteName({ path }: Url): string | undefined {
    if (!this.#options.isRemoteName) return undefined;
    return path.split('/').at(-1) || 'index.html';
  }

  /** Headers, where they are asked for; every response's on the way. */
  #showHead(outcome: Extract<Outcome, { kind: 'answered' }>): void {
    const { response, httpVersion } = outcome;
    const { isVerbose, isIncluded, isHead, headerFile } = this.#options;
    const lines = [
      `HTTP/${httpVersion} ${response.status} ${response.reason}\r\n`,
      ...response.headers.map(({ name, value }) => `${name}: ${value}\r\n`),
      '\r\n',
    ];
    if (isVerbose) this.#run.err(lines.map((line) => `< ${line}`).join(''));
    const text = lines.join('');
    if (isIncluded || isHead) this.#run.out(text);
    if (headerFile === '-') this.#run.out(text);
    else if (headerFile !== undefined)
      this.#run.files.write(resolvePath(this.#run.cwd, headerFile), text, false);
  }

  #write(body: string, output: string | undefined): CurlError | undefined {
    if (output === undefined || output === '-') {
      if (body !== '') this.#run.out(body);
      return undefined;
    }
    const refused = this.#run.files.write(resolvePath(this.#run.cwd, output), body, false);
    return refused === undefined
      ? undefined
      : { status: 23, text: 'Failure writing output to destination' };
  }

  #writeOut(
    request: Request,
    outcome: Outcome,
    redirects: number,
    error: CurlError | undefined,
  ): void {
    const { writeOut } = this.#options;
    if (writeOut === undefined) return;
    const headerBytes =
      outcome.kind === 'failed'
        ? 0
        : outcome.response.headers.reduce(
            (sum, { name, value }) => sum + bytesOf(name) + bytesOf(value) + 4,
            19,
          );
    const { text, unknown } = writtenOut(writeOut, {
      url: request.url,
      method: request.method,
      outcome,
      redirects,
      sentBytes: bytesOf(request.body),
      headerBytes,
      error,
    });
    for (const name of unknown) this.#run.err(`curl: unknown --write-out variable: '${name}'\n`);
    this.#run.out(text);
  }

  #failed({ status, text }: CurlError): number {
    if (this.#options.showsErrors) this.#run.err(`curl: (${status}) ${text}\n`);
    return status;
  }
}

interface Done {
  readonly status: number;
  readonly code: number | undefined;
  readonly why?: Extract<Outcome, { kind: 'failed' }>['why'] | undefined;
  readonly problem: string;
}
