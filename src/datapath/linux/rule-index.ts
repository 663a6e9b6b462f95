/**
 * datapath/linux/rule-index — policy rules of one family by what a packet must have to meet them:
 * one destination, one source, or anything else.
 */
import type { IpRule } from '../../model/linux/cni.ts';
import { ipRuleAction, tableName } from '../../model/linux/ip-text.ts';
import { type Cidr, type Ip, type IpFamily, parseCidrOrIp } from '../../net/index.ts';

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

export interface RuleIndex {
  readonly to: ReadonlyMap<Ip, readonly CompiledRule[]>;
  readonly from: ReadonlyMap<Ip, readonly CompiledRule[]>;
  readonly rest: readonly CompiledRule[];
}

const UNMARKED = { mark: 0, mask: 0 };

/** `0x80/0x80` or `0x80`. */
function maskedValue(text: string): { mark: number; mask: number } {
  const [value = '0', mask = '0xffffffff'] = text.split('/');
  return { mark: Number(value) >>> 0, mask: Number(mask) >>> 0 };
}

/** Rules that every pod has are one array: filed once for all of them. */
const known = new WeakMap<readonly IpRule[], Map<IpFamily, RuleIndex>>();

/** Files the rules; those for a link that is not there are left out. */
export function ruleIndex(
  rules: readonly IpRule[],
  links: ReadonlyMap<string, unknown>,
  family: IpFamily,
): RuleIndex {
  const held = known.get(rules)?.get(family);
  if (held !== undefined) return held;
  const made = file(rules, links, family);
  if (rules.some(({ match }) => match.kind === 'iif')) return made;
  const families = known.get(rules) ?? new Map<IpFamily, RuleIndex>();
  known.set(rules, families.set(family, made));
  return made;
}

function file(
  rules: readonly IpRule[],
  links: ReadonlyMap<string, unknown>,
  family: IpFamily,
): RuleIndex {
  const to = new Map<Ip, CompiledRule[]>();
  const from = new Map<Ip, CompiledRule[]>();
  const rest: CompiledRule[] = [];
  const whole = family === 4 ? 32 : 128;
  rules
    .toSorted((a, b) => a.priority - b.priority)
    .forEach((rule, order) => {
      const { kind, value = '' } = rule.match;
      const block = kind === 'from' || kind === 'to' ? parseCidrOrIp(value) : undefined;
      if ((kind === 'from' || kind === 'to') && block?.family !== family) return;
      if (kind === 'iif' && !links.has(value)) return;
      const made = new CompiledRule(rule, order, block);
      const index = kind === 'to' ? to : kind === 'from' ? from : undefined;
      if (index === undefined || block === undefined || block.bits < whole) rest.push(made);
      else {
        const same = index.get(block.first);
        if (same === undefined) index.set(block.first, [made]);
        else same.push(made);
      }
    });
  return { to, from, rest };
}
