/**
 * controllers/kube-proxy/proxy-settings — what of a KubeProxyConfiguration bears on rules.
 *
 * Upstream: kubernetes/kubernetes@v1.30.5 pkg/proxy/apis/config/v1alpha1/{types,defaults}.go,
 * cmd/kube-proxy/app/server_linux.go getLocalDetector. EKS's text leaves clusterCIDR empty, so no
 * traffic is known to be a pod's.
 */
import { parse } from 'yaml';
import type { Note } from '../../model/input-error.ts';
import type { Node } from '../../model/kubernetes/core.ts';
import { type Cidr, canonicalCidr, type IpFamily, parseCidr } from '../../net/index.ts';

/** How kube-proxy knows traffic of the node's own pods. */
export type LocalDetector =
  | { readonly kind: 'none' }
  | { readonly kind: 'source'; readonly cidr: Cidr }
  /** A link's name, or its beginning and a `+`. */
  | { readonly kind: 'in-interface'; readonly name: string };

type DetectLocalMode = 'ClusterCIDR' | 'NodeCIDR' | 'BridgeInterface' | 'InterfaceNamePrefix';

const DETECT_LOCAL_MODES: readonly string[] = [
  'ClusterCIDR',
  'NodeCIDR',
  'BridgeInterface',
  'InterfaceNamePrefix',
] satisfies DetectLocalMode[];

export interface ProxySettings {
  readonly mode: 'iptables' | 'nftables' | 'ipvs';
  readonly masqueradeAll: boolean;
  /** One bit. */
  readonly masqueradeMark: number;
  readonly detectLocalMode: DetectLocalMode;
  readonly clusterCidrs: readonly Cidr[];
  readonly bridgeInterface: string;
  readonly interfaceNamePrefix: string;
  /** Blocks, or `primary`; empty = every address of the node. */
  readonly nodePortAddresses: readonly string[];
  readonly localhostNodePorts: boolean;
  /** `conntrack.tcpBeLiberal`: packets out of window are not invalid. */
  readonly isTcpLiberal: boolean;
  /** Why kube-proxy would not start with this configuration; answers are those of the defaults. */
  readonly problem?: string | undefined;
}

const MASQUERADE_BIT = 14;

/** Upstream's defaults, which are EKS's too. */
export const DEFAULT_SETTINGS: ProxySettings = {
  mode: 'iptables',
  masqueradeAll: false,
  masqueradeMark: 1 << MASQUERADE_BIT,
  detectLocalMode: 'ClusterCIDR',
  clusterCidrs: [],
  bridgeInterface: '',
  interfaceNamePrefix: '',
  nodePortAddresses: [],
  localhostNodePorts: true,
  isTcpLiberal: false,
};

type Tree = Readonly<Record<string, unknown>>;

const treeOf = (value: unknown): Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : {};

const cidrsOf = (text: string): Cidr[] =>
  text.split(',').flatMap((each) => {
    const cidr = parseCidr(each.trim());
    return cidr === undefined ? [] : [canonicalCidr(cidr)];
  });

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function modeOf(value: unknown): ProxySettings['mode'] {
  return value === 'nftables' || value === 'ipvs' ? value : 'iptables';
}

const MODES: readonly unknown[] = [undefined, null, '', 'iptables', 'nftables', 'ipvs'];

/** Upstream's validation, as far as rules hang on it. */
function problemOf({ mode, detectLocalMode }: Tree): { readonly problem?: string } {
  if (!MODES.includes(mode)) return { problem: `mode ${JSON.stringify(mode)} is not supported` };
  const detect = textOf(detectLocalMode);
  if (detect === '' || DETECT_LOCAL_MODES.includes(detect)) return {};
  return { problem: `detectLocalMode ${JSON.stringify(detect)} is not supported` };
}

/** A KubeProxyConfiguration as its ConfigMap has it; upstream's defaults where it is silent. */
export function parseProxySettings(text: string | undefined): ProxySettings {
  let parsed: unknown;
  try {
    parsed = text === undefined ? undefined : parse(text);
  } catch {
    return { ...DEFAULT_SETTINGS, problem: 'it is no YAML' };
  }
  const config = treeOf(parsed);
  const mode = modeOf(config.mode);
  const ofMode = treeOf(config[mode === 'nftables' ? 'nftables' : 'iptables']);
  const detectLocal = treeOf(config.detectLocal);
  const bit = Number(ofMode.masqueradeBit ?? MASQUERADE_BIT);
  const addresses = config.nodePortAddresses;
  return {
    mode,
    ...problemOf(config),
    masqueradeAll: ofMode.masqueradeAll === true,
    masqueradeMark: (1 << (bit >= 0 && bit <= 31 ? bit : MASQUERADE_BIT)) >>> 0,
    detectLocalMode: (textOf(config.detectLocalMode) || 'ClusterCIDR') as DetectLocalMode,
    clusterCidrs: cidrsOf(textOf(config.clusterCIDR)),
    bridgeInterface: textOf(detectLocal.bridgeInterface),
    interfaceNamePrefix: textOf(detectLocal.interfaceNamePrefix),
    nodePortAddresses: Array.isArray(addresses) ? addresses.map(String) : [],
    localhostNodePorts: treeOf(config.iptables).localhostNodePorts !== false,
    isTcpLiberal: treeOf(config.conntrack).tcpBeLiberal === true,
  };
}

/** How a node's kube-proxy tells its own pods' traffic, in one family. */
export function localDetector(
  settings: ProxySettings,
  family: IpFamily,
  node?: Node,
): LocalDetector {
  const source = (cidrs: readonly Cidr[]): LocalDetector => {
    const cidr = cidrs.find((it) => it.family === family);
    return cidr === undefined ? { kind: 'none' } : { kind: 'source', cidr };
  };
  const arrivesAt = (name: string, rest: string): LocalDetector =>
    name === '' ? { kind: 'none' } : { kind: 'in-interface', name: name + rest };
  switch (settings.detectLocalMode) {
    case 'NodeCIDR':
      return source(cidrsOf(node?.spec.podCIDR ?? ''));
    case 'BridgeInterface':
      return arrivesAt(settings.bridgeInterface, '');
    case 'InterfaceNamePrefix':
      return arrivesAt(settings.interfaceNamePrefix, '+');
    default:
      return source(settings.clusterCidrs);
  }
}

/** What of the configuration is not simulated, or cannot be, for people to read. */
export function proxyNotes({ mode, problem }: ProxySettings): readonly Note[] {
  const where = 'ConfigMap kube-system/kube-proxy-config';
  const notes: Note[] = [];
  if (problem !== undefined) {
    const text = `kube-proxy would not start: ${problem}; answers assume its defaults`;
    notes.push({ where, text });
  }
  if (mode === 'ipvs') {
    const text =
      'mode ipvs is declared, not simulated: answers are those of the iptables mode, which differ ' +
      'in scheduling and in what answers on a ClusterIP no port is open on';
    notes.push({ where, text });
  }
  return notes;
}
