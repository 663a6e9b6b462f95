/** cli/up-answer — brings a twin up, says what to do with it, and stops it when asked to. */
import { InputError } from '../model/input-error.ts';
import { type ImageAnswers, parseImageAnswers } from '../shell/http/image-answers.ts';
import { type Lock, takeLock } from '../up/lock.ts';
import type { Speed } from '../up/pacer.ts';
import { ownFolder, placesOf } from '../up/places.ts';
import type { Port } from '../up/ports.ts';
import { startUp, type Up } from '../up/start-up.ts';
import { WALL_CLOCK } from '../up/wall-clock.ts';
import { detached } from './detached.ts';
import { readInputFiles } from './input-files.ts';
import { bring, type Home, homeOf } from './kept-twin.ts';
import { upText } from './render/up.ts';
import { noteLines, type TwinFlags } from './session.ts';
import { VERSION } from './version.ts';

export interface UpFlags extends TwinFlags {
  readonly name?: string;
  readonly data?: string;
  readonly fresh?: boolean;
  readonly speed: string;
  readonly listen?: string;
  readonly port?: string;
  readonly awsPort?: string;
  readonly proxyPort?: string;
  readonly answers?: string;
  readonly throttle?: boolean;
  readonly verbose?: boolean;
  readonly detach?: boolean;
}

/** Runs until it is told to stop; with --detach, until the twin in the background is ready. */
export async function up(flags: UpFlags): Promise<void> {
  const speed = parseSpeed(flags.speed);
  const ports = {
    kubernetes: parsePort(flags.port, '--port', 6443),
    aws: parsePort(flags.awsPort, '--aws-port', 4566),
    proxy: parsePort(flags.proxyPort, '--proxy-port', 8888),
  };
  if (flags.until !== undefined) {
    throw new InputError('--until', 'a twin that is up runs by the wall clock', 'leave it out');
  }
  const answers = flags.answers === undefined ? undefined : readAnswers(flags.answers);
  const places = placesOf(flags.name);
  ownFolder(places.folder);
  if (flags.detach === true) return detached(places);
  const began = performance.now();
  const lock = onlyOne(places.folder, places.name);
  let home: Home | undefined;
  let running: Up | undefined;
  const failed = (cause: unknown): void => void endFailed(cause, flags, running);
  try {
    home = homeOf(flags, places, () => running);
    const { twin, notes } = await bring(home, flags, speed);
    running = await startUp(twin, home, {
      places,
      version: VERSION,
      speed,
      listen: flags.listen,
      ports,
      wall: WALL_CLOCK,
      answers,
      isThrottling: flags.throttle === true,
      onRequest: flags.verbose === true ? (line) => console.error(line) : undefined,
      onFailure: failed,
    });
    const all = [...notes, ...running.notes, ...twin.notes, ...twin.troubles()];
    if (flags.quiet !== true) for (const line of noteLines(all)) console.error(line);
    console.log(upText(running, performance.now() - began));
  } catch (failure) {
    await home?.close();
    lock.release();
    throw failure;
  }
  process.once('uncaughtException', failed);
  await untilStopped();
  await running.stop();
  lock.release();
  process.exit(0);
}

const readAnswers = (path: string): ImageAnswers =>
  readInputFiles([path], '--answers').flatMap(({ path: file, text }) =>
    parseImageAnswers(text, file),
  );

/** The lock of a running twin's name. @throws InputError when one runs already */
function onlyOne(folder: string, name: string): Lock {
  const lock = takeLock(folder);
  if ('release' in lock) return lock;
  throw new InputError(
    name === 'default' ? 'ekstwin up' : `ekstwin up --name ${name}`,
    `a twin is up already (process ${lock.pid})`,
    `stop it: ekstwin down${name === 'default' ? '' : ` --name ${name}`}; or give this one a --name`,
  );
}

/** Something that must not happen did: what is kept is kept, and the process ends. */
async function endFailed(cause: unknown, flags: UpFlags, running: Up | undefined): Promise<void> {
  const text = cause instanceof Error ? cause.message : String(cause);
  console.error(
    `ekstwin: ${text}\n  This is a bug in ekstwin; the twin stops. Its seed: ${flags.seed}. ` +
      'EKSTWIN_DEBUG=1 shows where.',
  );
  if (process.env.EKSTWIN_DEBUG === '1') console.error(cause);
  await running?.stop().catch(() => undefined);
  process.exit(1);
}

function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
    process.once('SIGHUP', () => resolve());
  });
}

function parseSpeed(text: string): Speed {
  if (text === 'max') return 'max';
  const factor = Number(/^(\d{1,4}(?:\.\d+)?)x?$/.exec(text)?.[1]);
  if (factor >= 1) return factor;
  throw new InputError(`--speed ${text}`, 'not a speed', 'write 1x, 10x or max');
}

function parsePort(text: string | undefined, flag: string, usual: number): Port {
  if (text === undefined) return { number: usual, isAsked: false };
  const number = Number(text);
  if (/^\d{1,5}$/.test(text) && number <= 65_535) return { number, isAsked: true };
  throw new InputError(`${flag} ${text}`, 'not a port', 'write a number from 1 to 65535');
}
