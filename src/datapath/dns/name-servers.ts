/**
 * datapath/dns/name-servers — who answers DNS at an address: a CoreDNS behind its Service, the
 * NodeLocal cache, the VPC's resolver, a resolver of the internet, or nobody.
 */

import type { CorefileProblem } from '../../model/coredns/corefile.ts';
import type { Vpc } from '../../model/ec2/vpc.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { ipsOfPod } from '../../model/kubernetes/addresses.ts';
import type { Pod, Service, ServicePort } from '../../model/kubernetes/core.ts';
import { canonicalIpText, contains, PRIVATE_BLOCKS, parseCidr, parseIp } from '../../net/index.ts';
import type { Element } from '../trace.ts';
import type { AnsweredBy, DnsQuery, Question, Rcode, ResolvConf, Vantage } from './answer.ts';
import { type ClusterNames, type EndpointAddress, endpointElement } from './cluster-names.ts';
import { answerCoredns, type CorednsPlan, planCoredns } from './coredns.ts';
import { corefileOf, nodeLocalAt, type PodCorefile } from './dns-pod.ts';
import type { Passage } from './plugin.ts';
import { LINK_LOCAL_RESOLVER, LINK_LOCAL_RESOLVER_V6, vpcResolverOf } from './resolv-conf.ts';
import type { VpcResolver } from './vpc-resolver.ts';

/** What the servers need to know of who asks. */
export interface Surroundings {
  vpcOf(vantage: Vantage): Vpc | undefined;
  nodeOf(vantage: Vantage): string | undefined;
  addressOf(vantage: Vantage): string | undefined;
  resolverOf(vantage: Vantage): ResolvConf;
}

/** How often one server may send a question on to another. */
const HOPS_MAX = 6;
const PLANS_MAX = 64;

/** Blocks that are nobody's on the internet. */
const NOBODYS = [
  ...PRIVATE_BLOCKS,
  ...['169.254.0.0/16', '127.0.0.0/8', 'fe80::/10'].map((text) => parseCidr(text)!),
];

const isPrivate = (address: string): boolean => {
  const ip = parseIp(address);
  return ip !== undefined && NOBODYS.some((block) => contains(block, ip));
};

const NONE: readonly never[] = [];

/** A query before it is answered. */
interface Asked {
  readonly from: Vantage;
  readonly server: string;
  readonly port: number;
  readonly protocol: 'udp' | 'tcp';
  readonly question: Question;
  readonly hops: number;
}

/** What one server made of it. */
interface Made extends Partial<Omit<DnsQuery, 'rcode' | 'answeredBy' | 'service' | 'backends'>> {
  readonly rcode: Rcode;
  readonly answeredBy: AnsweredBy;
  service?: DnsQuery['service'];
  backends?: DnsQuery['backends'];
}

/** One pod behind the DNS service. */
interface Backend {
  readonly address: EndpointAddress;
  readonly element: Element;
  readonly pod: Pod | undefined;
  readonly port: number;
}

export class NameServers {
  readonly #store: TwinStore;
  readonly #names: ClusterNames;
  readonly #resolver: VpcResolver;
  readonly #around: Surroundings;
  /** Plans by Corefile text; the oldest goes first. */
  readonly #plans = new Map<string, { file: string; plan: CorednsPlan | CorefileProblem }>();

  constructor(store: TwinStore, names: ClusterNames, resolver: VpcResolver, around: Surroundings) {
    this.#store = store;
    this.#names = names;
    this.#resolver = resolver;
    this.#around = around;
  }

  /** Puts one question to one address. */
  ask(
    from: Vantage,
    server: string,
    port: number,
    protocol: 'udp' | 'tcp',
    question: Question,
    hops = 0,
  ): DnsQuery {
    const asked: Asked = { from, server, port, protocol, question, hops };
    const made = this.#answer(asked);
    // Written out: a spread here costs more than the rest of the answer.
    return {
      name: question.name,
      type: question.type,
      from,
      server,
      port,
      protocol,
      rcode: made.rcode,
      answer: made.answer ?? NONE,
      authority: made.authority ?? NONE,
      answeredBy: made.answeredBy,
      service: made.service,
      backends: made.backends ?? NONE,
      source: made.source,
      forwarded: made.forwarded ?? NONE,
      evidence: made.evidence ?? NONE,
      notes: made.notes ?? NONE,
    };
  }

  #answer(asked: Asked): Made {
    const { from, hops } = asked;
    const server = canonicalIpText(asked.server);
    if (server === undefined) return nobody(`${asked.server} is no address`);
    if (hops > HOPS_MAX) {
      const note = 'the servers forward to each other in a circle (the loop plugin would stop it)';
      return { ...nobody(note), rcode: 'SERVFAIL' };
    }
    const node = this.#around.nodeOf(from);
    const local = node === undefined ? undefined : nodeLocalAt(this.#store, node, server);
    if (local !== undefined) return this.#atPod(asked, local, 53, 'node-local-dns', []);
    const vpc = this.#around.vpcOf(from);
    if (vpc !== undefined && this.#isResolver(vpc, server)) return this.#atVpcResolver(asked, vpc);
    const [service] = this.#names.servicesAt(server);
    if (service !== undefined) return this.#atService(asked, service);
    const [pod] = this.#names.podsAt(server);
    if (pod !== undefined) return this.#atPod(asked, pod, asked.port, 'coredns', []);
    if (!isPrivate(server)) return { ...this.#resolver.outside(asked.question) };
    const note =
      `nothing in the twin is known to answer DNS at ${server}; if it is a Service, its export ` +
      '(services, endpointslices, pods and configmaps of kube-system) is missing';
    return { ...nobody(note), rcode: 'NOT-SIMULATED' };
  }

  #isResolver(vpc: Vpc, server: string): boolean {
    return (
      server === vpcResolverOf(vpc) ||
      server === LINK_LOCAL_RESOLVER ||
      server === LINK_LOCAL_RESOLVER_V6
    );
  }

  #atVpcResolver({ question }: Asked, vpc: Vpc): Made {
    if (vpc.enableDnsSupport) return this.#resolver.inside(vpc, question);
    return {
      ...nobody(`enableDnsSupport of ${vpc.vpcId} is false: its resolver does not answer`),
      evidence: [{ kind: 'vpc', object: vpc.vpcId, field: 'enableDnsSupport false' }],
    };
  }

