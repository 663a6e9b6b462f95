/**
 * load-balancer/deploy/security-groups — the groups a stack wants for its load balancers' clients.
 * Every rule on them is the controller's: what a person adds goes with the next reconcile.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * pkg/deploy/ec2/security_group_synthesizer.go, security_group_manager.go, tagging_manager.go.
 */
import type { RuleInput } from '../../../cloud/ec2/vpc-operations.ts';
import { isAwsError } from '../../../model/aws-error.ts';
import type { PrefixListId, SecurityGroupId } from '../../../model/ec2/ids.ts';
import type { RulePeer, SecurityGroup } from '../../../model/ec2/security-group.ts';
import type { IpPermission, SecurityGroupSpec } from '../stack/security-group-spec.ts';
import type { Resource } from '../stack/stack.ts';
import { stackIdText } from '../stack/stack.ts';
import { DeployError, must, orExplain, patiently } from './deploy-error.ts';
import type { Deployment, Phase } from './deployment.ts';
import { matchByTag } from './matching.ts';
import { tagChanges } from './tag-memory.ts';
import { isOfCluster, resourceTagKey, stackTagKey } from './tracking.ts';

const TYPE = 'AWS::EC2::SecurityGroup';
type Wanted = Resource<typeof TYPE>;

/** While an interface of a deleted load balancer still carries the group. */
const DELETION = { everyMs: 2_000, forMs: 10_000 } as const;

export class SecurityGroups implements Phase {
  readonly #deployment: Deployment;
  #unwanted: readonly SecurityGroup[] = [];

  constructor(deployment: Deployment) {
    this.#deployment = deployment;
  }

  async synthesize(): Promise<void> {
    const { tracking } = this.#deployment.tools;
    const { matched, missing, unwanted } = matchByTag(
      this.#deployment.stack.list(TYPE),
      await this.#ofStack(),
      {
        tagKey: resourceTagKey(tracking),
        nameOf: ({ groupId }) => `securityGroup with no resourceID: ${groupId}`,
        needsReplacement: () => false,
        onlyFirst: true,
      },
    );
    this.#unwanted = unwanted;
    for (const wanted of missing) await this.#create(wanted);
    for (const { wanted, existing } of matched) await this.#update(wanted, existing);
  }

  async finish(): Promise<void> {
    for (const group of this.#unwanted) await this.#delete(group.groupId);
  }

  async #ofStack(): Promise<readonly SecurityGroup[]> {
    const { tracking, rules, settings } = this.#deployment.tools;
    const found = await rules.search([
      { name: 'vpc-id', values: [settings.vpcId] },
      {
        name: `tag:${stackTagKey(tracking)}`,
        values: [stackIdText(this.#deployment.stack.id)],
      },
    ]);
    return must(found).filter(({ tags }) => isOfCluster(tracking, tags));
  }

  async #create({ id, spec }: Wanted): Promise<void> {
    const { ec2, settings } = this.#deployment.tools;
    const { groupName, description } = spec;
    const tags = this.#deployment.tagsFor(id, spec.tags);
    const desired = rulesOf(spec);
    const { vpcId } = settings;
    const group = must(await ec2.createSecurityGroup({ vpcId, groupName, description, tags }));
    await this.#reconcileRules(group.groupId, desired);
    this.#deployment.become(TYPE, id, { groupID: group.groupId });
  }

  async #update({ id, spec }: Wanted, { groupId, tags }: SecurityGroup): Promise<void> {
    const { ec2 } = this.#deployment.tools;
    const desired = rulesOf(spec);
    const wantedTags = this.#deployment.tagsFor(id, spec.tags);
    const { changed, gone } = tagChanges(tags, wantedTags, this.#deployment.foreignTagKeys);
    const resources = [groupId];
    if (Object.keys(changed).length > 0) must(await ec2.createTags({ resources, tags: changed }));
    if (gone.length > 0) must(await ec2.deleteTags({ resources, keys: gone }));
    await this.#reconcileRules(groupId, desired);
    this.#deployment.become(TYPE, id, { groupID: groupId });
  }

  async #reconcileRules(groupId: string, desired: readonly RuleInput[]): Promise<void> {
    const refused = await this.#deployment.tools.rules.reconcile(groupId, desired);
    if (refused !== undefined) must(refused);
  }

  async #delete(groupId: string): Promise<void> {
    const { clock, ec2, freeTargetRules } = this.#deployment.tools;
    let isFreed = false;
    await orExplain('failed to delete securityGroup', () =>
      patiently(clock, ['DependencyViolation'], DELETION, async () => {
        const answer = await ec2.deleteSecurityGroup({ groupId });
        if (!isAwsError(answer) || answer.code !== 'DependencyViolation' || isFreed) return answer;
        isFreed = true;
        await freeTargetRules?.();
        return answer;
      }),
    );
  }
}

/** @throws DeployError for a rule with no source, or more than one */
const rulesOf = ({ ingress = [] }: SecurityGroupSpec): readonly RuleInput[] =>
  ingress.map((permission) => {
    const [source, more] = sourcesOf(permission);
    if (source === undefined || more !== undefined) throw new DeployError('invalid ipPermission');
    const { ipProtocol: protocol, fromPort, toPort } = permission;
    return { protocol, fromPort, toPort, ...source };
  });

interface Source {
  readonly peer: RulePeer;
  readonly description: string | undefined;
}

const sourcesOf = ({
  ipRanges = [],
  ipv6Ranges = [],
  userIDGroupPairs = [],
  prefixLists = [],
}: IpPermission): readonly Source[] => [
  ...ipRanges.map(({ cidrIP: cidr, description }) => ({
    peer: { kind: 'ipv4', cidr } as const,
    description,
  })),
  ...ipv6Ranges.map(({ cidrIPv6: cidr, description }) => ({
    peer: { kind: 'ipv6', cidr } as const,
    description,
  })),
  ...userIDGroupPairs.map(({ groupID, description }) => ({
    peer: { kind: 'group', groupId: groupID as SecurityGroupId } as const,
    description,
  })),
  ...prefixLists.map(({ listID, description }) => ({
    peer: { kind: 'prefix-list', prefixListId: listID as PrefixListId } as const,
    description,
  })),
];
