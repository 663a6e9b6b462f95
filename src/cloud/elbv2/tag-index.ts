/**
 * cloud/elbv2/tag-index — which load balancers and target groups have a tag.
 *
 * Kept beside the store and never part of it: built when first asked for, then moved along by the
 * store's own events. A forked store needs a new one over it.
 */
import type { Tags } from '../../model/ec2/tags.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { TagFilter } from './operations.ts';

type TaggedKind = 'elbv2/load-balancer' | 'elbv2/target-group';

const TAGGED_KINDS: readonly TaggedKind[] = ['elbv2/load-balancer', 'elbv2/target-group'];

const termOf = (kind: TaggedKind, key: string, value: string): string =>
  `${kind}\u0000${key}\u0000${value}`;

export class TagIndex {
  readonly #store: TwinStore;
  #arnsByTerm: Map<string, Set<string>> | undefined;

  constructor(store: TwinStore) {
    this.#store = store;
    for (const kind of TAGGED_KINDS)
      store.subscribe(kind, ({ key, value, previous }) => {
        if (this.#arnsByTerm === undefined || value?.tags === previous?.tags) return;
        this.#remove(kind, key, previous?.tags ?? {});
        this.#add(kind, key, value?.tags ?? {});
      });
  }

  /** ARNs of what has the tag, those that got it first first. */
  arnsOf(kind: TaggedKind, { key, value }: TagFilter): readonly string[] {
    if (this.#arnsByTerm === undefined) {
      this.#arnsByTerm = new Map();
      for (const each of TAGGED_KINDS)
        for (const entry of this.#store.entries(each)) this.#add(each, entry.key, entry.value.tags);
    }
    return [...(this.#arnsByTerm.get(termOf(kind, key, value)) ?? [])];
  }

  #add(kind: TaggedKind, arn: string, tags: Tags): void {
    for (const [key, value] of Object.entries(tags)) {
      const term = termOf(kind, key, value);
      const arns = this.#arnsByTerm!.get(term) ?? new Set();
      this.#arnsByTerm!.set(term, arns.add(arn));
    }
  }

  #remove(kind: TaggedKind, arn: string, tags: Tags): void {
    for (const [key, value] of Object.entries(tags)) {
      const term = termOf(kind, key, value);
      const arns = this.#arnsByTerm!.get(term);
      arns?.delete(arn);
      if (arns?.size === 0) this.#arnsByTerm!.delete(term);
    }
  }
}
