/**
 * controllers/kube-proxy/node-ports — the last rules of KUBE-SERVICES: which of a node's addresses
 * answer on node ports.
 *
 * Upstream: kubernetes/kubernetes@v1.30.5 pkg/proxy/util/nodeport_addresses.go, and the end of
 * syncProxyRules in pkg/proxy/iptables/proxier.go.
 */
import {
  commentOf,
  destinationIn,
  jumpTo,
  localAddress,
  ruleOf,
} from '../../model/linux/iptables-words.ts';
import type { IptablesRule } from '../../model/linux/netfilter.ts';
import {
  type Cidr,
  contains,
  familyOf,
  formatIp,
  hostCidr,
  type Ip,
  type IpFamily,
  parseCidr,
} from '../../net/index.ts';
import type { ProxySettings } from './proxy-settings.ts';

/** What of a node decides which of its addresses answer. */
export interface NodeAddresses {
  readonly nodeIps: readonly Ip[];
  /** Of every link, loopback too. */
  readonly addresses: readonly Ip[];
}

/** What every host keeps for itself. */
export const LOOPBACK = { 4: parseCidr('127.0.0.0/8')!, 6: parseCidr('::1/128')! };
const NODE_PORTS = jumpTo('KUBE-NODEPORTS');
const LAST = commentOf(
  'kubernetes service nodeports; NOTE: this must be the last rule in this chain',
);

/** The blocks of one family, or undefined where every address answers. */
function blocksOf(texts: readonly string[], family: IpFamily): readonly Cidr[] | undefined {
  const blocks = texts.flatMap((text) => parseCidr(text) ?? []);
  const own = blocks.filter((block) => block.family === family);
  if (own.length === 0 && !texts.includes('primary')) return undefined;
  return own.some(({ bits }) => bits === 0) ? undefined : own;
}

/** The node's addresses that answer on node ports, or undefined where all do. */
export function nodePortAddresses(
  { nodePortAddresses: texts, localhostNodePorts }: ProxySettings,
  { nodeIps, addresses }: NodeAddresses,
  family: IpFamily,
): readonly Ip[] | undefined {
  const blocks = blocksOf(texts, family);
  if (blocks === undefined) return undefined;
  const primary = texts.includes('primary') ? nodeIps : [];
  const matching = addresses.filter(
    (ip) => familyOf(ip) === family && blocks.some((block) => contains(block, ip)),
  );
  const found = new Map<string, Ip>();
  for (const ip of [...primary.filter((it) => familyOf(it) === family), ...matching]) {
    const isLoopback = contains(LOOPBACK[family], ip);
    if (!isLoopback || (family === 4 && localhostNodePorts)) found.set(formatIp(ip), ip);
  }
  return [...found.values()];
}

/** The jumps to KUBE-NODEPORTS. */
export function nodePortJumps(
  settings: ProxySettings,
  node: NodeAddresses,
  family: IpFamily,
): readonly IptablesRule[] {
  const addresses = nodePortAddresses(settings, node, family);
  if (addresses !== undefined) {
    return addresses.map((ip) => ruleOf(NODE_PORTS, destinationIn(hostCidr(ip)), LAST));
  }
  // Node ports on ::1 never work; on 127.0.0.1 only with route_localnet.
  const hasLocalhost = family === 4 && settings.localhostNodePorts;
  const others = hasLocalhost ? [] : [destinationIn(LOOPBACK[family], true)];
  return [ruleOf(NODE_PORTS, ...others, LAST, localAddress('destination'))];
}
