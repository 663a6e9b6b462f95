/**
 * datapath/dns/rewrite — CoreDNS's rewrite plugin, as far as it changes names: exact, prefix,
 * suffix, substring and regex, and the way back in the answer.
 *
 * Upstream: coredns/coredns@4b26cced3 plugin/rewrite/name.go, rewrite.go, reverter.go.
 */
import type { Directive } from '../../model/coredns/corefile.ts';
import { type DnsRecord, type DnsReply, emptyReply } from './answer.ts';
import { fqdn, isSoundName } from './domain-name.ts';
import { goPattern } from './go-pattern.ts';
import type { Plugin, PluginProblem } from './plugin.ts';

/** Changes a name of an answer. */
type Back = (name: string) => string;

/** How one rule changes the records of an answer. */
interface Backs {
  readonly name: readonly Back[];
  readonly value: readonly Back[];
}

interface Rule {
  readonly stops: boolean;
  readonly text: string;
  /** The new name; undefined where the rule does not match. */
  readonly rewrite: (name: string) => string | undefined;
  readonly backs: (asked: string, became: string) => Backs;
}

type Match = 'exact' | 'prefix' | 'suffix' | 'substring' | 'regex';
const MATCHES: readonly string[] = ['exact', 'prefix', 'suffix', 'substring', 'regex'];
const FORMS_NOT_OF_NAMES = ['type', 'class', 'edns0', 'ttl', 'rcode', 'cname'];

const NO_BACKS: Backs = { name: [], value: [] };

const filled = (replacement: string, groups: readonly string[]): string =>
  groups.reduce((text, group, i) => text.replaceAll(`{${i}}`, group ?? ''), replacement);

const REWRITES: Readonly<
  Record<Match, (from: string, to: string, expression: RegExp | undefined) => Rule['rewrite']>
> = {
  exact: (from, to) => (name) => (name === from ? to : undefined),
  prefix: (from, to) => (name) =>
    name.startsWith(from) ? to + name.slice(from.length) : undefined,
  suffix: (from, to) => (name) =>
    name.endsWith(from) ? name.slice(0, name.length - from.length) + to : undefined,
  substring: (from, to) => (name) => (name.includes(from) ? name.replaceAll(from, to) : undefined),
  regex: (_, to, expression) => (name) => {
    const groups = expression?.exec(name);
    return groups === null || groups === undefined ? undefined : filled(to, [...groups]);
  },
};

/** remapStringRewriter: the whole name, or what ends in it. */
const remap =
  (from: string, to: string): Back =>
  (name) => {
    if (name === from) return to;
    return name.endsWith(`.${from}`) ? name.slice(0, -from.length) + to : name;
  };

const suffixBack =
  (from: string, to: string): Back =>
  (name) =>
    name.endsWith(from) ? name.slice(0, name.length - from.length) + to : name;

/** `answer auto`, `answer name FROM TO`, `answer value FROM TO`, in any number. */
function answerRules(
  words: readonly string[],
): { auto: boolean; backs: Backs } | 'invalid' | 'not-simulated' {
  const backs = { name: [] as Back[], value: [] as Back[] };
  let auto = false;
  const rest = words.filter((word, i) => word !== 'answer' || (i > 0 && words[i - 1] === 'answer'));
  for (let i = 0; i < rest.length; ) {
    const form = rest[i];
    if (form === 'auto') {
      auto = true;
      i += 1;
      continue;
    }
    const pattern = goPattern(rest[i + 1] ?? '');
    const to = rest[i + 2];
    if ((form !== 'name' && form !== 'value') || to === undefined) return 'invalid';
    if (pattern.kind !== 'pattern') return pattern.kind;
    backs[form].push((name) => {
      const groups = pattern.expression.exec(name);
      return groups === null ? name : filled(fqdn(to).toLowerCase(), [...groups]);
    });
    i += 3;
  }
  return { auto, backs };
}

