/**
 * load-balancer/target-group-binding/targets — the targets of target groups as the controller knows
 * them: asked once in five minutes, in between only those that were not healthy. Registered and
 * deregistered two hundred at a time.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/targetgroupbinding/targets_manager.go.
 * Reads and writes: elbv2/target through Elastic Load Balancing's verbs.
 */
import type { Elbv2, TargetDescription } from '../../../cloud/elbv2/operations.ts';
import type { TargetHealth } from '../../../model/elbv2/target-group.ts';
import type { Clock } from '../../../sim/clock.ts';
import { must } from '../deploy/deploy-error.ts';
import { ExpiringMap } from '../expiring-map.ts';

const TTL_MS = 300_000;
const CHUNK = 200;

export interface KnownTarget {
  readonly id: string;
  readonly port: number;
  readonly availabilityZone?: string | undefined;
  /** Absent: registered or deregistered a moment ago, not looked at since. */
  readonly health?: TargetHealth | undefined;
}

type TargetCalls = Pick<Elbv2, 'registerTargets' | 'deregisterTargets' | 'describeTargetHealth'>;

export class Targets {
  readonly #elbv2: TargetCalls;
  readonly #known: ExpiringMap<{ targets: readonly KnownTarget[] }>;

  constructor(clock: Clock, elbv2: TargetCalls) {
    this.#elbv2 = elbv2;
    this.#known = new ExpiringMap(clock, TTL_MS);
  }

  /** All targets of the group, draining ones too. */
  async list(targetGroupArn: string): Promise<readonly KnownTarget[]> {
    const known = this.#known.get(targetGroupArn);
    if (known === undefined) {
      const targets = await this.#describe(targetGroupArn);
      this.#known.set(targetGroupArn, { targets });
      return targets;
    }
    const healthy = known.targets.filter(({ health }) => health?.state === 'healthy');
    if (healthy.length < known.targets.length) {
      const rest = known.targets.filter(({ health }) => health?.state !== 'healthy');
      const again = await this.#describe(targetGroupArn, rest);
      known.targets = [...healthy, ...again.filter((it) => !isNotRegistered(it))];
    }
    return known.targets;
  }

  async register(targetGroupArn: string, targets: readonly TargetDescription[]): Promise<void> {
    for (const chunk of chunksOf(targets)) {
      must(await this.#elbv2.registerTargets({ targetGroupArn, targets: chunk }));
      const { known, others } = this.#withoutHealth(targetGroupArn, chunk);
      if (known === undefined) continue;
      const added = others.map(({ id, port = 0, availabilityZone }) => ({
        id,
        port,
        availabilityZone,
      }));
      known.targets = [...known.targets, ...added];
    }
  }

  async deregister(targetGroupArn: string, targets: readonly TargetDescription[]): Promise<void> {
    for (const chunk of chunksOf(targets)) {
      must(await this.#elbv2.deregisterTargets({ targetGroupArn, targets: chunk }));
      this.#withoutHealth(targetGroupArn, chunk);
    }
  }

  /** Forgets the health of what was changed; tells which of it was not known. */
  #withoutHealth(targetGroupArn: string, changed: readonly TargetDescription[]) {
    const known = this.#known.get(targetGroupArn);
    const left = new Map(changed.map((it) => [idOf(it), it]));
    if (known === undefined) return { known, others: [] };
    known.targets = known.targets.map((it) =>
      left.delete(idOf(it))
        ? { id: it.id, port: it.port, availabilityZone: it.availabilityZone }
        : it,
    );
    return { known, others: [...left.values()] };
  }

  async #describe(
    targetGroupArn: string,
    some?: readonly KnownTarget[],
  ): Promise<readonly KnownTarget[]> {
    // Without zones: a target is found whatever zone it was registered with.
    const targets = some?.map(({ id, port }) => ({ id, port }));
    return must(await this.#elbv2.describeTargetHealth({ targetGroupArn, targets }));
  }
}

const idOf = ({ id, port }: TargetDescription): string => `${id}:${port ?? 0}`;

/** Deregistering, with or without a failed health check. */
export const isDraining = ({ health }: KnownTarget): boolean => health?.state === 'draining';

const isNotRegistered = ({ health }: KnownTarget): boolean =>
  health?.state === 'unused' && health.reason === 'Target.NotRegistered';

function* chunksOf<Item>(items: readonly Item[]): Iterable<readonly Item[]> {
  for (let i = 0; i < items.length; i += CHUNK) yield items.slice(i, i + CHUNK);
}
