/**
 * controllers/vpc-cni/conflist — the network configuration aws-node writes once ipamd is healthy:
 * `/etc/cni/net.d/10-aws.conflist`. The container runtime takes the first file of that folder, in
 * lexical order.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 misc/10-aws.conflist, cmd/aws-vpc-cni/main.go
 * generateJSON (the blanks it fills).
 */
import type { IpamdEnv } from './env.ts';

export const CONFLIST_PATH = '/etc/cni/net.d/10-aws.conflist';

const PLUGIN_LOG = '/var/log/aws-routed-eni/plugin.log';

/** The node's primary addresses; an IPv4-only node has no IPv6 one. */
export interface NodeAddresses {
  readonly ipv4: string;
  readonly ipv6?: string | undefined;
}

/** IPv4 out of an IPv6 cluster, or IPv6 out of an IPv4 one that the node can speak. */
function egress(env: IpamdEnv, node: NodeAddresses): Readonly<Record<string, unknown>> {
  if (env.ipv6) {
    return {
      enabled: String(env.v4Egress),
      nodeIP: node.ipv4,
      ipam: ipam('169.254.172.0/22', '0.0.0.0/0', '/run/cni/v6pd/egress-v4-ipam'),
      pluginLogFile: '/var/log/aws-routed-eni/egress-v4-plugin.log',
    };
  }
  const enabled = env.v6Egress && node.ipv6 !== undefined;
  return {
    enabled: String(enabled),
    nodeIP: enabled ? node.ipv6 : '',
    ipam: ipam('fd00::ac:00/118', '::/0', '/run/cni/v4pd/egress-v6-ipam'),
    pluginLogFile: '/var/log/aws-routed-eni/egress-v6-plugin.log',
  };
}

const ipam = (subnet: string, dst: string, dataDir: string): unknown => ({
  type: 'host-local',
  ranges: [[{ subnet }]],
  routes: [{ dst }],
  dataDir,
});

/** The file's content as a value. */
export function conflist(env: IpamdEnv, node: NodeAddresses): unknown {
  return {
    cniVersion: '0.4.0',
    name: 'aws-cni',
    disableCheck: true,
    plugins: [
      {
        name: 'aws-cni',
        type: 'aws-cni',
        vethPrefix: env.vethPrefix,
        mtu: String(env.podMtu),
        podSGEnforcingMode: env.enforcingMode,
        pluginLogFile: PLUGIN_LOG,
        pluginLogLevel: 'DEBUG',
        capabilities: { 'io.kubernetes.cri.pod-annotations': true },
      },
      {
        name: 'egress-cni',
        type: 'egress-cni',
        mtu: String(env.podMtu),
        randomizeSNAT: env.randomizeSnat,
        ...egress(env, node),
        pluginLogLevel: 'DEBUG',
      },
      { type: 'portmap', capabilities: { portMappings: true }, snat: true },
    ],
  };
}
