/**
 * api/kubernetes/streams/attach — what somebody sees who attaches to a container that does not
 * read: what it writes from now on.
 *
 * Upstream: containerd/containerd pkg/cri/server/container_attach.go (no history is shown).
 */
import type { logLines } from '../../../analysis/logs/pod-log.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import type { Twin } from '../../../twin/twin.ts';
import type { CommandChannels } from './command-channels.ts';
import { type PodContainer, statusOfContainer } from './command-request.ts';

/** What containers write. */
export type LogSource = typeof logLines;

/** How often it is looked for more. */
const LOOK_MS = 250;

/** Shows a container's output until it ends or the client goes. @returns its exit code then */
export function showOutput(
  twin: Twin,
  source: LogSource,
  found: PodContainer,
  channels: CommandChannels,
): Promise<number> {
  let known = source(twin, found, false).length;
  return new Promise((resolve) => {
    const end = (code: number): void => {
      clearInterval(timer);
      resolve(code);
    };
    const timer = setInterval(() => {
      const pod = twin.store.get('Pod', keyOf(found.pod));
      if (pod === undefined) return end(0);
      const lines = source(twin, { ...found, pod }, false);
      for (const { text, isCut } of lines.slice(known)) {
        channels.stdout(Buffer.from(isCut === true ? text : `${text}\n`));
      }
      known = Math.max(known, lines.length);
      if (statusOfContainer(pod, found.container.name)?.state?.terminated !== undefined) end(0);
    }, LOOK_MS);
    timer.unref();
    channels.onLost(() => end(0));
  });
}
