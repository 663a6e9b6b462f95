/**
 * load-balancer/deploy/deployment — one stack on its way into AWS: what it is deployed with, and
 * what its resources have become so far.
 */
import type { Ec2 } from '../../../cloud/ec2/operations.ts';
import type { Elbv2 } from '../../../cloud/elbv2/operations.ts';
import type { Kubernetes } from '../../../cluster/kubernetes.ts';
import type { Tags } from '../../../model/ec2/tags.ts';
import { invariant } from '../../../model/invariant.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import type { Clock } from '../../../sim/clock.ts';
import type { SecurityGroupRules } from '../security-groups/security-group-rules.ts';
import type { ControllerSettings } from '../settings/settings.ts';
import type { ResourceType, Stack } from '../stack/stack.ts';
import { type FieldOf, resolveToken, type Token } from '../stack/token.ts';
import type { TagMemory } from './tag-memory.ts';
import { legacyTagKeys, resourceTags, type Tracking } from './tracking.ts';

/** What one controller deploys all of its stacks with. */
export interface DeployTools {
  readonly clock: Clock;
  readonly store: TwinStore;
  readonly kubernetes: Kubernetes;
  readonly elbv2: Elbv2;
  readonly ec2: Ec2;
  readonly settings: ControllerSettings;
  readonly tracking: Tracking;
  readonly rules: SecurityGroupRules;
  readonly tags: TagMemory;
  /** Takes rules off the targets' security groups that no TargetGroupBinding wants any more. */
  readonly freeTargetRules?: (() => Promise<void>) | undefined;
}

/** Fields of a deployed resource that others refer to: `loadBalancerARN`, `dnsName`, `groupID`. */
type Status = Readonly<Record<string, string>>;

/** One of the steps a stack is deployed in, and what is cleaned up after all of them. */
export interface Phase {
  synthesize(): Promise<void>;
  /** In the opposite order of `synthesize`. */
  finish?(): Promise<void>;
}

export class Deployment {
  readonly stack: Stack;
  readonly tools: DeployTools;
  readonly #statuses = new Map<string, Status>();

  constructor(stack: Stack, tools: DeployTools) {
    this.stack = stack;
    this.tools = tools;
  }

  /** Says what a resource has become. */
  become(type: ResourceType, id: string, status: Status): void {
    this.#statuses.set(`${type}/${id}`, status);
  }

  /** A field of what a resource has become; undefined before it is there. */
  statusOf({ resourceType, resourceId, field }: FieldOf): string | undefined {
    return this.#statuses.get(`${resourceType}/${resourceId}`)?.[field];
  }

  /** The text a token stands for; what it refers to is deployed by now. */
  resolve(token: Token): string {
    const text = resolveToken(token, (reference) => this.statusOf(reference));
    invariant(text !== undefined, 'a phase refers only to what earlier ones deployed');
    return text;
  }

  /** The tags a resource is to have. */
  tagsFor(resourceId: string, tags: Tags | undefined): Tags {
    return resourceTags(this.tools.tracking, this.stack.id, resourceId, tags);
  }

  /** Tags that are not the controller's: managed elsewhere, or left by its first version. */
  get foreignTagKeys(): readonly string[] {
    const { externalManagedTags, clusterName } = this.tools.settings;
    return [...externalManagedTags, ...legacyTagKeys(clusterName)];
  }
}
