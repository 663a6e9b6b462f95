/**
 * load-balancer/webhooks/readiness-gate-mutator — gives new pods a readiness gate for every binding
 * by address whose Service selects them. Pods that are there already get none; the configuration's
 * namespace selector (`elbv2.k8s.aws/pod-readiness-gate-inject: enabled`) says where it is asked.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/inject/pod_readiness/pod_readiness_gate.go,
 * webhooks/core/pod_readiness_gate_mutator.go.
 */
import type { Webhook } from '../../../cluster/kubernetes.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import type { Pod } from '../../../model/kubernetes/core.ts';
import type { TargetGroupBinding } from '../../../model/kubernetes/load-balancer.ts';
import { matchesLabels } from '../../../model/kubernetes/selectors.ts';
import { gateOf, hasGate, LEGACY_GATE_PREFIX } from '../target-group-binding/readiness-gate.ts';

export const readinessGateMutator = (store: TwinStore): Webhook => ({
  name: 'mpod.elbv2.k8s.aws',
  kinds: ['Pod'],
  failurePolicy: 'Ignore',
  mutate(object, operation) {
    if (operation === 'UPDATE') return object;
    const pod = object as unknown as Pod;
    const gates = gatesFor(store, pod);
    if (gates.length === 0) return object;
    const kept = (pod.spec.readinessGates ?? []).filter(
      ({ conditionType }) => !conditionType.startsWith(LEGACY_GATE_PREFIX),
    );
    const added = gates.filter((gate) => !hasGate(pod, gate));
    const readinessGates = [...kept, ...added.map((conditionType) => ({ conditionType }))];
    return { ...object, spec: { ...pod.spec, readinessGates } };
  },
});

/** The gates a new pod gets, in the order of the bindings' names. */
function gatesFor(store: TwinStore, { metadata }: Pod): readonly string[] {
  const { namespace = '', labels } = metadata;
  const selects = ({ spec }: TargetGroupBinding): boolean => {
    const service = store.get('Service', `${namespace}/${spec.serviceRef.name}`);
    const { selector = {} } = service?.spec ?? {};
    return Object.keys(selector).length > 0 && matchesLabels(selector, labels);
  };
  return store
    .lookup('TargetGroupBinding', 'namespace', namespace)
    .filter((binding) => binding.spec.targetType === 'ip' && selects(binding))
    .map(gateOf)
    .sort();
}
