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

/** The rules that a packet may meet, one after the other: three lists read as one. */
class RuleCursor {
  readonly #byDestination: readonly CompiledRule[];
  readonly #bySource: readonly CompiledRule[];
  readonly #rest: readonly CompiledRule[];
  #atDestination = 0;
  #atSource = 0;
  #atRest = 0;

  constructor(host: CompiledNamespace, { source, destination }: RouteQuestion) {
    const rules = host.rules(familyOf(destination));
    this.#rest = rules.rest;
    this.#byDestination = rules.to(destination);
    this.#bySource = source === undefined ? NO_RULES : rules.from(source);
  }

  next(): CompiledRule | undefined {
    const a = this.#byDestination[this.#atDestination];
    const b = this.#bySource[this.#atSource];
    const c = this.#rest[this.#atRest];
    let first = a;
    if (b !== undefined && (first === undefined || b.order < first.order)) first = b;
    if (c !== undefined && (first === undefined || c.order < first.order)) first = c;
    if (first === undefined) return undefined;
    if (first === a) this.#atDestination++;
    else if (first === b) this.#atSource++;
    else this.#atRest++;
    return first;
  }
}

/** The answer of the first rule whose table has one. */
export function lookUpRoute(
  host: CompiledNamespace,
  asked: RouteQuestion,
): RouteAnswer | undefined {
  const cursor = new RuleCursor(host, asked);
  for (let rule = cursor.next(); rule !== undefined; rule = cursor.next()) {
    if (!ruleMatches(rule, asked)) continue;
    const route = host.routeIn(rule.rule.table, asked.destination);
    if (route !== undefined && route.type !== 'throw') return { rule, route };
  }
  return undefined;
}

/** The rules that the packet met though none of their tables knew where to. */
export function rulesMet(host: CompiledNamespace, asked: RouteQuestion): readonly Element[] {
  const met: Element[] = [];
  const cursor = new RuleCursor(host, asked);
  for (let rule = cursor.next(); rule !== undefined; rule = cursor.next())
    if (ruleMatches(rule, asked))
      met.push({ kind: 'ip-rule', object: host.label, rule: rule.text });
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
