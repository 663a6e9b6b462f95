/**
 * cluster/served-resources — every resource this API server serves now: the kinds of the registry
 * and what the CustomResourceDefinitions in the store define. Kept current by the store.
 */
import type { TwinStore } from '../model/kinds.ts';
import { groupOf, RESOURCES, type Resource, resourceOf } from '../model/kubernetes/resources.ts';
import {
  type CustomDefinition,
  compareVersions,
  isComplete,
  resourceDefinedBy,
  servedVersions,
} from './custom-definition.ts';

export interface ServedResource extends Resource {
  /** `all` of `kubectl get all`. */
  readonly categories: readonly string[];
  readonly hasScale: boolean;
  /** What defines it; undefined for the kinds every API server has. */
  readonly definition: CustomDefinition | undefined;
}

/** Plurals of the resources `kubectl get all` lists. */
const ALL: ReadonlySet<string> = new Set([
  'pods',
  'replicationcontrollers',
  'services',
  'daemonsets.apps',
  'deployments.apps',
  'replicasets.apps',
  'statefulsets.apps',
  'horizontalpodautoscalers.autoscaling',
  'cronjobs.batch',
  'jobs.batch',
]);

const EXTENSIONS: ReadonlySet<string> = new Set([
  'customresourcedefinitions.apiextensions.k8s.io',
  'apiservices.apiregistration.k8s.io',
  'mutatingwebhookconfigurations.admissionregistration.k8s.io',
  'validatingwebhookconfigurations.admissionregistration.k8s.io',
  'validatingadmissionpolicies.admissionregistration.k8s.io',
  'validatingadmissionpolicybindings.admissionregistration.k8s.io',
]);

const SCALABLE: ReadonlySet<string> = new Set([
  'replicationcontrollers',
  'deployments.apps',
  'replicasets.apps',
  'statefulsets.apps',
]);

const qualified = ({ plural, group }: Resource): string =>
  group === '' ? plural : `${plural}.${group}`;

function builtIn(resource: Resource): ServedResource {
  const name = qualified(resource);
  const categories = ALL.has(name) ? ['all'] : EXTENSIONS.has(name) ? ['api-extensions'] : [];
  return { ...resource, categories, hasScale: SCALABLE.has(name), definition: undefined };
}

/** A definition of a kind the registry knows adds to it: its versions, and what it is called. */
function defined(definition: CustomDefinition, known: Resource | undefined): ServedResource {
  const resource = resourceDefinedBy(definition);
  const { names, versions } = definition.spec;
  const extra = {
    categories: names.categories ?? [],
    hasScale: versions.some((it) => it.subresources?.scale !== undefined),
    definition,
  };
  if (known === undefined) return { ...resource, ...extra };
  const all = new Set([...known.versions, ...servedVersions(definition)]);
  return {
    ...known,
    ...extra,
    versions: [...all].sort(compareVersions),
    shortNames: names.shortNames ?? known.shortNames,
    hasStatus: known.hasStatus || resource.hasStatus,
  };
}

interface Known {
  readonly list: readonly ServedResource[];
  readonly byPath: ReadonlyMap<string, ServedResource>;
  readonly byKind: ReadonlyMap<string, ServedResource>;
}

export class ServedResources {
  readonly #store: TwinStore;
  #known: Known | undefined;
  readonly #listeners = new Set<() => void>();

  constructor(store: TwinStore) {
    this.#store = store;
    store.subscribe('CustomResourceDefinition', () => {
      this.#known = undefined;
      for (const listener of this.#listeners) listener();
    });
  }

  /** Every resource, in the order of the registry, then those of users by name. */
  list(): readonly ServedResource[] {
    return this.#current().list;
  }

  /** What is served under `/apis/GROUP/VERSION/PLURAL`; `''` is the core group. */
  at(group: string, version: string, plural: string): ServedResource | undefined {
    const found = this.#current().byPath.get(`${group}/${plural}`);
    return found?.versions.includes(version) === true ? found : undefined;
  }

  /** The resource of a kind in a version that is served. */
  ofKind(apiVersion: string, kind: string): ServedResource | undefined {
    const group = groupOf(apiVersion);
    const found = this.#current().byKind.get(`${group}/${kind}`);
    const version = group === '' ? apiVersion : apiVersion.slice(group.length + 1);
    return found?.versions.includes(version) === true ? found : undefined;
  }

  /** The resource of an object in whatever version; cheap for the kinds of the registry. */
  of(object: { readonly apiVersion: string; readonly kind: string }): Resource | undefined {
    return (
      resourceOf(object) ??
      this.#current().byKind.get(`${groupOf(object.apiVersion)}/${object.kind}`)
    );
  }

  /** Is it of a kind that a definition of the store defines? */
  isCustom({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): boolean {
    const found = this.#current().byKind.get(`${groupOf(apiVersion)}/${kind}`);
    return found?.definition !== undefined;
  }

  /** Calls back after every change of what is served. Returns the way to stop. */
  onChange(callback: () => void): () => void {
    this.#listeners.add(callback);
    return () => void this.#listeners.delete(callback);
  }

  #current(): Known {
    this.#known ??= this.#read();
    return this.#known;
  }

  #read(): Known {
    const definitions = new Map<string, CustomDefinition>();
    for (const object of this.#store.list('CustomResourceDefinition')) {
      if (!isComplete(object) || !isEstablished(object)) continue;
      definitions.set(`${object.spec.group}/${object.spec.names.kind}`, object);
    }
    const list: ServedResource[] = RESOURCES.map((resource) => {
      const name = `${resource.group}/${resource.kind}`;
      const definition = definitions.get(name);
      definitions.delete(name);
      return definition === undefined ? builtIn(resource) : defined(definition, resource);
    });
    const names = [...definitions.keys()].sort();
    for (const name of names) list.push(defined(definitions.get(name)!, undefined));
    return {
      list,
      byPath: new Map(list.map((it) => [`${it.group}/${it.plural}`, it])),
      byKind: new Map(list.map((it) => [`${it.group}/${it.kind}`, it])),
    };
  }
}

/** Names that were refused are not served. An export may have left the status out. */
function isEstablished({ status }: CustomDefinition): boolean {
  const conditions = (status as { conditions?: readonly { type: string; status: string }[] })
    ?.conditions;
  return conditions?.find((it) => it.type === 'Established')?.status !== 'False';
}
