/**
 * load-balancer/security-groups/backend-security-group — the group that all load balancers of a
 * cluster carry, so that one rule on the targets' groups lets all of them in. It comes with the
 * first that needs it and goes with the last.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * pkg/networking/backend_sg_provider.go. Reads: Ingress, Service, and who else holds a finalizer.
 */
import type { Ec2 } from '../../../cloud/ec2/operations.ts';
import { isAwsError } from '../../../model/aws-error.ts';
import type { Tags } from '../../../model/ec2/tags.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import type { ObjectMeta } from '../../../model/kubernetes/meta.ts';
import type { Clock } from '../../../sim/clock.ts';
import { must, orExplain, patiently } from '../deploy/deploy-error.ts';
import { tagChanges } from '../deploy/tag-memory.ts';
import { CLUSTER_TAG } from '../deploy/tracking.ts';
import { Turn } from '../networking/turn.ts';
import type { ControllerSettings } from '../settings/settings.ts';
import { backendSecurityGroupName } from '../stack/names.ts';

const RESOURCE_TAG = 'elbv2.k8s.aws/resource';
const DESCRIPTION = '[k8s] Shared Backend SecurityGroup for LoadBalancer';

/** While interfaces of deleted load balancers still carry it. */
const DELETION = { everyMs: 2_000, forMs: 120_000 } as const;

/** Whose object it is, and how the controller's finalizer on it begins. */
const HOLDERS = {
  Ingress: ['ingress.k8s.aws/resources', 'group.ingress.k8s.aws/'],
  Service: ['service.k8s.aws/resources'],
  Gateway: ['gateway.k8s.aws/alb', 'gateway.k8s.aws/nlb'],
} as const;

type HolderKind = keyof typeof HOLDERS;
const HOLDER_KINDS = Object.keys(HOLDERS) as HolderKind[];

/** An object that may need the group: `{ kind: 'Ingress', key: 'shop/web' }`. */
export interface Holder {
  readonly kind: HolderKind;
  readonly key: string;
}

const nameOf = ({ kind, key }: Holder): string => `${kind}/${key}`;

export class BackendSecurityGroup {
  readonly #store: TwinStore;
  readonly #clock: Clock;
  readonly #ec2: Ec2;
  readonly #settings: ControllerSettings;
  readonly #turn: Turn;
  /** True: needs it. False: is being let go, so that it counts no more. */
  readonly #holders = new Map<string, boolean>();
  #needed = 0;
  #groupId: string | undefined;

  constructor(clock: Clock, store: TwinStore, ec2: Ec2, settings: ControllerSettings) {
    this.#clock = clock;
    this.#store = store;
    this.#ec2 = ec2;
    this.#settings = settings;
    this.#turn = new Turn(clock);
  }

  /** The group's id; made where there is none. @throws DeployError where EC2 refuses */
  async get(holders: readonly Holder[]): Promise<string> {
    const { backendSecurityGroup } = this.#settings;
    if (backendSecurityGroup !== '') return backendSecurityGroup;
    return this.#turn.take(async () => {
      for (const holder of holders) this.#mark(holder, true);
      this.#groupId ??= (await this.#find()) ?? (await this.#create());
      return this.#groupId;
    });
  }

  /** They need it no more; with the last one it is deleted. @throws DeployError */
  async release(holders: readonly Holder[]): Promise<void> {
    if (this.#settings.backendSecurityGroup !== '') return;
    for (const holder of holders) this.#mark(holder, false);
    try {
      if (this.#groupId !== undefined && !this.#isNeeded()) await this.#delete();
    } finally {
      for (const holder of holders)
        if (this.#holders.get(nameOf(holder)) === false) this.#holders.delete(nameOf(holder));
    }
  }

  #mark(holder: Holder, needs: boolean): void {
    const name = nameOf(holder);
    if (this.#holders.get(name) === true) this.#needed--;
    if (needs) this.#needed++;
    this.#holders.set(name, needs);
  }

  /** By one that asked for it, or by one that holds the finalizer and was not looked at yet. */
  #isNeeded(): boolean {
    return this.#needed > 0 || HOLDER_KINDS.some((kind) => this.#isUnseen(kind));
  }

  #isUnseen(kind: HolderKind): boolean {
    for (const { key, value } of this.#store.entries(kind)) {
      if (!holdsFinalizer(kind, value.metadata)) continue;
      if (!this.#holders.has(nameOf({ kind, key }))) return true;
    }
    return false;
  }

  get #tags(): Tags {
    const { clusterName, defaultTags } = this.#settings;
    return { ...defaultTags, [CLUSTER_TAG]: clusterName, [RESOURCE_TAG]: 'backend-sg' };
  }

  async #find(): Promise<string | undefined> {
    const { clusterName, vpcId } = this.#settings;
    const found = await this.#ec2.describeSecurityGroups({
      filters: [
        { name: 'vpc-id', values: [vpcId] },
        { name: `tag:${CLUSTER_TAG}`, values: [clusterName] },
        { name: `tag:${RESOURCE_TAG}`, values: ['backend-sg'] },
      ],
    });
    if (isAwsError(found) && found.code === 'InvalidGroup.NotFound') return undefined;
    const group = must(found)[0];
    if (group === undefined) return undefined;
    const { changed, gone } = tagChanges(group.tags, this.#tags, []);
    const resources = [group.groupId];
    if (Object.keys(changed).length > 0)
      must(await this.#ec2.createTags({ resources, tags: changed }));
    if (gone.length > 0) must(await this.#ec2.deleteTags({ resources, keys: gone }));
    return group.groupId;
  }

  async #create(): Promise<string> {
    const { clusterName, vpcId } = this.#settings;
    const made = await this.#ec2.createSecurityGroup({
      vpcId,
      groupName: backendSecurityGroupName(clusterName),
      description: DESCRIPTION,
      tags: this.#tags,
    });
    return must(made).groupId;
  }

  #delete(): Promise<void> {
    return this.#turn.take(async () => {
      const groupId = this.#groupId;
      if (groupId === undefined || this.#isNeeded()) return;
      await orExplain('failed to delete securityGroup', () =>
        patiently(this.#clock, ['DependencyViolation'], DELETION, () =>
          this.#ec2.deleteSecurityGroup({ groupId }),
        ),
      );
      this.#groupId = undefined;
    });
  }
}

const holdsFinalizer = (kind: HolderKind, { finalizers = [] }: ObjectMeta): boolean =>
  finalizers.some((finalizer) => HOLDERS[kind].some((start) => finalizer.startsWith(start)));
