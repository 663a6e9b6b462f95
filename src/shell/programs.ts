/**
 * shell/programs — every program that is built in, by the name people call it by. Nothing else is
 * run: least of all on the machine that runs the twin.
 */

import { curl } from './network/curl.ts';
import { dig, host, nslookup } from './network/dns-tools.ts';
import { getent } from './network/getent.ts';
import { ip, netstat, ss } from './network/ip-tools.ts';
import { nc, telnet } from './network/nc.ts';
import { nodeTool } from './network/node-tools.ts';
import { openssl } from './network/openssl.ts';
import { ping } from './network/ping.ts';
import { traceroute } from './network/traceroute.ts';
import { wget } from './network/wget.ts';
import type { Program } from './run.ts';
import { sh } from './script/sh.ts';
import { cp, ls, mkdir, rm, touch } from './system/file-tools.ts';
import { date, env, hostname, id, printenv, pwd, uname, whoami } from './system/machine-tools.ts';
import { nohup, sleep, time, timeout, xargs } from './system/runners.ts';
import { tar } from './system/tar.ts';
import { test } from './system/test.ts';
import { awk } from './text/awk.ts';
import { echo, printf } from './text/echo.ts';
import { grep } from './text/grep.ts';
import { base64, cat, cut, head, seq, sort, tail, tee, tr, uniq, wc } from './text/line-tools.ts';
import { sed } from './text/sed.ts';

const which: Program = ({ args, out, knows }) => {
  let status = 0;
  for (const name of args.filter((it) => !it.startsWith('-')))
    if (knows(name)) out(`/usr/bin/${name}\n`);
    else status = 1;
  return status;
};

/** Clients of databases: what they would say is not simulated, that they connect is. */
const client: Program = ({ name, err }) => {
  err(
    `${name}: not built in: what a database answers is not simulated; nc -zv HOST PORT connects\n`,
  );
  return 127;
};

/** Programs that only say what they are not. */
export const NOT_SIMULATED: ReadonlySet<string> = new Set([
  'mysql',
  'psql',
  'redis-cli',
  'mongosh',
]);

export const PROGRAMS: ReadonlyMap<string, Program> = new Map<string, Program>([
  ['sh', sh],
  ['bash', sh],
  ['ash', sh],
  ['dash', sh],
  ['true', () => 0],
  ['false', () => 1],
  ['test', test],
  ['[', test],
  ['echo', echo],
  ['printf', printf],
  ['cat', cat],
  ['head', head],
  ['tail', tail],
  ['grep', grep],
  ['egrep', grep],
  ['fgrep', grep],
  ['wc', wc],
  ['sort', sort],
  ['uniq', uniq],
  ['cut', cut],
  ['tr', tr],
  ['sed', sed],
  ['awk', awk],
  ['seq', seq],
  ['tee', tee],
  ['base64', base64],
  ['xargs', xargs],
  ['timeout', timeout],
  ['time', time],
  ['nohup', nohup],
  ['sleep', sleep],
  ['date', date],
  ['env', env],
  ['printenv', printenv],
  ['hostname', hostname],
  ['id', id],
  ['whoami', whoami],
  ['uname', uname],
  ['pwd', pwd],
  ['ls', ls],
  ['mkdir', mkdir],
  ['rm', rm],
  ['touch', touch],
  ['cp', cp],
  ['mv', cp],
  ['tar', tar],
  ['which', which],
  ['curl', curl],
  ['wget', wget],
  ['nc', nc],
  ['netcat', nc],
  ['ncat', nc],
  ['telnet', telnet],
  ['ping', ping],
  ['ping6', ping],
  ['dig', dig],
  ['nslookup', nslookup],
  ['host', host],
  ['getent', getent],
  ['traceroute', traceroute],
  ['tracepath', traceroute],
  ['traceroute6', traceroute],
  ['ip', ip],
  ['ss', ss],
  ['netstat', netstat],
  ['openssl', openssl],
  ['iptables-save', nodeTool],
  ['ip6tables-save', nodeTool],
  ['iptables', nodeTool],
  ['nft', nodeTool],
  ['sysctl', nodeTool],
  ['mysql', client],
  ['psql', client],
  ['redis-cli', client],
  ['mongosh', client],
]);
