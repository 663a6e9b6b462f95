/**
 * up/start-up — brings a twin up: paced, kept, served on its ports, and written down for every
 * other command to find; and stops it again so that nothing is lost.
 */
import type { RunningTwin, Served } from '../api/running-twin.ts';
import { publishRootCertificate } from '../cluster/namespace-defaults.ts';
import { renewNodeLeases } from '../controllers/kubelet/node-lease.ts';
import type { Note } from '../model/input-error.ts';
import type { ImageAnswers } from '../shell/http/image-answers.ts';
import type { Twin } from '../twin/twin.ts';
import { writeShim } from './aws-shim.ts';
import { certificatesFor } from './certificates.ts';
import type { Keeping } from './keeping.ts';
import { kubeconfig } from './kubeconfig.ts';
import { writeOwnFile } from './own-file.ts';
import { Pacer, type Speed } from './pacer.ts';
import type { Places } from './places.ts';
import { openPorts, type Ports } from './ports.ts';
import { runningTwin } from './running.ts';
import { type RunningState, removeState, writeState } from './running-state.ts';
import { awsService, kubernetesService, proxyService, runPrograms } from './services.ts';
import type { WallClock } from './wall-clock.ts';

export interface UpOptions {
  readonly places: Places;
  readonly version: string;
  readonly speed: Speed;
  /** Undefined = loopback only. */
  readonly listen: string | undefined;
  readonly ports: Ports;
  readonly wall: WallClock;
  /** AWS's API throttles its callers as Amazon does an account. */
  readonly isThrottling: boolean;
  /** What images answer over HTTP. */
  readonly answers?: ImageAnswers | undefined;
  /** A line for every request that was answered. */
  readonly onRequest?: ((line: string) => void) | undefined;
  /** Something inside the simulation broke: the process has to end. */
  readonly onFailure: (cause: unknown) => void;
}

export interface Up {
  readonly state: RunningState;
  readonly running: RunningTwin;
  readonly notes: readonly Note[];
  /** Nothing happens in the twin until `resume`. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/** Any key id does; this one cannot be taken for anybody's own. */
const ACCESS_KEY_ID = 'AKIAEKSTWINEXAMPLE00';
const LOOPBACK = '127.0.0.1';
const EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '::', '*']);

/** Serves a twin whose clock is where it shall go on from. */
export async function startUp(twin: Twin, keeping: Keeping, options: UpOptions): Promise<Up> {
  const { places, listen: address, ports } = options;
  const host = address === '*' ? '::' : (address ?? LOOPBACK);
  const names = host === LOOPBACK || EVERYWHERE.has(host) ? [] : [host];
  const endpoint = twin.store.list('eks/cluster')[0]?.endpoint;
  if (endpoint !== undefined) names.push(new URL(endpoint).hostname);
  const { token, awsSecret, certificates: kept } = keeping.secrets;
  const certificates = certificatesFor(kept, names, options.wall.now());
  if (certificates !== kept) keeping.keepSecrets({ token, awsSecret, certificates });
  const tls = { cert: certificates.server, key: certificates.serverKey };
  const { onRequest } = options;
  const opened = await openPorts(ports, { host, proxyHost: LOOPBACK, tls, onRequest });
  const { kubernetes, aws, proxy } = opened.listeners;
  const named = urlHost(host);
  const served: Served = {
    kubernetesUrl: `https://${named}:${kubernetes.port}`,
    awsUrl: `http://${named}:${aws.port}`,
    certificateAuthority: certificates.authority,
    token,
    awsSecret,
    isLoopback: address === undefined,
  };
  publishRootCertificate(twin.store, twin.kubernetes, certificates.authority);
  const renewing = renewNodeLeases(twin.clock, twin.store);
  const pacer = new Pacer(twin.clock, options.wall, options.speed, options.onFailure);
  const running = runningTwin(twin, served, pacer, keeping, options.answers);
  opened.serve({
    kubernetes: await kubernetesService(running),
    aws: await awsService(running, { onRequest, isThrottling: options.isThrottling }),
    proxy: await proxyService(running),
  });
  await runPrograms(running);
  pacer.start();
  const state = stateOf(twin, served, `http://${LOOPBACK}:${proxy.port}`, keeping, options);
  writeOwnFile(places.kubeconfig, kubeconfig('ekstwin', served));
  writeShim(places.programs, served.awsUrl);
  writeState(places, state);
  return {
    state,
    running,
    notes: opened.notes,
    pause: () => pacer.stop(),
    resume: () => pacer.start(),
    stop: async () => {
      removeState(places);
      await opened.close();
      pacer.stop();
      renewing.stop();
      twin.stop();
      await keeping.close();
    },
  };
}

/** How this machine's own programs reach the address that is listened on. */
function urlHost(host: string): string {
  if (EVERYWHERE.has(host)) return LOOPBACK;
  return host.includes(':') ? `[${host}]` : host;
}

function stateOf(
  twin: Twin,
  { kubernetesUrl, awsUrl, token, awsSecret }: Served,
  proxyUrl: string,
  { folder }: Keeping,
  { places, version, speed, wall }: UpOptions,
): RunningState {
  return {
    name: places.name,
    pid: process.pid,
    version,
    startedAt: new Date(wall.now()).toISOString(),
    cluster: twin.store.list('eks/cluster')[0]?.name,
    region: twin.cloud.region,
    speed: speed === 'max' ? 'max' : `${speed}x`,
    kubernetesUrl,
    awsUrl,
    proxyUrl,
    kubeconfig: places.kubeconfig,
    programs: places.programs,
    data: folder,
    token,
    awsAccessKeyId: ACCESS_KEY_ID,
    awsSecret,
  };
}
