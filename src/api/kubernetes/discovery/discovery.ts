/**
 * api/kubernetes/discovery/discovery — which groups, versions and resources there are, page by
 * page.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/discovery/{root,group,version,legacy}.go.
 */
import { createHash } from 'node:crypto';
import {
  isComputed,
  qualifiedName,
  type ServedKind,
  type ServedKinds,
} from '../objects/served-kind.ts';
import { REVIEWS, SCALE, SUBRESOURCES, type Subresource } from './subresources.data.ts';

const COLLECTION_VERBS = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

/** Services and namespaces are deleted one by one. */
const WITHOUT_COLLECTION_DELETE: ReadonlySet<string> = new Set(['namespaces']);

/** What a collection's objects may be asked for. */
export const verbsOf = (kind: ServedKind): readonly string[] =>
  isComputed(kind)
    ? ['get', 'list']
    : WITHOUT_COLLECTION_DELETE.has(qualifiedName(kind.resource))
      ? COLLECTION_VERBS.filter((it) => it !== 'deletecollection')
      : COLLECTION_VERBS;

const STATUS_VERBS = ['get', 'patch', 'update'];

/** A kind's subresources by name; custom resources have those their definition gives the version. */
export function subresourcesOf({ resource, version }: ServedKind): readonly Subresource[] {
  const declared = resource.definition?.spec.versions.find((it) => it.name === version);
  const hasStatus =
    declared === undefined ? resource.hasStatus : declared.subresources?.status !== undefined;
  const custom = declared?.subresources?.scale === undefined ? [] : [SCALE];
  const all = [
    ...(SUBRESOURCES[qualifiedName(resource)] ?? custom),
    ...(hasStatus ? [{ name: 'status', kind: resource.kind, verbs: STATUS_VERBS }] : []),
  ];
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Kinds that are asked, as if they were collections with one verb. */
const reviewsOf = (group: string, version: string) =>
  REVIEWS.filter((it) => it.group === group && it.version === version);

/** An APIResourceList; undefined for a version nobody serves. */
export function resourceList(kinds: ServedKinds, group: string, version: string) {
  const own = kinds.list().filter((it) => it.resource.group === group && it.version === version);
  const reviews = reviewsOf(group, version);
  if (own.length === 0 && reviews.length === 0) return undefined;
  const resources = [
    ...own.flatMap(listed),
    ...reviews.map(({ plural, kind, namespaced }) => ({
      name: plural,
      singularName: kind.toLowerCase(),
      namespaced,
      kind,
      verbs: ['create'],
    })),
    ...(group === '' ? [BINDINGS] : []),
  ];
  resources.sort((a, b) => (a.name < b.name ? -1 : 1));
  const groupVersion = group === '' ? version : `${group}/${version}`;
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources };
}

const BINDINGS = {
  name: 'bindings',
  singularName: 'binding',
  namespaced: true,
  kind: 'Binding',
  verbs: ['create'],
};

function listed(kind: ServedKind) {
  const { resource } = kind;
  const { plural, singular, namespaced, shortNames, categories } = resource;
  const hash = createHash('sha256').update(`${resource.group}/${resource.kind}`).digest();
  const own = {
    name: plural,
    singularName: singular,
    namespaced,
    kind: resource.kind,
    verbs: verbsOf(kind),
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
    storageVersionHash: hash.subarray(0, 8).toString('base64'),
  };
  const below = subresourcesOf(kind).map((it) => ({
    name: `${plural}/${it.name}`,
    singularName: '',
    namespaced,
    ...(it.group === undefined ? {} : { group: it.group, version: it.version }),
    kind: it.kind,
    verbs: it.verbs,
  }));
  return [own, ...below];
}

/** Groups with their versions, preferred first, in the order a real server lists them. */
export function groupsOf(kinds: ServedKinds): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  const add = (group: string, version: string): void => {
    const versions = groups.get(group) ?? [];
    if (!versions.includes(version)) versions.push(version);
    groups.set(group, versions);
  };
  for (const kind of kinds.list()) add(kind.resource.group, kind.version);
  for (const { group, version } of REVIEWS) add(group, version);
  return groups;
}

const groupOf = (name: string, versions: readonly string[]) => {
  const all = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: all, preferredVersion: all[0] };
};

/** `/apis`. */
export const groupList = (kinds: ServedKinds) => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: [...groupsOf(kinds)]
    .filter(([name]) => name !== '')
    .map(([name, versions]) => groupOf(name, versions)),
});

/** `/apis/GROUP`; undefined for a group nobody serves. */
export function groupPage(kinds: ServedKinds, name: string) {
  const versions = groupsOf(kinds).get(name);
  if (versions === undefined || name === '') return undefined;
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(name, versions) };
}

/** `/api`. */
export const legacyVersions = (serverAddress: string) => ({
  kind: 'APIVersions',
  versions: ['v1'],
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
});

/** Every page there is, for `/`. */
export const rootPaths = (kinds: ServedKinds) => ({
  paths: [
    '/api',
    '/api/v1',
    '/apis',
    ...[...groupsOf(kinds)].flatMap(([name, versions]) =>
      name === '' ? [] : [`/apis/${name}`, ...versions.map((it) => `/apis/${name}/${it}`)],
    ),
    '/healthz',
    '/livez',
    '/metrics',
    '/openapi/v2',
    '/openapi/v3',
    '/readyz',
    '/version',
  ],
});
