/**
 * conformance/adapters/dns-coredns — CoreDNS's own queries and answers (coredns-kubernetes.json)
 * against the product's kubernetes and autopath plugins.
 *
 * Schema: shared vectors README, "dns/coredns-kubernetes.json". The fixtures are CoreDNS's internal
 * objects; here they become Services, EndpointSlices, Pods and Namespaces of a store. As upstream's
 * plugin/test/helpers.go compares: order is free, of a SOA only owner and name server count, and no
 * CNAME stands after what it leads to.
 */
import type { DnsReply, Question } from '../../src/datapath/dns/answer.ts';
import { formatRecord } from '../../src/datapath/dns/answer.ts';
import { autopath } from '../../src/datapath/dns/autopath.ts';
import { ClusterNames } from '../../src/datapath/dns/cluster-names.ts';
import { fqdn } from '../../src/datapath/dns/domain-name.ts';
import { kubernetesPlugin } from '../../src/datapath/dns/kubernetes.ts';
import { kubernetesOptions } from '../../src/datapath/dns/kubernetes-options.ts';
import { parseKubernetesName } from '../../src/datapath/dns/kubernetes-request.ts';
import { isPluginProblem, type Passage, type Plugin } from '../../src/datapath/dns/plugin.ts';
import type { Directive } from '../../src/model/coredns/corefile.ts';
import type { TwinStore } from '../../src/model/kinds.ts';
import { emptyStore } from '../../src/twin/twin.ts';
import type { Adapter, CaseResult } from '../adapter.ts';

interface Config {
  readonly plugin?: string;
  readonly zones?: readonly string[];
  readonly ttl?: number;
  readonly namespaces?: readonly string[];
  readonly pods?: string;
  readonly ignoreEmptyService?: boolean;
  readonly endpointNameMode?: boolean;
  readonly fallthrough?: readonly string[];
  readonly multiclusterZones?: readonly string[];
  readonly zonal?: unknown;
  readonly localIPs?: readonly string[];
}

interface Case {
  readonly qname: string;
  readonly qtype: string;
  readonly rcode: string;
  readonly answer: readonly unknown[];
  readonly ns?: readonly unknown[];
  readonly extra?: readonly unknown[];
  readonly upstream?: { readonly Case: { readonly Qname: string; readonly Answer: string[] } };
}

interface VectorSet {
  readonly name: string;
  readonly config: Config;
  readonly fixture: string;
  readonly cases: readonly Case[];
}

interface File {
  readonly fixtures: Readonly<Record<string, unknown>>;
  readonly sets: readonly VectorSet[];
}

const isFile = (json: unknown): json is File => {
  const { fixtures, sets } = (json ?? {}) as { fixtures?: unknown; sets?: unknown };
  return (
    typeof fixtures === 'object' &&
    Array.isArray(sets) &&
    sets.every((set: unknown) => Array.isArray((set as { cases?: unknown }).cases)) &&
    sets.some((set: VectorSet) => set.cases.some(({ qname }) => typeof qname === 'string'))
  );
};

/** An object of a fixture: a service, endpoints or a pod, told apart by its members. */
interface Noun {
  readonly Name?: string;
  readonly Namespace?: string;
  readonly Type?: string;
  readonly ExternalName?: string;
  readonly ClusterIPs?: readonly string[];
  readonly Ports?: readonly { Name?: string; Port: number | string; Protocol?: string }[];
  readonly Index?: string | { readonly args: readonly string[] };
  readonly Subsets?: readonly {
    readonly Addresses: readonly { IP: string; Hostname?: string; TargetRefName?: string }[] | null;
    readonly Ports: readonly { Name?: string; Port: number | string; Protocol?: string }[];
  }[];
  readonly PodIP?: string;
  readonly Labels?: Readonly<Record<string, string>>;
}

/** Members that are of the multicluster plugin only. */
const OTHER_CLUSTERS = ['serviceImports', 'multiclusterEndpoints'];

function* nounsOf(value: unknown): Iterable<Noun> {
  if (typeof value !== 'object' || value === null) return;
  const noun = value as Noun;
  if (noun.Subsets !== undefined || noun.PodIP !== undefined || noun.Type !== undefined) yield noun;
  else if (noun.ClusterIPs !== undefined) yield noun;
  else {
    for (const [name, member] of Object.entries(value)) {
      if (!OTHER_CLUSTERS.includes(name)) yield* nounsOf(member);
    }
  }
}

const portsOf = (ports: Noun['Ports'] = []) =>
  ports
    .filter(({ Port }) => Number(Port) !== -1)
    .map(({ Name, Port, Protocol }) => ({
      name: Name ?? '',
      port: Number(Port),
      protocol: (Protocol ?? 'TCP').toUpperCase() as 'TCP',
    }));

