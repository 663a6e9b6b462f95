import { describe, expect, test } from 'vitest';
import type { Condition, KubernetesObject } from '../model/kubernetes/meta.ts';
import { testCluster } from './cluster.fixture.ts';
import { compareVersions } from './custom-definition.ts';
import { isApiStatus } from './kubernetes.ts';

const definition = (
  kind: string,
  scope: 'Cluster' | 'Namespaced' = 'Namespaced',
  more: object = {},
): KubernetesObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${kind.toLowerCase()}s.example.com` },
  spec: {
    group: 'example.com',
    scope,
    names: { kind, plural: `${kind.toLowerCase()}s`, shortNames: [kind.slice(0, 2).toLowerCase()] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object' } },
        subresources: { status: {} },
      },
    ],
    ...more,
  },
});

const conditionsOf = (object: KubernetesObject | undefined): string[] =>
  ((object?.status as { conditions: Condition[] } | undefined)?.conditions ?? []).map(
    (it) => `${it.type}=${it.status}`,
  );

describe('what the API server serves', () => {
  test('a definition is established as soon as it is created, and its resource served', () => {
    const { kubernetes } = testCluster();
    let changes = 0;
    kubernetes.served.onChange(() => changes++);
    expect(kubernetes.served.at('example.com', 'v1', 'widgets')).toBeUndefined();
    const created = kubernetes.create(definition('Widget')) as KubernetesObject;
    expect(conditionsOf(created)).toEqual(['NamesAccepted=True', 'Established=True']);
    expect(created.status).toMatchObject({
      acceptedNames: { singular: 'widget', listKind: 'WidgetList' },
      storedVersions: ['v1'],
    });
    expect(kubernetes.served.at('example.com', 'v1', 'widgets')).toMatchObject({
      kind: 'Widget',
      namespaced: true,
      hasStatus: true,
      hasScale: false,
    });
    expect(kubernetes.served.ofKind('example.com/v2', 'Widget')).toBeUndefined();
    expect(changes).toBe(1);
    kubernetes.delete('CustomResourceDefinition', 'widgets.example.com');
    expect(kubernetes.served.ofKind('example.com/v1', 'Widget')).toBeUndefined();
  });

  test('a name that another definition of the group has is not accepted', () => {
    const { kubernetes } = testCluster();
    kubernetes.create(definition('Widget'));
    const second = kubernetes.create(definition('Winch')) as KubernetesObject;
    expect(conditionsOf(second)).toEqual(['NamesAccepted=False', 'Established=False']);
    expect(kubernetes.served.ofKind('example.com/v1', 'Winch')).toBeUndefined();
  });

  test('a cluster-scoped custom resource has no namespace, a namespaced one needs one that exists', () => {
    const { kubernetes } = testCluster();
    kubernetes.create(definition('Widget', 'Cluster'));
    kubernetes.create(definition('Gadget'));
    const widget = kubernetes.create({
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'one', namespace: 'default' },
    });
    expect(widget.metadata).not.toHaveProperty('namespace');
    const gadget = kubernetes.create({
      apiVersion: 'example.com/v1',
      kind: 'Gadget',
      metadata: { name: 'one', namespace: 'nowhere' },
    });
    expect(isApiStatus(gadget) && gadget.message).toBe('namespaces "nowhere" not found');
  });

  test('versions come stable first, then beta, then alpha, the later one first', () => {
    const versions = ['v1alpha1', 'foo', 'v2beta1', 'v1', 'v10', 'v11beta2', 'v2', 'v1beta1'];
    expect(versions.sort(compareVersions)).toEqual([
      'v10',
      'v2',
      'v1',
      'v11beta2',
      'v2beta1',
      'v1beta1',
      'v1alpha1',
      'foo',
    ]);
  });
});
