/**
 * controllers/external-dns/source-object — which objects a source looks at: its namespace, its
 * filters, and nobody else's.
 *
 * Upstream: kubernetes-sigs/external-dns@2bf1bf8a source/informers/indexers.go.
 */
import type { KubernetesObject } from '../../model/kubernetes/meta.ts';
import { matchesText } from '../../model/kubernetes/selectors.ts';
import { Annotations } from './annotations.ts';
import type { ExternalDnsSettings } from './settings.ts';

/** The object's annotations; undefined where the object is not looked at. */
export function seenBy(
  settings: ExternalDnsSettings,
  object: KubernetesObject,
): Annotations | undefined {
  const { namespace, labels, annotations } = settings;
  const { metadata } = object;
  if (namespace !== '' && metadata.namespace !== namespace) return undefined;
  if (labels !== undefined && !matchesText(labels, metadata.labels)) return undefined;
  if (annotations !== undefined && !matchesText(annotations, metadata.annotations)) {
    return undefined;
  }
  const said = new Annotations(object, settings.annotationPrefix);
  return said.isForAnother ? undefined : said;
}
