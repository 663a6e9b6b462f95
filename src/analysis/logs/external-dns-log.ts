/**
 * analysis/logs/external-dns-log — what external-dns prints of its start and its changes.
 *
 * Upstream: kubernetes-sigs/external-dns@2bf1bf8a controller/execute.go, provider/aws/aws.go
 * submitChanges.
 */
import type { LogLine } from '../../twin/log-book.ts';
import type { Twin } from '../../twin/twin.ts';
import { logrus } from './log-formats.ts';

interface Change {
  readonly action: string;
  readonly recordSet: { readonly name: string; readonly type: string };
}
interface Batch {
  readonly hostedZoneId: string;
  readonly changes: readonly Change[];
}

const bareName = (name: string): string => name.replace(/\.$/, '');

/** Lines of the container, oldest first. */
export function externalDnsLog(twin: Twin, startedMs: number): readonly LogLine[] {
  const service = twin.store.get('Service', 'default/kubernetes')?.spec.clusterIP ?? '10.100.0.1';
  const lines: LogLine[] = [
    logrus(startedMs, 'Instantiating new Kubernetes client'),
    logrus(startedMs, 'Using inCluster-config based on serviceaccount-token'),
    logrus(startedMs, `Created Kubernetes client https://${service}:443`),
  ];
  for (const { caller, action, atMs, durationMs, errorCode, change } of twin.calls.calls) {
    if (caller !== 'external-dns' || atMs < startedMs) continue;
    const doneMs = atMs + durationMs;
    if (action === 'ChangeResourceRecordSets' && change !== undefined)
      lines.push(...changeLines(twin, change.input as Batch, atMs, doneMs, errorCode));
    else if (errorCode !== undefined)
      lines.push(logrus(doneMs, `${action}: ${errorCode}`, {}, 'error'));
  }
  if (lines.length === 3) {
    lines.push(logrus(startedMs + 1_000, 'All records are already up to date'));
  }
  return lines;
}

function changeLines(
  twin: Twin,
  { hostedZoneId, changes }: Batch,
  atMs: number,
  doneMs: number,
  errorCode: string | undefined,
): readonly LogLine[] {
  const zoneName = twin.store.get('route53/hosted-zone', hostedZoneId)?.name ?? '';
  const zone = { profile: 'default', zoneID: `/hostedzone/${hostedZoneId}`, zoneName };
  const wanted = changes.map(({ action, recordSet }) => {
    const msg = `Desired change: ${action} ${bareName(recordSet.name)} ${recordSet.type}`;
    return logrus(atMs, msg, zone);
  });
  if (errorCode !== undefined) {
    const msg = `Failure in zone ${zoneName} when submitting change batch: ${errorCode}`;
    return [...wanted, logrus(doneMs, msg, zone, 'error')];
  }
  const msg = `${changes.length} record(s) were successfully updated`;
  return [...wanted, logrus(doneMs, msg, zone)];
}
