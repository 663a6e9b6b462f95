/**
 * controllers/kube-proxy/nftables-rules — the tables that kube-proxy keeps on each node in nftables
 * mode, one a family, made when a node is asked for.
 *
 * Reads what `NodeProxies` reads; writes nothing. Tables are spelled as by 1.30: 1.34 moved the
 * filter chains behind DNAT (kubernetes/kubernetes#132456), which is not done here.
 */
import type { NftTable } from '../../model/linux/nftables.ts';
import { familyOf, formatCidr, formatIp, type Ip, type IpFamily } from '../../net/index.ts';
import { NftablesIndex } from './nftables-index.ts';
import type { NftStyle } from './nftables-service.ts';
import { type NftNode, nftablesTable } from './nftables-table.ts';
import { nodePortAddresses } from './node-ports.ts';
import type { NodeProxies, NodeProxy } from './node-proxies.ts';
import { type LocalDetector, localDetector } from './proxy-settings.ts';

/** Ways of writing rules in use at a time: a family each, unless nodes have blocks of their own. */
const STYLES_MAX = 64;
/** Tables kept of one index; each is small, its rules are the index's. */
const TABLES_MAX = 8192;

const detectorText = (detector: LocalDetector): string =>
  detector.kind === 'source' ? formatCidr(detector.cidr) : JSON.stringify(detector);

const ipText = (ip: Ip | undefined): string => (ip === undefined ? '' : formatIp(ip));

const nodeText = (node: NftNode): string =>
  [
    node.nodeName,
    node.zone,
    node.hints,
    ipText(node.nodeIp),
    node.nodePortIps?.map(ipText).join(),
    node.masqueradeMark,
  ].join(' ');

interface Kept {
  readonly index: NftablesIndex;
  readonly tables: Map<string, NftTable>;
}

export class NftablesRules {
  readonly #proxies: NodeProxies;
  /** By what the rules' style depends on; of each the latest views only. */
  readonly #kept = new Map<string, Kept>();

  constructor(proxies: NodeProxies) {
    this.#proxies = proxies;
  }

  /** A node's tables; none in other modes, or where no kube-proxy ran. */
  tables(nodeName: string): readonly NftTable[] {
    const proxy = this.#proxies.on(nodeName);
    if (proxy?.settings.mode !== 'nftables') return [];
    return [this.#table(proxy, 4), this.#table(proxy, 6)];
  }

  #table(proxy: NodeProxy, family: IpFamily): NftTable {
    const { settings, node } = proxy;
    const { index, tables } = this.#keep(proxy, family);
    // What is not configured is the primary address in this mode; loopback never is one.
    const blocks = settings.nodePortAddresses;
    const wanted = {
      ...settings,
      nodePortAddresses: blocks.length === 0 ? ['primary'] : blocks,
      localhostNodePorts: false,
    };
    const nftNode: NftNode = {
      nodeName: node.nodeName,
      zone: node.zone,
      hints: node.hints,
      nodeIp: node.nodeIps.find((ip) => familyOf(ip) === family),
      nodePortIps: nodePortAddresses(wanted, node, family),
      masqueradeMark: settings.masqueradeMark,
    };
    const text = nodeText(nftNode);
    const known = tables.get(text);
    if (known !== undefined) return known;
    if (tables.size >= TABLES_MAX) tables.clear();
    const table = nftablesTable(index, nftNode);
    tables.set(text, table);
    return table;
  }

  #keep({ settings, node, views }: NodeProxy, family: IpFamily): Kept {
    const detector = localDetector(settings, family, node.node);
    const { masqueradeAll } = settings;
    const key = `${family} ${masqueradeAll} ${detectorText(detector)}`;
    const before = this.#kept.get(key);
    if (before?.index.views === views[family]) return before;
    const style: NftStyle = before?.index.style ?? { family, masqueradeAll, detector };
    if (before === undefined && this.#kept.size >= STYLES_MAX) this.#kept.clear();
    const index = new NftablesIndex(style, views[family], before?.index);
    const kept: Kept = { index, tables: new Map() };
    this.#kept.set(key, kept);
    return kept;
  }
}
