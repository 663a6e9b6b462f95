/**
 * load-balancer/ingress/store-lookups — the store's indexes by which Ingresses find their groups
 * and groups their Ingresses, classes, Services and Secrets.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/reference_indexer.go, and the list of
 * all Ingresses that group_loader.go goes through.
 */
import type { TwinStore } from '../../../model/kinds.ts';
import type { Ingress } from '../../../model/kubernetes/ingress.ts';
import { alb } from './alb-annotations.ts';
import { groupsOfFinalizers, isExplicit } from './group.ts';
import type { GroupLookups } from './group-loading.ts';
import { isDefaultClass, paramsNameOf } from './ingress-class.ts';
import { secretNamesOf, serviceNamesOf } from './references.ts';

/** Declares what `storeLookups` and the controller's watches look up; once per store. */
export function declareIngressIndexes(store: TwinStore): void {
  store.index('Ingress', 'group', groupNamesOf);
  store.index('Ingress', 'class', ({ spec }) => spec.ingressClassName ?? '');
  store.index('Ingress', 'service', (ingress) => keysIn(ingress, serviceNamesOf(ingress)));
  store.index('Ingress', 'secret', (ingress) =>
    keysIn(ingress, secretNamesOf(ingress.metadata.annotations)),
  );
  store.index('Service', 'secret', (service) =>
    secretNamesOf(service.metadata.annotations).map((it) => `${service.metadata.namespace}/${it}`),
  );
  store.index('IngressClass', 'params', paramsNameOf);
  store.index('IngressClass', 'default', (it) => (isDefaultClass(it) ? 'true' : undefined));
  store.index('IngressClassParams', 'group', ({ spec }) => spec?.group?.name);
}

const keysIn = ({ metadata }: Ingress, names: readonly string[]): readonly string[] =>
  names.map((name) => `${metadata.namespace}/${name}`);

/** Explicit groups that the Ingress names itself, or whose finalizer it holds. */
function groupNamesOf(ingress: Ingress): readonly string[] {
  const named = alb.string('group.name', ingress.metadata.annotations);
  const held = groupsOfFinalizers(ingress).filter(isExplicit);
  const names = held.map(({ name }) => name);
  return named === undefined || names.includes(named) ? names : [...names, named];
}

/** @param store  with the indexes declared */
export const storeLookups = (store: TwinStore): GroupLookups => ({
  ingressClass: (name) => store.get('IngressClass', name),
  ingressClassParams: (name) => store.get('IngressClassParams', name),
  namespace: (name) => store.get('Namespace', name),
  defaultIngressClasses: () => store.lookup('IngressClass', 'default', 'true'),
  ingress: (key) => store.get('Ingress', key),
  ingressesNaming: (group) => store.lookup('Ingress', 'group', group),
  classesOfGroup: (group) =>
    store
      .lookup('IngressClassParams', 'group', group)
      .flatMap(({ metadata }) => store.lookup('IngressClass', 'params', metadata.name)),
  ingressesOfClass: (className) => store.lookup('Ingress', 'class', className),
});
