/**
 * api/kubernetes/collection/list-text — a list as it goes out: the texts of its objects, joined.
 */
import type { Answer } from '../answer.ts';
import { objectText } from '../objects/object-text.ts';
import { apiVersionOf, type ServedKind } from '../objects/served-kind.ts';
import { metadataOnly, toServed } from '../objects/versions.ts';
import { listMeta, type Page } from './page.ts';

/** A page as a list of its kind, or of its objects' metadata. */
export function listAnswer(kind: ServedKind, page: Page, isMetadataOnly = false): Answer {
  const apiVersion = isMetadataOnly ? 'meta.k8s.io/v1' : apiVersionOf(kind);
  const convert = isMetadataOnly ? metadataOnly : toServed(kind);
  const name = isMetadataOnly ? 'PartialObjectMetadataList' : `${kind.resource.kind}List`;
  const items = page.items.map(({ value, revision }) =>
    objectText(value, revision, apiVersion, convert),
  );
  const head = `{"kind":"${name}","apiVersion":"${apiVersion}"`;
  const metadata = JSON.stringify(listMeta(page));
  return { code: 200, body: `${head},"metadata":${metadata},"items":[${items.join(',')}]}\n` };
}
