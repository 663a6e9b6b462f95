/**
 * analysis/load-balancer/explain/remedies — what lint finds wrong with objects that got no load
 * balancer: the controller's words say what it refuses, these what to write instead.
 */
import type { TwinStore } from '../../../model/kinds.ts';
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import type { Finding } from '../lint/finding.ts';
import { lint } from '../lint/lint.ts';
import { type Linted, lintInput, nameOf } from '../lint/linted.ts';
import { warningsOf } from '../warnings.ts';
import { type Places, shortName } from './explanation.ts';
import { KNOWN_FAILURES } from './known-failures.data.ts';

/** Errors of these objects, and what was said of them, with what mends each. */
export function remediesOf(
  store: TwinStore,
  objects: readonly KubernetesObject[],
  places: Places,
): readonly Finding[] {
  const found = lintedErrors(store, objects, places);
  const known = objects.flatMap((object) => explained(store, object, places));
  return [...found, ...known];
}

/** What the controller's own words mean. */
function explained(store: TwinStore, object: KubernetesObject, places: Places): Finding[] {
  const where = places(object, []) ?? shortName(object);
  const about = (text: string, words: string, pattern: RegExp): string =>
    words.replace(/\$(\d)/g, (_, group) => pattern.exec(text)?.[Number(group)] ?? '');
  return warningsOf(store, object).flatMap((text) => {
    const known = KNOWN_FAILURES.find(([pattern]) => pattern.test(text));
    if (known === undefined) return [];
    const [pattern, meaning, hint] = known;
    return [
      {
        where,
        severity: 'error',
        check: 'controller',
        object: nameOf(object),
        text: about(text, meaning, pattern),
        hint: about(text, hint, pattern),
      } as const,
    ];
  });
}

function lintedErrors(
  store: TwinStore,
  objects: readonly KubernetesObject[],
  places: Places,
): readonly Finding[] {
  const asked = new Set(objects.map(nameOf));
  const all = [...store.list('Ingress'), ...store.list('Service')];
  const linted = all.map((object): Linted => {
    const at: Linted['at'] = (path) => places(object, path) ?? shortName(object);
    return { object, where: at([]), at };
  });
  return lint(lintInput(linted, store)).filter(
    ({ severity, object }) => severity === 'error' && asked.has(object),
  );
}
