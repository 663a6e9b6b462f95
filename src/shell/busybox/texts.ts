/**
 * shell/busybox/texts — what BusyBox's network programs say alike: of names they cannot resolve and
 * of hosts they cannot reach, in the words of the image's C library.
 *
 * Upstream: mirror/busybox 1.37 libbb/xconnect.c; glibc's and musl's strerror.
 */
import { formatSocketAddress, type Ip } from '../../net/index.ts';
import { libraryOf } from '../container/image.ts';
import { callerOf } from '../network/caller.ts';
import { resolve } from '../network/resolve.ts';
import type { Run } from '../run.ts';

type Reason = 'refused' | 'no-route' | 'no-network' | 'timed-out';

const WORDS: Readonly<Record<'glibc' | 'musl', Readonly<Record<Reason, string>>>> = {
  glibc: {
    refused: 'Connection refused',
    'no-route': 'No route to host',
    'no-network': 'Network is unreachable',
    'timed-out': 'Connection timed out',
  },
  musl: {
    refused: 'Connection refused',
    'no-route': 'Host is unreachable',
    'no-network': 'Network unreachable',
    'timed-out': 'Operation timed out',
  },
};

/** An error number's text. */
export function reasonText(run: Run, why: string): string {
  const words = WORDS[libraryOf(run.host.container?.image)];
  return words[why as Reason] ?? why;
}

/** The first address of a name; undefined: it was said that there is none. */
export async function addressOf(run: Run, name: string, family?: 4 | 6): Promise<Ip | undefined> {
  const resolved = await resolve(callerOf(run), name, { family });
  if (resolved.kind === 'found') return resolved.addresses[0];
  if (resolved.kind === 'not-simulated') run.err(`ekstwin: not simulated: ${resolved.text}\n`);
  run.err(`${run.name}: bad address '${name}'\n`);
  return undefined;
}

/** `10.0.1.7:80`, `[fd00::7]:80`. */
export const socketText = (address: Ip, port: number): string => formatSocketAddress(address, port);
