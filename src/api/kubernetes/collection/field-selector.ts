/**
 * api/kubernetes/collection/field-selector — `--field-selector`: reading it, refusing fields a kind
 * does not offer, matching.
 *
 * Upstream: kubernetes/apimachinery pkg/fields/selector.go ParseSelector; pkg/runtime/conversion.go
 * DefaultMetaV1FieldSelectorConversion.
 */
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import { FIELD_LABELS, type FieldLabel } from './field-labels.data.ts';

/** One `field=value` or `field!=value`. */
interface FieldRequirement {
  readonly path: readonly string[];
  readonly absent: string;
  readonly value: string;
  readonly isEqual: boolean;
}

export type FieldSelector = readonly FieldRequirement[];

const METADATA: Readonly<Record<string, FieldLabel>> = {
  'metadata.name': {},
  'metadata.namespace': {},
};

/** A term: text up to an operator, then the value; `\` escapes `,`, `=` and itself. */
const TERM = /^((?:\\.|[^\\=!])*)(!=|==|=)((?:\\.|[^\\])*)$/s;

/** The selector, or what is wrong with it in the API server's words. */
export function fieldSelectorOf(text: string, kind: string): FieldSelector | { problem: string } {
  const requirements: FieldRequirement[] = [];
  for (const part of splitAtCommas(text)) {
    if (part === '') continue;
    const term = TERM.exec(part);
    if (term === null) {
      return { problem: `invalid selector: '${text}'; can't understand '${part}'` };
    }
    const label = unescaped(term[1]!);
    const known = METADATA[label] ?? FIELD_LABELS[kind]?.[label];
    if (known === undefined) return { problem: unsupported(label, kind) };
    requirements.push({
      path: (known.path ?? label).split('.'),
      absent: known.absent ?? '',
      value: unescaped(term[3]!),
      isEqual: term[2] !== '!=',
    });
  }
  return requirements;
}

const unsupported = (label: string, kind: string): string =>
  kind in FIELD_LABELS
    ? `field label not supported: ${label}`
    : `"${label}" is not a known field selector: only "metadata.name", "metadata.namespace"`;

/** True when the object has every value asked for. */
export const matchesFields = (selector: FieldSelector, object: KubernetesObject): boolean =>
  selector.every(({ path, absent, value, isEqual }) => {
    let at: unknown = object;
    for (const step of path) at = (at as Readonly<Record<string, unknown>> | undefined)?.[step];
    const found = at === undefined || at === null ? absent : String(at);
    return (found === value) === isEqual;
  });

function splitAtCommas(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') part += text[i++]! + (text[i] ?? '');
    else if (text[i] === ',') {
      parts.push(part);
      part = '';
    } else part += text[i];
  }
  return [...parts, part];
}

const unescaped = (text: string): string => text.replaceAll(/\\(.)/gs, '$1');
