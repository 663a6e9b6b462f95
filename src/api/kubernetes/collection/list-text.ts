/**
 * api/kubernetes/collection/list-text — a list as it goes out: the texts of its objects, one after
 * the other.
 */
import { type Answer, TextParts } from '../answer.ts';
import { metadataText, objectText } from '../objects/object-text.ts';
import { apiVersionOf, type ServedKind } from '../objects/served-kind.ts';
import { toServed } from '../objects/versions.ts';
import { listMeta, type Page } from './page.ts';

/** A page as a list of its kind, or of its objects' metadata. */
export function listAnswer(kind: ServedKind, page: Page, isMetadataOnly = false): Answer {
  const apiVersion = isMetadataOnly ? 'meta.k8s.io/v1' : apiVersionOf(kind);
  const convert = toServed(kind);
  const name = isMetadataOnly ? 'PartialObjectMetadataList' : `${kind.resource.kind}List`;
  const head = `{"kind":"${name}","apiVersion":"${apiVersion}"`;
  const metadata = JSON.stringify(listMeta(page));
  const items = listed(page.items, ({ value, revision }) =>
    isMetadataOnly
      ? metadataText(value, revision)
      : objectText(value, revision, apiVersion, convert),
  );
  return { code: 200, body: enclosed(`${head},"metadata":${metadata},"items":[`, items, ']}\n') };
}

/** A text around those of items. */
export function enclosed(open: string, items: Iterable<string>, close: string): TextParts {
  return new TextParts(
    (function* () {
      yield open;
      yield* items;
      yield close;
    })(),
  );
}

/** The texts of items with the commas between them. */
export function* listed<Item>(
  items: readonly Item[],
  text: (item: Item) => string,
): Generator<string> {
  for (let i = 0; i < items.length; i++) yield i === 0 ? text(items[i]!) : `,${text(items[i]!)}`;
}
