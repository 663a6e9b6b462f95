/**
 * api/kubernetes/discovery/aggregated-discovery — all groups of `/api` or `/apis` in one answer,
 * for clients that ask for it.
 *
 * Upstream: kubernetes/api apidiscovery/v2/types.go; kubernetes/apiserver
 * pkg/endpoints/discovery/aggregated/{handler,negotiation}.go: the version that was asked for is
 * echoed in Content-Type, or clients do not recognize the answer.
 */
import type { AcceptedForm } from '../accept.ts';
import type { Answer } from '../answer.ts';
import type { ServedKind, ServedKinds } from '../objects/served-kind.ts';
import { groupsOf, subresourcesOf, verbsOf } from './discovery.ts';
import { REVIEWS } from './subresources.data.ts';

/** What `as=` must say. */
export const AGGREGATED: ReadonlySet<string> = new Set(['APIGroupDiscoveryList']);

const VERSIONS: ReadonlySet<string> = new Set(['v2', 'v2beta1']);

/** Does the client want it, in a version there is? */
export const wantsAggregated = ({ as, group, version }: AcceptedForm): boolean =>
  as !== undefined && group === 'apidiscovery.k8s.io' && VERSIONS.has(version ?? '');

/** @param isCore  `/api`; else `/apis` */
export function aggregated(kinds: ServedKinds, isCore: boolean, version: string): Answer {
  const items = [...groupsOf(kinds)]
    .filter(([name]) => (name === '') === isCore)
    .map(([name, versions]) => ({
      metadata: { ...(name === '' ? {} : { name }), creationTimestamp: null },
      versions: versions.map((it) => versionOf(kinds, name, it)),
    }));
  return {
    code: 200,
    contentType: `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
    headers: { Vary: 'Accept' },
    body: {
      kind: 'APIGroupDiscoveryList',
      apiVersion: `apidiscovery.k8s.io/${version}`,
      metadata: {},
      items,
    },
  };
}

function versionOf(kinds: ServedKinds, group: string, version: string) {
  const own = kinds
    .list()
    .filter((it) => it.resource.group === group && it.version === version)
    .map(discovered);
  const reviews = REVIEWS.filter((it) => it.group === group && it.version === version).map(
    ({ plural, kind, namespaced }) => ({
      resource: plural,
      responseKind: { group, version, kind },
      scope: namespaced ? 'Namespaced' : 'Cluster',
      singularResource: kind.toLowerCase(),
      verbs: ['create'],
    }),
  );
  const resources = [...own, ...reviews].sort((a, b) => (a.resource < b.resource ? -1 : 1));
  return { version, resources, freshness: 'Current' };
}

function discovered(kind: ServedKind) {
  const { resource, version } = kind;
  const { group, plural, singular, namespaced, shortNames, categories } = resource;
  const below = subresourcesOf(kind).map((it) => ({
    subresource: it.name,
    responseKind: { group: it.group ?? group, version: it.version ?? version, kind: it.kind },
    verbs: it.verbs,
  }));
  return {
    resource: plural,
    responseKind: { group, version, kind: resource.kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: verbsOf(kind),
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
    ...(below.length === 0 ? {} : { subresources: below }),
  };
}
