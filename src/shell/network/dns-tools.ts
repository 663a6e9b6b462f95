/**
 * shell/network/dns-tools — dig, nslookup and host, as BIND 9.16 has them.
 *
 * Upstream: isc-projects/bind9 v9.16 bin/dig/{dig,dighost,nslookup,host}.c.
 */
import type { DnsQuery, DnsRecord } from '../../datapath/dns/answer.ts';
import { reverseName } from '../../datapath/dns/domain-name.ts';
import { candidates } from '../../datapath/dns/stub-resolver.ts';
import { parseIp } from '../../net/index.ts';
import { mixedFnv1a } from '../../sim/fnv.ts';
import type { Run } from '../run.ts';
import { dateText } from '../system/machine-tools.ts';
import { callerOf } from './caller.ts';
import { type QueryOptions, type QueryOutcome, query } from './dns-query.ts';
import { resolve } from './resolve.ts';

const TYPES = /^(A|AAAA|CNAME|SRV|PTR|TXT|NS|SOA|MX|ANY|CAA|HTTPS|SVCB|NAPTR|DS|DNSKEY|HINFO)$/i;
const UNREACHABLE = ';; connection timed out; no servers could be reached\n';
const VERSION = '9.16.50';
const USUAL: QueryOptions = { protocol: 'udp', timeoutMs: 5_000, tries: 3 };
const DIG_UNREACHED = 9;

interface DigFlags {
  isShort: boolean;
  isSearched: boolean;
  isReverse: boolean;
  shown: Set<string>;
  options: QueryOptions;
}

const SECTIONS = ['cmd', 'comments', 'question', 'answer', 'authority', 'additional', 'stats'];

interface DigQuestion {
  readonly name: string;
  readonly type: string;
}

/** 0 answered (NXDOMAIN too), 9 no server reached, 1 wrong words. */
export async function dig(run: Run): Promise<number> {
  const read = readDig(run.args);
  if (typeof read === 'string') {
    run.err(`${read}\n`);
    return 1;
  }
  const { flags, question, server } = read;
  const servers = await serversOf(run, server);
  if (servers === undefined) {
    run.err(`dig: couldn't get address for '${server}': not found\n`);
    return 10;
  }
  const conf = resolverOf(run);
  const names = flags.isSearched ? candidates(question.name, conf) : [question.name];
  let last:
    | { readonly name: string; readonly server: string; readonly outcome: QueryOutcome }
    | undefined;
  for (const name of names) {
    last = await firstAnswer(run, servers, name, question.type, {
      ...flags.options,
      typed: server === '' ? question.name : undefined,
    });
    if (last?.outcome.kind !== 'answered' || last.outcome.query.rcode !== 'NXDOMAIN') break;
  }
  const head = `\n; <<>> DiG ${VERSION} <<>> ${run.args.join(' ')}\n;; global options: +cmd\n`;
  if (last === undefined || last.outcome.kind !== 'answered') {
    if (!flags.isShort && flags.shown.has('cmd')) run.out(head);
    if (last?.outcome.kind === 'not-simulated')
      run.err(`ekstwin: not simulated: ${last.outcome.text}\n`);
    run.out(UNREACHABLE);
    return DIG_UNREACHED;
  }
  const { query: answered } = last.outcome;
  if (flags.isShort) run.out(answered.answer.map(({ data }) => `${data}\n`).join(''));
  else
    run.out(
      (flags.shown.has('cmd') ? head : '') + digText(run, answered, last.server, flags.shown),
    );
  return 0;
}

