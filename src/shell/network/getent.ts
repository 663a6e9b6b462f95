/** shell/network/getent — getent hosts, ahosts, ahostsv4, ahostsv6: names as programs get them. */
import { formatIp, parseIp } from '../../net/index.ts';
import type { Run } from '../run.ts';
import { callerOf } from './caller.ts';
import { resolve } from './resolve.ts';

/** 0 found, 1 no such database, 2 not found. */
export async function getent(run: Run): Promise<number> {
  const [database, ...names] = run.args;
  if (database === undefined || !/^(a?hosts|ahostsv[46])$/.test(database)) {
    run.err(
      database === undefined
        ? 'getent: wrong number of arguments\n'
        : `Unknown database: ${database}\n`,
    );
    return 1;
  }
  let status = 0;
  if (names.length === 0) {
    const read = run.files.read('/etc/hosts');
    run.out(typeof read === 'string' ? '' : read.text);
  }
  for (const name of names) {
    const found = await hostOf(run, database, name);
    if (found === undefined) status = 2;
    else run.out(found);
  }
  return status;
}

async function hostOf(run: Run, database: string, name: string): Promise<string | undefined> {
  const caller = callerOf(run);
  const literal = parseIp(name);
  if (literal !== undefined && database === 'hosts') {
    const { lookup } = {
      lookup: caller.world.twin.datapath.names.lookup(caller.vantage, name, ['PTR']),
    };
    const host = lookup.records[0]?.data.replace(/\.$/, '');
    return host === undefined ? undefined : `${formatIp(literal).padEnd(15)} ${host}\n`;
  }
  const family = database.endsWith('4') ? 4 : database.endsWith('6') ? 6 : undefined;
  const resolved = await resolve(caller, name, { family });
  if (resolved.kind !== 'found') return undefined;
  const { addresses, canonical } = resolved;
  if (database === 'hosts') {
    // gethostbyname2: IPv6 where there is any, else IPv4.
    const v6 = addresses.filter((ip) => typeof ip === 'bigint');
    const chosen = v6.length > 0 ? v6 : addresses;
    return chosen
      .map(
        (ip) => `${formatIp(ip).padEnd(15)} ${canonical}${canonical === name ? '' : ` ${name}`}\n`,
      )
      .join('');
  }
  return addresses
    .map((ip, i) => {
      const text = formatIp(ip).padEnd(15);
      return `${text} STREAM ${i === 0 ? canonical : ''}\n${text} DGRAM  \n${text} RAW    \n`;
    })
    .join('');
}
