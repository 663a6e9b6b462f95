/**
 * analysis/trace/balancer-doubt — why a target group is empty or nobody passes its health check, in
 * the words of whoever fills it: the TargetGroupBinding, its Service, its endpoints.
 */
import type { Verdict } from '../../datapath/trace.ts';
import type { Branch } from '../../datapath/walk/flow.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { withMissingEndpoints } from './missing-endpoints.ts';

/** The verdict with its cause in the cluster, where a load balancer had nobody to send to. */
export function withBalancerDoubt(store: TwinStore, branch: Branch, verdict: Verdict): Verdict {
  if (verdict.code !== 'ELBV2_LISTENER_HAS_NO_TG') return verdict;
  const group = emptyGroup(branch);
  if (group === undefined) return verdict;
  const [binding] = store.lookup('TargetGroupBinding', 'target-group', group);
  if (binding === undefined) {
    return {
      ...verdict,
      text: `${verdict.text}: no TargetGroupBinding says whose pods or nodes belong into it`,
    };
  }
  const { namespace = 'default' } = binding.metadata;
  const { name, port } = binding.spec.serviceRef;
  const key = `${namespace}/${name}`;
  const service = store.get('Service', key);
  if (service === undefined) {
    return {
      ...verdict,
      text: `${verdict.text}: Service ${key} of TargetGroupBinding ${keyOf(binding)} does not exist`,
      remedy: { text: `create Service ${key}, or name another in the Ingress` },
    };
  }
  const servicePort = service.spec.ports?.find((it) => it.port === port || it.name === port);
  if (servicePort === undefined) {
    return {
      ...verdict,
      text: `${verdict.text}: Service ${key} has no port ${port}`,
      remedy: { text: `add port ${port} to Service ${key}, or name one that it has` },
    };
  }
  // Nodes are targets whether they have a pod or not.
  if (binding.spec.targetType === 'instance') return verdict;
  const text = `${verdict.text}; Service ${key} has no endpoint`;
  return withMissingEndpoints(store, service, servicePort, { ...verdict, text });
}

/** The group that the load balancer had nobody of. */
function emptyGroup({ forward }: Branch): string | undefined {
  const steps = forward.flatMap((hop) => hop.steps);
  const last = steps.findLast(({ layer }) => layer === 'load-balancer');
  return last?.evidence.decisive.find(({ kind }) => kind === 'target-group')?.object;
}
