/**
 * api/kubernetes/openapi/operations — the paths of a resource with the operations clients look for:
 * kubectl finds a kind by them, and whether a server-side dry run and field validation are there.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/installer.go registerResourceHandlers;
 * kubernetes/cli-runtime pkg/resource/query_param_verifier{,_v3}.go.
 */
import type { ServedResource } from '../../../cluster/served-resources.ts';
import { type Dialect, GVK, type Json } from './type-definition.ts';

type Verb = 'get' | 'list' | 'post' | 'put' | 'patch' | 'delete' | 'deletecollection';

const WRITES = ['dryRun', 'fieldManager', 'fieldValidation'];

const PARAMETERS: Readonly<Record<Verb, readonly string[]>> = {
  get: [],
  list: [
    'allowWatchBookmarks',
    'continue',
    'fieldSelector',
    'labelSelector',
    'limit',
    'resourceVersion',
    'resourceVersionMatch',
    'sendInitialEvents',
    'timeoutSeconds',
    'watch',
  ],
  post: WRITES,
  put: WRITES,
  patch: [...WRITES, 'force'],
  delete: ['dryRun', 'gracePeriodSeconds', 'orphanDependents', 'propagationPolicy'],
  deletecollection: ['continue', 'dryRun', 'fieldSelector', 'labelSelector', 'limit'],
};

const TYPES: Readonly<Record<string, string>> = {
  allowWatchBookmarks: 'boolean',
  force: 'boolean',
  orphanDependents: 'boolean',
  sendInitialEvents: 'boolean',
  watch: 'boolean',
  gracePeriodSeconds: 'integer',
  limit: 'integer',
  timeoutSeconds: 'integer',
};

/** kubectl reads the operationId no further, but generators of clients do. */
const VERB_NAMES: Readonly<Record<Verb, string>> = {
  get: 'read',
  list: 'list',
  post: 'create',
  put: 'replace',
  patch: 'patch',
  delete: 'delete',
  deletecollection: 'deletecollection',
};

const parameter = (name: string, dialect: Dialect): Json => {
  const type = TYPES[name] ?? 'string';
  const place = { name, in: 'query', uniqueItems: true };
  return dialect === 'v2' ? { ...place, type } : { ...place, schema: { type, uniqueItems: true } };
};

const inPath = (name: string, dialect: Dialect): Json => {
  const place = { name, in: 'path', required: true };
  return dialect === 'v2'
    ? { ...place, type: 'string', uniqueItems: true }
    : { ...place, schema: { type: 'string', uniqueItems: true } };
};

export interface Path {
  readonly path: string;
  readonly item: Json;
}

/** The paths of a resource in a version. */
export function pathsOf(resource: ServedResource, version: string, dialect: Dialect): Path[] {
  const { group, kind, plural, namespaced, hasStatus } = resource;
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const scope = namespaced ? `${root}/namespaces/{namespace}` : root;
  const gvk = { group, kind, version };
  const operation = (verb: Verb, suffix = ''): Json => ({
    operationId: `${VERB_NAMES[verb]}${namespaced ? 'Namespaced' : ''}${kind}${suffix}`,
    parameters: PARAMETERS[verb].map((name) => parameter(name, dialect)),
    responses: { 200: { description: 'OK' }, 401: { description: 'Unauthorized' } },
    'x-kubernetes-action': verb,
    [GVK]: gvk,
  });
  const names = namespaced ? [inPath('namespace', dialect)] : [];
  const named = [inPath('name', dialect), ...names];
  const having = (parameters: readonly Json[]): Json =>
    parameters.length === 0 ? {} : { parameters };
  const paths: Path[] = [
    {
      path: `${scope}/${plural}`,
      item: {
        get: operation('list'),
        post: operation('post'),
        delete: operation('deletecollection'),
        ...having(names),
      },
    },
    {
      path: `${scope}/${plural}/{name}`,
      item: {
        get: operation('get'),
        put: operation('put'),
        patch: operation('patch'),
        delete: operation('delete'),
        ...having(named),
      },
    },
  ];
  if (namespaced) {
    paths.push({
      path: `${root}/${plural}`,
      item: { get: { ...operation('list'), operationId: `list${kind}ForAllNamespaces` } },
    });
  }
  if (hasStatus) {
    paths.push({
      path: `${scope}/${plural}/{name}/status`,
      item: {
        get: operation('get', 'Status'),
        put: operation('put', 'Status'),
        patch: operation('patch', 'Status'),
        ...having(named),
      },
    });
  }
  return paths;
}
