/**
 * controllers/eks-control-plane/declared-cnis — network plugins in the user's input that the twin
 * names but does not run: it runs the VPC CNI.
 */
import type { Note } from '../../model/input-error.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { policyEngineOf } from '../../model/kubernetes/policy-engine.ts';

/** DaemonSet name → plugin, and what it replaces. Names as the projects' own manifests have them. */
const PLUGINS: Readonly<Record<string, string>> = {
  'calico-node': 'Calico',
  cilium: 'Cilium',
  'kube-flannel': 'Flannel',
  'kube-flannel-ds': 'Flannel',
  'weave-net': 'Weave Net',
  'antrea-agent': 'Antrea',
  'kube-router': 'kube-router',
  'kube-multus-ds': 'Multus',
};

const consequence = (plugin: string, isEnforcer: boolean): string => {
  if (plugin === 'Multus') {
    return 'its extra interfaces are shown; the default network is the VPC CNI';
  }
  return isEnforcer
    ? "pods get their addresses from the VPC CNI; NetworkPolicies are judged by the API's own " +
        'semantics, policies of its own kinds are not looked at'
    : 'pods get their addresses from the VPC CNI, and its network policies are not enforced';
};

/** One note for each DaemonSet of another network plugin. */
export const declaredCnis = (store: TwinStore): Note[] => {
  const notes: Note[] = [];
  const engine = policyEngineOf(store);
  for (const daemonSet of store.list('DaemonSet')) {
    const plugin = PLUGINS[daemonSet.metadata.name];
    if (plugin === undefined) continue;
    const isEnforcer =
      engine.kind === 'portable' && engine.object === `daemonset ${keyOf(daemonSet)}`;
    notes.push({
      where: `DaemonSet ${keyOf(daemonSet)}`,
      text: `${plugin} is declared, not simulated: ${consequence(plugin, isEnforcer)}`,
    });
  }
  return notes;
};
