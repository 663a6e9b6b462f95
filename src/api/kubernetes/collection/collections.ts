/**
 * api/kubernetes/collection/collections — the collections and watch groups of a service, made when
 * first asked for.
 */
import type { TwinStore } from '../../../model/kinds.ts';
import type { Resource } from '../../../model/kubernetes/resources.ts';
import { qualifiedName } from '../objects/served-kind.ts';
import { type EventText, WatchGroup } from '../watch/watch-group.ts';
import { Collection } from './collection.ts';
import type { Selection } from './selection.ts';

export class Collections {
  readonly #store: TwinStore;
  readonly #collections = new Map<string, Collection>();
  readonly #groups = new Map<string, WatchGroup>();

  constructor(store: TwinStore) {
    this.#store = store;
  }

  /** The revision of the whole store: what a list or a bookmark is as of. */
  get revision(): number {
    return this.#store.revision;
  }

  /** @param storage  the resource as the store keeps it */
  of(storage: Resource): Collection {
    const name = qualifiedName(storage);
    let collection = this.#collections.get(name);
    if (collection === undefined) {
      collection = new Collection(this.#store, storage);
      this.#collections.set(name, collection);
    }
    return collection;
  }

  /** The group of watches with this selection and form. */
  group(storage: Resource, selection: Selection, form: string, text: EventText): WatchGroup {
    const key = `${form} ${selection.key}`;
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = new WatchGroup(this.of(storage), selection, text, () => this.#groups.delete(key));
      this.#groups.set(key, group);
    }
    return group;
  }

  close(): void {
    for (const collection of this.#collections.values()) collection.close();
  }
}
