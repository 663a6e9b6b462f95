/**
 * datapath/linux/iptables-table — one table's chain on one hook, run for one packet: jumps, gotos
 * and returns, targets, and which rules led to the answer.
 *
 * Follows net/ipv4/netfilter/ip_tables.c ipt_do_table: a chain that ends, or returns, goes on after
 * the rule that jumped to it; a built-in chain that ends has its policy.
 */

import type {
  IptablesChain,
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
import { type CompiledChain, compiledChain } from './iptables-chain.ts';
import type { FiledRule } from './iptables-match.ts';

/** A rule on the way to a decision, and the jump by which the packet came to its chain. */
interface Visited {
  readonly chain: string;
  readonly filed: FiledRule;
  readonly from: Visited | undefined;
  /** How many jumps led here. */
  readonly depth: number;
}

/** The kernel refuses loops; data may have them. */
const DEPTH_MAX = 32;
const PRIORITY = { raw: -300, mangle: -150, filter: 0 };
const DESTINATION_NAT = -100;
const SOURCE_NAT = 100;

/** `-t nat -A KUBE-SVC-… -j KUBE-SEP-…`: the rule as iptables-save has it, without its comment. */
const ruleText = (table: IptablesTable, { chain, filed }: Visited, family: IpFamily): string =>
  `-t ${table.name} -A ${chain} ${filed.text(family)}`;

/** Whose chain it is, by its name. */
export function layerOfChain(chain: string): Layer {
  if (chain.startsWith('KUBE-')) return 'kube-proxy';
  return /^(AWS|CNI)-/.test(chain) ? 'cni' : 'security';
}

/** One traversal of a table at a hook. */
class Traversal {
  readonly #table: IptablesTable;
  readonly #context: HookContext;

  constructor(table: IptablesTable, context: HookContext) {
    this.#table = table;
    this.#context = context;
  }

  /** undefined when the chain ended or returned. */
  chain(chain: IptablesChain, from: Visited | undefined): HookAnswer | undefined {
    const { rules } = chain;
    if (rules.length === 0 || (from !== undefined && from.depth > DEPTH_MAX)) return undefined;
    const compiled = compiledChain(rules);
    if (compiled.hasChance) return this.#chainOfChance(chain, compiled, from);
    for (const position of compiled.positionsFor(this.#context.packet)) {
      const filed = compiled.at(position);
      if (!filed.passes(this.#context)) continue;
      const answer = this.#target(chain, filed, from);
      if (answer === 'return') return undefined;
      if (answer !== 'next') return answer;
    }
    return undefined;
  }

  #chainOfChance(
    chain: IptablesChain,
    compiled: CompiledChain,
    from: Visited | undefined,
  ): HookAnswer | undefined {
    const isMet = (position: number): boolean => compiled.at(position).passes(this.#context);
    for (let at = 0; at < chain.rules.length; at++) {
      let filed = compiled.at(at);
      if (compiled.isByChance(at)) {
        const run = compiled.runAt(at, this.#table, isMet);
        const taken =
          run.options.length > 1
            ? this.#context.chance.choose(run.options)
            : run.options.length - 1;
        const position = run.positions[taken];
        at = position ?? run.end;
        if (position === undefined) continue;
        filed = compiled.at(position);
        if (run.options.length > 1) {
          this.#chose(run.options[taken]!.label, visit(chain, filed, from));
        }
      } else if (!isMet(at)) continue;
      const answer = this.#target(chain, filed, from);
      if (answer === 'return') return undefined;
      if (answer !== 'next') return answer;
    }
    return undefined;
  }

  #target(
    chain: IptablesChain,
    filed: FiledRule,
    from: Visited | undefined,
  ): HookAnswer | 'next' | 'return' {
    const { target } = filed.rule;
    if (target === undefined) return 'next';
    switch (target.kind) {
      case 'accept':
        return ACCEPT_BY_RULE;
      case 'return':
        return 'return';
      case 'jump':
      case 'goto': {
        const next = this.#table.chain(target.chain);
        const answer = next && this.chain(next, visit(chain, filed, from));
        return answer ?? (target.kind === 'goto' ? 'return' : 'next');
      }
      case 'drop':
        return { kind: 'drop', by: this.#decision(visit(chain, filed, from)) };
      case 'reject':
        return { kind: 'reject', with: target.with, by: this.#decision(visit(chain, filed, from)) };
      case 'notrack':
        return { kind: 'untracked' };
      case 'mark':
      case 'connmark-set':
      case 'connmark-save':
      case 'connmark-restore':
        this.#mark(target, visit(chain, filed, from));
        return 'next';
      case 'dnat': {
        const { address, port } = target;
        return { kind: 'dnat', address, port, by: this.#decision(visit(chain, filed, from)) };
      }
      case 'snat': {
        const { address, random } = target;
        return { kind: 'snat', address, random, by: this.#decision(visit(chain, filed, from)) };
      }
      case 'masquerade':
        return {
          kind: 'masquerade',
          random: target.random,
          by: this.#decision(visit(chain, filed, from)),
        };
      case 'nflog':
      case 'log':
        return 'next';
    }
  }

  #chose(endpoint: string, visited: Visited): void {
    const name = serviceOn(visited.from)?.split(' ')[0];
    this.#context.recorder.step({
      layer: 'service',
      kind: 'endpoint',
      action: 'choose',
      text: `${name === undefined ? 'by chance' : `Service ${name}`}: endpoint ${endpoint}`,
      evidence: { decisive: this.#elements(visited) },
    });
  }

  #mark(
    target: Extract<
      IptablesTarget,
      { kind: 'mark' | 'connmark-set' | 'connmark-save' | 'connmark-restore' }
    >,
    visited: Visited,
  ): void {
    const context = this.#context;
    const { connection, mark } = context;
    const blend = (old: number, mask: number, value: number): number =>
      ((old & ~mask) ^ value) >>> 0;
    if (target.kind === 'mark') {
      const value = blend(mark.value, target.mask, target.value);
      // A rule that only clears bits is not why the packet is marked.
      const setBy =
        (value & ~mark.value) === 0 ? mark.setBy : [...mark.setBy, ...this.#elements(visited)];
      context.mark = { value, setBy };
      return;
    }
    if (connection === undefined) return;
    const { mask } = target;
    const kept = connection.mark;
    if (target.kind === 'connmark-set') {
      const value = blend(kept.value, mask, target.value);
      if (value !== kept.value)
        connection.mark = { value, setBy: [...kept.setBy, ...this.#elements(visited)] };
    } else if (target.kind === 'connmark-save') {
      const value = blend(kept.value, mask, mark.value & mask);
      if (value !== kept.value)
        connection.mark = { value, setBy: [...mark.setBy, ...this.#elements(visited)] };
    } else {
      const value = blend(mark.value, mask, kept.value & mask);
      if (value !== mark.value)
        context.mark = { value, setBy: [...kept.setBy, ...this.#elements(visited)] };
    }
  }

  /** Outermost jump first. */
  #elements(visited: Visited): readonly Element[] {
    const object = this.#context.host.label;
    const family = familyOf(this.#context.packet.destination);
    const elements: Element[] = [];
    for (let one: Visited | undefined = visited; one !== undefined; one = one.from) {
      elements.push({ kind: 'iptables-rule', object, rule: ruleText(this.#table, one, family) });
    }
    return elements.reverse();
  }

  #decision(visited: Visited): Decision {
    const { chain, filed } = visited;
    const { mark, markRead } = this.#context;
    const elements = this.#elements(visited);
    const isMarked = (mark.value & markRead) !== 0;
    return {
      layer: layerOfChain(chain),
      chain,
      comment: filed.comment,
      decisive: isMarked ? [...mark.setBy, ...elements] : elements,
    };
  }
}

const visit = ({ name }: IptablesChain, filed: FiledRule, from: Visited | undefined): Visited => ({
  chain: name,
  filed,
  from,
  depth: from === undefined ? 1 : from.depth + 1,
});

/** The outermost comment that names a Service: `default/web cluster IP`. */
function serviceOn(visited: Visited | undefined): string | undefined {
  let service: string | undefined;
  for (let one = visited; one !== undefined; one = one.from) {
    const { comment } = one.filed;
    if (comment?.includes('/')) service = comment;
  }
  return service;
}

/** A built-in chain, its name and policy known. */
function run(table: IptablesTable, builtin: IptablesChain, context: HookContext): HookAnswer {
  context.markRead = 0;
  const answer = new Traversal(table, context).chain(builtin, undefined);
  if (answer !== undefined || builtin.policy !== 'DROP') return answer ?? ACCEPT;
  const rule = `-t ${table.name} -P ${builtin.name} DROP`;
  const object = context.host.label;
  const decisive: readonly Element[] = [{ kind: 'iptables-rule', object, rule }];
  return { kind: 'drop', by: { layer: 'security', chain: builtin.name, decisive } };
}

const HOOKS: readonly NetfilterHook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting'];

const chainsOfTable = new WeakMap<IptablesTable, readonly BaseChain[]>();

/** The table's chains as they hang on the hooks; hooks it has no chain for are left out. */
export function tableChains(table: IptablesTable): readonly BaseChain[] {
  const known = chainsOfTable.get(table) ?? newChains(table);
  chainsOfTable.set(table, known);
  return known;
}

function newChains(table: IptablesTable): readonly BaseChain[] {
  const isNat = table.name === 'nat';
  return HOOKS.flatMap((hook): BaseChain[] => {
    const builtin = table.chain(hook.toUpperCase());
    if (builtin === undefined) return [];
    // A nat chain counts even when it is empty: with it the kernel looks for a free source port.
    if (!isNat && builtin.rules.length === 0 && builtin.policy !== 'DROP') return [];
    return [
      {
        type: isNat ? 'nat' : table.name === 'mangle' && hook === 'output' ? 'route' : 'filter',
        hook,
        priority:
          table.name !== 'nat'
            ? PRIORITY[table.name]
            : hook === 'prerouting' || hook === 'output'
              ? DESTINATION_NAT
              : SOURCE_NAT,
        run: (context) => run(table, builtin, context),
      },
    ];
  });
}
