/**
 * datapath/linux/policy-routing — where a packet goes from here: policy rules in order, then the
 * longest match in the table each names, until a table answers.
 *
 * Follows net/core/fib_rules.c fib_rules_lookup, net/ipv4/fib_trie.c and include/net/ip_fib.h: a
 * table without an answer, and a `throw` route, go on with the next rule.
 */

import { contains, familyOf, type Ip, type Packet } from '../../net/index.ts';
import type { Element } from '../trace.ts';
import type { CompiledNamespace } from './compiled-namespace.ts';
import type { CompiledRoute } from './compiled-route.ts';
import { type Mark, NO_MARK } from './decision.ts';
import type { CompiledRule } from './rule-index.ts';

/** What a routing question asks. */
export class RouteQuestion {
  readonly source: Ip | undefined;
  readonly destination: Ip;
  /** The link it came in by; `lo` for what is made here. */
  readonly inLink: string;
  readonly mark: Mark;
  readonly protocol: Packet['protocol'];

  constructor(
    source: Ip | undefined,
    destination: Ip,
    inLink: string,
    mark: Mark,
    protocol: Packet['protocol'],
  ) {
    this.source = source;
    this.destination = destination;
    this.inLink = inLink;
    this.mark = mark;
    this.protocol = protocol;
  }
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

const NO_RULES: readonly CompiledRule[] = [];

/** The rules that a packet may meet, in order, until one satisfies: three lists read as one. */
function firstRule(
  host: CompiledNamespace,
  { source, destination }: RouteQuestion,
  isEnough: (rule: CompiledRule) => boolean,
): void {
  const rules = host.rules(familyOf(destination));
  const { rest } = rules;
  const byDestination = rules.to(destination);
  const bySource = source === undefined ? NO_RULES : rules.from(source);
  let atDestination = 0;
  let atSource = 0;
  let atRest = 0;
  for (;;) {
    const a = byDestination[atDestination];
    const b = bySource[atSource];
    const c = rest[atRest];
    let next = a;
    if (b !== undefined && (next === undefined || b.order < next.order)) next = b;
    if (c !== undefined && (next === undefined || c.order < next.order)) next = c;
    if (next === undefined || isEnough(next)) return;
    if (next === a) atDestination++;
    else if (next === b) atSource++;
    else atRest++;
  }
}

/** The answer of the first rule whose table has one. */
export function lookUpRoute(
  host: CompiledNamespace,
  asked: RouteQuestion,
): RouteAnswer | undefined {
  let answer: RouteAnswer | undefined;
  firstRule(host, asked, (rule) => {
    if (!ruleMatches(rule, asked)) return false;
    const route = host.routeIn(rule.rule.table, asked.destination);
    if (route === undefined || route.type === 'throw') return false;
    answer = { rule, route };
    return true;
  });
  return answer;
}

/** The rules that the packet met though none of their tables knew where to. */
export function rulesMet(host: CompiledNamespace, asked: RouteQuestion): readonly Element[] {
  const met: Element[] = [];
  firstRule(host, asked, (rule) => {
    if (ruleMatches(rule, asked))
      met.push({ kind: 'ip-rule', object: host.label, rule: rule.text });
    return false;
  });
  return met;
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
  const ruleElement: Element = { kind: 'ip-rule', object, rule: rule.text, field };
  const way: Element =
    route.route === undefined
      ? { kind: 'link', object, rule: route.device, field: route.address }
      : { kind: 'ip-route', object, rule: route.text, field };
  return rule.rule.match.kind === 'fwmark' ? [...mark.setBy, ruleElement, way] : [ruleElement, way];
}

/**
 * `route 10.0.3.50, rule 512 to 10.0.3.50 lookup main`; of the rule that everything meets last,
 * the table only.
 */
export const routeReason = ({ rule, route }: RouteAnswer): string =>
  `route ${route.shortText}, ${rule.shortText}`;