  #atService(asked: Asked, service: Service): Made {
    const { namespace = '', name } = service.metadata;
    const at = `${namespace}/${name}`;
    const cited: Element = {
      kind: 'service',
      object: `service ${at}`,
      field: `clusterIP ${asked.server}`,
    };
    const port = service.spec.ports?.find((it) => isFor(it, asked));
    if (port === undefined) {
      const note = `service ${at} has no port ${asked.port}/${asked.protocol}`;
      return { ...nobody(note), service: at, evidence: [cited] };
    }
    const backends = this.#backendsOf(namespace, name, port);
    const [first] = backends;
    if (first === undefined) {
      const note = `service ${at} has no ready endpoint`;
      return { ...nobody(note), service: at, evidence: [cited] };
    }
    const pods = backends.flatMap(({ pod }) => (pod === undefined ? [] : [nameOf(pod)]));
    if (first.pod === undefined) {
      const note = `the endpoint ${first.address.ip} of service ${at} is no pod that is known`;
      return {
        ...nobody(note),
        rcode: 'NOT-SIMULATED',
        service: at,
        evidence: [cited, first.element],
      };
    }
    const evidence = [cited, ...backends.map(({ element }) => element)];
    const made = this.#atPod(asked, first.pod, first.port, 'coredns', evidence);
    made.service = at;
    made.backends = pods;
    return made;
  }

  /** Ready endpoints in address order, with the port DNS goes to. */
  #backendsOf(namespace: string, name: string, port: ServicePort): readonly Backend[] {
    return this.#names
      .endpoints(namespace, name)
      .flatMap((endpoints) => {
        const target = endpoints.ports.find((it) => it.name === (port.name ?? ''));
        if (target === undefined) return [];
        return endpoints.addresses.map((address) => ({
          address,
          element: endpointElement(endpoints, address),
          pod:
            address.podName === undefined
              ? this.#names.podsAt(address.ip)[0]
              : this.#store.get('Pod', `${namespace}/${address.podName}`),
          port: target.port,
        }));
      })
      .sort((a, b) => (a.address.ip < b.address.ip ? -1 : 1));
  }

  #atPod(
    asked: Asked,
    pod: Pod,
    port: number,
    answeredBy: AnsweredBy,
    cited: readonly Element[],
  ): Made {
    const { namespace, name } = nameOf(pod);
    const backends = [{ namespace, name }];
    const corefile = corefileOf(this.#store, pod);
    if (corefile === undefined) {
      const note = `pod ${namespace}/${name} runs no CoreDNS: declared, not simulated`;
      return { ...nobody(note), rcode: 'NOT-SIMULATED', backends, evidence: cited };
    }
    const { configMap } = corefile;
    const evidence: Element[] = [...cited];
    if (configMap !== undefined) {
      evidence.push({ kind: 'config-map', object: configMap, rule: 'Corefile' });
    }
    const plan = this.#planOf(corefile);
    if (plan.kind === 'corefile-problem') {
      const note = `CoreDNS does not start: ${plan.where}: ${plan.problem}`;
      return { ...nobody(note), backends, evidence };
    }
    const self: Vantage = { kind: 'pod', namespace, name };
    const passage = this.#passage(asked, pod, self);
    passage.evidence.push(...evidence);
    passage.notes.push(...corefile.notes, ...plan.notes);
    const reply = answerCoredns(plan, port, asked.question, passage);
    return {
      rcode: reply.rcode,
      answer: reply.answer,
      authority: reply.authority,
      answeredBy,
      backends,
      source: passage.source,
      forwarded: passage.forwarded,
      evidence: passage.evidence,
      notes: [...new Set(passage.notes)],
    };
  }

  #passage({ from, protocol, hops }: Asked, pod: Pod, self: Vantage): Passage {
    return {
      context: {
        names: this.#names,
        localIps: ipsOfPod(pod),
        resolvConf: () => this.#around.resolverOf(self),
        ask: (server, port, by, question) => this.ask(self, server, port, by, question, hops + 1),
      },
      client: this.#around.addressOf(from),
      protocol,
      forwarded: [],
      evidence: [],
      notes: [],
      source: undefined,
      depth: 0,
    };
  }

  #planOf({ text, file }: PodCorefile): CorednsPlan | CorefileProblem {
    const known = this.#plans.get(text);
    if (known?.file === file) return known.plan;
    const plan = planCoredns(text, file);
    if (this.#plans.size >= PLANS_MAX) this.#plans.delete(this.#plans.keys().next().value!);
    this.#plans.set(text, { file, plan });
    return plan;
  }
}

const nameOf = ({ metadata }: Pod): { readonly namespace: string; readonly name: string } => ({
  namespace: metadata.namespace ?? '',
  name: metadata.name,
});

const isFor = (port: ServicePort, { port: asked, protocol }: Asked): boolean =>
  port.port === asked && (port.protocol ?? 'TCP').toLowerCase() === protocol;

const nobody = (note: string): Made => ({
  rcode: 'TIMEOUT',
  answeredBy: 'nobody',
  notes: [note],
});