/** One `rewrite …`; a form that changes no name gives its word. */
function ruleOf({ args, block, line }: Directive): Rule | PluginProblem | string {
  // `rewrite stop { name …; answer … }` is the same rule over several lines.
  const words = [...args, ...(block ?? []).flatMap((it) => [it.name, ...it.args])];
  const written = words.join(' ');
  const mode = words[0] === 'continue' || words[0] === 'stop' ? words.shift()! : 'stop';
  const kind = words.shift()?.toLowerCase();
  const failure = (problem: string): PluginProblem => ({ problem, line });
  if (kind === undefined) return failure('no rule type specified for rewrite');
  if (FORMS_NOT_OF_NAMES.includes(kind)) return kind;
  if (kind !== 'name') return failure(`invalid rule type "${kind}"`);
  if (words.length < 2) return failure('too few arguments for a name rule');
  const match = (words.length === 2 ? 'exact' : words.shift()!.toLowerCase()) as Match;
  if (!MATCHES.includes(match)) {
    return failure(
      'name rule supports only exact, prefix, suffix, substring, and regex name matching, ' +
        `received: ${match}`,
    );
  }
  const isWhole = match === 'exact' || match === 'suffix';
  const text = (word: string): string => (isWhole ? fqdn(word) : word).toLowerCase();
  const from = match === 'regex' ? words[0]! : text(words[0]!);
  const to = match === 'regex' ? fqdn(words[1]!).toLowerCase() : text(words[1]!);
  const pattern = match === 'regex' ? goPattern(from) : undefined;
  if (pattern?.kind === 'invalid') return failure(`invalid regex matching pattern: ${from}`);
  const answers = answerRules(words.slice(2));
  if (answers === 'invalid') return failure(`invalid arguments for ${match} rule`);
  if (pattern?.kind === 'not-simulated' || answers === 'not-simulated') return written;
  return {
    stops: mode === 'stop',
    text: `rewrite ${written}`,
    rewrite: REWRITES[match](from, to, pattern?.expression),
    backs: (asked, became) => withAuto(match, answers, [from, to], [asked, became]),
  };
}

/** The answer rules, and the way back that `auto` adds; an exact rule always has it. */
function withAuto(
  match: Match,
  { auto, backs }: { readonly auto: boolean; readonly backs: Backs },
  [from, to]: readonly [string, string],
  [asked, became]: readonly [string, string],
): Backs {
  if (!auto && match !== 'exact') return backs;
  const back = match === 'suffix' ? suffixBack(to, from) : remap(became, asked);
  return { name: [back, ...backs.name], value: [back, ...backs.value] };
}

const isRule = (rule: Rule | PluginProblem | string): rule is Rule =>
  typeof rule === 'object' && 'rewrite' in rule;

/** All `rewrite` directives of a server block: they are one plugin. */
export function rewritePlugin(directives: readonly Directive[]): Plugin | PluginProblem {
  const rules: Rule[] = [];
  const others: string[] = [];
  for (const directive of directives) {
    const rule = ruleOf(directive);
    if (isRule(rule)) rules.push(rule);
    else if (typeof rule === 'string') others.push(rule);
    else return rule;
  }
  return (question, passage, next) => {
    for (const form of others) {
      passage.notes.push(`rewrite ${form} is declared, not simulated`);
    }
    let { name } = question;
    const backs: Backs[] = [];
    for (const rule of rules) {
      const asked = name.toLowerCase();
      const became = rule.rewrite(asked);
      if (became === undefined) continue;
      if (!isSoundName(became)) return emptyReply('SERVFAIL');
      passage.notes.push(`${rule.text}: ${question.name} became ${fqdn(became)}`);
      name = fqdn(became);
      backs.unshift(rule.backs(asked, name));
      if (rule.stops) break;
    }
    if (name === question.name) return next(question);
    return reverted(next({ ...question, name }), backs);
  };
}

const VALUED = ['CNAME', 'SRV', 'PTR', 'NS', 'MX'];

function reverted(reply: DnsReply, backs: readonly Backs[]): DnsReply {
  const all = backs.reduce<Backs>(
    (sum, it) => ({ name: [...sum.name, ...it.name], value: [...sum.value, ...it.value] }),
    NO_BACKS,
  );
  const back = (record: DnsRecord): DnsRecord => {
    const words = record.data.split(' ');
    const target = VALUED.includes(record.type) ? words.pop() : undefined;
    const value =
      target === undefined ? undefined : all.value.reduce((name, change) => change(name), target);
    return {
      ...record,
      name: all.name.reduce((name, change) => change(name), record.name),
      data: value === undefined ? record.data : [...words, value].join(' '),
    };
  };
  return {
    rcode: reply.rcode,
    answer: reply.answer.map(back),
    authority: reply.authority.map(back),
    additional: reply.additional.map(back),
  };
}
