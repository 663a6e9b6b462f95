/**
 * load-balancer/deploy/tag-memory — tags of load balancers and what belongs to them, asked for
 * twenty at a time and remembered for twenty minutes; and how they are made what they should be.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * pkg/deploy/elbv2/tagging_manager.go.
 */
import type { Elbv2 } from '../../../cloud/elbv2/operations.ts';
import type { Tags } from '../../../model/ec2/tags.ts';
import type { Clock, Millis } from '../../../sim/clock.ts';
import { must } from './deploy-error.ts';

const REMEMBERED_MS = 20 * 60_000;
const ASKED_AT_ONCE = 20;

interface Remembered {
  readonly tags: Tags;
  readonly untilMs: Millis;
}

export class TagMemory {
  readonly #clock: Clock;
  readonly #elbv2: Pick<Elbv2, 'describeTags' | 'addTags' | 'removeTags'>;
  readonly #remembered = new Map<string, Remembered>();

  constructor(clock: Clock, elbv2: Pick<Elbv2, 'describeTags' | 'addTags' | 'removeTags'>) {
    this.#clock = clock;
    this.#elbv2 = elbv2;
  }

  /** The tags of each resource. @throws DeployError where AWS refuses */
  async tagsOf(arns: readonly string[]): Promise<ReadonlyMap<string, Tags>> {
    const now = this.#clock.now();
    const found = new Map<string, Tags>();
    const unknown: string[] = [];
    for (const arn of arns) {
      const known = this.#remembered.get(arn);
      if (known !== undefined && known.untilMs > now) found.set(arn, known.tags);
      else unknown.push(arn);
    }
    for (let at = 0; at < unknown.length; at += ASKED_AT_ONCE) {
      const resourceArns = unknown.slice(at, at + ASKED_AT_ONCE);
      for (const [arn, tags] of must(await this.#elbv2.describeTags({ resourceArns }))) {
        this.#remembered.set(arn, { tags, untilMs: this.#clock.now() + REMEMBERED_MS });
        found.set(arn, tags);
      }
    }
    return found;
  }

  /** Forgets a resource that is gone. */
  forget(arn: string): void {
    this.#remembered.delete(arn);
  }

  /**
   * Adds, changes and removes tags of one resource.
   *
   * @param ignored  keys that are somebody else's
   * @throws DeployError where AWS refuses
   */
  async reconcile(
    arn: string,
    current: Tags,
    desired: Tags,
    ignored: readonly string[],
  ): Promise<void> {
    const { changed, gone } = tagChanges(current, desired, ignored);
    if (Object.keys(changed).length > 0) {
      must(await this.#elbv2.addTags({ resourceArns: [arn], tags: changed }));
      this.#remembered.delete(arn);
    }
    if (gone.length > 0) {
      must(await this.#elbv2.removeTags({ resourceArns: [arn], tagKeys: gone }));
      this.#remembered.delete(arn);
    }
  }
}

/** What has to be written and what taken away; AWS's own tags (`aws:`) are left alone. */
export function tagChanges(
  current: Tags,
  desired: Tags,
  ignored: readonly string[],
): { readonly changed: Tags; readonly gone: readonly string[] } {
  const changed: Record<string, string> = {};
  for (const [key, value] of Object.entries(desired)) {
    if (current[key] !== value && !ignored.includes(key)) changed[key] = value;
  }
  const gone = Object.keys(current).filter(
    (key) => desired[key] === undefined && !key.startsWith('aws:') && !ignored.includes(key),
  );
  return { changed, gone: gone.sort() };
}
