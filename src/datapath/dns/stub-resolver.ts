/**
 * datapath/dns/stub-resolver — what a program's own resolver does with a name: which whole names it
 * tries in which order, which servers it asks, and when it stops.
 *
 * Upstream: glibc 2.39 resolv/res_query.c __res_context_search, res_send.c, resolv.conf(5). musl
 * differs (it asks all servers at once, and a SERVFAIL ends the search); it is not modelled.
 */
import type { DnsQuery, DnsRecord, Rcode, ResolvConf } from './answer.ts';
import { fqdn, isSoundName, labelsOf } from './domain-name.ts';

/** What asking came to. */
export interface StubAnswer {
  readonly rcode: Rcode;
  readonly answeredName: string;
  readonly records: readonly DnsRecord[];
  readonly queries: readonly DnsQuery[];
  readonly notes: readonly string[];
}

export type AskServer = (server: string, name: string, type: string) => DnsQuery;

/** The whole names in the order they are tried, however far that goes. */
export function candidates(name: string, { search, ndots }: ResolvConf): readonly string[] {
  const whole = fqdn(name);
  if (name.endsWith('.')) return [whole];
  const dots = labelsOf(name).length - 1;
  const searched = search.map((domain) => fqdn(domain === '.' ? whole : `${name}.${domain}`));
  const all = dots >= ndots ? [whole, ...searched] : [...searched, whole];
  return [...new Set(all)];
}

/** Codes that send the resolver to its next server (res_send.c). */
const NEXT_SERVER: readonly Rcode[] = ['SERVFAIL', 'REFUSED', 'TIMEOUT', 'FORMERR'];

/** Asks for every type of a name, as getaddrinfo does for A and AAAA at once. */
export function resolveStub(
  conf: ResolvConf,
  name: string,
  types: readonly string[],
  ask: AskServer,
): StubAnswer {
  const queries: DnsQuery[] = [];
  let lasting: Rcode | undefined;
  const failed = (rcode: Rcode, at: string, notes: readonly string[] = []): StubAnswer => ({
    rcode,
    answeredName: at,
    records: [],
    queries,
    notes,
  });
  const names = candidates(name, conf).filter(isSoundName);
  const whole = fqdn(name);
  if (names.length === 0 || !isSoundName(whole)) {
    return failed('FORMERR', whole, [`${name} is no domain name`]);
  }
  if (conf.servers.length === 0) return failed('TIMEOUT', whole, ['no name server is configured']);
  let hasName = false;
  let first: Rcode | undefined;
  for (const candidate of names) {
    const rcodes: Rcode[] = [];
    const records: DnsRecord[] = [];
    const notes: string[] = [];
    for (const type of types) {
      const last = askInTurn(conf.servers, candidate, type, ask, queries);
      const fitting = ofQuestion(last);
      if (fitting.length < last.answer.length) {
        notes.push(`records that are not of ${candidate} are passed over, as glibc does`);
      }
      rcodes.push(last.rcode);
      records.push(...fitting);
    }
    if (records.length > 0) {
      return { rcode: 'NOERROR', answeredName: candidate, records, queries, notes };
    }
    if (rcodes.includes('NOT-SIMULATED')) return failed('NOT-SIMULATED', candidate);
    // No answer at all ends the search; a SERVFAIL does not, but is what remains.
    if (rcodes.includes('TIMEOUT')) return failed('TIMEOUT', candidate);
    if (rcodes.includes('NOERROR')) hasName = true;
    if (candidate === whole && candidate === names[0]) first = rcodes[0];
    const refusal = rcodes.find((rcode) => rcode === 'SERVFAIL' || rcode === 'REFUSED');
    if (refusal === 'REFUSED') return failed('REFUSED', candidate);
    lasting ??= refusal;
  }
  // What the whole name came to when it was tried first; else a name that exists without the data
  // (NO_DATA) outweighs a SERVFAIL met on the way.
  const met = hasName ? 'NOERROR' : (lasting ?? 'NXDOMAIN');
  return failed(first ?? met, first === undefined ? names.at(-1)! : whole);
}

function askInTurn(
  servers: readonly string[],
  name: string,
  type: string,
  ask: AskServer,
  queries: DnsQuery[],
): DnsQuery {
  let last: DnsQuery | undefined;
  for (const server of servers) {
    last = ask(server, name, type);
    queries.push(last);
    if (!NEXT_SERVER.includes(last.rcode)) break;
  }
  return last!;
}

/** Records of the name that was asked, and of what its CNAMEs lead to. */
function ofQuestion({ name, type, answer }: DnsQuery): readonly DnsRecord[] {
  let owner = name.toLowerCase();
  const fitting: DnsRecord[] = [];
  let isOnlyAlias = true;
  for (const record of answer) {
    if (record.name.toLowerCase() !== owner) continue;
    fitting.push(record);
    if (record.type === 'CNAME' && type !== 'CNAME') owner = record.data.toLowerCase();
    else isOnlyAlias = false;
  }
  return isOnlyAlias ? [] : fitting;
}
