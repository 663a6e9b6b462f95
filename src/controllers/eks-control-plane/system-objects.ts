/**
 * controllers/eks-control-plane/system-objects — puts what EKS installs into the cluster: its own
 * objects, and those of the add-ons; follows the add-on's version and configurationValues.
 *
 * An object that exists when it is first looked at (an imported cluster, a forked twin) is taken as
 * it is. A change of the add-on writes what changed in the manifest and keeps what users edited,
 * so `kubectl set env daemonset aws-node` stays and rolls the DaemonSet like any other change.
 * Reads: EksCluster, Addon, NetworkInterface.  Writes: Kubernetes objects.
 */
import { type ApiStatus, isApiStatus, type Kubernetes } from '../../cluster/kubernetes.ts';
import type { Addon, EksCluster } from '../../model/eks/cluster.ts';
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import { type KubernetesObject, keyOf } from '../../model/kubernetes/meta.ts';
import { storeKeyOf, storeKindOf } from '../../model/kubernetes/resources.ts';
import { type Controller, done, type Result, requeue, watch } from '../../sim/controller.ts';
import { type AddonContext, regionOf } from './addon-context.ts';
import { awsNodeObjects } from './aws-node.ts';
import { clusterObjects } from './cluster-objects.ts';
import { configurationTree } from './configuration-values.ts';
import { corednsObjects } from './coredns.ts';
import { isSame, keepEdits } from './keep-edits.ts';
import { kubeProxyObjects } from './kube-proxy.ts';
import { metricsServerObjects } from './metrics-server.ts';

/** The add-ons whose pods are part of the twin; others are nouns without objects. */
const ADDONS: Readonly<Record<string, (context: AddonContext) => KubernetesObject[]>> = {
  'vpc-cni': awsNodeObjects,
  'kube-proxy': kubeProxyObjects,
  coredns: corednsObjects,
  'metrics-server': metricsServerObjects,
};

/** When a refused object is tried again, unless its noun changes first. */
const REFUSED_AGAIN_MS = 60_000;

/** The manifest of an add-on; empty for add-ons that are not rendered. */
const addonManifest = (cluster: EksCluster, addon: Addon): KubernetesObject[] =>
  ADDONS[addon.addonName]?.({
    cluster,
    addon,
    region: regionOf(cluster),
    configuration: configurationTree(addon.addonName, addon.configurationValues),
  }) ?? [];

/** EKS's installer of system objects. Requests are `cluster:KEY` and `addon:KEY`. */
export const systemObjects = (store: TwinStore, kubernetes: Kubernetes): Controller<Kinds> => {
  const installer = new Installer(store, kubernetes);
  return {
    name: 'eks-system-objects',
    watches: [
      watch<Kinds, 'eks/cluster'>('eks/cluster', ({ key }) => [`cluster:${key}`]),
      watch<Kinds, 'eks/addon'>('eks/addon', ({ key }) => [`addon:${key}`]),
    ],
    reconcile: (request): Result => {
      const key = request.slice(request.indexOf(':') + 1);
      const refused = request.startsWith('cluster:')
        ? installer.seeCluster(key)
        : installer.seeAddon(key);
      if (refused === undefined) return done;
      return requeue(REFUSED_AGAIN_MS, refused.message, { background: true });
    },
  };
};

class Installer {
  readonly #store: TwinStore;
  readonly #kubernetes: Kubernetes;
  /** Manifests as installed, by request. */
  readonly #installed = new Map<string, readonly KubernetesObject[]>();

  constructor(store: TwinStore, kubernetes: Kubernetes) {
    this.#store = store;
    this.#kubernetes = kubernetes;
  }

  /** Installs the cluster's own objects and its add-ons'; the API's refusal if there is one. */
  seeCluster(key: string): ApiStatus | undefined {
    const cluster = this.#store.get('eks/cluster', key);
    if (cluster === undefined) return undefined;
    let refused = this.#installCluster(key, cluster);
    for (const { key: addonKey, value } of this.#store.entries('eks/addon')) {
      if (value.clusterName === cluster.name) refused ??= this.seeAddon(addonKey);
    }
    return refused;
  }

  #installCluster(key: string, cluster: EksCluster): ApiStatus | undefined {
    return this.#install(`cluster:${key}`, clusterObjects(this.#store, cluster));
  }

  seeAddon(key: string): ApiStatus | undefined {
    const addon = this.#store.get('eks/addon', key);
    if (addon === undefined) {
      this.#remove(key);
      return undefined;
    }
    for (const { key: clusterKey, value } of this.#store.entries('eks/cluster')) {
      if (value.name !== addon.clusterName) continue;
      // Its pods need the cluster's priority classes, whichever of the two is seen first.
      const refused = this.#installCluster(clusterKey, value);
      return refused ?? this.#install(`addon:${key}`, addonManifest(value, addon));
    }
    return undefined;
  }

  #install(name: string, manifest: readonly KubernetesObject[]): ApiStatus | undefined {
    const before = this.#installed.get(name);
    this.#installed.set(name, manifest);
    let refused: ApiStatus | undefined;
    for (const next of manifest) {
      const result = this.#write(before, next);
      if (isApiStatus(result)) refused ??= result;
    }
    for (const old of before ?? []) {
      if (!manifest.some((next) => isOf(old, next))) this.#delete(old);
    }
    return refused;
  }

  /** Creates the object, or brings what changed in the manifest to the one that is there. */
  #write(
    before: readonly KubernetesObject[] | undefined,
    next: KubernetesObject,
  ): KubernetesObject | ApiStatus | undefined {
    const live = this.#live(next);
    if (live === undefined) return this.#create(next);
    const old = before?.find((other) => isOf(other, next));
    if (before === undefined || isSame(old, next)) return undefined;
    return this.#kubernetes.update(keepEdits(old, next, live) as KubernetesObject);
  }

  #create(next: KubernetesObject): KubernetesObject | ApiStatus {
    const created = this.#kubernetes.create(next);
    if (isApiStatus(created) || next.status === undefined) return created;
    return this.#kubernetes.updateStatus({ ...created, status: next.status });
  }

  #remove(key: string): void {
    const name = `addon:${key}`;
    for (const object of this.#installed.get(name) ?? []) this.#delete(object);
    this.#installed.delete(name);
  }

  #live(object: KubernetesObject): KubernetesObject | undefined {
    return this.#store.get(storeKindOf(object), storeKeyOf(object));
  }

  #delete(object: KubernetesObject): void {
    const result = this.#kubernetes.delete(storeKindOf(object), storeKeyOf(object));
    // Gone already, by a user's hand: that is what was wanted.
    if (isApiStatus(result) && result.code !== 404) {
      throw new Error(`${object.kind} ${keyOf(object)} could not be deleted: ${result.message}`);
    }
  }
}

const isOf = (a: KubernetesObject, b: KubernetesObject): boolean =>
  a.kind === b.kind && keyOf(a) === keyOf(b);
