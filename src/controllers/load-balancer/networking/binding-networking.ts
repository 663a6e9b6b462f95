/**
 * controllers/load-balancer/networking/binding-networking — lets load balancers in to what is
 * behind TargetGroupBindings: rules on the security groups of pods' and nodes' interfaces, summed
 * over all bindings. Nothing is revoked before every binding with rules was computed once since
 * the controller started; then groups that no binding needs lose the rules with the mark.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/networking/networking_manager.go.
 * Reads: EC2.  Writes: ec2/security-group through EC2's verbs.
 */
import type { RuleInput } from '../../../cloud/ec2/vpc-operations.ts';
import type { SecurityGroup } from '../../../model/ec2/security-group.ts';
import type { Node, Pod } from '../../../model/kubernetes/core.ts';
import type { TargetGroupBinding } from '../../../model/kubernetes/load-balancer.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import type { Clock } from '../../../sim/clock.ts';
import { codeOf, DeployError, must } from '../deploy/deploy-error.ts';
import type { SecurityGroupRules } from '../security-groups/security-group-rules.ts';
import type { ControllerSettings } from '../settings/settings.ts';
import { bindingRules, isShared } from './binding-rules.ts';
import { endpointGroup } from './endpoint-group.ts';
import type { FoundInterface } from './interface-reads.ts';
import type { NodeInterfaces } from './node-interfaces.ts';
import type { PodInterfaces } from './pod-interfaces.ts';
import { type RulesPerGroup, RuleTally } from './rule-tally.ts';
import { Turn } from './turn.ts';

export type NetworkingSettings = Pick<
  ControllerSettings,
  'clusterName' | 'vpcId' | 'serviceTargetEniSecurityGroupTags' | 'disableRestrictedSgRules'
>;

/** A group as it was when its rules were last found to be as wanted. */
interface Clean {
  readonly group: SecurityGroup;
  readonly wanted: readonly RuleInput[];
  readonly authorizeOnly: boolean;
}

const NONE: readonly RuleInput[] = [];
const NO_RULES: RulesPerGroup = new Map();

export class BindingNetworking {
  readonly #pods: PodInterfaces;
  readonly #nodes: NodeInterfaces;
  readonly #groups: SecurityGroupRules;
  readonly #settings: NetworkingSettings;
  readonly #turn: Turn;
  readonly #tally: RuleTally;
  readonly #clean = new Map<string, Clean>();
  /** Groups that have or may have rules of ours. */
  readonly #tracked = new Set<string>();
  #isTrackedFound = false;
  /** Bindings that have networking rules; kept as they come and go. */
  readonly #withRules = new Set<string>();
  /** Bindings that had some, and may still be counted. */
  readonly #without = new Set<string>();

  constructor(
    clock: Clock,
    interfaces: { readonly pods: PodInterfaces; readonly nodes: NodeInterfaces },
    groups: SecurityGroupRules,
    settings: NetworkingSettings,
  ) {
    this.#pods = interfaces.pods;
    this.#nodes = interfaces.nodes;
    this.#groups = groups;
    this.#settings = settings;
    this.#turn = new Turn(clock);
    this.#tally = new RuleTally(!settings.disableRestrictedSgRules);
  }

  /** Tells of every binding that comes, changes or goes. */
  see(key: string, binding: TargetGroupBinding | undefined): void {
    if (binding?.spec?.networking != null) this.#withRules.add(key);
    else if (this.#withRules.delete(key)) this.#without.add(key);
  }

  /** Lets load balancers in to the pods of a binding. */
  async reconcilePods(binding: TargetGroupBinding, pods: readonly Pod[]): Promise<void> {
    const { networking } = binding.spec;
    const rules = networking == null ? NO_RULES : await this.#rulesForPods(networking, pods);
    await this.#reconcile(keyOf(binding), rules);
  }

  /** Lets load balancers in to the node ports of a binding. */
  async reconcileNodes(binding: TargetGroupBinding, nodes: readonly Node[]): Promise<void> {
    const { networking } = binding.spec;
    const rules = networking == null ? NO_RULES : await this.#rulesForNodes(networking, nodes);
    await this.#reconcile(keyOf(binding), rules);
  }

  /** The binding needs nothing any more. */
  cleanUp(binding: TargetGroupBinding): Promise<void> {
    return this.#reconcile(keyOf(binding), NO_RULES);
  }

  /** Takes the rules off groups that no binding needs; asked before a source group is deleted. */
  collectGarbage(): Promise<void> {
    return this.#turn.take(async () => {
      if (this.#isComputedForAll()) await this.#revokeUnused();
    });
  }

