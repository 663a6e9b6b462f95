/**
 * analysis/load-balancer/explain/origins — where the controller takes a setting from: the class's
 * parameters before annotations, a Service's before its Ingress's, else its own default.
 */
import type { Ingress, IngressClassParams } from '../../../model/kubernetes/ingress.ts';
import { knownAnnotation } from '../../../model/kubernetes/known-annotation.ts';
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import { type Origin, type Places, shortName } from './explanation.ts';

/** An Ingress of a group with its class's parameters. */
export interface Member {
  readonly ingress: Ingress;
  readonly params?: IngressClassParams | undefined;
}

/** An annotation of an object; undefined where it has none. */
export function ofAnnotation(
  object: KubernetesObject,
  key: string,
  places: Places,
): Origin | undefined {
  const said = object.metadata.annotations?.[key];
  if (said === undefined) return undefined;
  const where = places(object, ['metadata', 'annotations', key]);
  return { object: shortName(object), field: key, said, where };
}

/** A field of an object. */
export const ofField = (
  object: KubernetesObject,
  path: readonly (string | number)[],
  said: string | undefined,
  places: Places,
): Origin => ({
  object: shortName(object),
  field: path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`))
    .join(''),
  said,
  where: places(object, path),
});

/** What nobody wrote. */
export const byDefault = (text: string): Origin => ({ field: text });

/** The class's field for a setting of an annotation. */
function ofClass(params: IngressClassParams | undefined, key: string, places: Places) {
  const field = knownAnnotation(key)?.classField;
  if (params?.spec === undefined || field === undefined) return undefined;
  const [first] = field.split('.');
  const value: unknown = (params.spec as Readonly<Record<string, unknown>>)[first!];
  if (value === undefined) return undefined;
  const said = typeof value === 'string' ? value : JSON.stringify(value);
  return ofField(params, ['spec', first!], said, places);
}

/** A setting of a whole group: the first member that says it, in the group's order. */
export function ofGroup(
  members: readonly Member[],
  key: string,
  places: Places,
  fallback?: string,
): Origin {
  for (const { ingress, params } of members) {
    const origin = ofClass(params, key, places) ?? ofAnnotation(ingress, key, places);
    if (origin !== undefined) return origin;
  }
  return defaultOf(key, fallback);
}

/** A setting of targets: class, then the Service, then the Ingress. */
export function ofBackend(
  { ingress, params }: Member,
  service: KubernetesObject | undefined,
  key: string,
  places: Places,
  fallback?: string,
): Origin {
  return (
    ofClass(params, key, places) ??
    (service && ofAnnotation(service, key, places)) ??
    ofAnnotation(ingress, key, places) ??
    defaultOf(key, fallback)
  );
}

/** What holds where nobody says anything. */
export function defaultOf(key: string, fallback?: string): Origin {
  const text = fallback ?? knownAnnotation(key)?.default;
  return byDefault(text === undefined ? 'default' : `default: ${text}`);
}