function readDig(args: readonly string[]) {
  const flags: DigFlags = {
    isShort: false,
    isSearched: false,
    isReverse: false,
    shown: new Set(SECTIONS),
    options: USUAL,
  };
  let [name, type, server] = ['', 'A', ''];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg.startsWith('@')) server = arg.slice(1);
    else if (arg.startsWith('+')) {
      if (!digOption(arg.slice(1), flags)) return `Invalid option: ${arg}`;
    } else if (arg === '-x') {
      const ip = parseIp(args[++i] ?? '');
      if (ip === undefined) return `dig: Invalid IP address ${args[i] ?? ''}`;
      [name, type] = [reverseName(ip), 'PTR'];
    } else if (arg === '-t' || arg === '-q') {
      if (arg === '-t') type = (args[++i] ?? 'A').toUpperCase();
      else name = args[++i] ?? '';
    } else if (/^-[46]$/.test(arg)) continue;
    else if (arg.startsWith('-')) return `Invalid option: ${arg}`;
    else if (TYPES.test(arg) && (name !== '' || i < args.length - 1)) type = arg.toUpperCase();
    else if (!/^IN$/i.test(arg)) name = arg;
  }
  const question: DigQuestion = { name: name === '' ? '.' : name, type: name === '' ? 'NS' : type };
  return { flags, question, server };
}

function digOption(option: string, flags: DigFlags): boolean {
  const [, no, word = '', value] = /^(no)?([a-z]+)(?:=(\d+))?$/.exec(option) ?? [];
  const is = no === undefined;
  const number = Math.max(1, Math.min(300, Number(value ?? 1)));
  switch (word) {
    case 'short':
      flags.isShort = is;
      return true;
    case 'search':
      flags.isSearched = is;
      return true;
    case 'tcp':
      flags.options = { ...flags.options, protocol: is ? 'tcp' : 'udp' };
      return true;
    case 'time':
    case 'timeout':
      flags.options = { ...flags.options, timeoutMs: number * 1_000 };
      return true;
    case 'tries':
    case 'retry':
      flags.options = { ...flags.options, tries: number + Number(word === 'retry') };
      return true;
    case 'all':
      flags.shown = new Set(is ? SECTIONS : []);
      return true;
    case 'trace':
      return false;
    default:
      if (SECTIONS.includes(word)) flags.shown[is ? 'add' : 'delete'](word);
      return (
        SECTIONS.includes(word) ||
        /^(recurse|edns|dnssec|multiline|ndots|bufsize|ignore)$/.test(word)
      );
  }
}

const resolverOf = (run: Run) => {
  const { vantage, world } = callerOf(run);
  return world.twin.datapath.names.resolverOf(vantage);
};

/** Of resolv.conf, or the one that was named; undefined: its name is unknown. */
async function serversOf(run: Run, named: string): Promise<readonly string[] | undefined> {
  if (named === '') return resolverOf(run).servers;
  if (parseIp(named) !== undefined) return [named];
  const resolved = await resolve(callerOf(run), named);
  if (resolved.kind !== 'found') return undefined;
  const { lookup } = callerOf(run).world.twin.datapath.lookup(
    run.host.vantage,
    named,
    run.host.origin,
  );
  return lookup.addresses;
}

async function firstAnswer(
  run: Run,
  servers: readonly string[],
  name: string,
  type: string,
  options: QueryOptions,
) {
  let last: { name: string; server: string; outcome: QueryOutcome } | undefined;
  for (const server of servers) {
    last = { name, server, outcome: await query(run, server, name, type, options) };
    if (last.outcome.kind === 'answered') break;
  }
  return last;
}

const recordText = ({ name, ttl, type, data }: DnsRecord): string =>
  `${name.padEnd(23)}${name.length >= 23 ? ' ' : ''}\t${ttl}\tIN\t${type}\t${data}\n`;

