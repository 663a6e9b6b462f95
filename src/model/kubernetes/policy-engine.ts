/**
 * model/kubernetes/policy-engine — who enforces NetworkPolicies in this cluster, and who resolves
 * them. Amazon's agent is off unless somebody turned it on; other plugins are not simulated, so
 * their policies are judged by the API's own semantics.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 charts/aws-vpc-cni/templates/daemonset.yaml
 * (`--enable-network-policy`), cmd/routed-eni-cni-plugin (NETWORK_POLICY_ENFORCING_MODE);
 * aws/amazon-network-policy-controller-k8s@ecc7e6a pkg/utils/configmap/configmap.go.
 */
import type { TwinStore } from '../kinds.ts';
import { keyOf } from './meta.ts';

export type PolicyEngine =
  /** aws-eks-nodeagent: eBPF programs at the host end of every pod's veth. */
  | { readonly kind: 'aws-vpc-cni'; readonly mode: 'standard' | 'strict'; readonly object: string }
  /** Another plugin: the API's semantics on pod addresses. */
  | { readonly kind: 'portable'; readonly plugin: string; readonly object: string }
  /** Nobody looks at policies. */
  | { readonly kind: 'off'; readonly object: string; readonly field: string };

/** DaemonSet name -> plugin that enforces NetworkPolicies. */
const ENFORCERS: Readonly<Record<string, string>> = {
  'calico-node': 'Calico',
  cilium: 'Cilium',
  'weave-net': 'Weave Net',
  'antrea-agent': 'Antrea',
  'kube-router': 'kube-router',
};

const AGENT = 'aws-eks-nodeagent';
const AWS_NODE = 'kube-system/aws-node';

/** The engine of the cluster in this store. Walks the DaemonSets: keep what it says. */
export function policyEngineOf(store: TwinStore): PolicyEngine {
  const object = `daemonset ${AWS_NODE}`;
  const containers = store.get('DaemonSet', AWS_NODE)?.spec.template.spec.containers ?? [];
  const agent = containers.find(({ name }) => name === AGENT);
  if ((agent?.args ?? []).some((it) => /^--?enable-network-policy(=true)?$/.test(it))) {
    const env = containers.find(({ name }) => name === 'aws-node')?.env ?? [];
    const mode = env.find(({ name }) => name === 'NETWORK_POLICY_ENFORCING_MODE')?.value;
    return {
      kind: 'aws-vpc-cni',
      mode: mode?.toLowerCase() === 'strict' ? 'strict' : 'standard',
      object,
    };
  }
  for (const daemonSet of store.list('DaemonSet')) {
    const plugin = ENFORCERS[daemonSet.metadata.name];
    if (plugin === undefined) continue;
    return { kind: 'portable', plugin, object: `daemonset ${keyOf(daemonSet)}` };
  }
  const field = agent === undefined ? `no container ${AGENT}` : '--enable-network-policy=false';
  return { kind: 'off', object, field };
}

/** True where the network policy controller of the control plane resolves policies. */
export function isPolicyControllerEnabled(store: TwinStore): boolean {
  const data = store.get('ConfigMap', 'kube-system/amazon-vpc-cni')?.data;
  return /^(1|t|true)$/i.test(data?.['enable-network-policy-controller'] ?? '');
}
