/**
 * controllers/workloads/template-hash — the label that tells one pod template from another.
 *
 * Upstream: kubernetes/kubernetes pkg/controller/controller_utils.go ComputeHash hashes Go's
 * printed form of the template, which cannot be reproduced outside Go. Ours hashes the template's
 * JSON with sorted keys by the same FNV-1a and writes it with the same alphabet (apimachinery
 * util/rand SafeEncodeString), so it looks alike and is as stable, but is another text.
 */

import type { PodTemplateSpec } from '../../model/kubernetes/core.ts';
import { fnv1a } from '../../sim/fnv.ts';

export const HASH_LABEL = 'pod-template-hash';
export const REVISION_LABEL = 'controller-revision-hash';

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** rand.go SafeEncodeString: each character becomes one of 27 that cannot spell a word. */
const safeText = (text: string): string =>
  [...text].map((it) => ALPHABET[it.charCodeAt(0) % ALPHABET.length]).join('');

/** JSON with sorted keys and without absent fields: equal values, equal text. */
export function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const field = (value as Record<string, unknown>)[key];
    if (field !== undefined) fields.push(`${JSON.stringify(key)}:${canonicalText(field)}`);
  }
  return `{${fields.join(',')}}`;
}

const texts = new WeakMap<object, string>();

/** The template as text, without the hash label a ReplicaSet's copy carries. */
export function templateText(template: PodTemplateSpec): string {
  let text = texts.get(template);
  if (text !== undefined) return text;
  const { [HASH_LABEL]: _, ...labels } = template.metadata?.labels ?? {};
  text = canonicalText({ ...template, metadata: { ...template.metadata, labels } });
  texts.set(template, text);
  return text;
}

/** The hash of a template; collisions are told apart by a count (deployment status). */
export const templateHash = (template: PodTemplateSpec, collisions = 0): string => {
  const text = templateText(template);
  return safeText(String(fnv1a(collisions === 0 ? text : `${text}#${collisions}`)));
};
