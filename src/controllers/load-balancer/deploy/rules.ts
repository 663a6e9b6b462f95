/**
 * load-balancer/deploy/rules — the rules of a stack's listeners. A rule that says what is wanted
 * only moves; one of the right place is rewritten; new ones come before old ones go, so that no
 * request falls between them.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * pkg/deploy/elbv2/listener_rule_synthesizer.go, listener_rule_manager.go.
 */
import type { RuleSettings } from '../../../cloud/elbv2/operations.ts';
import { isAwsError } from '../../../model/aws-error.ts';
import type { ListenerRule } from '../../../model/elbv2/listener.ts';
import type { Resource } from '../stack/stack.ts';
import {
  actionsOf,
  conditionsOf,
  sameActions,
  sameConditions,
  sameTransforms,
  transformsOf,
} from './actions.ts';
import { DeployError, must, orExplain, patiently } from './deploy-error.ts';
import type { Deployment, Phase } from './deployment.ts';
import { NEW_LISTENER } from './listeners.ts';

const TYPE = 'AWS::ElasticLoadBalancingV2::ListenerRule';

interface Wanted {
  readonly resource: Resource<typeof TYPE>;
  readonly settings: RuleSettings;
}

interface Pair {
  readonly wanted: Wanted;
  readonly existing: ListenerRule;
}

interface Plan {
  /** Says what is wanted in the wrong place. */
  readonly misplaced: readonly Pair[];
  /** Stands where it should and says something else. */
  readonly outdated: readonly Pair[];
  readonly right: readonly Pair[];
  readonly missing: readonly Wanted[];
  readonly unwanted: readonly ListenerRule[];
}

/** Where rules that are about to go are put out of the way: 50000 and down. */
const LAST_PRIORITY = 50_000;

export class Rules implements Phase {
  readonly #deployment: Deployment;

  constructor(deployment: Deployment) {
    this.#deployment = deployment;
  }

  async synthesize(): Promise<void> {
    const { stack } = this.#deployment;
    const wantedBy = new Map<string, Wanted[]>();
    for (const resource of stack.list(TYPE)) {
      const arn = this.#deployment.resolve(resource.spec.listenerARN);
      const wanted = { resource, settings: this.#settings(resource) };
      const others = wantedBy.get(arn);
      if (others === undefined) wantedBy.set(arn, [wanted]);
      else others.push(wanted);
    }
    for (const { type, id } of stack.list('AWS::ElasticLoadBalancingV2::Listener')) {
      const arn = this.#deployment.resolve({
        resourceType: type,
        resourceId: id,
        field: 'listenerARN',
      });
      await this.#sync(arn, wantedBy.get(arn) ?? []);
    }
  }

  #settings({ spec }: Resource<typeof TYPE>): RuleSettings {
    const { featureGates: gates } = this.#deployment.tools.settings;
    const resolve = this.#deployment.resolve.bind(this.#deployment);
    return {
      conditions: conditionsOf(spec.conditions),
      actions: actionsOf(spec.actions, { resolve, gates }),
      transforms: transformsOf(spec.transforms),
    };
  }

  async #sync(listenerArn: string, wanted: readonly Wanted[]): Promise<void> {
    const { elbv2 } = this.#deployment.tools;
    const existing = await this.#of(listenerArn);
    const plan = planFor(wanted, existing);
    if (plan.misplaced.length > 0)
      must(await elbv2.setRulePriorities({ rulePriorities: newPlaces(plan) }));
    for (const { wanted: it, existing: there } of plan.outdated)
      must(await elbv2.modifyRule({ ruleArn: there.ruleArn, ...it.settings }));
    await this.#replace(listenerArn, plan, existing.length);
    for (const pair of [...plan.misplaced, ...plan.right, ...plan.outdated])
      await this.#retag(pair);
  }

  async #of(listenerArn: string): Promise<readonly ListenerRule[]> {
    const { elbv2, settings, tags } = this.#deployment.tools;
    const found = must(await elbv2.describeRules({ listenerArn }));
    if (!settings.featureGates.ListenerRulesTagging) return found;
    const tagsOf = await tags.tagsOf(found.map(({ ruleArn }) => ruleArn));
    return found.map((it) => ({ ...it, tags: tagsOf.get(it.ruleArn) ?? {} }));
  }

  /** Creates all, then deletes; one for one where the listener is full. */
  async #replace(
    listenerArn: string,
    { missing, unwanted }: Plan,
    initialCount: number,
  ): Promise<void> {
    let count = initialCount;
    let most: number | undefined;
    let created = 0;
    let deleted = 0;
    while (created < missing.length || deleted < unwanted.length) {
      if (created < missing.length && count !== most) {
        const isDone = await this.#create(listenerArn, missing[created]!, most === undefined);
        if (!isDone) {
          most = count;
          continue;
        }
        created++;
        count++;
      } else if (deleted < unwanted.length) {
        await this.#delete(unwanted[deleted]!.ruleArn);
        deleted++;
        count--;
      } else {
        throw new DeployError("Unable to synthesize listener rules, there's too many attached.");
      }
    }
  }

  /** @returns false where there are too many already and that is news */
  async #create(listenerArn: string, wanted: Wanted, mayBeFull: boolean): Promise<boolean> {
    const { clock, elbv2, settings } = this.#deployment.tools;
    const { id, spec } = wanted.resource;
    const tags = settings.featureGates.ListenerRulesTagging
      ? { tags: this.#deployment.tagsFor(id, spec.tags) }
      : {};
    return orExplain('failed to create listener rule', () =>
      patiently(clock, ['ListenerNotFound'], NEW_LISTENER, async () => {
        const { priority } = spec;
        const made = await elbv2.createRule({ listenerArn, priority, ...wanted.settings, ...tags });
        if (!isAwsError(made)) return true;
        return made.code === 'TooManyRules' && mayBeFull ? false : made;
      }),
    );
  }

  async #delete(ruleArn: string): Promise<void> {
    const { elbv2, tags } = this.#deployment.tools;
    tags.forget(ruleArn);
    must(await elbv2.deleteRule({ ruleArn }));
  }

  async #retag({ wanted, existing }: Pair): Promise<void> {
    const { settings, tags } = this.#deployment.tools;
    if (!settings.featureGates.ListenerRulesTagging) return;
    const { id, spec } = wanted.resource;
    const desired = this.#deployment.tagsFor(id, spec.tags);
    await tags.reconcile(existing.ruleArn, existing.tags, desired, settings.externalManagedTags);
  }
}

