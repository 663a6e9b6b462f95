/**
 * datapath/linux/rule-index — policy rules of one family by what a packet must have to meet them:
 * one destination, one source, or anything else.
 */
import type { IpRule } from '../../model/linux/cni.ts';
import { ipRuleAction, tableName } from '../../model/linux/ip-text.ts';
import { type Cidr, hostCidr, type Ip, type IpFamily, parseCidrOrIp } from '../../net/index.ts';

export class CompiledRule {
  readonly rule: IpRule;
  /** Place in the order of evaluation. */
  readonly order: number;
  readonly block: Cidr | undefined;
  readonly mark: number;
  readonly mask: number;
  #text: string | undefined;
  #shortText: string | undefined;

  constructor(rule: IpRule, order: number, block: Cidr | undefined) {
    this.rule = rule;
    this.order = order;
    this.block = block;
    const { kind, value = '' } = rule.match;
    const { mark, mask } = kind === 'fwmark' ? maskedValue(value) : UNMARKED;
    this.mark = mark;
    this.mask = mask;
  }

  /** `512: from all to 10.0.3.50 lookup main`. */
  get text(): string {
    this.#text ??= `${this.rule.priority}: ${ipRuleAction(this.rule)}`;
    return this.#text;
  }

  /** `rule 512 to 10.0.3.50 lookup main`; of the rule that everything meets, its table only. */
  get shortText(): string {
    const { priority, table, match } = this.rule;
    this.#shortText ??=
      match.kind === 'all' && match.protocol === undefined
        ? `table ${tableName(table)}`
        : `rule ${priority} ${ipRuleAction(this.rule).replace(/^from all /, '')}`;
    return this.#shortText;
  }
}

const NO_RULES: readonly CompiledRule[] = [];

/** Of one address most often one rule, by its place; compiled when a packet meets it. */
type AtAddress = number | number[] | readonly CompiledRule[];

export class RuleIndex {
  readonly #rules: readonly IpRule[];
  readonly #to = new Map<Ip, AtAddress>();
  readonly #from = new Map<Ip, AtAddress>();
  /** Those that are not about one address, in order. */
  readonly rest: readonly CompiledRule[];

  constructor(rules: readonly IpRule[], links: Links, family: IpFamily) {
    this.#rules = inOrder(rules);
    const rest: CompiledRule[] = [];
    const whole = family === 4 ? 32 : 128;
    this.#rules.forEach((rule, order) => {
      const { kind, value = '' } = rule.match;
      if (kind === 'iif' && !links.has(value)) return;
      if (kind !== 'from' && kind !== 'to') {
        rest.push(new CompiledRule(rule, order, undefined));
        return;
      }
      const block = parseCidrOrIp(value);
      if (block?.family !== family) return;
      if (block.bits < whole) rest.push(new CompiledRule(rule, order, block));
      else push(kind === 'to' ? this.#to : this.#from, block.first, order);
    });
    this.rest = rest;
  }

  /** Rules about what goes to an address, in order. */
  to(ip: Ip): readonly CompiledRule[] {
    return this.#compiled(this.#to, ip);
  }

  /** Rules about what comes from an address, in order. */
  from(ip: Ip): readonly CompiledRule[] {
    return this.#compiled(this.#from, ip);
  }

  #compiled(index: Map<Ip, AtAddress>, ip: Ip): readonly CompiledRule[] {
    const found = index.get(ip);
    if (found === undefined) return NO_RULES;
    if (typeof found === 'object' && typeof found[0] !== 'number')
      return found as readonly CompiledRule[];
    const places = typeof found === 'number' ? [found] : (found as number[]);
    const block = hostCidr(ip);
    const made = places.map((order) => new CompiledRule(this.#rules[order]!, order, block));
    index.set(ip, made);
    return made;
  }
}

/** What rules ask about a namespace's links. */
interface Links {
  has(name: string): boolean;
}

/** Most writers keep them by priority already. */
function inOrder(rules: readonly IpRule[]): readonly IpRule[] {
  for (let i = 1; i < rules.length; i++)
    if (rules[i]!.priority < rules[i - 1]!.priority)
      return rules.toSorted((a, b) => a.priority - b.priority);
  return rules;
}

function push(index: Map<Ip, AtAddress>, ip: Ip, order: number): void {
  const known = index.get(ip);
  if (known === undefined) index.set(ip, order);
  else if (typeof known === 'number') index.set(ip, [known, order]);
  else (known as number[]).push(order);
}

const UNMARKED = { mark: 0, mask: 0 };

/** `0x80/0x80` or `0x80`. */
function maskedValue(text: string): { mark: number; mask: number } {
  const [value = '0', mask = '0xffffffff'] = text.split('/');
  return { mark: Number(value) >>> 0, mask: Number(mask) >>> 0 };
}

/** Rules that every pod has are one array: filed once for all of them. */
const known = new WeakMap<readonly IpRule[], Map<IpFamily, RuleIndex>>();

/** So few rules may be many namespaces'. */
const SHARED_MAX = 4;

/** Files the rules; those for a link that is not there are left out. */
export function ruleIndex(rules: readonly IpRule[], links: Links, family: IpFamily): RuleIndex {
  if (rules.length > SHARED_MAX) return new RuleIndex(rules, links, family);
  const held = known.get(rules)?.get(family);
  if (held !== undefined) return held;
  const made = new RuleIndex(rules, links, family);
  if (rules.some(({ match }) => match.kind === 'iif')) return made;
  const families = known.get(rules) ?? new Map<IpFamily, RuleIndex>();
  known.set(rules, families.set(family, made));
  return made;
}
