/**
 * controllers/vpc-cni/changes — tells each node's ipamd of the changes that concern it, so that
 * thousands of daemons cost one subscription per kind and none of them polls.
 *
 * Reads: the store's events.
 */
import type { TwinStore } from '../../model/kinds.ts';
import { POD_ENI } from '../../model/kubernetes/pod-eni.ts';

export interface ChangeListener {
  /** An interface of the instance came, went or changed. */
  eni(): void;
  /** The Node or its CNINode changed. */
  node(): void;
  /** A pod of the node got its branch interface. */
  podEni(): void;
  /** Something every node may depend on: subnets, ENIConfigs, the VPC's blocks. */
  shared(): void;
}

class Changes {
  readonly #byInstance = new Map<string, ChangeListener>();
  readonly #byNode = new Map<string, ChangeListener>();

  constructor(store: TwinStore) {
    store.subscribe('ec2/network-interface', ({ value, previous }) => {
      const now = value?.attachment?.instanceId;
      const before = previous?.attachment?.instanceId;
      if (now !== undefined) this.#byInstance.get(now)?.eni();
      if (before !== undefined && before !== now) this.#byInstance.get(before)?.eni();
    });
    store.subscribe('Node', ({ key }) => this.#byNode.get(key)?.node());
    store.subscribe('CNINode', ({ key }) => this.#byNode.get(key)?.node());
    store.subscribe('Pod', ({ value, previous }) => {
      const text = value?.metadata.annotations?.[POD_ENI];
      if (text === undefined || text === previous?.metadata.annotations?.[POD_ENI]) return;
      const nodeName = value?.spec.nodeName;
      if (nodeName !== undefined) this.#byNode.get(nodeName)?.podEni();
    });
    const everyone = (): void => {
      for (const listener of this.#byNode.values()) listener.shared();
    };
    store.subscribe('ENIConfig', everyone);
    store.subscribe('ec2/vpc', everyone);
    store.subscribe('ec2/security-group', ({ value, previous }) => {
      // Rules change often and concern no ipamd; a group's coming or going may.
      if (value === undefined || previous === undefined) everyone();
    });
    store.subscribe('ec2/subnet', ({ value, previous }) => {
      if (value === undefined || previous === undefined || value.tags !== previous.tags) everyone();
    });
  }

  follow(nodeName: string, instanceId: string, listener: ChangeListener): () => void {
    this.#byNode.set(nodeName, listener);
    this.#byInstance.set(instanceId, listener);
    return () => {
      if (this.#byNode.get(nodeName) === listener) this.#byNode.delete(nodeName);
      if (this.#byInstance.get(instanceId) === listener) this.#byInstance.delete(instanceId);
    };
  }
}

/** One per store; a fork is another store and gets its own. */
const changesOf = new WeakMap<TwinStore, Changes>();

/** Follows what concerns one node. Returns the way to stop. */
export function followChanges(
  store: TwinStore,
  nodeName: string,
  instanceId: string,
  listener: ChangeListener,
): () => void {
  let changes = changesOf.get(store);
  if (changes === undefined) {
    changes = new Changes(store);
    changesOf.set(store, changes);
  }
  return changes.follow(nodeName, instanceId, listener);
}
