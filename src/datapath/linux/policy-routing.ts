/**
 * datapath/linux/policy-routing — where a packet goes from here: policy rules in order, then the
 * longest match in the table each names, until a table answers.
 *
 * Follows net/core/fib_rules.c fib_rules_lookup, net/ipv4/fib_trie.c and include/net/ip_fib.h: a
 * table without an answer, and a `throw` route, go on with the next rule.
 */

import { ipRouteText, ipRuleAction, tableName } from '../../model/linux/ip-text.ts';
import { contains, familyOf, type Ip, type Packet } from '../../net/index.ts';
import type { Element } from '../trace.ts';
import type { CompiledNamespace, CompiledRoute, CompiledRule } from './compiled-namespace.ts';
import { type Mark, NO_MARK } from './decision.ts';

/** What a routing question asks. */
export interface RouteQuestion {
  readonly source: Ip | undefined;
  readonly destination: Ip;
  /** The link it came in by; `lo` for what is made here. */
  readonly inLink: string;
  readonly mark: Mark;
  readonly protocol: Packet['protocol'];
  /** Only routes through this link count. */
  readonly outLink?: string | undefined;
}

export interface RouteAnswer {
  readonly rule: CompiledRule;
  readonly route: CompiledRoute;
}

function ruleMatches({ rule, block, mark, mask }: CompiledRule, asked: RouteQuestion): boolean {
  const { kind, value, protocol } = rule.match;
  if (protocol !== undefined && protocol !== asked.protocol) return false;
  switch (kind) {
    case 'all':
      return true;
    case 'iif':
      return value === asked.inLink;
    case 'fwmark':
      return (asked.mark.value & mask) >>> 0 === mark;
    case 'from':
      return block !== undefined && asked.source !== undefined && contains(block, asked.source);
    case 'to':
      return block !== undefined && contains(block, asked.destination);
  }
}

const NONE: readonly CompiledRule[] = [];

/** The rules that a packet may meet, in order: three sorted lists merged. */
function* candidates(
  host: CompiledNamespace,
  asked: RouteQuestion,
): Generator<CompiledRule, undefined> {
  const { to, from, rest } = host.rules[familyOf(asked.destination)];
  const lists = [
    to.get(asked.destination) ?? NONE,
    (asked.source === undefined ? undefined : from.get(asked.source)) ?? NONE,
    rest,
  ];
  const at = [0, 0, 0];
  for (;;) {
    let next = -1;
    let best: CompiledRule | undefined;
    for (let i = 0; i < 3; i++) {
      const rule = lists[i]![at[i]!];
      if (rule !== undefined && (best === undefined || rule.order < best.order)) {
        best = rule;
        next = i;
      }
    }
    if (best === undefined) return undefined;
    at[next]!++;
    yield best;
  }
}

function routeIn(
  host: CompiledNamespace,
  table: number,
  { destination, outLink }: RouteQuestion,
): CompiledRoute | undefined {
  const trie = host.tables.get(table);
  if (trie === undefined) return undefined;
  if (outLink === undefined) return trie.longestMatch(destination)?.value[0];
  for (const { value } of trie.allMatches(destination)) {
    const route = value.find(({ link, type }) => type !== 'unicast' || link.link.name === outLink);
    if (route !== undefined) return route;
  }
  return undefined;
}

/** The answer of the first rule whose table has one. */
export function lookUpRoute(
  host: CompiledNamespace,
  asked: RouteQuestion,
): RouteAnswer | undefined {
  for (const rule of candidates(host, asked)) {
    if (!ruleMatches(rule, asked)) continue;
    const route = routeIn(host, rule.rule.table, asked);
    if (route !== undefined && route.type !== 'throw') return { rule, route };
  }
  return undefined;
}

/** The rules that the packet met though none of their tables knew where to. */
export function rulesMet(host: CompiledNamespace, asked: RouteQuestion): readonly Element[] {
  return [...candidates(host, asked)]
    .filter((rule) => ruleMatches(rule, asked))
    .map((rule) => ({ kind: 'ip-rule', object: host.label, rule: ruleText(rule) }));
}

const ruleTexts = new WeakMap<CompiledRule, string>();
const routeTexts = new WeakMap<CompiledRoute, string>();

function ruleText(rule: CompiledRule): string {
  const text = ruleTexts.get(rule) ?? `${rule.rule.priority}: ${ipRuleAction(rule.rule)}`;
  ruleTexts.set(rule, text);
  return text;
}

function routeText(made: CompiledRoute): string {
  const known = routeTexts.get(made);
  if (known !== undefined) return known;
  const text =
    made.route === undefined
      ? `${made.type} ${made.address?.split('/')[0]} dev ${made.link.link.name}`
      : ipRouteText(made.route);
  routeTexts.set(made, text);
  return text;
}

/** The rule and the route, as `ip rule` and `ip route` show them, and what set a mark they asked. */
export function routeElements(
  host: CompiledNamespace,
  { rule, route }: RouteAnswer,
  mark: Mark = NO_MARK,
): readonly Element[] {
  const object = host.label;
  const marked = rule.rule.match.kind === 'fwmark' ? mark.setBy : [];
  const way: Element =
    route.route === undefined
      ? { kind: 'link', object, rule: route.link.link.name, field: route.address }
      : { kind: 'ip-route', object, rule: routeText(route) };
  return [...marked, { kind: 'ip-rule', object, rule: ruleText(rule) }, way];
}

/** What a route says besides its device and scope, which whoever names the link has said. */
const shortRouteText = (made: CompiledRoute): string =>
  routeText(made)
    .replace(/ dev \S+/, '')
    .replace(/ scope link$/, '');

const reasons = new WeakMap<CompiledRoute, WeakMap<CompiledRule, string>>();

/**
 * `route 10.0.3.50, rule 512 to 10.0.3.50 lookup main`; of the rule that everything meets last,
 * the table only.
 */
export function routeReason({ rule, route }: RouteAnswer): string {
  const byRule = reasons.get(route) ?? new WeakMap<CompiledRule, string>();
  const known = byRule.get(rule);
  if (known !== undefined) return known;
  const { priority, table, match } = rule.rule;
  const isPlain = match.kind === 'all' && match.protocol === undefined;
  const by = isPlain
    ? `table ${tableName(table)}`
    : `rule ${priority} ${ipRuleAction(rule.rule).replace(/^from all /, '')}`;
  const text = `route ${shortRouteText(route)}, ${by}`;
  byRule.set(rule, text);
  reasons.set(route, byRule);
  return text;
}
