/**
 * datapath/dns/resolv-conf — the resolv.conf of a pod, of a node, of anything else in a VPC.
 *
 * Upstream: kubernetes/kubernetes@v1.30.5 pkg/kubelet/network/dns/dns.go GetPodDNS,
 * appendDNSConfig, formDNSSearchFitsLimits; pkg/apis/core/validation MaxDNSNameservers 3,
 * MaxDNSSearchPaths 32, MaxDNSSearchListChars 2048. EKS's kubelet takes the tenth address of the
 * service block (awslabs/amazon-eks-ami nodeadm/internal/api/net.go:10). A set of DHCP options of
 * one's own is not part of any export we read: Amazon's own is taken.
 */

import { internalDomain } from '../../cloud/region.ts';
import type { Vpc } from '../../model/ec2/vpc.ts';
import type { EksCluster } from '../../model/eks/cluster.ts';
import { CLUSTER_DOMAIN } from '../../model/kubernetes/cluster-domain.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { addressAt, formatIp, parseCidr } from '../../net/index.ts';
import type { Element } from '../trace.ts';
import type { ResolvConf } from './answer.ts';

const SERVERS_MAX = 3;
const SEARCH_MAX = 32;
const SEARCH_CHARS_MAX = 2048;
/** glibc's own (resolv.h); the kubelet writes 5. */
const NDOTS_DEFAULT = 1;
const NDOTS_KUBELET = 5;
/** resolv.conf(5): silently capped. */
const NDOTS_MAX = 15;
const DNS_HOST = 10;
const RESOLVER_HOST = 2;

/** The other address of every VPC's resolver. */
export const LINK_LOCAL_RESOLVER = '169.254.169.253';
export const LINK_LOCAL_RESOLVER_V6 = 'fd00:ec2::253';

/** The resolver's address in the VPC: the base of its first block plus two. */
export function vpcResolverOf({ cidrBlock }: Vpc): string | undefined {
  const cidr = parseCidr(cidrBlock);
  return cidr === undefined ? undefined : formatIp(addressAt(cidr, RESOLVER_HOST));
}

/** What the nodes' own resolv.conf says; for a node, an instance, or a pod with Default. */
export function hostResolvConf(
  vpc: Vpc | undefined,
  region: string | undefined,
  policy: string,
): ResolvConf {
  const server = vpc === undefined ? undefined : vpcResolverOf(vpc);
  return {
    servers: server === undefined ? [] : [server],
    search: region === undefined ? [] : [internalDomain(region)],
    ndots: NDOTS_DEFAULT,
    options: [],
    policy,
    evidence: [],
    notes: server === undefined ? ['no VPC is known, so neither is its resolver'] : [],
  };
}

/** The address kubelets give their pods as the name server. */
export function clusterDnsOf(cluster: EksCluster | undefined): string | undefined {
  const block = cluster?.ipFamily === 'ipv6' ? cluster.serviceIpv6Cidr : cluster?.serviceIpv4Cidr;
  const cidr = block === undefined ? undefined : parseCidr(block);
  return cidr === undefined ? undefined : formatIp(addressAt(cidr, DNS_HOST));
}

interface PodDnsConfig {
  readonly nameservers?: readonly string[];
  readonly searches?: readonly string[];
  readonly options?: readonly { readonly name: string; readonly value?: string }[];
}

/** The parts as they are put together, before limits. */
interface Parts {
  readonly servers: readonly string[];
  readonly search: readonly string[];
  /** Option name to its value, in order. */
  readonly options: ReadonlyMap<string, string | undefined>;
  readonly policy: string;
  readonly notes: readonly string[];
}

/**
 * A pod's resolv.conf.
 *
 * @param host  of the node it runs on
 * @param clusterDns  what the kubelet was told; undefined leaves pods with the node's own
 */
export function podResolvConf(
  pod: Pod,
  host: ResolvConf,
  clusterDns: readonly string[],
): ResolvConf {
  const { namespace = 'default', name } = pod.metadata;
  const config = (pod.spec.dnsConfig ?? {}) as PodDnsConfig;
  const parts = withConfig(policyParts(pod, namespace, host, clusterDns), config);
  const notes = [...parts.notes];
  const servers = parts.servers.slice(0, SERVERS_MAX);
  if (parts.servers.length > SERVERS_MAX) {
    notes.push(
      `Nameserver limits were exceeded, some nameservers have been omitted: ${servers.join(' ')}`,
    );
  }
  const search = withinLimits(parts.search);
  if (search.length < parts.search.length) {
    notes.push('Search Line limits were exceeded, some search paths have been omitted');
  }
  const ndots = Number(parts.options.get('ndots') ?? NDOTS_DEFAULT);
  const options = [...parts.options]
    .filter(([option]) => option !== 'ndots')
    .map(([option, value]) => (value === undefined ? option : `${option}:${value}`));
  const field = `dnsPolicy ${pod.spec.dnsPolicy ?? 'ClusterFirst'}`;
  const evidence: Element[] = [{ kind: 'pod', object: `pod ${namespace}/${name}`, field }];
  return {
    servers,
    search,
    ndots: Number.isInteger(ndots) && ndots >= 0 ? Math.min(ndots, NDOTS_MAX) : NDOTS_DEFAULT,
    options,
    policy: parts.policy,
    evidence,
    notes,
  };
}

/** dns.go GetPodDNS: which of the two worlds the pod starts from. */
function policyParts(
  { spec }: Pod,
  namespace: string,
  host: ResolvConf,
  clusterDns: readonly string[],
): Parts {
  const fromHost = (notes: readonly string[]): Parts => ({
    servers: host.servers,
    search: host.search,
    options: new Map(),
    policy: 'Default',
    notes: [...host.notes, ...notes],
  });
  const policy = spec.dnsPolicy ?? 'ClusterFirst';
  switch (policy) {
    case 'None':
      return { servers: [], search: [], options: new Map(), policy: 'None', notes: [] };
    case 'Default':
      return fromHost([]);
    case 'ClusterFirst':
      if (spec.hostNetwork === true) return fromHost([]);
      break;
    case 'ClusterFirstWithHostNet':
      break;
    default:
      return fromHost([`dnsPolicy ${policy} is none that the kubelet knows`]);
  }
  if (clusterDns.length === 0) {
    return fromHost([
      'kubelet does not have ClusterDNS IP configured and cannot create Pod using ' +
        '"ClusterFirst" policy. Falling back to "Default" policy.',
    ]);
  }
  return {
    servers: clusterDns,
    search: [
      ...new Set([
        `${namespace}.svc.${CLUSTER_DOMAIN}`,
        `svc.${CLUSTER_DOMAIN}`,
        CLUSTER_DOMAIN,
        ...host.search,
      ]),
    ],
    options: new Map([['ndots', `${NDOTS_KUBELET}`]]),
    policy,
    notes: [],
  };
}

/** dns.go appendDNSConfig: servers and searches are added, options of one name replaced. */
function withConfig(parts: Parts, config: PodDnsConfig): Parts {
  const options = new Map(parts.options);
  for (const { name, value } of config.options ?? []) options.set(name, value);
  return {
    ...parts,
    servers: [...new Set([...parts.servers, ...(config.nameservers ?? [])])],
    search: [...new Set([...parts.search, ...(config.searches ?? [])])],
    options,
  };
}

function withinLimits(search: readonly string[]): readonly string[] {
  let kept = search.slice(0, SEARCH_MAX);
  while (kept.join(' ').length > SEARCH_CHARS_MAX) kept = kept.slice(0, -1);
  return kept;
}
