/**
 * load-balancer/webhooks/service-mutator — makes the controller the one for every new Service of
 * type LoadBalancer that names no class, whatever its annotations say.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 webhooks/core/service_mutator.go.
 */
import type { Webhook } from '../../../cluster/kubernetes.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import type { Service } from '../../../model/kubernetes/core.ts';
import { type KubernetesObject, keyOf } from '../../../model/kubernetes/meta.ts';

/** @param loadBalancerClass  what the running controller was told; asked at every Service */
export const serviceMutator = (store: TwinStore, loadBalancerClass: () => string): Webhook => ({
  name: 'mservice.elbv2.k8s.aws',
  kinds: ['Service'],
  failurePolicy: 'Fail',
  mutate(object, operation) {
    const service = object as Service;
    const { spec } = service;
    if (spec?.type !== 'LoadBalancer' || spec.loadBalancerClass) return object;
    const former =
      operation === 'CREATE'
        ? loadBalancerClass()
        : store.get('Service', keyOf(service))?.spec.loadBalancerClass;
    if (former === undefined) return object;
    const mutated: KubernetesObject = { ...service, spec: { ...spec, loadBalancerClass: former } };
    return mutated;
  },
});
