/**
 * analysis/logs/coredns-log — what a CoreDNS container prints: its start, every reload of an edited
 * Corefile, and the queries that were made in this session where the Corefile has `log`.
 *
 * Upstream: coredns/coredns coremain/run.go showVersion, plugin/reload/{setup,reload}.go,
 * plugin/health/health.go (lameduck), plugin/log.
 */
import { sha512 } from '../../controllers/vpc-cni/sha512.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import type { LogLine } from '../../twin/log-book.ts';
import type { Twin } from '../../twin/twin.ts';

/** plugin/reload: it looks every 30 s; a node brings an edited ConfigMap within a minute. */
const RELOAD_MS = 60_000;

const versionOf = (image: string): string => /:v?([^-@]+)/.exec(image)?.[1] ?? '';

/** Lines of the container, oldest first. */
export function corednsLog(twin: Twin, pod: Pod, startedMs: number): readonly LogLine[] {
  const image = pod.spec.containers[0]?.image ?? '';
  const edits = twin.logBook.corefiles();
  const current = twin.store.get('ConfigMap', 'kube-system/coredns')?.data?.Corefile ?? '';
  const lines: LogLine[] = [
    { atMs: startedMs, text: '.:53' },
    { atMs: startedMs, text: running(edits.length === 0 ? current : edits[0]!.text) },
    { atMs: startedMs, text: `CoreDNS-${versionOf(image)}` },
    { atMs: startedMs, text: 'linux/amd64' },
  ];
  for (const { atMs, text } of edits) {
    const reloadMs = atMs + RELOAD_MS;
    if (atMs < startedMs || reloadMs > twin.clock.now()) continue;
    lines.push(
      { atMs: reloadMs, text: '[INFO] Reloading' },
      { atMs: reloadMs, text: '[INFO] plugin/health: Going into lameduck mode for 5s' },
      { atMs: reloadMs, text: running(text) },
      { atMs: reloadMs, text: '[INFO] Reloading complete' },
    );
  }
  const { namespace, name } = pod.metadata;
  const queries = twin.logBook.read(`${namespace}/${name}/coredns`);
  return [...lines, ...queries].sort((a, b) => a.atMs - b.atMs);
}

const running = (corefile: string): string =>
  `[INFO] plugin/reload: Running configuration SHA512 = ${sha512(corefile)}`;
