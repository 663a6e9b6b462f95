/**
 * load-balancer/gateway/attachment/allowed-namespaces — whose routes and listener sets a parent
 * takes.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/routeutils/
 * attachment_helper.go.
 */
import type { TwinStore } from '../../../../model/kinds.ts';
import type { FromNamespaces } from '../../../../model/kubernetes/gateway.ts';
import { matchesSelector } from '../../../../model/kubernetes/selectors.ts';

/** @param fallback  whose, where the parent does not say */
export function allowsNamespace(
  store: TwinStore,
  allowed: FromNamespaces | undefined,
  fallback: 'Same' | 'None',
  namespaces: { readonly own: string | undefined; readonly parent: string | undefined },
): boolean {
  const { from = fallback, selector } = allowed ?? {};
  if (from === 'All') return true;
  if (from === 'Same') return namespaces.own === namespaces.parent;
  if (from === 'None' || selector === undefined) return false;
  const namespace = store.get('Namespace', namespaces.own ?? '');
  return namespace !== undefined && matchesSelector(selector, namespace.metadata.labels);
}
