/**
 * datapath/linux/policy-routing — where a packet goes from here: policy rules in order, then the
 * longest match in the table each names, until a table answers.
 *
 * Follows net/core/fib_rules.c fib_rules_lookup, net/ipv4/fib_trie.c and include/net/ip_fib.h: a
 * table without an answer, and a `throw` route, go on with the next rule.
 */

import { contains, familyOf, type Ip, type Packet } from '../../net/index.ts';
import type { Element } from '../trace.ts';
import type { CompiledNamespace, CompiledRoute } from './compiled-namespace.ts';
import { type Mark, NO_MARK } from './decision.ts';
import type { CompiledRule } from './rule-index.ts';

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

/** The rules that a packet may meet, in order. */
function candidates(host: CompiledNamespace, asked: RouteQuestion): readonly CompiledRule[] {
  const { to, from, rest } = host.rules(familyOf(asked.destination));
  const byDestination = to.get(asked.destination);
  const bySource = asked.source === undefined ? undefined : from.get(asked.source);
  const all = byDestination === undefined ? rest : merged(byDestination, rest);
  return bySource === undefined ? all : merged(bySource, all);
}

/** Two lists, each in order, as one. */
function merged(a: readonly CompiledRule[], b: readonly CompiledRule[]): readonly CompiledRule[] {
  const all: CompiledRule[] = [];
  let next = 0;
  for (const rule of a) {
    while (next < b.length && b[next]!.order < rule.order) all.push(b[next++]!);
    all.push(rule);
  }
  while (next < b.length) all.push(b[next++]!);
  return all;
}

function routeIn(
  host: CompiledNamespace,
  table: number,
  { destination, outLink }: RouteQuestion,
): CompiledRoute | undefined {
  const routes = host.tables.get(table);
  if (routes === undefined) return undefined;
  if (outLink === undefined) return routes.longestMatch(destination);
  for (const same of routes.allMatches(destination)) {
    const route = same.find(({ link, type }) => type !== 'unicast' || link.link.name === outLink);
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
  return candidates(host, asked)
    .filter((rule) => ruleMatches(rule, asked))
    .map((rule) => ({ kind: 'ip-rule', object: host.label, rule: rule.text }));
}

/**
 * The rule and the route, as `ip rule` and `ip route` show them, and what set a mark they asked.
 *
 * @param field  what they are cited for, where it is not the packet's own way
 */
export function routeElements(
  host: CompiledNamespace,
  { rule, route }: RouteAnswer,
  mark: Mark = NO_MARK,
  field?: string,
): readonly Element[] {
  const object = host.label;
  const marked = rule.rule.match.kind === 'fwmark' ? mark.setBy : [];
  const way: Element =
    route.route === undefined
      ? { kind: 'link', object, rule: route.link.link.name, field: route.address }
      : { kind: 'ip-route', object, rule: route.text, field };
  return [...marked, { kind: 'ip-rule', object, rule: rule.text, field }, way];
}

/**
 * `route 10.0.3.50, rule 512 to 10.0.3.50 lookup main`; of the rule that everything meets last,
 * the table only.
 */
export const routeReason = ({ rule, route }: RouteAnswer): string =>
  `route ${route.shortText}, ${rule.shortText}`;