function putNoun(store: TwinStore, noun: Noun): void {
  const { Name: name = '', Namespace: namespace = '' } = noun;
  const metadata = { name, namespace };
  const key = `${namespace}/${name}`;
  if (noun.PodIP !== undefined) {
    store.put('Pod', key, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...metadata, labels: noun.Labels },
      spec: { containers: [] },
      status: { phase: 'Running', podIP: noun.PodIP },
    });
  } else if (noun.Subsets !== undefined) putSlice(store, noun, metadata);
  else {
    const clusterIPs = (noun.ClusterIPs ?? []).map((ip) =>
      ip === 'api.ClusterIPNone' ? 'None' : ip,
    );
    const isAlias = noun.Type === 'api.ServiceTypeExternalName';
    store.put('Service', key, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        type: isAlias ? 'ExternalName' : 'ClusterIP',
        externalName: noun.ExternalName,
        clusterIPs,
        ports: portsOf(noun.Ports),
      },
    });
  }
}

function putSlice(
  store: TwinStore,
  { Index, Subsets = [] }: Noun,
  metadata: { readonly name: string; readonly namespace: string },
): void {
  const service = typeof Index === 'string' ? Index.split('.')[0]! : (Index?.args[0] ?? '');
  const [subset] = Subsets;
  const { namespace, name } = metadata;
  store.put('EndpointSlice', `${namespace}/${name}`, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    endpoints: (subset?.Addresses ?? []).map(({ IP, Hostname, TargetRefName }) => ({
      addresses: [IP],
      hostname: Hostname,
      targetRef:
        TargetRefName === undefined ? undefined : { kind: 'Pod', namespace, name: TargetRefName },
    })),
    ports: portsOf(subset?.Ports),
  });
}

/** "every name except pod-nons and nsnoexist" → the two. */
const missingNamespaces = (fixture: unknown): readonly string[] => {
  const text = (fixture as { namespaceExists?: unknown }).namespaceExists;
  return typeof text === 'string' ? (text.split('except')[1] ?? '').match(/[\w-]+/g)! : [];
};