function digText(run: Run, answered: DnsQuery, server: string, shown: ReadonlySet<string>): string {
  const { rcode, answer, authority, name, type, forwarded } = answered;
  const id = mixedFnv1a(`${name} ${type}`) & 0xffff;
  const flags = `qr ${forwarded.length === 0 && answered.answeredBy === 'coredns' ? 'aa ' : ''}rd${forwarded.length > 0 || answered.answeredBy !== 'coredns' ? ' ra' : ''}`;
  const section = (title: string, records: readonly DnsRecord[]): string =>
    records.length === 0 || !shown.has(title)
      ? ''
      : `;; ${title.toUpperCase()} SECTION:\n${records.map(recordText).join('')}\n`;
  const comments = shown.has('comments');
  const sections = section('answer', answer) + section('authority', authority);
  return (
    (comments
      ? `;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: ${rcode}, id: ${id}\n` +
        `;; flags: ${flags}; QUERY: 1, ANSWER: ${answer.length}, AUTHORITY: ${authority.length}, ADDITIONAL: 1\n\n` +
        ';; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: 1232\n'
      : '') +
    (shown.has('question') ? `;; QUESTION SECTION:\n;${name}\t\tIN\t${type}\n\n` : '') +
    (comments ? sections : sections.replace(/^;;.*\n/gm, '').replace(/\n\n/g, '\n')) +
    (shown.has('stats')
      ? `;; Query time: 1 msec\n;; SERVER: ${server}#53(${server})\n;; WHEN: ${dateText(run.patience.now(), '%a %b %d %T UTC %Y')}\n` +
        `;; MSG SIZE  rcvd: ${40 + name.length + answer.reduce((sum, it) => sum + it.name.length + it.data.length, 0)}\n\n`
      : '')
  );
}

/** nslookup without a prompt. */
export async function nslookup(run: Run): Promise<number> {
  let type: string | undefined;
  const words: string[] = [];
  for (const arg of run.args) {
    const [, asked] = /^-(?:type|query|q|ty)=(\w+)$/i.exec(arg) ?? [];
    if (asked !== undefined) type = asked.toUpperCase();
    else if (!arg.startsWith('-')) words.push(arg);
  }
  const [name, named = ''] = words;
  if (name === undefined) {
    run.err('nslookup: the prompt is not built into this shell: nslookup NAME [SERVER]\n');
    return 1;
  }
  const servers = await serversOf(run, named);
  if (servers === undefined) {
    run.out(`nslookup: couldn't get address for '${named}': not found\n`);
    return 1;
  }
  const ip = parseIp(name);
  const types = ip !== undefined ? ['PTR'] : type === undefined ? ['A', 'AAAA'] : [type];
  const whole = ip === undefined ? name : reverseName(ip);
  const found = await searched(run, servers, whole, types, named);
  if (found.unanswered !== undefined) {
    if (found.unanswered.kind === 'not-simulated')
      run.err(`ekstwin: not simulated: ${found.unanswered.text}\n`);
    run.out(`${UNREACHABLE}\n`);
    return 1;
  }
  run.out(ip === undefined ? `Server:\t\t${found.server}\nAddress:\t${found.server}#53\n\n` : '');
  const records = found.queries.flatMap(({ answer }) => answer);
  const [first] = found.queries;
  if (records.length === 0) {
    const why = first?.rcode === 'NOERROR' ? 'No answer' : (first?.rcode ?? 'SERVFAIL');
    if (why === 'No answer') run.out(`*** Can't find ${name}: No answer\n\n`);
    else run.out(`** server can't find ${whole.replace(/\.$/, '')}: ${why}\n\n`);
    return 1;
  }
  const isAuthoritative = first?.answeredBy === 'coredns' && first.forwarded.length === 0;
  run.out(isAuthoritative || ip !== undefined ? '' : 'Non-authoritative answer:\n');
  const seen = new Set<string>();
  for (const record of records) {
    const text = nslookupText(record);
    if (!seen.has(text)) run.out(text);
    seen.add(text);
  }
  run.out('\n');
  return 0;
}

