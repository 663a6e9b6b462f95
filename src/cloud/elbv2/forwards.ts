/**
 * cloud/elbv2/forwards — which listeners and rules forward to a target group.
 *
 * Kept beside the store and never part of it: built from the listeners and rules when first asked
 * for, then moved along by the store's own events. A forked store needs a new one over it.
 */
import type { Listener, ListenerAction, ListenerRule } from '../../model/elbv2/listener.ts';
import type { TwinStore } from '../../model/kinds.ts';

/** The groups the actions forward to, each once. */
export const targetGroupsOf = (actions: readonly ListenerAction[]): readonly string[] => [
  ...new Set(
    actions.flatMap((action) =>
      action.type === 'forward' ? action.targetGroups.map((it) => it.targetGroupArn) : [],
    ),
  ),
];

const ofListener = (it: Listener | undefined): readonly string[] =>
  it === undefined ? [] : targetGroupsOf(it.defaultActions);
const ofRule = (it: ListenerRule | undefined): readonly string[] =>
  it === undefined ? [] : targetGroupsOf(it.actions);

export class Forwards {
  readonly #store: TwinStore;
  /** By target group: the ARNs of listeners and rules. */
  #byGroup: Map<string, Set<string>> | undefined;

  constructor(store: TwinStore) {
    this.#store = store;
    store.subscribe('elbv2/listener', ({ key, value, previous }) =>
      this.#follow(key, ofListener(previous), ofListener(value)),
    );
    store.subscribe('elbv2/rule', ({ key, value, previous }) =>
      this.#follow(key, ofRule(previous), ofRule(value)),
    );
  }

  /** True when a listener or rule forwards to the group. */
  isUsed(targetGroupArn: string): boolean {
    return (this.#groups().get(targetGroupArn)?.size ?? 0) > 0;
  }

  /** The load balancers whose listeners and rules forward to the group, in order of use. */
  loadBalancersOf(targetGroupArn: string): readonly string[] {
    const found = new Set<string>();
    for (const arn of this.#groups().get(targetGroupArn) ?? []) {
      const listenerArn = this.#store.get('elbv2/rule', arn)?.listenerArn ?? arn;
      const listener = this.#store.get('elbv2/listener', listenerArn);
      if (listener !== undefined) found.add(listener.loadBalancerArn);
    }
    return [...found];
  }

  /** The groups a load balancer's listeners and rules forward to, each once. */
  groupsOf(loadBalancerArn: string): ReadonlySet<string> {
    const found = new Set<string>();
    for (const listener of this.#store.lookup('elbv2/listener', 'load-balancer', loadBalancerArn)) {
      for (const arn of ofListener(listener)) found.add(arn);
      for (const rule of this.#store.lookup('elbv2/rule', 'listener', listener.listenerArn))
        for (const arn of ofRule(rule)) found.add(arn);
    }
    return found;
  }

  #groups(): Map<string, Set<string>> {
    if (this.#byGroup === undefined) {
      this.#byGroup = new Map();
      for (const it of this.#store.list('elbv2/listener'))
        this.#add(it.listenerArn, ofListener(it));
      for (const it of this.#store.list('elbv2/rule')) this.#add(it.ruleArn, ofRule(it));
    }
    return this.#byGroup;
  }

  #add(key: string, groups: readonly string[]): void {
    for (const group of groups) {
      const users = this.#byGroup!.get(group) ?? new Set();
      this.#byGroup!.set(group, users.add(key));
    }
  }

  #follow(key: string, before: readonly string[], after: readonly string[]): void {
    if (this.#byGroup === undefined) return;
    for (const group of before) {
      const users = this.#byGroup.get(group);
      users?.delete(key);
      if (users?.size === 0) this.#byGroup.delete(group);
    }
    this.#add(key, after);
  }
}
