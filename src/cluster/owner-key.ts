/** cluster/owner-key — where the store keeps the object an ownerReference names. */
import type { KubernetesKind } from '../model/kinds.ts';
import type { OwnerReference } from '../model/kubernetes/meta.ts';
import { resourceOf, storeKeyOf, storeKindOf } from '../model/kubernetes/resources.ts';

/** An owner is in the dependent's namespace, or cluster-scoped. */
export function storeKeyOfReference(
  { apiVersion, kind, name }: OwnerReference,
  namespace: string | undefined,
): { readonly kind: KubernetesKind; readonly key: string } {
  const namespaced = resourceOf({ apiVersion, kind })?.namespaced ?? true;
  const metadata = namespaced && namespace !== undefined ? { name, namespace } : { name };
  return {
    kind: storeKindOf({ apiVersion, kind }),
    key: storeKeyOf({ apiVersion, kind, metadata }),
  };
}