function nslookupText({ name, type, data }: DnsRecord): string {
  const owner = name.replace(/\.$/, '');
  if (type === 'A' || type === 'AAAA') return `Name:\t${owner}\nAddress: ${data}\n`;
  if (type === 'CNAME') return `${owner}\tcanonical name = ${data}\n`;
  if (type === 'PTR') return `${owner}\tname = ${data}\n`;
  if (type === 'SRV') return `${owner}\tservice = ${data}\n`;
  if (type === 'TXT') return `${owner}\ttext = ${data}\n`;
  return `${owner}\t${type} = ${data}\n`;
}

interface Searched {
  readonly server: string;
  readonly queries: readonly DnsQuery[];
  readonly unanswered?: Exclude<QueryOutcome, { kind: 'answered' }> | undefined;
}

/** The whole names in turn, as the search list has them, until one is known. */
export async function searched(
  run: Run,
  servers: readonly string[],
  name: string,
  types: readonly string[],
  named: string,
): Promise<Searched> {
  const options: QueryOptions = { ...USUAL, typed: named === '' ? name : undefined };
  const all = candidates(name, resolverOf(run));
  let made: Searched = { server: servers[0] ?? '', queries: [], unanswered: { kind: 'timed-out' } };
  for (const candidate of all) {
    const queries: DnsQuery[] = [];
    for (const type of types) {
      const last = await firstAnswer(run, servers, candidate, type, options);
      if (last?.outcome.kind !== 'answered')
        return { ...made, queries, unanswered: last?.outcome ?? { kind: 'timed-out' } };
      queries.push(last.outcome.query);
      made = { server: last.server, queries };
    }
    if (queries.some(({ rcode }) => rcode === 'NOERROR')) return made;
    if (queries.some(({ rcode }) => rcode !== 'NXDOMAIN')) return made;
  }
  return made;
}

/** `host NAME [SERVER]`. */
export async function host(run: Run): Promise<number> {
  const args = [...run.args];
  let type: string | undefined;
  const at = args.indexOf('-t');
  if (at >= 0) type = args.splice(at, 2)[1]?.toUpperCase();
  const [name, named = ''] = args.filter((it) => !it.startsWith('-'));
  if (name === undefined) {
    run.err('Usage: host [-t type] {name} [server]\n');
    return 1;
  }
  const servers = await serversOf(run, named);
  const ip = parseIp(name);
  const types = ip === undefined ? (type === undefined ? ['A', 'AAAA', 'MX'] : [type]) : ['PTR'];
  const whole = ip === undefined ? name : reverseName(ip);
  const found = await searched(run, servers ?? [], whole, types, named);
  if (found.unanswered !== undefined) {
    if (found.unanswered.kind === 'not-simulated')
      run.err(`ekstwin: not simulated: ${found.unanswered.text}\n`);
    run.out(UNREACHABLE);
    return 1;
  }
  if (named !== '')
    run.out(`Using domain server:\nName: ${named}\nAddress: ${found.server}#53\nAliases: \n\n`);
  const records = found.queries.flatMap(({ answer }) => answer);
  const rcode = found.queries[0]?.rcode ?? 'SERVFAIL';
  if (rcode !== 'NOERROR') {
    run.out(
      `Host ${name} not found: ${rcode === 'NXDOMAIN' ? '3(NXDOMAIN)' : rcode === 'SERVFAIL' ? '2(SERVFAIL)' : rcode}\n`,
    );
    return 1;
  }
  if (records.length === 0) run.out(`${name} has no ${types[0]} record\n`);
  for (const text of new Set(records.map(hostText))) run.out(text);
  return 0;
}

function hostText({ name, type, data }: DnsRecord): string {
  const owner = name.replace(/\.$/, '');
  if (type === 'A') return `${owner} has address ${data}\n`;
  if (type === 'AAAA') return `${owner} has IPv6 address ${data}\n`;
  if (type === 'CNAME') return `${owner} is an alias for ${data}\n`;
  if (type === 'PTR') return `${owner} domain name pointer ${data}\n`;
  return `${owner} has ${type} record ${data}\n`;
}
