/**
 * analysis/logs/aws-node-log — what the aws-node pod's containers print, and what ipamd writes into
 * its file on the node.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 cmd/aws-vpc-cni/main.go, cmd/aws-vpc-cni-init/main.go
 * (logrus on standard output), cmd/aws-k8s-agent/main.go and pkg/ipamd (zap JSON into
 * /var/log/aws-routed-eni/ipamd.log), docs/troubleshooting.md. The file holds what this twin knows
 * of ipamd's work: its calls of EC2, and the pool as it is now.
 */
import { timestamp } from '../../model/time.ts';
import type { LogLine } from '../../twin/log-book.ts';
import type { Twin } from '../../twin/twin.ts';
import { isoTime, logrus } from './log-formats.ts';

/** From the container's start to a daemon that answers. */
const CONNECTED_MS = 2_000;

const BINARIES = ['aws-cni', 'egress-cni'];
const INIT_BINARIES = ['loopback', 'portmap', 'bandwidth', 'host-local', 'aws-cni-support.sh'];

const installed = (atMs: number, names: readonly string[]): LogLine[] =>
  names.map((name) => ({ atMs, text: `Installed /host/opt/cni/bin/${name}` }));

/** Container aws-vpc-cni-init. */
export const initLog = (startedMs: number): readonly LogLine[] => [
  ...installed(startedMs, INIT_BINARIES),
  logrus(startedMs, 'Copied all CNI plugin binaries to /host/opt/cni/bin'),
  logrus(startedMs, 'Found primaryMAC'),
  logrus(startedMs, 'Found primaryIF eth0'),
  logrus(startedMs, 'Updated net/ipv4/conf/eth0/rp_filter to 2'),
  logrus(startedMs, 'Updated net/ipv4/tcp_early_demux to 1'),
  logrus(startedMs, 'CNI init container done'),
];

/** Container aws-node: what its entry point says; the rest is in ipamd's file. */
export function awsNodeLog(twin: Twin, nodeName: string, startedMs: number): readonly LogLine[] {
  const starting = [
    ...installed(startedMs, BINARIES),
    logrus(startedMs, 'Starting IPAM daemon... '),
    logrus(startedMs, 'Checking for IPAM connectivity... '),
  ];
  if (twin.nodePool(nodeName)?.ready !== true) return starting;
  const atMs = startedMs + CONNECTED_MS;
  return [
    ...starting,
    logrus(atMs, 'Copying config file... '),
    logrus(atMs, 'Successfully copied CNI plugin binary and config file.'),
  ];
}

const line = (atMs: number, level: string, caller: string, msg: string): LogLine => ({
  atMs,
  text: JSON.stringify({ level, ts: isoTime(atMs), caller, msg }),
});

/** EC2's actions as ipamd's log tells of them, with the file that does. */
const TOLD: Readonly<Record<string, readonly [caller: string, done: string, failed: string]>> = {
  CreateNetworkInterface: [
    'awsutils/awsutils.go:909',
    'Created a new ENI',
    'Failed to CreateNetworkInterface',
  ],
  AttachNetworkInterface: [
    'awsutils/awsutils.go:850',
    'Successfully created and attached a new ENI to instance',
    'Failed to attach ENI',
  ],
  AssignPrivateIpAddresses: [
    'awsutils/awsutils.go:1731',
    'Allocated private addresses or prefixes',
    'Failed to allocate a private IP/Prefix addresses on ENI',
  ],
  UnassignPrivateIpAddresses: [
    'awsutils/awsutils.go:1900',
    'Deallocated private addresses or prefixes',
    'Failed to deallocate a private IP/Prefix address',
  ],
  AssignIpv6Addresses: [
    'awsutils/awsutils.go:1790',
    'Successfully allocated an IPv6Prefix for ENI',
    'Failed to allocate IPv6 Prefixes on ENI',
  ],
  DetachNetworkInterface: ['awsutils/awsutils.go:1170', 'Detached ENI', 'Failed to detach ENI'],
  DeleteNetworkInterface: [
    'awsutils/awsutils.go:1210',
    'Successfully deleted ENI',
    'Failed to delete ENI',
  ],
};

interface Named {
  readonly networkInterfaceId?: string;
}

/** /var/log/aws-routed-eni/ipamd.log of a node; undefined where no ipamd runs. */
export function ipamdLog(twin: Twin, nodeName: string): readonly LogLine[] | undefined {
  const pool = twin.nodePool(nodeName);
  if (pool === undefined) return undefined;
  const startedMs = startOf(twin, nodeName);
  const lines = [
    line(startedMs, 'info', 'aws-k8s-agent/main.go:61', 'Starting L-IPAMD   ...'),
    line(startedMs, 'info', 'aws-k8s-agent/main.go:67', 'Testing communication with server'),
  ];
  for (const call of twin.calls.calls) {
    if (call.caller !== `aws-node on ${nodeName}` || call.atMs < startedMs) continue;
    const told = TOLD[call.action];
    const atMs = call.atMs + call.durationMs;
    if (call.errorCode !== undefined) {
      const [caller, , failed] = told ?? ['awsutils/awsutils.go:1', '', `Failed to ${call.action}`];
      const message = (call.change?.output as { message?: string } | undefined)?.message ?? '';
      lines.push(line(atMs, 'error', caller, `${failed}: ${call.errorCode}: ${message}`));
    } else if (told !== undefined) {
      const asked = call.change?.input as Named | undefined;
      const made = call.change?.output as Named | undefined;
      const eni = made?.networkInterfaceId ?? asked?.networkInterfaceId;
      lines.push(line(atMs, 'info', told[0], eni === undefined ? told[1] : `${told[1]}: ${eni}`));
    }
  }
  return [...lines, ...poolLines(twin, nodeName)].sort((a, b) => a.atMs - b.atMs);
}

/** The pool as ipamd sums it up at every look; here once, as of now. */
function poolLines(twin: Twin, nodeName: string): LogLine[] {
  const pool = twin.nodePool(nodeName)!;
  const nowMs = twin.clock.now();
  const sums = pool.cards.map(({ networkCard, totalIps, assignedIps, cooldownIps }) => {
    const sum = `Total IPs: ${totalIps}, Assigned IPs: ${assignedIps}, Cooldown IPs: ${cooldownIps}`;
    const msg = `IP pool stats for network card ${networkCard}: ${sum}`;
    return line(nowMs, 'debug', 'ipamd/ipamd.go:779', msg);
  });
  const { problem, pausedUntilMs } = pool;
  if (problem !== undefined) sums.push(line(nowMs, 'error', 'ipamd/ipamd.go:1', problem));
  if (pausedUntilMs !== undefined) {
    const msg = `Recently we had InsufficientCidr error hence will wait until ${timestamp(pausedUntilMs)}`;
    sums.push(line(nowMs, 'debug', 'ipamd/ipamd.go:2390', msg));
  }
  return sums;
}

function startOf(twin: Twin, nodeName: string): number {
  const pod = twin.store
    .lookup('Pod', 'node', nodeName)
    .find(({ metadata }) => metadata.labels?.['k8s-app'] === 'aws-node');
  const started = pod?.status?.containerStatuses?.find(({ name }) => name === 'aws-node')?.state
    ?.running?.startedAt;
  return started === undefined ? 0 : Date.parse(started) - Date.parse(timestamp(0));
}
