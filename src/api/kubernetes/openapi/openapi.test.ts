import { describe, expect, test } from 'vitest';
import { testCluster } from '../../../cluster/cluster.fixture.ts';
import { OpenApi } from './openapi.ts';

type Json = Record<string, unknown>;

const at = (document: unknown, ...path: string[]): Json =>
  path.reduce((value, key) => (value as Json)[key] as Json, document as Json);

const WIDGETS = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                required: ['size'],
                properties: {
                  size: { type: 'integer', minimum: 1 },
                  port: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }] },
                },
              },
            },
          },
        },
      },
    ],
  },
};

/** Every reference of a document leads somewhere. */
function danglingIn(document: Json): string[] {
  const dangling: string[] = [];
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { $ref } = value as { $ref?: unknown };
    if (typeof $ref === 'string') {
      const found = $ref
        .slice(2)
        .split('/')
        .reduce<unknown>((it, key) => (it as Json)?.[key], document);
      if (found === undefined) dangling.push($ref);
    }
    for (const it of Object.values(value)) look(it);
  };
  look(document);
  return dangling;
}

describe('OpenAPI', () => {
  const { kubernetes } = testCluster();
  const openApi = new OpenApi(kubernetes.served, 'v1.34.1');

  test('version 2 names the types as upstream does, with merge keys and list types', () => {
    const document = JSON.parse(openApi.v2()) as Json;
    const containers = at(
      document,
      'definitions',
      'io.k8s.api.core.v1.PodSpec',
      'properties',
      'containers',
    );
    expect(containers).toMatchObject({
      type: 'array',
      items: { $ref: '#/definitions/io.k8s.api.core.v1.Container' },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      'x-kubernetes-patch-merge-key': 'name',
      'x-kubernetes-patch-strategy': 'merge',
    });
    expect(danglingIn(document)).toEqual([]);
    expect(Object.keys(document.definitions as Json).length).toBeGreaterThan(400);
  });

  test('a PATCH says that a server can dry-run and validate fields', () => {
    const document = JSON.parse(openApi.v3('apis/apps/v1')!.text) as Json;
    const path = '/apis/apps/v1/namespaces/{namespace}/deployments/{name}';
    const { parameters } = at(document, 'paths', path, 'patch') as { parameters: Json[] };
    expect(parameters.map((it) => it.name)).toEqual(
      expect.arrayContaining(['dryRun', 'fieldValidation', 'fieldManager', 'force']),
    );
    expect(danglingIn(document)).toEqual([]);
  });

  test('a custom resource has apiVersion, kind and metadata besides what its CRD says', () => {
    const before = JSON.parse(openApi.v3Index()) as { paths: Json };
    expect(before.paths).not.toHaveProperty(['apis/example.com/v1']);
    kubernetes.create(WIDGETS);
    const index = JSON.parse(openApi.v3Index()) as {
      paths: Record<string, { serverRelativeURL: string }>;
    };
    expect(index.paths['apis/example.com/v1']!.serverRelativeURL).toMatch(
      /^\/openapi\/v3\/apis\/example\.com\/v1\?hash=[0-9A-F]{128}$/,
    );
    expect(index.paths['apis/apps/v1']).toEqual(
      (before.paths as Record<string, unknown>)['apis/apps/v1'],
    );
    const v3 = JSON.parse(openApi.v3('apis/example.com/v1')!.text) as Json;
    const schema = at(v3, 'components', 'schemas', 'com.example.v1.Widget');
    expect(Object.keys(schema.properties as Json).sort()).toEqual([
      'apiVersion',
      'kind',
      'metadata',
      'spec',
    ]);
    expect(danglingIn(v3)).toEqual([]);
    const v2 = JSON.parse(openApi.v2()) as Json;
    const spec = at(v2, 'definitions', 'com.example.v1.Widget', 'properties', 'spec');
    expect(at(spec, 'properties', 'port')).toEqual({ 'x-kubernetes-int-or-string': true });
  });

  test('there is a document for every group and version that discovery lists, and no other', () => {
    for (const { group, versions } of kubernetes.served.list()) {
      for (const version of versions) {
        const path = group === '' ? `api/${version}` : `apis/${group}/${version}`;
        expect(danglingIn(JSON.parse(openApi.v3(path)!.text) as Json)).toEqual([]);
      }
    }
    expect(openApi.v3('apis/nobody.example/v1')).toBeUndefined();
  });

  test('in protobuf it starts with its version and its title', () => {
    const bytes = Buffer.from(openApi.v2Protobuf());
    expect(bytes.subarray(0, 5).toString('latin1')).toBe('\n\x032.0');
    expect(bytes.includes('io.k8s.api.core.v1.PodSpec')).toBe(true);
  });
});
