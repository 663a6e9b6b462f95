/** datapath/dns/plugin — what a plugin of a CoreDNS server block is: an answerer in a chain. */
import type { Element } from '../trace.ts';
import type { DnsQuery, DnsReply, Question } from './answer.ts';
import type { ClusterNames } from './cluster-names.ts';

/** What CoreDNS does not understand of a directive: it would not start. */
export interface PluginProblem {
  readonly problem: string;
  readonly line: number;
}

export const isPluginProblem = (value: object): value is PluginProblem =>
  'problem' in value && 'line' in value;

/** The process that answers: what it sees of the cluster, and whom it may ask. */
export interface ServerContext {
  readonly names: ClusterNames;
  /** Addresses of the pod it runs in. */
  readonly localIps: readonly string[];
  /** Servers and search list of the pod's own resolv.conf. */
  readonly resolvConf: () => {
    readonly servers: readonly string[];
    readonly search: readonly string[];
  };
  /** Puts a question to another server. */
  readonly ask: (
    server: string,
    port: number,
    protocol: 'udp' | 'tcp',
    question: Question,
  ) => DnsQuery;
}

/** What is gathered while one query passes the chain of one server. */
export interface Passage {
  readonly context: ServerContext;
  /** Address of who asked, for autopath. */
  readonly client: string | undefined;
  readonly protocol: 'udp' | 'tcp';
  /** Questions sent to other servers. */
  readonly forwarded: DnsQuery[];
  readonly evidence: Element[];
  readonly notes: string[];
  /** The plugin that answered last. */
  source: string | undefined;
  /** How often the chain was entered: a CNAME enters it again. */
  depth: number;
}

/** Puts a question to the same server again, from the start of its chain. */
export type AskAgain = (question: Question) => DnsReply;

/** One link of the chain; `next` is the rest of it, for this question or a rewritten one. */
export type Plugin = (
  question: Question,
  passage: Passage,
  next: (question: Question) => DnsReply,
  again: AskAgain,
) => DnsReply;
