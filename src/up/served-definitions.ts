/**
 * up/served-definitions — the CustomResourceDefinitions of what a new twin serves and acts on,
 * installed before anybody asks, so that `kubectl get crd`, `kubectl explain` and validation know
 * these kinds. EKS itself brings those of its network only; the others say so.
 *
 * Who applies a definition later has theirs; one that is deleted stays away.
 */
import { definitionOf, installedDefinitions } from '../cluster/installed-definitions.ts';
import { NETWORK_DEFINITIONS } from '../controllers/eks-control-plane/cluster-objects.ts';
import { CHART_DEFINITIONS } from '../controllers/load-balancer/chart/chart-objects.ts';
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import type { Twin } from '../twin/twin.ts';

type Annotations = Readonly<Record<string, string>>;

const MARK: Annotations = {
  'ekstwin.dev/installed-by': 'ekstwin up: EKS does not bring this definition',
};

/** Installs what the files did not; uids are drawn apart, so that all others stay what they are. */
export async function installServed({ store, kubernetes }: Twin): Promise<void> {
  const { MORE_DEFINITIONS } = await import('../cluster/more-definitions.data.ts');
  const more = Object.entries(MORE_DEFINITIONS).map(([name, text]): KubernetesObject => {
    const { annotations, spec } = JSON.parse(text) as { annotations?: Annotations; spec: unknown };
    return definitionOf(name, spec, { ...annotations, ...MARK });
  });
  // Where the files made a cluster, its control plane brings its own.
  const own = store.count('eks/cluster') > 0 ? [] : installedDefinitions(NETWORK_DEFINITIONS);
  for (const object of [...own, ...installedDefinitions(CHART_DEFINITIONS, MARK), ...more]) {
    if (store.get('CustomResourceDefinition', object.metadata.name) === undefined) {
      kubernetes.apart.create(object);
    }
  }
}
