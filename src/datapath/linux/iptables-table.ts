/**
 * datapath/linux/iptables-table — one table's chain on one hook, run for one packet: jumps, gotos
 * and returns, targets, and which rules led to the answer.
 *
 * Follows net/ipv4/netfilter/ip_tables.c ipt_do_table: a chain that ends, or returns, goes on after
 * the rule that jumped to it; a built-in chain that ends has its policy.
 */

import { iptablesRuleText } from '../../model/linux/iptables-text.ts';
import type {
  IptablesChain,
  IptablesRule,
  IptablesTable,
  IptablesTarget,
  NetfilterHook,
} from '../../model/linux/netfilter.ts';
import { familyOf, type IpFamily } from '../../net/index.ts';
import type { Element, Layer } from '../trace.ts';
import type { Decision } from './decision.ts';
import {
  ACCEPT,
  ACCEPT_BY_RULE,
  type BaseChain,
  type HookAnswer,
  type HookContext,
} from './hook-context.ts';
import { chanceRun, hasChance, positionsFor } from './iptables-chain.ts';
import { passes } from './iptables-match.ts';

/** A rule on the way to a decision. */
interface Visited {
  readonly chain: string;
  readonly rule: IptablesRule;
}

/** The kernel refuses loops; data may have them. */
const DEPTH_MAX = 32;
const PRIORITY = { raw: -300, mangle: -150, filter: 0 };
const DESTINATION_NAT = -100;
const SOURCE_NAT = 100;

const texts = new WeakMap<IptablesRule, string>();

/** `-t nat -A KUBE-SVC-… -j KUBE-SEP-…`: the rule as iptables-save has it, without its comment. */
function ruleText(table: IptablesTable, { chain, rule }: Visited, family: IpFamily): string {
  const text = texts.get(rule) ?? iptablesRuleText(rule, family, false);
  texts.set(rule, text);
  return `-t ${table.name} -A ${chain} ${text}`;
}

/** Whose chain it is, by its name. */
export function layerOfChain(chain: string): Layer {
  if (chain.startsWith('KUBE-')) return 'kube-proxy';
  return /^(AWS|CNI)-/.test(chain) ? 'cni' : 'security';
}

const commentOf = (rule: IptablesRule): string | undefined =>
  rule.matches.find((match) => match.kind === 'comment')?.text;

/** One traversal of a table at a hook. */
class Traversal {
  readonly #table: IptablesTable;
  readonly #context: HookContext;

  constructor(table: IptablesTable, context: HookContext) {
    this.#table = table;
    this.#context = context;
  }

