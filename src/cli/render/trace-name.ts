/** cli/render/trace-name — how a name was looked up, in a few lines: what was asked, and whom. */
import type { DnsQuery } from '../../datapath/dns/answer.ts';
import type { Branch } from '../../datapath/walk/flow.ts';
import type { NameWalk, QueryWay } from '../../datapath/walk/name-walk.ts';

/** One line for the answer, one for each way a query takes; every query when `verbose`. */
export function nameLines({ lookup, ways, failure }: NameWalk, verbose: boolean): string[] {
  const { name, answeredName, addresses, queries, rcode } = lookup;
  const is = addresses.length > 0 ? addresses.join(', ') : rcode;
  const asked = answeredName === name || answeredName === `${name}.` ? '' : ` (${answeredName})`;
  const wasted = queries.filter((query) => query.answer.length === 0).length;
  const count = `${queries.length} ${queries.length === 1 ? 'query' : 'queries'}, ${wasted} without an answer`;
  const verb = addresses.length === 0 ? 'gives' : failure === undefined ? 'is' : 'would be';
  const lines = [`name   ${name} ${verb} ${is}${asked}; ${count}`];
  if (verbose) lines.push(...queries.map((query) => `         ${queryText(query)}`));
  return [...lines, ...ways.map((way) => `         ${wayText(way)}`)];
}

const queryText = ({ name, type, rcode, answer, source }: DnsQuery): string => {
  const said = answer.length === 0 ? rcode : answer.map(({ data }) => data).join(', ');
  return `${name} ${type}: ${said}${source === undefined ? '' : ` (${source})`}`;
};

function wayText({ from, server, service, protocol, branches }: QueryWay): string {
  const to = service === undefined ? server : `${service} ${server}`;
  const good = branches.filter(({ disposition }) => disposition === 'delivered');
  const servers = [...new Set(good.flatMap(({ choices }) => choices.at(-1) ?? []))];
  const by = servers.length === 0 ? '' : ` by ${servers.join(' or ')}`;
  const outcomes = new Set([
    ...(good.length === 0 ? [] : [`answered${by}`]),
    ...branches.filter((branch) => !good.includes(branch)).map(failureText),
  ]);
  return `${from} asks ${to} by ${protocol}: ${[...outcomes].join(', or ')}`;
}

const failureText = ({ disposition, text }: Branch): string =>
  `${disposition.replaceAll('-', ' ')}: ${text}`;
