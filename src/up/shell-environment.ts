/**
 * up/shell-environment — the variables that aim a shell's kubectl, aws and curl at the twin, and
 * what undoes them: `eval "$(ekstwin env)"`, `eval "$(ekstwin env --unset)"`.
 */
import { delimiter } from 'node:path';
import { quoted } from './aws-shim.ts';
import type { RunningState } from './running-state.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What the shell had before, as JSON; also says that the variables are set. */
const SAVED = 'EKSTWIN_SAVED';

/** They would send aws elsewhere, or sign with something else. */
const IN_THE_WAY: ReadonlySet<string> = new Set([
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
  'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
  'AWS_USE_FIPS_ENDPOINT',
  'AWS_USE_DUALSTACK_ENDPOINT',
]);

/** An address for one service alone comes before the one for all. */
const isInTheWay = (name: string): boolean =>
  IN_THE_WAY.has(name) || name.startsWith('AWS_ENDPOINT_URL_');

const LOOPBACK = '127.0.0.1,localhost,::1';

/** The variables a program needs to talk to the twin; undefined = must not be set. */
export function twinVariables(
  state: RunningState,
  env: Environment,
): Record<string, string | undefined> {
  const others = env.no_proxy ?? env.NO_PROXY ?? '';
  const direct = others === '' || others.includes('127.0.0.1') ? others : `${others},`;
  const noProxy = others.includes('127.0.0.1') ? others : `${direct}${LOOPBACK}`;
  const path = (env.PATH ?? '').split(delimiter).filter((it) => it !== state.programs);
  return {
    ...Object.fromEntries(
      Object.keys(env)
        .filter(isInTheWay)
        .map((it) => [it, undefined]),
    ),
    EKSTWIN_NAME: state.name,
    KUBECONFIG: state.kubeconfig,
    AWS_ACCESS_KEY_ID: state.awsAccessKeyId,
    AWS_SECRET_ACCESS_KEY: state.awsSecret,
    AWS_REGION: state.region,
    AWS_DEFAULT_REGION: state.region,
    AWS_ENDPOINT_URL: state.awsUrl,
    AWS_EC2_METADATA_DISABLED: 'true',
    http_proxy: state.proxyUrl,
    HTTP_PROXY: state.proxyUrl,
    no_proxy: noProxy,
    NO_PROXY: noProxy,
    PATH: [state.programs, ...path].join(delimiter),
  };
}

const line = ([name, value]: readonly [string, string | undefined | null]): string =>
  value === undefined || value === null ? `unset ${name}` : `export ${name}=${quoted(value)}`;

/** What the shell had before the first `ekstwin env`; its PATH is restored by what was added. */
function savedOf(env: Environment): Record<string, string | null> {
  try {
    return JSON.parse(env[SAVED] ?? '{}') as Record<string, string | null>;
  } catch {
    return {};
  }
}

/** POSIX shell text that sets the variables and remembers what was there. */
export function exportText(state: RunningState, env: Environment): string {
  // Once more in the same shell: what is there is ours, and what was there is known.
  const before = { ...env, ...restored(env) };
  const variables = twinVariables(state, before);
  const saved = Object.fromEntries(
    Object.keys(variables).map((name) => [name, before[name] ?? null]),
  );
  saved.PATH = state.programs;
  return [...Object.entries({ ...variables, [SAVED]: JSON.stringify(saved) }).map(line), ''].join(
    '\n',
  );
}

/** POSIX shell text that undoes {@link exportText}; nothing where nothing was set. */
export function unsetText(env: Environment): string {
  if (env[SAVED] === undefined) return '';
  return [...Object.entries({ ...restored(env), [SAVED]: undefined }).map(line), ''].join('\n');
}

/** The variables as they were. */
function restored(env: Environment): Record<string, string | undefined> {
  const saved = savedOf(env);
  const before: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(saved)) before[name] = value ?? undefined;
  if (typeof saved.PATH === 'string') {
    const ours = saved.PATH;
    before.PATH = (env.PATH ?? '')
      .split(delimiter)
      .filter((it) => it !== ours)
      .join(delimiter);
  }
  return before;
}
