/**
 * datapath/dns/coredns — a CoreDNS process made from its Corefile: which server block takes a name
 * and the chain of plugins that answers it.
 *
 * Upstream: coredns/coredns@4b26cced3 core/dnsserver/server.go ServeDNS (the longest zone),
 * plugin.cfg (the order of the chain, whatever the order in the file). The plugin metadata,
 * caches and counters are left out: they change no answer, only how soon it comes.
 */

import {
  type Corefile,
  type CorefileProblem,
  type Directive,
  parseCorefile,
  type ServerBlock,
  zonesOf,
} from '../../model/coredns/corefile.ts';
import { type DnsReply, emptyReply, type Question } from './answer.ts';
import { autopathPlugin } from './autopath.ts';
import { isWithin, longestZone } from './domain-name.ts';
import { forwardPlugin } from './forward.ts';
import { goPattern } from './go-pattern.ts';
import { hostsPlugin } from './hosts.ts';
import { kubernetesPlugin } from './kubernetes.ts';
import { type KubernetesOptions, kubernetesOptions } from './kubernetes-options.ts';
import { isPluginProblem, type Passage, type Plugin, type PluginProblem } from './plugin.ts';
import { rewritePlugin } from './rewrite.ts';

/** Plugins that change no answer: they count, log, check, cache, reorder or listen. */
const WITHOUT_EFFECT = new Set(
  (
    'root metadata cancel timeouts multisocket reload nsid bufsize bind debug trace ready health ' +
    'pprof prometheus errors log dnstap local loadbalance cache loop tls minimal on shed'
  ).split(' '),
);

/**
 * plugin.cfg: the order in which plugins see a question. template, route53, k8s_external, file,
 * auto, secondary and etcd answer their zones from what is not known here.
 */
const ORDER = [
  'rewrite',
  'autopath',
  'template',
  'hosts',
  'route53',
  'k8s_external',
  'kubernetes',
  'file',
  'auto',
  'secondary',
  'etcd',
  'forward',
];

/** A CNAME that leads out of a zone enters the chain again, this often at most. */
const DEPTH_MAX = 10;

interface Server {
  readonly zone: string;
  readonly port: number;
  readonly chain: readonly Plugin[];
}

/** A Corefile ready to answer; holds nothing of any cluster. */
export interface CorednsPlan {
  readonly kind: 'coredns-plan';
  readonly servers: readonly Server[];
  readonly notes: readonly string[];
}

/** Reads a Corefile; the problem is why CoreDNS would not start. */
export function planCoredns(text: string, file: string): CorednsPlan | CorefileProblem {
  const corefile = parseCorefile(text, file);
  if (corefile.kind === 'corefile-problem') return corefile;
  return planOf(corefile, file);
}

function planOf({ servers, notes }: Corefile, file: string): CorednsPlan | CorefileProblem {
  const planned: Server[] = [];
  const taken = new Set<string>();
  for (const block of servers) {
    const chain = chainOf(block);
    if (isPluginProblem(chain)) return problemOf(chain, file);
    for (const { transport, zone, port } of block.keys) {
      if (transport !== 'dns') continue;
      const key = `${zone}:${port}`;
      if (taken.has(key))
        return problemOf({ problem: `cannot serve dns://${key} twice`, line: block.line }, file);
      taken.add(key);
      planned.push({ zone, port, chain });
    }
  }
  return { kind: 'coredns-plan', servers: planned, notes };
}

const problemOf = ({ problem, line }: PluginProblem, file: string): CorefileProblem => ({
  kind: 'corefile-problem',
  where: `${file}:${line}`,
  problem,
});

const ONCE = ['kubernetes', 'autopath', 'hosts'];

function chainOf({ directives, keys }: ServerBlock): readonly Plugin[] | PluginProblem {
  const zones = keys.map(({ zone }) => zone);
  const named = (name: string): readonly Directive[] =>
    directives.filter((directive) => directive.name === name);
  for (const name of ONCE) {
    const again = named(name)[1];
    if (again !== undefined)
      return { problem: 'this plugin can only be used once per Server Block', line: again.line };
  }
  const [declared] = named('kubernetes');
  const kubernetes = declared === undefined ? undefined : kubernetesOptions(declared, zones);
  if (kubernetes !== undefined && isPluginProblem(kubernetes)) return kubernetes;
  const chain: Plugin[] = unknownPlugins(directives);
  const rewrites = named('rewrite');
  for (const name of ORDER) {
    const all = name === 'rewrite' ? rewrites.slice(0, 1) : named(name);
    for (const directive of all) {
      const plugin = pluginOf(directive, rewrites, zones, kubernetes);
      if (isPluginProblem(plugin)) return plugin;
      chain.push(plugin);
    }
  }
  return chain;
}

