import { describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import { refused, taken, testCluster } from './cluster.fixture.ts';
import { type CustomDefinition, printerColumnsOf } from './custom-definition.ts';
import { unevaluatedRules, unknownCustomFields } from './custom-resource.ts';
import { DEFINITION_SPECS } from './installed-definitions.data.ts';
import { installedDefinitions } from './installed-definitions.ts';
import type { StructuralSchema } from './structural-schema.ts';

const SCHEMA: StructuralSchema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['size'],
      properties: {
        size: { type: 'integer', minimum: 1, maximum: 10 },
        color: { type: 'string', enum: ['red', 'blue'], default: 'red' },
        name: { type: 'string', pattern: '^[a-z]+$', maxLength: 5 },
        port: { 'x-kubernetes-int-or-string': true },
        open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        ports: {
          type: 'array',
          maxItems: 2,
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['port'],
          items: {
            type: 'object',
            required: ['port'],
            properties: { port: { type: 'integer' }, name: { type: 'string' } },
          },
        },
        gone: { type: 'string', nullable: true },
      },
      'x-kubernetes-validations': [{ rule: 'self.size < 10' }],
    },
    status: { type: 'object', properties: { ready: { type: 'boolean' } } },
  },
};

const definition = (schema: StructuralSchema = SCHEMA, more: object = {}): KubernetesObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    ...more,
  },
});

const widget = (spec: unknown, metadata: object = {}): KubernetesObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'w', namespace: 'default', ...metadata },
  spec,
});

const server = (schema?: StructuralSchema) => {
  const made = testCluster();
  taken(made.kubernetes.create(definition(schema)));
  return made;
};

describe('a custom resource', () => {
  test('is pruned of what its schema does not name, and filled with its defaults', () => {
    const { kubernetes } = server();
    const spec = {
      size: 1,
      foo: 1,
      open: { any: 1 },
      labels: { a: 'b' },
      ports: [{ port: 1, x: 2 }],
    };
    const made = taken(kubernetes.create(widget(spec)));
    expect(made.spec).toEqual({
      size: 1,
      color: 'red',
      open: { any: 1 },
      labels: { a: 'b' },
      ports: [{ port: 1 }],
    });
    expect(
      unknownCustomFields(kubernetes.served.ofKind('example.com/v1', 'Widget')!, widget(spec)),
    ).toEqual(['unknown field "spec.foo"', 'unknown field "spec.ports[0].x"']);
  });

  test.each([
    [{}, 'spec.size: Required value'],
    [
      { size: 'x' },
      'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"',
    ],
    [
      { size: 0 },
      'spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1',
    ],
    [
      { size: 11 },
      'spec.size: Invalid value: 11: spec.size in body should be less than or equal to 10',
    ],
    [
      { size: 1, color: 'green' },
      'spec.color: Unsupported value: "green": supported values: "red", "blue"',
    ],
    [
      { size: 1, name: 'A' },
      'spec.name: Invalid value: "A": spec.name in body should match \'^[a-z]+$\'',
    ],
    [
      { size: 1, port: true },
      'spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"',
    ],
    [
      { size: 1, labels: { a: 1 } },
      'spec.labels.a: Invalid value: "integer": spec.labels.a in body must be of type string: "integer"',
    ],
    [{ size: 1, ports: [{ port: 1 }, { port: 1 }] }, 'spec.ports[1]: Duplicate value: {"port":1}'],
    [
      { size: 1, ports: [{ port: 1 }, { port: 2 }, { port: 3 }] },
      'spec.ports: Too many: 3: must have at most 2 items',
    ],
    [
      { size: null },
      'spec.size: Invalid value: "null": spec.size in body must be of type integer: "null"',
    ],
  ])('that does not fit (%j) is refused in the words of the API server', (spec, text) => {
    const { kubernetes } = server();
    expect(refused(kubernetes.create(widget(spec))).message).toBe(
      `Widget.example.com "w" is invalid: ${text}`,
    );
  });

  test('has a status that must fit, too', () => {
    const { kubernetes } = server();
    const made = taken(kubernetes.create(widget({ size: 1 })));
    expect(refused(kubernetes.updateStatus({ ...made, status: { ready: 'yes' } })).message).toBe(
      'Widget.example.com "w" is invalid: status.ready: Invalid value: "string": ' +
        'status.ready in body must be of type boolean: "string"',
    );
    const ready = taken(kubernetes.updateStatus({ ...made, status: { ready: true, x: 1 } }));
    expect(ready.status).toEqual({ ready: true });
  });

  test('may be null where its schema says so', () => {
    const { kubernetes } = server();
    expect(taken(kubernetes.create(widget({ size: 1, gone: null }))).spec).toMatchObject({
      gone: null,
    });
  });

  test('must fit one of several schemas where there are several', () => {
    const { kubernetes } = server({
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          properties: { a: { type: 'string' }, b: { type: 'string' } },
          oneOf: [{ required: ['a'] }, { required: ['b'] }],
        },
      },
    });
    expect(refused(kubernetes.create(widget({}))).message).toBe(
      'Widget.example.com "w" is invalid: <nil>: Invalid value: "": "spec" must validate one and ' +
        'only one schema (oneOf). Found none valid',
    );
    expect(taken(kubernetes.create(widget({ a: 'x' }))).spec).toEqual({ a: 'x' });
  });

  test('goes with its definition, which waits for those that are held', () => {
    const { kubernetes, store } = server();
    taken(kubernetes.create(widget({ size: 1 })));
    taken(kubernetes.create(widget({ size: 1 }, { name: 'held', finalizers: ['x.io/y'] })));
    kubernetes.delete('CustomResourceDefinition', 'widgets.example.com');
    expect(store.list('Unknown').map((it) => it.metadata.name)).toEqual(['held']);
    expect(store.get('CustomResourceDefinition', 'widgets.example.com')).toMatchObject({
      metadata: { finalizers: ['customresourcecleanup.apiextensions.k8s.io'] },
    });
    const held = store.list('Unknown')[0]!;
    kubernetes.update({ ...held, metadata: { ...held.metadata, finalizers: [] } });
    expect(store.list('Unknown')).toEqual([]);
    expect(store.get('CustomResourceDefinition', 'widgets.example.com')).toBeUndefined();
  });
});

