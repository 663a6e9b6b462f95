/**
 * controllers/vpc-cni/connmark-backend — which form the mark's rules have on a node: native
 * nftables from 1.23 on where the node's iptables is nf_tables, iptables everywhere else.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/networkutils/nftables_connmark.go:68
 * (NewConnmark). The image takes the mode that the kubelet's own chains show: AL2023 images have
 * iptables-nft (awslabs/amazon-eks-ami#1539), Amazon Linux 2 and Bottlerocket 1.49 have
 * iptables-legacy.
 *
 * Reads: Node, DaemonSet kube-system/aws-node.
 */
import type { TwinStore } from '../../model/kinds.ts';
import type { NodeNetwork } from '../../model/linux/node-network.ts';

/** The first minor version of 1.x that writes `table ip aws-cni`. */
const FIRST_WITH_NFTABLES = 23;

const NF_TABLES_OS = /^(?:Amazon Linux 2023|Ubuntu (?:2[2-9]|[3-9]\d)\.)/;

/** The CNI's minor version by its image; undefined for an image without one. */
function minorVersion(store: TwinStore): number | undefined {
  const containers =
    store.get('DaemonSet', 'kube-system/aws-node')?.spec.template.spec.containers ?? [];
  const image = containers.find(({ name }) => name === 'aws-node')?.image ?? '';
  const minor = /:v1\.(\d+)\./.exec(image)?.[1];
  return minor === undefined ? undefined : Number(minor);
}

/** What ipamd finds on a node when it starts. A node that nobody describes is a current AL2023. */
export function connmarkBackend(
  store: TwinStore,
  nodeName: string,
): NodeNetwork['connmarkBackend'] {
  if ((minorVersion(store) ?? FIRST_WITH_NFTABLES) < FIRST_WITH_NFTABLES) return 'iptables';
  const osImage = store.get('Node', nodeName)?.status?.nodeInfo?.osImage;
  return osImage === undefined || NF_TABLES_OS.test(osImage) ? 'nftables' : 'iptables';
}
