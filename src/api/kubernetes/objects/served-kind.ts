/**
 * api/kubernetes/objects/served-kind — a kind in one version, as a client addresses it, and where
 * the store keeps it. Events are served by two groups and kept once.
 */
import { statusNotFound } from '../../../cluster/api-status.ts';
import type { ApiStatus } from '../../../cluster/kubernetes.ts';
import type { ServedResource, ServedResources } from '../../../cluster/served-resources.ts';
import { type Resource, resourceOf } from '../../../model/kubernetes/resources.ts';

export interface ServedKind {
  /** Names and scope. */
  readonly resource: ServedResource;
  readonly version: string;
  /** The same, unless another group serves it too. */
  readonly storage: Resource;
}

const EVENTS = resourceOf({ apiVersion: 'v1', kind: 'Event' })!;

/** Kinds that a second group serves over the same objects. */
const SECOND_DOORS: readonly { readonly resource: ServedResource; readonly storage: Resource }[] = [
  {
    resource: {
      ...EVENTS,
      group: 'events.k8s.io',
      versions: ['v1'],
      categories: [],
      hasScale: false,
      definition: undefined,
    },
    storage: EVENTS,
  },
];

/** Asked of the server itself, and stored nowhere. */
const COMPONENT_STATUS: ServedResource = {
  kind: 'ComponentStatus',
  group: '',
  versions: ['v1'],
  plural: 'componentstatuses',
  singular: 'componentstatus',
  shortNames: ['cs'],
  namespaced: false,
  keepsGeneration: false,
  hasStatus: false,
  storeKind: 'Unknown',
  categories: [],
  hasScale: false,
  definition: undefined,
};

/** Is it a kind whose objects are computed when they are asked for? */
export const isComputed = ({ resource }: ServedKind): boolean => resource === COMPONENT_STATUS;

/** Kinds that clients post and nobody can read again. */
const POSTED_ONLY: ReadonlySet<string> = new Set(['bindings']);

/** What this API server serves now, kind by kind and version by version. */
export class ServedKinds {
  readonly #served: ServedResources;
  #list: readonly ServedKind[] | undefined;
  #byPath = new Map<string, ServedKind>();
  readonly #stop: () => void;

  constructor(served: ServedResources) {
    this.#served = served;
    this.#stop = served.onChange(() => {
      this.#list = undefined;
    });
  }

  /** Every kind that has a collection, in each of its versions. */
  list(): readonly ServedKind[] {
    if (this.#list !== undefined) return this.#list;
    const own = this.#served
      .list()
      .filter((it) => !POSTED_ONLY.has(qualifiedName(it)))
      .map((resource) => ({ resource, storage: resource as Resource }));
    const computed = { resource: COMPONENT_STATUS, storage: COMPONENT_STATUS };
    const list = [...own, ...SECOND_DOORS, computed].flatMap(({ resource, storage }) =>
      resource.versions.map((version): ServedKind => ({ resource, version, storage })),
    );
    this.#byPath = new Map(list.map((it) => [pathOf(it), it]));
    this.#list = list;
    return list;
  }

  /** The kind behind `/apis/GROUP/VERSION/PLURAL`. */
  at(group: string, version: string, plural: string): ServedKind | undefined {
    this.list();
    return this.#byPath.get(`${group}/${version}/${plural}`);
  }

  close(): void {
    this.#stop();
  }
}

const pathOf = ({ resource, version }: ServedKind): string =>
  `${resource.group}/${version}/${resource.plural}`;

/** `apps/v1`, `v1`. */
export const apiVersionOf = ({ resource, version }: ServedKind): string =>
  resource.group === '' ? version : `${resource.group}/${version}`;

/** `pods`, `deployments.apps`. */
export const qualifiedName = ({ group, plural }: Resource): string =>
  group === '' ? plural : `${plural}.${group}`;

/** 404 of an object of the kind. */
export const notFound = (kind: ServedKind, name: string): ApiStatus => {
  const { resource } = kind;
  const refused = statusNotFound({ apiVersion: apiVersionOf(kind), kind: resource.kind }, name);
  // A custom kind may have any plural.
  return {
    ...refused,
    message: `${qualifiedName(resource)} "${name}" not found`,
    details: { ...refused.details, kind: resource.plural },
  };
};