  /** undefined when the chain ended or returned. */
  chain(chain: IptablesChain, path: readonly Visited[]): HookAnswer | undefined {
    if (path.length > DEPTH_MAX) return undefined;
    if (hasChance(chain.rules)) return this.#chainOfChance(chain, path);
    for (const position of positionsFor(chain.rules, this.#context.packet)) {
      const rule = chain.rules[position]!;
      if (!passes(rule, this.#context)) continue;
      const answer = this.#target(chain, rule, path);
      if (answer === 'return') return undefined;
      if (answer !== 'next') return answer;
    }
    return undefined;
  }

  #chainOfChance(chain: IptablesChain, path: readonly Visited[]): HookAnswer | undefined {
    const isMet = (one: IptablesRule): boolean => passes(one, this.#context);
    for (let at = 0; at < chain.rules.length; at++) {
      let rule = chain.rules[at]!;
      if (rule.matches.some(({ kind }) => kind === 'statistic')) {
        const run = chanceRun(this.#table, chain, at, isMet);
        const taken =
          run.options.length > 1
            ? this.#context.chance.choose(run.options)
            : run.options.length - 1;
        const position = run.positions[taken];
        at = position ?? run.end;
        if (position === undefined) continue;
        rule = chain.rules[position]!;
        if (run.options.length > 1) this.#chose(run.options[taken]!.label, chain.name, rule, path);
      } else if (!isMet(rule)) continue;
      const answer = this.#target(chain, rule, path);
      if (answer === 'return') return undefined;
      if (answer !== 'next') return answer;
    }
    return undefined;
  }

  #target(
    { name }: IptablesChain,
    rule: IptablesRule,
    path: readonly Visited[],
  ): HookAnswer | 'next' | 'return' {
    const { target } = rule;
    if (target === undefined) return 'next';
    const visited = [...path, { chain: name, rule }];
    switch (target.kind) {
      case 'accept':
        return ACCEPT_BY_RULE;
      case 'return':
        return 'return';
      case 'jump':
      case 'goto': {
        const next = this.#table.chain(target.chain);
        const answer = next && this.chain(next, visited);
        return answer ?? (target.kind === 'goto' ? 'return' : 'next');
      }
      case 'drop':
        return { kind: 'drop', by: this.#decision(visited) };
      case 'reject':
        return { kind: 'reject', with: target.with, by: this.#decision(visited) };
      case 'notrack':
        return { kind: 'untracked' };
      case 'mark':
      case 'connmark-set':
      case 'connmark-save':
      case 'connmark-restore':
        this.#mark(target, visited);
        return 'next';
      case 'dnat': {
        const { address, port } = target;
        return { kind: 'dnat', address, port, by: this.#decision(visited) };
      }
      case 'snat': {
        const { address, random } = target;
        return { kind: 'snat', address, random, by: this.#decision(visited) };
      }
      case 'masquerade':
        return { kind: 'masquerade', random: target.random, by: this.#decision(visited) };
      case 'nflog':
      case 'log':
        return 'next';
    }
  }

  #chose(endpoint: string, chain: string, rule: IptablesRule, path: readonly Visited[]): void {
    const service = path.map((one) => commentOf(one.rule)).find((text) => text?.includes('/'));
    const name = service?.split(' ')[0];
    this.#context.recorder.step({
      layer: 'service',
      kind: 'endpoint',
      action: 'choose',
      text: `${name === undefined ? 'by chance' : `Service ${name}`}: endpoint ${endpoint}`,
      evidence: { decisive: this.#elements([...path, { chain, rule }]) },
    });
  }

  #mark(
    target: Extract<
      IptablesTarget,
      { kind: 'mark' | 'connmark-set' | 'connmark-save' | 'connmark-restore' }
    >,
    visited: readonly Visited[],
  ): void {
    const context = this.#context;
    const { connection, mark } = context;
    const here = this.#elements(visited);
    const blend = (old: number, mask: number, value: number): number =>
      ((old & ~mask) ^ value) >>> 0;
    if (target.kind === 'mark') {
      const value = blend(mark.value, target.mask, target.value);
      // A rule that only clears bits is not why the packet is marked.
      const setBy = (value & ~mark.value) === 0 ? mark.setBy : [...mark.setBy, ...here];
      context.mark = { value, setBy };
      return;
    }
    if (connection === undefined) return;
    const { mask } = target;
    const kept = connection.mark;
    if (target.kind === 'connmark-set') {
      const value = blend(kept.value, mask, target.value);
      if (value !== kept.value) connection.mark = { value, setBy: [...kept.setBy, ...here] };
    } else if (target.kind === 'connmark-save') {
      const value = blend(kept.value, mask, mark.value & mask);
      if (value !== kept.value) connection.mark = { value, setBy: [...mark.setBy, ...here] };
    } else {
      const value = blend(mark.value, mask, kept.value & mask);
      if (value !== mark.value) context.mark = { value, setBy: [...kept.setBy, ...here] };
    }
  }

  #elements(visited: readonly Visited[]): readonly Element[] {
    const object = this.#context.host.label;
    const family = familyOf(this.#context.packet.destination);
    return visited.map((one) => ({
      kind: 'iptables-rule',
      object,
      rule: ruleText(this.#table, one, family),
    }));
  }

  #decision(visited: readonly Visited[]): Decision {
    const { chain, rule } = visited.at(-1)!;
    const { mark, markRead } = this.#context;
    const marked = (mark.value & markRead) === 0 ? [] : mark.setBy;
    return {
      layer: layerOfChain(chain),
      chain,
      comment: commentOf(rule),
      decisive: [...marked, ...this.#elements(visited)],
    };
  }
}

function run(table: IptablesTable, hook: NetfilterHook, context: HookContext): HookAnswer {
  const name = hook.toUpperCase();
  const builtin = table.chain(name);
  if (builtin === undefined) return ACCEPT;
  context.markRead = 0;
  const answer = new Traversal(table, context).chain(builtin, []);
  if (answer !== undefined || builtin.policy !== 'DROP') return answer ?? ACCEPT;
  const rule = `-t ${table.name} -P ${name} DROP`;
  const object = context.host.label;
  const decisive: readonly Element[] = [{ kind: 'iptables-rule', object, rule }];
  return { kind: 'drop', by: { layer: 'security', chain: name, decisive } };
}

const HOOKS: readonly NetfilterHook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting'];

/** The table's chains as they hang on the hooks; hooks it has no chain for are left out. */
export function tableChains(table: IptablesTable): readonly BaseChain[] {
  const isNat = table.name === 'nat';
  return HOOKS.filter((hook) => table.chain(hook.toUpperCase()) !== undefined).map((hook) => ({
    type: isNat ? 'nat' : table.name === 'mangle' && hook === 'output' ? 'route' : 'filter',
    hook,
    priority:
      table.name !== 'nat'
        ? PRIORITY[table.name]
        : hook === 'prerouting' || hook === 'output'
          ? DESTINATION_NAT
          : SOURCE_NAT,
    run: (context) => run(table, hook, context),
  }));
}
