/**
 * shell/busybox/nslookup — nslookup of BusyBox: a name without a dot is asked for in every domain
 * of the search list, one with a dot as it is, and every answer that is none is told.
 *
 * Upstream: mirror/busybox 1.37 networking/nslookup.c (the version from LEDE).
 */
import type { DnsQuery, DnsRecord } from '../../datapath/dns/answer.ts';
import { reverseName } from '../../datapath/dns/domain-name.ts';
import { formatIp, parseIp } from '../../net/index.ts';
import { callerOf } from '../network/caller.ts';
import { query } from '../network/dns-query.ts';
import type { Run } from '../run.ts';
import { addressOf, socketText } from './texts.ts';

const TYPES = ['SOA', 'NS', 'A', 'AAAA', 'CNAME', 'MX', 'TXT', 'SRV', 'PTR', 'ANY'];
const OPTIONS = ['type', 'querytype', 'port', 'retry', 'debug', 't', 'timeout'];
/** All queries of a server, and how often they are sent. */
const [TIMEOUT_MS, TRIES] = [5_000, 2];
const USAGE = `Usage: nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]

Query DNS about HOST

QUERY_TYPE: soa,ns,a,aaaa,cname,mx,txt,srv,ptr,any
`;

interface Question {
  readonly name: string;
  readonly type: string;
}

interface Asked {
  readonly types: readonly string[];
  readonly words: readonly string[];
}

export async function nslookup(run: Run): Promise<number> {
  const asked = readWords(run.args);
  if (typeof asked === 'string') {
    run.err(asked);
    return 1;
  }
  const [name = '', named] = asked.words;
  const { names } = callerOf(run).world.twin.datapath;
  const conf = names.resolverOf(callerOf(run).vantage);
  let servers = conf.servers;
  if (named !== undefined) {
    const address = await addressOf(run, named);
    if (address === undefined) return 1;
    servers = [formatIp(address)];
  }
  const questions = questionsOf(name, asked.types, conf.search);
  const typed = named === undefined ? name : undefined;
  for (const server of servers) {
    const answers = await answersOf(run, server, questions, typed);
    if (answers.length === 0) continue;
    run.out(`Server:\t\t${named ?? server}\nAddress:\t${atPort53(server)}\n\n`);
    for (const [i, answer] of answers.entries()) run.out(answerText(questions[i]!, answer));
    const unheard = questions.slice(answers.length);
    for (const one of unheard) run.out(`*** Can't find ${one.name}: No answer\n`);
    if (unheard.length > 0) run.out('\n');
    return answers.every(({ rcode }) => rcode === 'NOERROR') ? 0 : 1;
  }
  run.out(';; connection timed out; no servers could be reached\n\n');
  return 1;
}

const atPort53 = (server: string): string => {
  const ip = parseIp(server);
  return ip === undefined ? server : socketText(ip, 53);
};

/** Or what is wrong with them. */
function readWords(args: readonly string[]): Asked | string {
  const types: string[] = [];
  let at = 0;
  for (; args[at]?.startsWith('-') === true; at++) {
    const [word = '', value = ''] = args[at]!.slice(1).split('=');
    const option = OPTIONS.find((it) => it === word) ?? OPTIONS.find((it) => it.startsWith(word));
    if (option === undefined) return USAGE;
    if (option !== 'type' && option !== 'querytype') continue;
    const type = value.toUpperCase();
    if (!TYPES.includes(type)) return `nslookup: invalid query type "${value}"\n`;
    types.push(type);
  }
  const words = args.slice(at);
  return words.length === 0 || words.length > 2 ? USAGE : { types, words };
}

function questionsOf(
  name: string,
  types: readonly string[],
  search: readonly string[],
): readonly Question[] {
  const ip = parseIp(name);
  if (types.length === 0 && ip !== undefined) {
    return [{ name: reverseName(ip).replace(/\.$/, ''), type: 'PTR' }];
  }
  const isWhole = name.includes('.') || search.length === 0;
  const names = isWhole ? [name] : search.map((domain) => `${name}.${domain}`);
  const order = TYPES.filter((type) => types.includes(type));
  return (types.length === 0 ? ['A', 'AAAA'] : order).flatMap((type) =>
    type === 'PTR' ? [{ name, type }] : names.map((one) => ({ name: one, type })),
  );
}

/** As far as the server answers; one that is silent is waited for once, for all questions. */
async function answersOf(
  run: Run,
  server: string,
  questions: readonly Question[],
  typed: string | undefined,
): Promise<readonly DnsQuery[]> {
  const answers: DnsQuery[] = [];
  for (const { name, type } of questions) {
    const options = {
      protocol: 'udp',
      timeoutMs: TIMEOUT_MS / TRIES,
      tries: TRIES,
      typed,
    } as const;
    const outcome = await query(run, server, `${name.replace(/\.$/, '')}.`, type, options);
    if (outcome.kind === 'not-simulated') run.err(`ekstwin: not simulated: ${outcome.text}\n`);
    if (outcome.kind === 'refused') run.err('nslookup: read: Connection refused\n');
    if (outcome.kind !== 'answered') return answers;
    answers.push(outcome.query);
  }
  return answers;
}

function answerText(
  { name }: Question,
  { rcode, answer, answeredBy, forwarded }: DnsQuery,
): string {
  if (rcode !== 'NOERROR') return `** server can't find ${name}: ${rcode}\n\n`;
  const isAuthoritative = answeredBy === 'coredns' && forwarded.length === 0;
  const head = isAuthoritative ? '' : 'Non-authoritative answer:\n';
  return `${head}${answer.map(recordText).join('')}\n`;
}

const bare = (name: string): string => name.replace(/\.$/, '');

function recordText({ name, type, data }: DnsRecord): string {
  const owner = bare(name);
  switch (type) {
    case 'A':
    case 'AAAA':
      return `Name:\t${owner}\nAddress: ${data}\n`;
    case 'NS':
      return `${owner}\tnameserver = ${bare(data)}\n`;
    case 'CNAME':
      return `${owner}\tcanonical name = ${bare(data)}\n`;
    case 'PTR':
      return `${owner}\tname = ${bare(data)}\n`;
    case 'MX':
      return `${owner}\tmail exchanger = ${bare(data)}\n`;
    case 'SRV':
      return `${owner}\tservice = ${bare(data)}\n`;
    case 'TXT':
      return `${owner}\ttext = ${data}\n`;
    default:
      return '';
  }
}
