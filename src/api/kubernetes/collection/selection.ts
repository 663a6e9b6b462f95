/**
 * api/kubernetes/collection/selection — which objects of a collection a list, a watch or a
 * deletecollection means: those of a namespace, with the labels and fields asked for.
 */
import { statusBadRequest } from '../../../cluster/api-status.ts';
import type { ApiStatus } from '../../../cluster/kubernetes.ts';
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import {
  isSelectorProblem,
  matchesText,
  parseSelector,
  type TextSelector,
} from '../../../model/kubernetes/selectors.ts';
import { apiVersionOf, type ServedKind } from '../objects/served-kind.ts';
import { type FieldSelector, fieldSelectorOf, matchesFields } from './field-selector.ts';

export interface Selection {
  readonly namespace: string | undefined;
  readonly labels: TextSelector | undefined;
  readonly fields: FieldSelector | undefined;
  /** Equal for selections that mean the same. */
  readonly key: string;
}

/** Reads the selectors of a query. */
export function selectionOf(
  kind: ServedKind,
  namespace: string | undefined,
  query: URLSearchParams,
  name?: string,
): Selection | ApiStatus {
  const labelText = query.get('labelSelector') ?? '';
  const ofName = name === undefined ? '' : `metadata.name=${name}`;
  const fieldText = [query.get('fieldSelector') ?? '', ofName].filter((it) => it !== '').join(',');
  const labels = parseSelector(labelText);
  if (isSelectorProblem(labels)) return statusBadRequest(labels.problem);
  const fields = fieldSelectorOf(fieldText, kind.storage.kind);
  if ('problem' in fields) return statusBadRequest(fields.problem);
  return {
    namespace,
    labels: labels.requirements.length === 0 ? undefined : labels,
    fields: fields.length === 0 ? undefined : fields,
    key: JSON.stringify([apiVersionOf(kind), namespace ?? '', labelText, fieldText]),
  };
}

/** True when the object is meant. */
export const isSelected = (selection: Selection, object: KubernetesObject): boolean =>
  (selection.namespace === undefined || object.metadata.namespace === selection.namespace) &&
  (selection.labels === undefined || matchesText(selection.labels, object.metadata.labels)) &&
  (selection.fields === undefined || matchesFields(selection.fields, object));
