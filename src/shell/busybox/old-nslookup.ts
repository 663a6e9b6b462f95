/**
 * shell/busybox/old-nslookup — nslookup of BusyBox up to 1.28, the one that guides ask for: it goes
 * by the C library, so the search list works as for everybody.
 *
 * Upstream: mirror/busybox 1.28 networking/nslookup.c print_host, server_print.
 */
import { reverseName } from '../../datapath/dns/domain-name.ts';
import { formatIp, type Ip, parseIp } from '../../net/index.ts';
import { callerOf } from '../network/caller.ts';
import { query } from '../network/dns-query.ts';
import { searched } from '../network/dns-tools.ts';
import type { Run } from '../run.ts';
import { addressOf } from './texts.ts';

const USUAL = { protocol: 'udp', timeoutMs: 5_000, tries: 2 } as const;
const USAGE =
  'Usage: nslookup [HOST] [SERVER]\n\nQuery the nameserver for the IP address of the given HOST\n';

export async function oldNslookup(run: Run): Promise<number> {
  const [name, named, more] = run.args;
  if (name === undefined || name.startsWith('-') || more !== undefined) {
    run.err(USAGE);
    return 1;
  }
  const { vantage, world } = callerOf(run);
  let [server] = world.twin.datapath.names.resolverOf(vantage).servers;
  if (named !== undefined) {
    const address = await addressOf(run, named);
    if (address === undefined) return 1;
    server = formatIp(address);
  }
  if (server === undefined) return unresolved(run, name);
  run.out(await hostText(run, 'Server:', server, server, [parseIp(server)!]));
  run.out('\n');
  const literal = parseIp(name);
  const addresses = literal === undefined ? await addressesOf(run, server, name, named) : [literal];
  if (addresses.length === 0) return unresolved(run, name);
  run.out(await hostText(run, 'Name:', name, server, addresses));
  return 0;
}

function unresolved(run: Run, name: string): number {
  run.err(`nslookup: can't resolve '${name}'\n`);
  return 1;
}

async function addressesOf(
  run: Run,
  server: string,
  name: string,
  named: string | undefined,
): Promise<readonly Ip[]> {
  const found = await searched(run, [server], name, ['A', 'AAAA'], named ?? '');
  if (found.unanswered?.kind === 'not-simulated')
    run.err(`ekstwin: not simulated: ${found.unanswered.text}\n`);
  return found.queries.flatMap(({ answer }) =>
    answer.flatMap(({ type, data }) => (/^A(AAA)?$/.test(type) ? (parseIp(data) ?? []) : [])),
  );
}

/** A host with its addresses, each with the name it has backwards. */
async function hostText(
  run: Run,
  header: string,
  host: string,
  server: string,
  addresses: readonly Ip[],
): Promise<string> {
  let text = `${header.padEnd(10)} ${host}\n`;
  for (const [i, ip] of addresses.entries()) {
    const outcome = await query(run, server, reverseName(ip), 'PTR', USUAL);
    const [pointer] = outcome.kind === 'answered' ? outcome.query.answer : [];
    const name = pointer === undefined ? '' : ` ${pointer.data.replace(/\.$/, '')}`;
    text += `Address ${i + 1}: ${formatIp(ip)}${name}\n`;
  }
  return text;
}