function pluginOf(
  directive: Directive,
  rewrites: readonly Directive[],
  zones: readonly string[],
  kubernetes: KubernetesOptions | undefined,
): Plugin | PluginProblem {
  switch (directive.name) {
    case 'rewrite':
      return rewritePlugin(rewrites);
    case 'autopath':
      return autopathPlugin(directive, zones, kubernetes);
    case 'hosts':
      return hostsPlugin(directive, zones);
    case 'kubernetes':
      return kubernetesPlugin(kubernetes!);
    case 'forward':
      return forwardPlugin(directive);
    default:
      return unansweredPlugin(directive, zones);
  }
}

/** One note per plugin of which nothing is known. */
function unknownPlugins(directives: readonly Directive[]): Plugin[] {
  const unknown = directives
    .map(({ name }) => name)
    .filter((name) => !WITHOUT_EFFECT.has(name) && !ORDER.includes(name));
  return [...new Set(unknown)].map((name): Plugin => {
    const note = `plugin ${name} is declared, not simulated: the answer is as if it were not there`;
    return (question, passage, next) => {
      passage.notes.push(note);
      return next(question);
    };
  });
}

const TEMPLATE_CLASSES = ['IN', 'ANY'];

/** Names that such a plugin would answer have no answer here. */
function unansweredPlugin(
  { name, args, block }: Directive,
  serverZones: readonly string[],
): Plugin {
  const isTemplate = name === 'template';
  const [first = 'ANY', second = 'ANY', ...rest] = args;
  const isOtherClass = isTemplate && !TEMPLATE_CLASSES.includes(first);
  // `file FILE ZONE…` and its like name their file first.
  const words = isTemplate ? rest : name === 'file' || name === 'auto' ? args.slice(1) : args;
  const zones =
    words.length === 0 ? serverZones : words.flatMap((word) => zonesOf(word.split(':')[0]!));
  const matches = (block ?? []).filter((it) => it.name === 'match').flatMap((it) => it.args);
  return (question, passage, next) => {
    const isTyped = !isTemplate || second === 'ANY' || second === question.type;
    const isNamed =
      longestZone(zones, question.name) !== undefined &&
      (matches.length === 0 || matches.some((it) => isMatch(it, question.name)));
    if (isOtherClass || !isTyped || !isNamed) return next(question);
    passage.source = name;
    passage.notes.push(`plugin ${name} answers ${question.name}: declared, not simulated`);
    return emptyReply('NOT-SIMULATED');
  };
}

function isMatch(pattern: string, name: string): boolean {
  const read = goPattern(pattern);
  return read.kind !== 'pattern' || read.expression.test(name);
}

/** Puts a question to the process: the block with the longest zone answers, or REFUSED. */
export function answerCoredns(
  plan: CorednsPlan,
  port: number,
  question: Question,
  passage: Passage,
): DnsReply {
  if (++passage.depth > DEPTH_MAX) {
    passage.notes.push('the name leads in a circle: CoreDNS gives up');
    return emptyReply('SERVFAIL');
  }
  let best: Server | undefined;
  for (const server of plan.servers) {
    if (server.port !== port || !isWithin(server.zone, question.name)) continue;
    if (best === undefined || server.zone.length > best.zone.length) best = server;
  }
  if (best === undefined) {
    passage.source = 'no server block';
    return emptyReply('REFUSED');
  }
  const { chain } = best;
  const again = (other: Question): DnsReply => {
    const { source } = passage;
    const reply = answerCoredns(plan, port, other, passage);
    passage.source = source;
    passage.depth--;
    return reply;
  };
  const step = (at: number, asked: Question): DnsReply => {
    const plugin = chain[at];
    // Nobody in the chain takes it: the server itself answers SERVFAIL.
    if (plugin === undefined) return emptyReply('SERVFAIL');
    return plugin(asked, passage, (other) => step(at + 1, other), again);
  };
  return step(0, question);
}
