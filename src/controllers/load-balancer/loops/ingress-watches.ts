/**
 * load-balancer/loops/ingress-watches — which groups a change concerns: those an Ingress is in or
 * leaves, and for Services, Secrets, classes and their parameters those of the Ingresses that speak
 * of them. Answered from indexes: a change looks at no other Ingress.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * controllers/ingress/eventhandlers/*.go.
 */
import { isEqual } from '../../../cluster/equal.ts';
import type { Kinds, TwinStore } from '../../../model/kinds.ts';
import type { Ingress } from '../../../model/kubernetes/ingress.ts';
import { type Request, type Watch, watch } from '../../../sim/controller.ts';
import { BuildError, built } from '../build-error.ts';
import { groupsOfFinalizers } from '../ingress/group.ts';
import { membershipOf } from '../ingress/group-loading.ts';
import { storeLookups } from '../ingress/store-lookups.ts';
import type { ControllerSettings } from '../settings/settings.ts';
import { stackIdText } from '../stack/stack.ts';
import { isSame } from './unchanged.ts';

const NOTHING: readonly Request[] = [];

/** Told where an Ingress's group cannot be told. */
type Complain = (ingress: Ingress, problem: string) => void;

/** Requests are groups as their tags name them: `namespace/name`, or `name`. */
export function ingressWatches(
  store: TwinStore,
  { ingressClass }: ControllerSettings,
  complain: Complain,
): readonly Watch<Kinds>[] {
  const lookups = storeLookups(store);
  const groupsOf = (ingress: Ingress): readonly Request[] => {
    const groups = new Set(groupsOfFinalizers(ingress).map(stackIdText));
    const membership = built(() => membershipOf(ingress, lookups, ingressClass));
    if (membership instanceof BuildError) complain(ingress, membership.message);
    else if (membership !== undefined) groups.add(stackIdText(membership.id));
    return [...groups];
  };
  const groupsOfAll = (ingresses: readonly Ingress[]) => ingresses.flatMap(groupsOf);
  const ofService = (key: string) => groupsOfAll(store.lookup('Ingress', 'service', key));
  const ofClass = (name: string) => groupsOfAll(store.lookup('Ingress', 'class', name));
  return [
    watch<Kinds, 'Ingress'>('Ingress', ({ value, previous }) =>
      value === undefined || isSame(previous, value, 'spec') ? NOTHING : groupsOf(value),
    ),
    watch<Kinds, 'Service'>('Service', ({ key, value, previous }) =>
      isSame(previous, value, 'spec') ? NOTHING : ofService(key),
    ),
    watch<Kinds, 'Secret'>('Secret', ({ key, value, previous }) =>
      isSame(previous, value, 'data', 'stringData')
        ? NOTHING
        : [
            ...groupsOfAll(store.lookup('Ingress', 'secret', key)),
            ...store
              .lookup('Service', 'secret', key)
              .flatMap(({ metadata }) => ofService(`${metadata.namespace}/${metadata.name}`)),
          ],
    ),
    watch<Kinds, 'IngressClass'>('IngressClass', ({ key, value, previous }) =>
      isEqual(previous?.spec, value?.spec) && previous !== undefined && value !== undefined
        ? NOTHING
        : ofClass(key),
    ),
    watch<Kinds, 'IngressClassParams'>('IngressClassParams', ({ key, value, previous }) =>
      isEqual(previous?.spec, value?.spec) && previous !== undefined && value !== undefined
        ? NOTHING
        : store.lookup('IngressClass', 'params', key).flatMap((it) => ofClass(it.metadata.name)),
    ),
  ];
}