/** Pairs by what the rules say first, then by where they stand. */
function planFor(wanted: readonly Wanted[], existing: readonly ListenerRule[]): Plan {
  const left = [...existing];
  const misplaced: Pair[] = [];
  const right: Pair[] = [];
  const unmatched = new Map<number, Wanted>();
  for (const it of wanted) {
    const at = left.findIndex((rule) => saysTheSame(it.settings, rule));
    if (at < 0) {
      unmatched.set(it.resource.spec.priority, it);
      continue;
    }
    const [rule] = left.splice(at, 1);
    const pair = { wanted: it, existing: rule! };
    (rule!.priority === it.resource.spec.priority ? right : misplaced).push(pair);
  }
  const leftBy = new Map(left.map((rule) => [rule.priority, rule] as const));
  const outdated: Pair[] = [];
  const missing: Wanted[] = [];
  for (const [priority, it] of [...unmatched].sort(([a], [b]) => a - b)) {
    const rule = leftBy.get(priority);
    if (rule === undefined) missing.push(it);
    else outdated.push({ wanted: it, existing: rule });
    leftBy.delete(priority);
  }
  const unwanted = [...leftBy.values()].sort((a, b) => a.priority - b.priority);
  return { misplaced, outdated, right, missing, unwanted };
}

const saysTheSame = (wanted: RuleSettings, { actions, conditions, transforms }: ListenerRule) =>
  sameActions(wanted.actions, actions) &&
  sameConditions(wanted.conditions, conditions) &&
  sameTransforms(wanted.transforms ?? [], transforms);

/** Unwanted rules to the end, in their order; those misplaced to their places. */
function newPlaces({ misplaced, unwanted }: Plan): { ruleArn: string; priority: number }[] {
  const pushed = unwanted.toReversed().map(({ ruleArn }, at) => ({
    ruleArn,
    priority: LAST_PRIORITY - at,
  }));
  const placed = misplaced.map(({ wanted, existing }) => ({
    ruleArn: existing.ruleArn,
    priority: wanted.resource.spec.priority,
  }));
  return [...pushed, ...placed];
}
