/**
 * controllers/in-tree-load-balancer/instance-memory — the cluster's instances as EC2 last showed
 * them: all at once, for ten minutes or until one is asked for that was not there.
 *
 * Follows kubernetes/cloud-provider-aws@63ec440c pkg/providers/v1/instances.go:150-245 and
 * aws.go:3535-3556. An instance without the cluster's tag is not seen: its node gets no traffic.
 */
import type { Ec2 } from '../../cloud/ec2/operations.ts';
import type { Instance } from '../../model/ec2/instance.ts';
import type { Tags } from '../../model/ec2/tags.ts';
import type { Clock, Millis } from '../../sim/clock.ts';
import { must } from './provider-error.ts';

const REMEMBERED_MS: Millis = 600_000;

export class InstanceMemory {
  readonly #clock: Clock;
  readonly #ec2: Pick<Ec2, 'describeInstances'>;
  readonly #isOurs: (tags: Tags) => boolean;
  #seenAtMs: Millis = Number.NEGATIVE_INFINITY;
  #seen: ReadonlyMap<string, Instance> = new Map();

  /** @param isOurs  whether an instance's tags say that it is the cluster's */
  constructor(clock: Clock, ec2: Pick<Ec2, 'describeInstances'>, isOurs: (tags: Tags) => boolean) {
    this.#clock = clock;
    this.#ec2 = ec2;
    this.#isOurs = isOurs;
  }

  /** Those of the ids that there are. @throws ProviderError  where EC2 refuses */
  async find(ids: readonly string[]): Promise<readonly Instance[]> {
    const isFresh = this.#clock.now() - this.#seenAtMs <= REMEMBERED_MS;
    if (!isFresh || ids.some((id) => !this.#seen.has(id))) {
      const ours = must(await this.#ec2.describeInstances({})).filter(({ tags }) =>
        this.#isOurs(tags),
      );
      this.#seen = new Map(ours.map((instance) => [instance.instanceId, instance]));
      this.#seenAtMs = this.#clock.now();
    }
    return ids.flatMap((id) => this.#seen.get(id) ?? []);
  }
}
