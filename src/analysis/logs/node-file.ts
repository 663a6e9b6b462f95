/**
 * analysis/logs/node-file — the log files of a node that people look into when pods get no
 * addresses.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 docs/troubleshooting.md (ipamd.log, plugin.log).
 */
import type { LogLine } from '../../twin/log-book.ts';
import type { Twin } from '../../twin/twin.ts';
import { ipamdLog } from './aws-node-log.ts';
import { isoTime } from './log-formats.ts';

const IPAMD_LOG = '/var/log/aws-routed-eni/ipamd.log';
const PLUGIN_LOG = '/var/log/aws-routed-eni/plugin.log';

/** Where a node has them. */
export const NODE_LOG_FILES: readonly string[] = [IPAMD_LOG, PLUGIN_LOG];

/** The text of a node's file; undefined where the node has none of that name. */
export function nodeFile(twin: Twin, nodeName: string, path: string): string | undefined {
  if (path !== IPAMD_LOG && path !== PLUGIN_LOG) return undefined;
  const lines = path === IPAMD_LOG ? ipamdLog(twin, nodeName) : pluginLog(twin, nodeName);
  return lines?.map(({ text }) => `${text}\n`).join('');
}

/** ADD of every pod that has a sandbox on the node, as the plugin tells of it. */
function pluginLog(twin: Twin, nodeName: string): readonly LogLine[] | undefined {
  if (twin.nodePool(nodeName) === undefined) return undefined;
  return twin.store
    .lookup('node/pod-sandbox', 'node', nodeName)
    .flatMap(({ namespace, podName: name, interfaces, createdAtMs: atMs }) => {
      const address = interfaces[0]?.address;
      if (address === undefined) return [];
      const line = (caller: string, msg: string): LogLine => ({
        atMs,
        text: JSON.stringify({ level: 'info', ts: isoTime(atMs), caller, msg }),
      });
      return [
        line(
          'routed-eni-cni-plugin/cni.go:126',
          `Received CNI add request: Netns(/var/run/netns/cni-${name}) IfName(eth0) Args(K8S_POD_NAMESPACE=${namespace};K8S_POD_NAME=${name})`,
        ),
        line('routed-eni-cni-plugin/cni.go:126', `Received add network response: ${address}`),
      ];
    })
    .sort((a, b) => a.atMs - b.atMs);
}
