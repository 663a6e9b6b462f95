/**
 * datapath/dns/names — name resolution as a whole: from where, which name, which queries that takes
 * and what comes of it. Pure: no packet moves here; every query says to which address it is sent
 * and by whom, so that a walk can follow it.
 */

import type { Vpc } from '../../model/ec2/vpc.ts';
import type { EksCluster } from '../../model/eks/cluster.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { ipsOfPod } from '../../model/kubernetes/addresses.ts';
import { CLUSTER_DOMAIN } from '../../model/kubernetes/cluster-domain.ts';
import type { Node, Pod } from '../../model/kubernetes/core.ts';
import { instanceIdOf } from '../../model/kubernetes/provider-id.ts';
import { canonicalIpText, parseIp } from '../../net/index.ts';
import type { DnsQuery, DnsRecord, Lookup, RecordType, ResolvConf, Vantage } from './answer.ts';
import { type NameSource, regionOfVpc } from './aws-names.ts';
import { ClusterNames } from './cluster-names.ts';
import { fqdn, reverseName } from './domain-name.ts';
import { NameServers, type Surroundings } from './name-servers.ts';
import { clusterDnsOf, hostResolvConf, podResolvConf } from './resolv-conf.ts';
import { resolveStub } from './stub-resolver.ts';
import { VpcResolver } from './vpc-resolver.ts';

const ADDRESS_TYPES = ['A', 'AAAA'];
const DNS_PORT = 53;
/** Whom something on the internet asks; any public resolver answers alike. */
const PUBLIC_RESOLVER = '203.0.113.53';

interface HostAlias {
  readonly ip?: string;
  readonly hostnames?: readonly string[];
}

/** The names of one twin. Follows the store; make one and keep it. */
export class Names {
  readonly #store: TwinStore;
  readonly #servers: NameServers;

  /** @param sources  zones kept elsewhere, asked first: Route 53, load balancers */
  constructor(store: TwinStore, sources: readonly NameSource[] = []) {
    this.#store = store;
    const around: Surroundings = {
      vpcOf: (vantage) => this.#vpcOf(vantage),
      nodeOf: (vantage) => this.#nodeOf(vantage),
      addressOf: (vantage) => this.#podOf(vantage)?.status?.podIP,
      resolverOf: (vantage) => this.resolverOf(vantage),
    };
    const resolver = new VpcResolver(store, sources);
    this.#servers = new NameServers(store, new ClusterNames(store), resolver, around);
  }

  /** The resolv.conf a program has there. */
  resolverOf(vantage: Vantage): ResolvConf {
    if (vantage.kind === 'outside') {
      return {
        servers: [PUBLIC_RESOLVER],
        search: [],
        ndots: 1,
        options: [],
        policy: 'outside',
        evidence: [],
        notes: [],
      };
    }
    const vpc = this.#vpcOf(vantage);
    const region = vpc === undefined ? undefined : regionOfVpc(this.#store, vpc.vpcId);
    const pod = this.#podOf(vantage);
    const host = hostResolvConf(vpc, region, vantage.kind === 'vpc' ? 'instance' : 'node');
    return pod === undefined ? host : podResolvConf(pod, host, this.#clusterDns());
  }

  /**
   * What a program there gets for a name, and every query that took.
   *
   * @param name  as it is written; a final dot makes it whole; an address asks for its PTR record
   *   when `types` is `PTR`, and is its own answer otherwise
   * @param types  both families of address, as getaddrinfo asks, unless told
   */
  lookup(vantage: Vantage, name: string, types: readonly string[] = ADDRESS_TYPES): Lookup {
    const resolver = this.resolverOf(vantage);
    const local = this.#withoutAsking(vantage, name, types);
    const ip = parseIp(name);
    const isReverse = ip !== undefined && types.includes('PTR');
    const asked = isReverse ? reverseName(ip) : name;
    const answer =
      local ??
      resolveStub(resolver, asked, types, (server, candidate, type) =>
        this.ask(vantage, server, candidate, type),
      );
    return {
      vantage,
      name: asked,
      types,
      resolver,
      ...answer,
      notes: notesOf(resolver, answer),
      addresses: this.#addresses(vantage, answer.records),
    };
  }

  /** One question to one server. */
  ask(
    vantage: Vantage,
    server: string,
    name: string,
    type: string,
    protocol: 'udp' | 'tcp' = 'udp',
  ): DnsQuery {
    const question = { name: fqdn(name), type };
    return this.#servers.ask(vantage, server, DNS_PORT, protocol, question);
  }

  /** The name servers' addresses of the kubelets: `.10` of the service block. */
  #clusterDns(): readonly string[] {
    const address =
      clusterDnsOf(this.#cluster()) ??
      this.#store.get('Service', 'kube-system/kube-dns')?.spec.clusterIP;
    return address === undefined ? [] : [address];
  }

  #cluster(): EksCluster | undefined {
    for (const { value } of this.#store.entries('eks/cluster')) return value;
    return undefined;
  }

  #podOf(vantage: Vantage): Pod | undefined {
    if (vantage.kind !== 'pod') return undefined;
    return this.#store.get('Pod', `${vantage.namespace}/${vantage.name}`);
  }

  #nodeOf(vantage: Vantage): string | undefined {
    if (vantage.kind === 'node') return vantage.name;
    return this.#podOf(vantage)?.spec.nodeName;
  }