describe('a definition', () => {
  test('is told which of its rules nobody evaluates', () => {
    expect(unevaluatedRules(definition())).toEqual([
      'ekstwin: version v1 declares x-kubernetes-validations that are not evaluated: ' +
        'spec: self.size < 10',
    ]);
  });

  test('must be called by its plural and group, store one version, and be structural', () => {
    const { kubernetes } = testCluster();
    const named = { ...definition(), metadata: { name: 'foo' } };
    expect(refused(kubernetes.create(named)).message).toContain(
      'metadata.name: Invalid value: "foo": must be spec.names.plural+"."+spec.group',
    );
    const version = { name: 'v1', served: true, storage: false };
    const versions = [
      {
        ...version,
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: {} } } },
      },
    ];
    const { message } = refused(kubernetes.create(definition(SCHEMA, { versions })));
    expect(message).toContain(
      'spec.versions[0].schema.openAPIV3Schema.properties[spec].type: Required value: ' +
        'must not be empty for specified object fields',
    );
    expect(message).toContain('must have exactly one version marked as storage version');
  });

  test('of every component of EKS is taken, and says its columns', () => {
    const { kubernetes } = testCluster();
    const names = Object.keys(DEFINITION_SPECS);
    for (const object of installedDefinitions(names)) taken(kubernetes.create(object));
    const binding = kubernetes.served.ofKind('elbv2.k8s.aws/v1beta1', 'TargetGroupBinding')!;
    const columns = printerColumnsOf(binding.definition as CustomDefinition, 'v1beta1');
    expect(columns.map((it) => it.name)).toEqual([
      'SERVICE-NAME',
      'SERVICE-PORT',
      'TARGET-TYPE',
      'ARN',
      'NAME',
      'AGE',
    ]);
    const plain = printerColumnsOf(definition() as CustomDefinition, 'v1');
    expect(plain.map((it) => it.name)).toEqual(['Age']);
  });

  test('judges an ENIConfig, which has no rules but those', () => {
    const { kubernetes } = testCluster();
    const names = ['eniconfigs.crd.k8s.amazonaws.com'];
    for (const object of installedDefinitions(names)) taken(kubernetes.create(object));
    const config = (spec: object) => ({
      apiVersion: 'crd.k8s.amazonaws.com/v1alpha1',
      kind: 'ENIConfig',
      metadata: { name: 'us-west-2a' },
      spec,
    });
    expect(refused(kubernetes.create(config({ subnet: [1] }))).message).toContain(
      'spec.subnet in body must be of type string',
    );
    taken(kubernetes.create(config({ subnet: 'subnet-1' })));
  });
});