  async #rulesForPods(
    networking: NonNullable<TargetGroupBinding['spec']['networking']>,
    pods: readonly Pod[],
  ): Promise<RulesPerGroup> {
    const interfaces = await this.#pods.resolve(pods);
    const podsOf = new Map<string, Pod[]>();
    for (const pod of pods) {
      const eni = interfaces.get(keyOf(pod))!;
      // A hybrid node's pods have no interface, so no security group.
      if (eni === 'hybrid') continue;
      const groupId = await this.#endpointGroup(eni);
      podsOf.set(groupId, [...(podsOf.get(groupId) ?? []), pod]);
    }
    return new Map([...podsOf].map(([groupId, its]) => [groupId, bindingRules(networking, its)]));
  }

  async #rulesForNodes(
    networking: NonNullable<TargetGroupBinding['spec']['networking']>,
    nodes: readonly Node[],
  ): Promise<RulesPerGroup> {
    const groupIds = new Set<string>();
    for (const eni of (await this.#nodes.resolve(nodes)).values())
      groupIds.add(await this.#endpointGroup(eni));
    const rules = bindingRules(networking, undefined);
    return new Map([...groupIds].map((groupId) => [groupId, rules]));
  }

  async #endpointGroup({ networkInterfaceId, groups }: FoundInterface): Promise<string> {
    if (groups.length === 1) return groups[0]!;
    const { clusterName, serviceTargetEniSecurityGroupTags: extra } = this.#settings;
    const found = must(await this.#groups.byId(groups));
    return endpointGroup(networkInterfaceId, found, { clusterName, extra });
  }

  #reconcile(key: string, rules: RulesPerGroup): Promise<void> {
    return this.#turn.take(async () => {
      if (this.#withRules.has(key)) this.#tally.set(key, rules);
      else this.#tally.delete(key);
      for (const groupId of rules.keys()) this.#tracked.add(groupId);
      const isComputed = this.#isComputedForAll();
      const failed: string[] = [];
      let code: string | undefined;
      for (const groupId of [...this.#tally.groups()]) {
        try {
          await this.#bring(groupId, this.#tally.wanted(groupId), !isComputed);
        } catch (error) {
          if (!(error instanceof DeployError)) throw error;
          failed.push(error.message);
          code ??= error.code;
        }
      }
      if (isComputed) await this.#revokeUnused();
      if (failed.length > 0) throw joined(failed, code);
    });
  }

  /** Forgets bindings that have no rules; true when the others have all been computed. */
  #isComputedForAll(): boolean {
    for (const key of this.#without) if (!this.#withRules.has(key)) this.#tally.delete(key);
    this.#without.clear();
    return this.#tally.size === this.#withRules.size;
  }

  async #revokeUnused(): Promise<void> {
    if (!this.#isTrackedFound) {
      for (const groupId of await this.#clusterGroups()) this.#tracked.add(groupId);
      this.#isTrackedFound = true;
    }
    for (const groupId of [...this.#tracked]) {
      if (this.#tally.names(groupId)) continue;
      try {
        await this.#bring(groupId, NONE, false);
      } catch (error) {
        if (codeOf(error) !== 'InvalidGroup.NotFound') throw error;
        this.#tracked.delete(groupId);
      }
    }
  }

  async #bring(
    groupId: string,
    wanted: readonly RuleInput[],
    authorizeOnly: boolean,
  ): Promise<void> {
    const [group] = must(await this.#groups.byId([groupId]));
    const clean = this.#clean.get(groupId);
    // Compared before, and nothing has changed since.
    if (
      clean !== undefined &&
      clean.group === group &&
      clean.wanted === wanted &&
      clean.authorizeOnly === authorizeOnly
    )
      return;
    this.#clean.delete(groupId);
    const refused = await this.#groups.reconcile(groupId, wanted, {
      isManaged: isShared,
      authorizeOnly,
    });
    if (refused !== undefined) must(refused);
    if (group !== undefined) this.#clean.set(groupId, { group, wanted, authorizeOnly });
  }

  async #clusterGroups(): Promise<readonly string[]> {
    const { clusterName, vpcId } = this.#settings;
    const found = await this.#groups.search([
      { name: `tag:kubernetes.io/cluster/${clusterName}`, values: ['owned', 'shared'] },
      { name: 'vpc-id', values: [vpcId] },
    ]);
    return must(found).map(({ groupId }) => groupId);
  }
}

/** Several errors as one (Go's errors.Join). */
const joined = (texts: readonly string[], code: string | undefined): DeployError =>
  new DeployError(texts.join('\n'), code === undefined ? {} : { code });
