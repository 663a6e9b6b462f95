import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import { duplicateFields, strictDecodingError, unknownFields } from './field-validation.ts';

const deployment = (spec: object): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec,
});

describe('fields nobody reads', () => {
  test('are named with their place, list items by index', () => {
    const containers = [{ name: 'a' }, { name: 'b', imagee: 'x', ports: [{ containerport: 80 }] }];
    const object = deployment({ foo: 1, template: { spec: { containers } } });
    expect(unknownFields(object)).toEqual([
      'unknown field "spec.foo"',
      'unknown field "spec.template.spec.containers[1].imagee"',
      'unknown field "spec.template.spec.containers[1].ports[0].containerport"',
    ]);
    expect(strictDecodingError(unknownFields(deployment({ foo: 1 })))).toBe(
      'strict decoding error: unknown field "spec.foo"',
    );
  });

  test('are none in labels, limits and other maps, nor in what a whole pod may have', () => {
    expect(
      unknownFields({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'p', labels: { any: 'thing' }, managedFields: [{ fieldsV1: { a: {} } }] },
        spec: {
          containers: [{ name: 'c', resources: { limits: { 'vpc.amazonaws.com/pod-eni': '1' } } }],
          volumes: [{ name: 'v', configMap: { name: 'c', defaultMode: 420 } }],
        },
      } as unknown as KubernetesObject),
    ).toEqual([]);
  });

  test('of a custom resource are those of its metadata', () => {
    const object = {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'w', label: {} },
      spec: { any: 1 },
    } as unknown as KubernetesObject;
    expect(unknownFields(object)).toEqual(['unknown field "metadata.label"']);
  });

  test('written twice are named once, wherever they are', () => {
    const text =
      '{"spec":{"a":1,"b":[{"x":"}"},{"x":"\\"","x":2,"x":3}],"a":{"a":1}},"kind":"A","kind":"B"}';
    expect(duplicateFields(text)).toEqual([
      'duplicate field "spec.b[1].x"',
      'duplicate field "spec.a"',
      'duplicate field "kind"',
    ]);
  });

  test('no JSON that a program wrote has a field twice', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(duplicateFields(JSON.stringify(JSON.parse(text)))).toEqual([]);
      }),
    );
  });
});
