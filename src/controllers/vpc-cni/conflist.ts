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
const EGRESS_LOG = '/var/log/aws-routed-eni/egress-v{}-plugin.log';

/** IPv4 out of an IPv6 cluster, or IPv6 out of an IPv4 one; see NodeNetwork.egress. */
function egressRange(env: IpamdEnv): { readonly subnet: string; readonly route: string } {
  return env.ipv6
    ? { subnet: '169.254.172.0/22', route: '0.0.0.0/0' }
    : { subnet: 'fd00::ac:00/118', route: '::/0' };
}

/** The file's content as a value. @param nodeIp the address the egress plugin translates to */
export function conflist(env: IpamdEnv, nodeIp: string): unknown {
  const egress = egressRange(env);
  const enabled = env.ipv6 ? env.v4Egress : env.v6Egress;
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
        enabled: String(enabled),
        randomizeSNAT: env.randomizeSnat,
        nodeIP: enabled ? nodeIp : '',
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: egress.subnet }]],
          routes: [{ dst: egress.route }],
          dataDir: `/run/cni/v${env.ipv6 ? 4 : 6}pd/egress-v${env.ipv6 ? 4 : 6}-ipam`,
        },
        pluginLogFile: EGRESS_LOG.replace('{}', env.ipv6 ? '4' : '6'),
        pluginLogLevel: 'DEBUG',
      },
      { type: 'portmap', capabilities: { portMappings: true }, snat: true },
    ],
  };
}
