/**
 * datapath/dns/dns-pod — which pods answer DNS, with which Corefile: CoreDNS behind a Service, and
 * NodeLocal DNSCache on a node.
 *
 * Upstream: kubernetes/dns cmd/node-cache (its -localip, -upstreamsvc and the names it fills into
 * the Corefile). Reads Pods, ConfigMaps and Services.
 */

import { DEFAULT_COREFILE } from '../../model/coredns/default-corefile.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { CLUSTER_DOMAIN } from '../../model/kubernetes/cluster-domain.ts';
import type { ConfigMap, Container, Pod } from '../../model/kubernetes/core.ts';
import { canonicalIpText } from '../../net/index.ts';

interface Volume {
  readonly configMap?:
    | {
        readonly name?: string;
        readonly items?: readonly { readonly key: string; readonly path: string }[];
      }
    | undefined;
}

/** A Corefile, and what to call it. */
export interface PodCorefile {
  readonly text: string;
  /** `configmap kube-system/coredns Corefile`. */
  readonly file: string;
  /** `configmap kube-system/coredns`; undefined where it is assumed. */
  readonly configMap?: string | undefined;
  readonly notes: readonly string[];
}

const wordsOf = ({ command, args }: Container): readonly string[] => [
  ...(command ?? []),
  ...(args ?? []),
];

/** The value after a flag, or after its `=`. */
function flagOf(words: readonly string[], flag: string): string | undefined {
  const at = words.findIndex((word) => word === flag || word === `-${flag}`);
  if (at >= 0) return words[at + 1];
  return words.find((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1);
}

const namesCoredns = ({ image, name }: Container): boolean =>
  name === 'coredns' || /(^|\/)(coredns|k8s-dns-node-cache)(:|@|$)/.test(image ?? '');

/** The Corefile of a pod that runs CoreDNS; undefined for any other pod. */
export function corefileOf(store: TwinStore, pod: Pod): PodCorefile | undefined {
  const { namespace } = pod.metadata;
  const container = pod.spec.containers.find(namesCoredns);
  let missing: string | undefined;
  for (const { configMap } of (pod.spec.volumes ?? []) as readonly Volume[]) {
    if (configMap?.name === undefined) continue;
    const key =
      configMap.items?.find(({ path }) => /^Corefile/.test(path))?.key ??
      (configMap.items === undefined ? 'Corefile' : undefined);
    if (key === undefined) continue;
    const name = `${namespace}/${configMap.name}`;
    const text = (store.get('ConfigMap', name) as ConfigMap | undefined)?.data?.[key];
    if (text !== undefined) {
      return {
        text: filledIn(store, text, container),
        file: `configmap ${name} ${key}`,
        configMap: `configmap ${name}`,
        notes: [],
      };
    }
    missing ??= name;
  }
  if (container === undefined) return undefined;
  const what = missing === undefined ? 'its Corefile' : `configmap ${missing}`;
  return {
    text: DEFAULT_COREFILE,
    file: "the EKS add-on's Corefile",
    notes: [`${what} is not among the input: the EKS add-on's own Corefile is assumed`],
  };
}

/** What node-cache writes into its Corefile before it starts. */
function filledIn(store: TwinStore, text: string, container: Container | undefined): string {
  if (!text.includes('__PILLAR__') || container === undefined) return text;
  const service = flagOf(wordsOf(container), '-upstreamsvc') ?? 'kube-dns';
  const address = store.get('Service', `kube-system/${service}`)?.spec.clusterIP ?? '';
  return text
    .replaceAll('__PILLAR__CLUSTER__DNS__', address)
    .replaceAll('__PILLAR__UPSTREAM__SERVERS__', '/etc/resolv.conf')
    .replaceAll('__PILLAR__DNS__DOMAIN__', CLUSTER_DOMAIN)
    .replace(/__PILLAR__(LOCAL__DNS|DNS__SERVER)__/g, '');
}

/** The NodeLocal DNSCache on a node that took the address for itself. */
export function nodeLocalAt(store: TwinStore, node: string, address: string): Pod | undefined {
  return store
    .lookup('Pod', 'node', node)
    .find((pod) => nodeCacheOf(pod)?.addresses.includes(address));
}

/** What a NodeLocal DNSCache takes for itself on its node. */
export interface NodeCache {
  readonly addresses: readonly string[];
  readonly setsUpLink: boolean;
  readonly setsUpIptables: boolean;
}

/** Of a running pod that is one; its flags are kubernetes/dns cmd/node-cache/main.go's. */
export function nodeCacheOf(pod: Pod): NodeCache | undefined {
  if (pod.spec.hostNetwork !== true || pod.status?.phase !== 'Running') return undefined;
  for (const container of pod.spec.containers) {
    const words = wordsOf(container);
    const texts = flagOf(words, '-localip')?.split(',');
    if (texts === undefined) continue;
    return {
      addresses: texts.map((text) => canonicalIpText(text.trim()) ?? text.trim()),
      setsUpLink: flagOf(words, '-setupinterface') !== 'false',
      setsUpIptables: flagOf(words, '-setupiptables') !== 'false',
    };
  }
  return undefined;
}
