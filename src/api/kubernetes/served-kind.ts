/**
 * api/kubernetes/served-kind — a kind in one version, as a client addresses it, and where the
 * store keeps it. Events are served by two groups and kept once.
 */
import type { KubernetesObject } from '../../model/kubernetes/meta.ts';
import { RESOURCES, type Resource, resourceOf } from '../../model/kubernetes/resources.ts';

export interface ServedKind {
  /** Names and scope. */
  readonly resource: Resource;
  readonly version: string;
  /** The same, unless another group serves it too. */
  readonly storage: Resource;
}

const EVENTS = resourceOf({ apiVersion: 'v1', kind: 'Event' })!;

/** Kinds that a second group serves over the same objects. */
const SECOND_DOORS: readonly (Resource & { readonly storage: Resource })[] = [
  { ...EVENTS, group: 'events.k8s.io', versions: ['v1'], storage: EVENTS },
];

/** Every kind that has a collection, in each of its versions. */
export function servedKinds(): readonly ServedKind[] {
  return [...RESOURCES, ...SECOND_DOORS].flatMap((resource) =>
    resource.versions.map((version) => ({
      resource,
      version,
      storage: 'storage' in resource ? (resource.storage as Resource) : resource,
    })),
  );
}

/** The kind behind `/apis/GROUP/VERSION/PLURAL`. */
export function servedKind(
  group: string,
  version: string,
  plural: string,
): ServedKind | undefined {
  return servedKinds().find(
    (it) =>
      it.resource.group === group && it.version === version && it.resource.plural === plural,
  );
}

/** `apps/v1`, `v1`. */
export const apiVersionOf = ({ resource, version }: ServedKind): string =>
  resource.group === '' ? version : `${resource.group}/${version}`;

/** `pods`, `deployments.apps`. */
export const qualifiedName = ({ group, plural }: Resource): string =>
  group === '' ? plural : `${plural}.${group}`;

/** An object of the kind as the store has it, in name only: for refusals. */
export const typedAs = (kind: ServedKind): Pick<KubernetesObject, 'apiVersion' | 'kind'> => ({
  apiVersion: apiVersionOf(kind),
  kind: kind.resource.kind,
});
