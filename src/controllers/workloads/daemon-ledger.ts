/**
 * controllers/workloads/daemon-ledger — which pods of a DaemonSet are on which node, and which
 * nodes have changed since they were looked at: 5,000 nodes that boot one by one cost one look
 * each.
 */
import type { Pod } from '../../model/kubernetes/core.ts';
import { controllerOf } from '../../model/kubernetes/meta.ts';
import { pinnedNodeOf } from '../../model/kubernetes/node-affinity.ts';

/** What the status counts of one node. */
export interface NodeMark {
  readonly desired: boolean;
  readonly misscheduled: boolean;
  readonly current: boolean;
  readonly updated: boolean;
  readonly ready: boolean;
  readonly available: boolean;
  /** A pod of an older template is there. */
  readonly outdated: boolean;
}

export type MarkCounts = { -readonly [Field in keyof NodeMark]: number };

export interface DaemonPage {
  /** Pod keys by node. */
  readonly byNode: Map<string, Set<string>>;
  readonly dirty: Set<string>;
  readonly marks: Map<string, NodeMark>;
  readonly counts: MarkCounts;
  /** The spec the marks were made for. */
  spec: unknown;
}

const page = (): DaemonPage => ({
  byNode: new Map(),
  dirty: new Set(),
  marks: new Map(),
  counts: {
    desired: 0,
    misscheduled: 0,
    current: 0,
    updated: 0,
    ready: 0,
    available: 0,
    outdated: 0,
  },
  spec: undefined,
});

export class DaemonLedger {
  readonly #pages = new Map<string, DaemonPage>();
  readonly #places = new Map<string, { readonly uid: string; readonly nodeName: string }>();

  /** The page of a set, by its uid. */
  page(uid: string): DaemonPage {
    let found = this.#pages.get(uid);
    if (found === undefined) {
      found = page();
      this.#pages.set(uid, found);
    }
    return found;
  }

  seeNode(name: string): void {
    for (const { dirty } of this.#pages.values()) dirty.add(name);
  }

  /** What the store holds of a pod now. */
  seePod(key: string, pod: Pod | undefined): void {
    const owner = pod === undefined ? undefined : controllerOf(pod);
    const nodeName = pod === undefined ? undefined : (pod.spec.nodeName ?? pinnedNodeOf(pod.spec));
    const uid = owner?.kind === 'DaemonSet' && nodeName !== undefined ? owner.uid : undefined;
    const before = this.#places.get(key);
    if (before !== undefined && (before.uid !== uid || before.nodeName !== nodeName)) {
      const former = this.page(before.uid);
      former.byNode.get(before.nodeName)?.delete(key);
      former.dirty.add(before.nodeName);
      this.#places.delete(key);
    }
    if (uid === undefined || nodeName === undefined) return;
    const { byNode, dirty } = this.page(uid);
    dirty.add(nodeName);
    if (this.#places.has(key)) return;
    this.#places.set(key, { uid, nodeName });
    const pods = byNode.get(nodeName);
    if (pods === undefined) byNode.set(nodeName, new Set([key]));
    else pods.add(key);
  }
}

/** Counts a node anew; undefined = the node is no more. */
export function setMark(into: DaemonPage, nodeName: string, mark: NodeMark | undefined): void {
  const before = into.marks.get(nodeName);
  for (const field in into.counts) {
    const name = field as keyof NodeMark;
    into.counts[name] += Number(mark?.[name] ?? false) - Number(before?.[name] ?? false);
  }
  if (mark === undefined) into.marks.delete(nodeName);
  else into.marks.set(nodeName, mark);
}
