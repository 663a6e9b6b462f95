/**
 * controllers/workloads/pod-ledger — how many pods a ReplicaSet has, and how many of them are
 * ready: kept event by event, so that a set of 5,000 is not counted 5,000 times.
 */
import type { TwinStore } from '../../model/kinds.ts';
import { isPodActive, isPodReady } from '../../model/kubernetes/condition.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { controllerOf } from '../../model/kubernetes/meta.ts';
import { matchesLabels } from '../../model/kubernetes/selectors.ts';

const ACTIVE = 1;
const READY = 2;
const LABELED = 4;
const LEAVING = 8;

export interface PodCounts {
  /** Neither ended nor leaving. */
  active: number;
  /** Active and ready. */
  ready: number;
  /** Active, with all labels of the template. */
  labeled: number;
  /** On their way out. */
  leaving: number;
}

interface Page extends PodCounts {
  readonly marks: Map<string, number>;
}

const NOBODY: PodCounts = { active: 0, ready: 0, labeled: 0, leaving: 0 };

export class PodLedger {
  readonly #store: TwinStore;
  readonly #pages = new Map<string, Page>();
  readonly #ownerOf = new Map<string, string>();

  constructor(store: TwinStore) {
    this.#store = store;
  }

  /** What the store holds of a pod now; telling it twice changes nothing. */
  see(key: string, pod: Pod | undefined): void {
    const owner = pod === undefined ? undefined : controllerOf(pod);
    const uid = owner?.kind === 'ReplicaSet' ? owner.uid : undefined;
    const before = this.#ownerOf.get(key);
    if (before !== undefined && before !== uid) this.#mark(before, key, undefined);
    if (uid === undefined || pod === undefined) {
      this.#ownerOf.delete(key);
      return;
    }
    if (before !== uid) this.#ownerOf.set(key, uid);
    this.#mark(uid, key, this.#markOf(pod, owner!.name));
  }

  counts(uid: string): PodCounts {
    return this.#pages.get(uid) ?? NOBODY;
  }

  #markOf(pod: Pod, ownerName: string): number {
    if (pod.metadata.deletionTimestamp !== undefined) return LEAVING;
    if (!isPodActive(pod)) return 0;
    const set = this.#store.get('ReplicaSet', `${pod.metadata.namespace}/${ownerName}`);
    const wanted = set?.spec.template.metadata?.labels;
    const labeled = matchesLabels(wanted, pod.metadata.labels) ? LABELED : 0;
    return ACTIVE | labeled | (isPodReady(pod) ? READY : 0);
  }

  #mark(uid: string, key: string, mark: number | undefined): void {
    let page = this.#pages.get(uid);
    if (page === undefined) {
      page = { ...NOBODY, marks: new Map() };
      this.#pages.set(uid, page);
    }
    const before = page.marks.get(key);
    if (before === mark) return;
    if (before !== undefined) tally(page, before, -1);
    if (mark === undefined) {
      page.marks.delete(key);
      if (page.marks.size === 0) this.#pages.delete(uid);
      return;
    }
    tally(page, mark, 1);
    page.marks.set(key, mark);
  }
}

function tally(page: Page, mark: number, sign: 1 | -1): void {
  if ((mark & ACTIVE) !== 0) page.active += sign;
  if ((mark & READY) !== 0) page.ready += sign;
  if ((mark & LABELED) !== 0) page.labeled += sign;
  if ((mark & LEAVING) !== 0) page.leaving += sign;
}
