/** cli/render/lookup — a name's resolution as a tired person reads it: queries in order, the answer. */
import type { DnsQuery, Lookup, Vantage } from '../../datapath/dns/answer.ts';
import { candidates } from '../../datapath/dns/stub-resolver.ts';
import { table } from './table.ts';

const ANSWERERS: Readonly<Record<DnsQuery['answeredBy'], string>> = {
  coredns: 'CoreDNS',
  'node-local-dns': 'NodeLocal DNSCache',
  'vpc-resolver': 'VPC resolver',
  'public-resolver': 'public resolver',
  local: 'nobody asked',
  nobody: 'nobody',
};

const nameOf = (vantage: Vantage): string => {
  switch (vantage.kind) {
    case 'pod':
      return `pod ${vantage.namespace}/${vantage.name}`;
    case 'node':
      return `node ${vantage.name}`;
    case 'vpc':
      return vantage.vpcId;
    case 'outside':
      return 'the internet';
  }
};

interface Row {
  readonly query: DnsQuery;
  readonly depth: number;
}

/** A query and, below it, those that its server had to send. */
const rowsOf = (query: DnsQuery, depth = 0): readonly Row[] => [
  { query, depth },
  ...query.forwarded.flatMap((other) => rowsOf(other, depth + 1)),
];

const answerOf = ({ rcode, answer }: DnsQuery): string => {
  if (answer.length > 0) return answer.map(({ data }) => data).join(', ');
  return rcode === 'NOERROR' ? '(no such record)' : '-';
};

const serverOf = ({ server, service, protocol }: DnsQuery): string =>
  `${server}${protocol === 'tcp' ? ' tcp' : ''}${service === undefined ? '' : ` (${service})`}`;

const byOf = ({ answeredBy, source }: DnsQuery): string =>
  `${ANSWERERS[answeredBy]}${source === undefined ? '' : `, ${source}`}`;

/** The whole answer, a line each. */
export function lookupText(lookup: Lookup): readonly string[] {
  const { resolver, queries } = lookup;
  const search = resolver.search.length === 0 ? 'none' : resolver.search.join(' ');
  const rows = queries.flatMap((query) => rowsOf(query));
  return [
    verdictOf(lookup),
    '',
    `resolv.conf of ${nameOf(lookup.vantage)} (${resolver.policy}): nameserver ` +
      `${resolver.servers.join(' ') || 'none'}, search ${search}, ndots:${resolver.ndots}`,
    ...(rows.length === 0 ? [] : ['', ...queryTable(rows)]),
    ...tail(lookup),
  ];
}

const queryTable = (rows: readonly Row[]): readonly string[] =>
  table(
    [
      {
        head: 'QUERY',
        cell: ({ query, depth }) => `${'  '.repeat(depth)}${depth > 0 ? '> ' : ''}${query.name}`,
      },
      { head: 'TYPE', cell: ({ query }) => query.type },
      { head: 'SERVER', cell: ({ query }) => serverOf(query) },
      { head: 'RCODE', cell: ({ query }) => query.rcode },
      { head: 'ANSWER', cell: ({ query }) => answerOf(query) },
      { head: 'ANSWERED BY', cell: ({ query }) => byOf(query) },
    ],
    rows,
  );

const REASONS: Readonly<Partial<Record<Lookup['rcode'], string>>> = {
  NXDOMAIN: 'there is no such name',
  SERVFAIL: 'the server failed (SERVFAIL)',
  REFUSED: 'the server refuses to answer (REFUSED)',
  FORMERR: 'it is no domain name',
  TIMEOUT: 'no server answers',
  'NOT-SIMULATED': 'what would answer is declared, not simulated',
};

/** The verdict, in one line. */
function verdictOf({ name, rcode, records, answeredName, types }: Lookup): string {
  if (records.length > 0) {
    const data = records.filter(({ type }) => type !== 'CNAME').map((it) => it.data);
    const aliases = records.filter(({ type }) => type === 'CNAME').map((it) => it.data);
    const shown = data.length > 0 ? data : aliases;
    const via = data.length > 0 && aliases.length > 0 ? ` (through ${aliases.join(', ')})` : '';
    return `${answeredName} is ${shown.join(', ')}${via}`;
  }
  const reason = REASONS[rcode] ?? `the name exists, but has no ${types.join(' or ')} record`;
  return `${name} is not resolved: ${reason}`;
}

/** Notes, and what the search list cost. */
function tail(lookup: Lookup): readonly string[] {
  const { notes } = lookup;
  const hint = wasteOf(lookup);
  const lines = [
    ...[...notes].map((note) => `note: ${note}`),
    ...(hint === undefined ? [] : [hint]),
  ];
  return lines.length === 0 ? [] : ['', ...lines];
}

/** Queries for names that the search list made up. */
function wasteOf({ queries, name, resolver, records, answeredName }: Lookup): string | undefined {
  const names = candidates(name, resolver);
  const whole = names.at(-1);
  const wasted = queries.filter((query) => query.name !== answeredName).length;
  if (wasted === 0 || records.length === 0 || answeredName !== whole || names.length < 2)
    return undefined;
  return (
    `hint: ${wasted} of ${queries.length} queries were for names of the search list that do not ` +
    `exist (ndots:${resolver.ndots}); ${whole} with its final dot, or ndots:1 in the pod's ` +
    'dnsConfig, asks once'
  );
}