  #vpcOf(vantage: Vantage): Vpc | undefined {
    if (vantage.kind === 'outside') return undefined;
    if (vantage.kind === 'vpc') return this.#store.get('ec2/vpc', vantage.vpcId);
    const nodeName = this.#nodeOf(vantage);
    const node: Node | undefined =
      nodeName === undefined ? undefined : this.#store.get('Node', nodeName);
    const instanceId = node === undefined ? undefined : instanceIdOf(node);
    const instance =
      instanceId === undefined ? undefined : this.#store.get('ec2/instance', instanceId);
    const vpcId = instance?.vpcId ?? this.#cluster()?.vpcId;
    if (vpcId !== undefined) return this.#store.get('ec2/vpc', vpcId);
    // Exports of one VPC and of Kubernetes objects only: there is but one it can be.
    if (this.#store.count('ec2/vpc') !== 1) return undefined;
    return this.#store.list('ec2/vpc')[0];
  }

  /** Addresses as they are, and what /etc/hosts of a pod holds. */
  #withoutAsking(
    vantage: Vantage,
    name: string,
    types: readonly string[],
  ): Pick<Lookup, 'rcode' | 'answeredName' | 'records' | 'queries' | 'notes'> | undefined {
    if (!types.some((type) => ADDRESS_TYPES.includes(type))) return undefined;
    const literal = canonicalIpText(name);
    const found =
      literal === undefined ? this.#hosts(vantage).get(name.replace(/\.$/, '')) : [literal];
    if (found === undefined) return undefined;
    const records = found
      .map((data): DnsRecord => ({ name: fqdn(name), type: familyType(data), ttl: 0, data }))
      .filter(({ type }) => types.includes(type));
    const notes = literal === undefined ? [`${name} stands in the pod's /etc/hosts`] : [];
    return { rcode: 'NOERROR', answeredName: fqdn(name), records, queries: [], notes };
  }

  /** kubelet_pods.go managedHostsFileContent: the pod's own name and its hostAliases. */
  #hosts(vantage: Vantage): ReadonlyMap<string, readonly string[]> {
    const hosts = new Map<string, string[]>([['localhost', ['127.0.0.1', '::1']]]);
    const pod = this.#podOf(vantage);
    if (pod === undefined) return hosts;
    const add = (name: string, ip: string): void => {
      hosts.set(name, [...(hosts.get(name) ?? []), ip]);
    };
    if (pod.spec.hostNetwork !== true) {
      const hostname = pod.spec.hostname ?? pod.metadata.name;
      for (const ip of ipsOfPod(pod)) {
        add(hostname, ip);
        const { subdomain } = pod.spec;
        if (subdomain !== undefined)
          add(`${hostname}.${subdomain}.${pod.metadata.namespace}.svc.${CLUSTER_DOMAIN}`, ip);
      }
    }
    for (const { ip, hostnames } of (pod.spec.hostAliases ?? []) as readonly HostAlias[]) {
      if (ip === undefined) continue;
      for (const name of hostnames ?? []) add(name, ip);
    }
    return hosts;
  }

  /** RFC 6724 in short: the family the asker has comes first. */
  #addresses(vantage: Vantage, records: readonly DnsRecord[]): readonly string[] {
    const texts = records
      .filter(({ type }) => ADDRESS_TYPES.includes(type))
      .map(({ data }) => data);
    const isV6 = this.#podOf(vantage)?.status?.podIP?.includes(':') === true;
    const [first, second] = isV6 ? [true, false] : [false, true];
    const of = (v6: boolean): readonly string[] => texts.filter((it) => it.includes(':') === v6);
    return [...new Set([...of(first), ...of(second)])];
  }
}

/** Everything that is to be said of an answer, once each. */
function notesOf(
  resolver: ResolvConf,
  { notes, queries }: Pick<Lookup, 'notes' | 'queries'>,
): readonly string[] {
  const all = new Set([...resolver.notes, ...notes]);
  const gather = (query: DnsQuery): void => {
    for (const note of query.notes) all.add(note);
    query.forwarded.forEach(gather);
  };
  queries.forEach(gather);
  return [...all];
}

const familyType = (address: string): RecordType => (address.includes(':') ? 'AAAA' : 'A');
