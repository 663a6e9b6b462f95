/** shell/system/machine-tools — what says where one is: hostname, id, uname, env, date, pwd. */
import { ipsOfPod } from '../../model/kubernetes/addresses.ts';
import { EPOCH_MS } from '../../model/time.ts';
import { formatIp } from '../../net/index.ts';
import type { Program, Run } from '../run.ts';

export const hostname: Program = ({ args, host, out, err }) => {
  const [option] = args;
  const addresses = host.pod === undefined ? host.addresses.map(formatIp) : ipsOfPod(host.pod);
  switch (option) {
    case undefined:
    case '-f':
    case '--fqdn':
      out(`${option === undefined ? host.hostname : wholeName(host)}\n`);
      return 0;
    case '-s':
      out(`${host.hostname.split('.')[0]}\n`);
      return 0;
    case '-i':
    case '-I':
    case '--all-ip-addresses':
    case '--ip-address':
      out(`${addresses.join(' ')}${/I|all/.test(option) ? ' ' : ''}\n`);
      return 0;
    default:
      err(
        option.startsWith('-')
          ? `hostname: invalid option -- '${option}'\n`
          : 'hostname: you must be root to change the host name\n',
      );
      return 1;
  }
};

function wholeName({ pod, hostname: name }: Run['host']): string {
  const subdomain = pod?.spec.subdomain;
  return subdomain === undefined
    ? name
    : `${name}.${subdomain}.${pod?.metadata.namespace}.svc.cluster.local`;
}

export const id: Program = ({ args, out }) => {
  const isName = args.some((it) => it.includes('n'));
  if (args.some((it) => /^-[a-z]*[ug]/.test(it))) out(isName ? 'root\n' : '0\n');
  else out('uid=0(root) gid=0(root) groups=0(root)\n');
  return 0;
};

export const whoami: Program = ({ out }) => {
  out('root\n');
  return 0;
};

export const pwd: Program = ({ cwd, out }) => {
  out(`${cwd}\n`);
  return 0;
};

const ARCHITECTURES: Readonly<Record<string, string>> = { amd64: 'x86_64', arm64: 'aarch64' };

export const uname: Program = ({ args, host, out, err }) => {
  const { kernelVersion, architecture } = host.node?.status?.nodeInfo ?? {};
  const parts: Readonly<Record<string, string>> = {
    s: 'Linux',
    n: host.hostname,
    r: kernelVersion ?? 'unknown',
    m: ARCHITECTURES[architecture ?? 'amd64'] ?? 'x86_64',
    o: 'GNU/Linux',
  };
  const letters = args.map((it) => it.slice(1)).join('') || 's';
  const wanted = letters.includes('a') ? 'snrmo' : letters;
  const unknown = [...wanted].find((it) => parts[it] === undefined);
  if (unknown !== undefined) {
    err(`uname: -${unknown}: not built into this shell\n`);
    return 1;
  }
  out(`${[...wanted].map((it) => parts[it]).join(' ')}\n`);
  return 0;
};

/** `env NAME=VALUE … PROGRAM`. */
export const env: Program = (run) => {
  const changed = new Map(run.args[0] === '-i' ? [] : run.env);
  const words = run.args.filter((it, i) => !(i === 0 && it === '-i'));
  let at = 0;
  for (; /^[A-Za-z_]\w*=/.test(words[at] ?? ''); at++) {
    const [, name, value] = /^(\w+)=(.*)$/s.exec(words[at]!)!;
    changed.set(name!, value!);
  }
  if (at < words.length) return run.start(words.slice(at), { env: changed });
  for (const [name, value] of changed) run.out(`${name}=${value}\n`);
  return 0;
};

export const printenv: Program = ({ args, env: variables, out }) => {
  if (args.length === 0) for (const [name, value] of variables) out(`${name}=${value}\n`);
  let status = 0;
  for (const name of args) {
    const value = variables.get(name);
    if (value === undefined) status = 1;
    else out(`${value}\n`);
  }
  return status;
};

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** As `date` formats a time, in UTC. @param atMs  the twin's */
export function dateText(atMs: number, format: string): string {
  const date = new Date(EPOCH_MS + atMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const iso = date.toISOString();
  const [day, time] = [iso.slice(0, 10), iso.slice(11, 19)];
  const parts: Readonly<Record<string, () => string>> = {
    Y: () => String(date.getUTCFullYear()),
    m: () => day.slice(5, 7),
    d: () => day.slice(8),
    H: () => time.slice(0, 2),
    M: () => time.slice(3, 5),
    S: () => time.slice(6),
    F: () => day,
    T: () => time,
    s: () => String(Math.floor(date.getTime() / 1000)),
    Z: () => 'UTC',
    z: () => '+0000',
    N: () => `${String(date.getUTCMilliseconds()).padStart(3, '0')}000000`,
    a: () => DAYS[date.getUTCDay()]!,
    b: () => MONTHS[date.getUTCMonth()]!,
    n: () => '\n',
    t: () => '\t',
    e: () => String(date.getUTCDate()).padStart(2),
    u: () => String(date.getUTCDay() || 7),
    R: () => time.slice(0, 5),
    y: () => two(date.getUTCFullYear() % 100),
    '%': () => '%',
  };
  return format.replace(/%(.)/g, (all, letter: string) => parts[letter]?.() ?? all);
}

export const date: Program = ({ args, patience, out, err }) => {
  const known = args.filter((it) => it !== '-u' && it !== '--utc');
  const [format = '+%a %b %e %T %Z %Y'] = known.map((it) =>
    /^(-Iseconds|--iso-8601=seconds)$/.test(it)
      ? '+%FT%T+00:00'
      : it === '-R'
        ? '+%a, %d %b %Y %T %z'
        : it,
  );
  if (!format.startsWith('+') || known.length > 1) {
    err(`date: ${known.join(' ')}: not built into this shell: only +FORMAT is\n`);
    return 1;
  }
  out(`${dateText(patience.now(), format.slice(1))}\n`);
  return 0;
};
