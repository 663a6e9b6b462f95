/**
 * api/kubernetes/table/cell-text — labels, selectors and long lists as kubectl's cells write them.
 *
 * Upstream: kubernetes/apimachinery pkg/labels (FormatLabels, Requirement.String),
 * pkg/apis/meta/v1/helpers.go FormatLabelSelector.
 */
import type { Container, PodTemplateSpec } from '../../../model/kubernetes/core.ts';
import type { LabelSelector, Labels } from '../../../model/kubernetes/meta.ts';

export const NONE = '<none>';
export const UNSET = '<unset>';

/** `a=1,b=2` in the keys' order, or `<none>`. */
export function labelsText(labels: Labels | undefined): string {
  const keys = Object.keys(labels ?? {});
  if (keys.length === 0) return NONE;
  return keys
    .sort()
    .map((key) => `${key}=${labels![key]}`)
    .join(',');
}

/** `a=1,b in (x,y),!c` in the keys' order; empty where everything is selected. */
function requirementsText(selector: LabelSelector | undefined): string {
  const requirements = [
    ...Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => ({
      key,
      text: `${key}=${value}`,
    })),
    ...(selector?.matchExpressions ?? []).map(({ key, operator, values }) => {
      const list = (values ?? []).toSorted().join(',');
      if (operator === 'Exists') return { key, text: key };
      if (operator === 'DoesNotExist') return { key, text: `!${key}` };
      return { key, text: `${key} ${operator === 'In' ? 'in' : 'notin'} (${list})` };
    }),
  ];
  return requirements
    .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ text }) => text)
    .join(',');
}

/** A selector as a cell, `<none>` where it is empty. */
export const selectorText = (selector: LabelSelector | undefined): string =>
  requirementsText(selector) || NONE;

/** The names and the images of a template's containers. */
export function templateCells(template: PodTemplateSpec | undefined): [string, string] {
  const containers: readonly Container[] = template?.spec?.containers ?? [];
  return [
    containers.map(({ name }) => name).join(','),
    containers.map(({ image }) => image ?? '').join(','),
  ];
}

/** The first `most` of a list and how many more there are. */
export const listText = (items: readonly string[], most: number, separator = ','): string => {
  const shown = items.slice(0, most).join(separator);
  return items.length > most ? `${shown} + ${items.length - most} more...` : shown;
};
