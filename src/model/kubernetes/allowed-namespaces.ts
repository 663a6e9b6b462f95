/**
 * model/kubernetes/allowed-namespaces — whose routes and listener sets a parent takes.
 *
 * Upstream: kubernetes-sigs/gateway-api@v1.6.0 apis/v1/gateway_types.go FromNamespaces.
 */
import type { FromNamespaces } from './gateway.ts';
import type { Labels } from './meta.ts';
import { matchesSelector } from './selectors.ts';

/** The namespaces that there are. */
export interface NamespaceLabels {
  get(kind: 'Namespace', name: string): { metadata: { labels?: Labels | undefined } } | undefined;
}

/** @param fallback  whose, where the parent does not say */
export function allowsNamespace(
  namespaces: NamespaceLabels,
  allowed: FromNamespaces | undefined,
  fallback: 'Same' | 'None',
  { own, parent }: { readonly own: string | undefined; readonly parent: string | undefined },
): boolean {
  const { from = fallback, selector } = allowed ?? {};
  if (from === 'All') return true;
  if (from === 'Same') return own === parent;
  if (from === 'None' || selector === undefined) return false;
  const namespace = namespaces.get('Namespace', own ?? '');
  return namespace !== undefined && matchesSelector(selector, namespace.metadata.labels);
}