function storeOf({ config, cases }: VectorSet, fixture: unknown): TwinStore {
  const store = emptyStore();
  const wanted = new Set(config.namespaces ?? []);
  for (const noun of nounsOf(fixture)) {
    putNoun(store, noun);
    wanted.add(noun.Namespace ?? '');
  }
  for (const { qname } of cases) {
    for (const zone of config.zones ?? []) {
      wanted.add(parseKubernetesName(fqdn(qname).toLowerCase(), zone)?.namespace ?? '');
    }
  }
  for (const name of missingNamespaces(fixture ?? {})) wanted.delete(name);
  wanted.delete('');
  for (const name of wanted) {
    store.put('Namespace', name, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  return store;
}

/** The directive whose plugin has this configuration. */
function directiveOf(config: Config): Directive {
  const option = (name: string, ...args: readonly string[]) => ({ name, args, line: 1 });
  return {
    name: 'kubernetes',
    args: config.zones ?? [],
    line: 1,
    block: [
      ...(config.ttl === undefined ? [] : [option('ttl', String(config.ttl))]),
      ...(config.pods === undefined ? [] : [option('pods', config.pods)]),
      ...(config.namespaces?.length ? [option('namespaces', ...config.namespaces)] : []),
      ...(config.ignoreEmptyService === true ? [option('ignore', 'empty_service')] : []),
      ...(config.endpointNameMode === true ? [option('endpoint_pod_names')] : []),
      ...(config.fallthrough === undefined ? [] : [option('fallthrough', ...config.fallthrough)]),
    ],
  };
}

const NOTHING: DnsReply = { rcode: 'NOERROR', answer: [], authority: [], additional: [] };

function passageOf(store: TwinStore, config: Config): Passage {
  return {
    context: {
      names: new ClusterNames(store),
      localIps: config.localIPs ?? ['127.0.0.1'],
      resolvConf: () => ({ servers: [], search: [] }),
      ask: () => {
        throw new Error('the vectors have no other server');
      },
    },
    client: undefined,
    protocol: 'udp',
    forwarded: [],
    evidence: [],
    notes: [],
    source: undefined,
    depth: 0,
  };
}

const RECORD = /^(\S+)\s+(\d+)\s+IN\s+(\S+)\s+(.+)$/;

const recordOf = (line: string): DnsReply['answer'][number] => {
  const [, name = '', ttl = '', type = '', data = ''] = RECORD.exec(line) ?? [];
  return { name, ttl: Number(ttl), type: type as 'A', data };
};

/** What the rest of the server answers, which upstream's tests put there by hand. */
function upstreamOf({ upstream }: Case): DnsReply {
  const lines = upstream?.Case.Answer ?? [];
  const answer = lines.map(recordOf).filter(({ name }) => name !== upstream?.Case.Qname);
  return { ...NOTHING, answer };
}

const RCODES: Readonly<Record<string, string>> = {
  Success: 'NOERROR',
  NameError: 'NXDOMAIN',
  ServerFailure: 'SERVFAIL',
  Refused: 'REFUSED',
};

/** autopath_test.go: `defaultA`, the search list and the names that its next handler knows. */
const DEFAULT_A = ' 3600 IN A 127.0.0.53';
const SEARCH = ['example.org.', 'example.com.', 'com.', ''];
const KNOWN: Readonly<Record<string, DnsReply['rcode']>> = {
  'b.example.org.': 'NXDOMAIN',
  'b.com.': 'NOERROR',
  'a.example.com.': 'NOERROR',
};

function nextOfAutopath({ name }: Question): DnsReply {
  const rcode = KNOWN[name] ?? 'SERVFAIL';
  const answer = rcode === 'NOERROR' ? [recordOf(`${name}${DEFAULT_A}`)] : [];
  return { ...NOTHING, rcode, answer };
}

/** A line, or the sum of a name and `defaultA`. */
const lineOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const { l } = value as { readonly l: string };
  return `${l}${DEFAULT_A}`;
};

const normal = (line: string): string => {
  const words = line.trim().split(/\s+/);
  return words[3] === 'SOA' ? `${words[0]} SOA ${words[4]}` : words.join(' ');
};

const sectionOf = (values: readonly unknown[] = []): string =>
  values.map(lineOf).map(normal).sort().join('\n');

function problemOf(one: Case, reply: DnsReply): string | undefined {
  const rcode = RCODES[one.rcode] ?? one.rcode;
  if (reply.rcode !== rcode) return `rcode ${reply.rcode}, wanted ${rcode}`;
  const sections = [
    ['answer', one.answer, reply.answer],
    ['authority', one.ns, reply.authority],
    ['additional', one.extra, reply.additional],
  ] as const;
  for (const [what, wanted, got] of sections) {
    const [had, want] = [sectionOf(got.map(formatRecord)), sectionOf(wanted)];
    if (had !== want) return `${what} ${JSON.stringify(had)}, wanted ${JSON.stringify(want)}`;
  }
  for (const [i, { type, data }] of reply.answer.entries()) {
    const isLate = reply.answer.slice(0, i).some(({ name }) => type === 'CNAME' && name === data);
    if (isLate) return `the CNAME to ${data} stands after its target`;
  }
  return undefined;
}

function pluginOf({ config }: VectorSet): Plugin | string {
  if (config.plugin === 'autopath') return autopath(['.'], () => SEARCH);
  if (config.plugin !== undefined) return `plugin ${config.plugin}`;
  const zones = config.zones ?? [];
  const options = kubernetesOptions(directiveOf(config), zones);
  return isPluginProblem(options) ? options.problem : kubernetesPlugin(options);
}

function runSet(set: VectorSet, fixtures: File['fixtures']): CaseResult[] {
  const { config } = set;
  const label = ({ qname, qtype }: Case): string => `${set.name}: ${qtype} ${qname}`;
  const other = config.multiclusterZones !== undefined ? 'multicluster' : undefined;
  const skipped = other ?? (config.zonal === undefined ? undefined : 'zonal');
  if (skipped !== undefined) {
    const why = `${skipped} names: no EKS add-on has them`;
    return set.cases.map((one) => ({ name: label(one), skipped: why }));
  }
  const plugin = pluginOf(set);
  if (typeof plugin === 'string')
    return set.cases.map((one) => ({ name: label(one), failure: plugin }));
  const store = storeOf(set, fixtures[set.fixture]);
  return set.cases.map((one) => {
    const question = { name: fqdn(one.qname), type: one.qtype };
    const next = config.plugin === 'autopath' ? nextOfAutopath : () => NOTHING;
    const reply = plugin(question, passageOf(store, config), next, () => upstreamOf(one));
    const failure = problemOf(one, reply);
    return failure === undefined ? { name: label(one) } : { name: label(one), failure };
  });
}

export const adapter: Adapter = {
  name: 'dns/coredns',
  accepts: (_path, json) => isFile(json),
  run: (json) => (isFile(json) ? json.sets.flatMap((set) => runSet(set, json.fixtures)) : []),
};
