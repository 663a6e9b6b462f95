import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { taken, testCluster } from '../../../cluster/cluster.fixture.ts';
import { isApiStatus } from '../../../cluster/kubernetes.ts';
import type { KubernetesObject, ManagedFieldsEntry } from '../../../model/kubernetes/meta.ts';
import { applyPatch } from './apply-patch.ts';
import { fieldSetOf } from './field-set.ts';
import { managersAfterWrite, type Writer } from './ownership.ts';
import { shapeOf, shapeOfSchema } from './shape.ts';
import { compared, fieldsOf, merged, typedErrors } from './typed-value.ts';

const NOW = '2026-01-01T00:00:00Z';
const LATER = '2026-01-02T00:00:00Z';

/** An API server whose clients are told of, as the REST part calls it. */
function server() {
  const { kubernetes, store } = testCluster();
  const writer = (
    object: KubernetesObject,
    manager: string,
    more: Partial<Writer> = {},
  ): Writer => {
    const resource = kubernetes.served.ofKind(object.apiVersion, object.kind)!;
    return {
      manager,
      operation: 'Update',
      apiVersion: object.apiVersion,
      now: NOW,
      shape: shapeOf(resource, resource.versions[0]!),
      hasStatus: resource.hasStatus,
      ...more,
    };
  };
  const live = (object: KubernetesObject): KubernetesObject | undefined => {
    const { name, namespace = 'default' } = object.metadata;
    return store.get(object.kind as 'Deployment', `${namespace}/${name}`) as KubernetesObject;
  };
  return {
    kubernetes,
    live,
    create: (object: KubernetesObject, manager: string) => {
      const by = writer(object, manager);
      const track = (after: KubernetesObject) => managersAfterWrite(undefined, after, by);
      return taken(kubernetes.create(object, { track }));
    },
    update: (object: KubernetesObject, manager: string, now = LATER) => {
      const by = writer(object, manager, { now });
      return taken(
        kubernetes.update(object, undefined, {
          track: (after, before) => managersAfterWrite(before, after, by),
        }),
      );
    },
    apply: (object: KubernetesObject, manager: string, isForced = false, now = NOW) => {
      const by = writer(object, manager, { operation: 'Apply', now });
      const before = live(object);
      const applied = applyPatch(before, object, by, isForced);
      if (isApiStatus(applied)) return applied;
      return before === undefined
        ? kubernetes.create(applied.object)
        : kubernetes.update(applied.object);
    },
  };
}

const deployment = (spec: object, metadata: object = {}): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default', ...metadata },
  spec,
});

const template = (image: string, more: object = {}): object => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image, ...more }] },
});
const web = (image = 'web:1', spec: object = {}): KubernetesObject =>
  deployment({
    selector: { matchLabels: { app: 'web' } },
    template: template(image),
    ...spec,
  });

const entry = (object: KubernetesObject | undefined, manager: string): ManagedFieldsEntry =>
  object!.metadata.managedFields!.find((it) => it.manager === manager)!;
const specOf = (object: unknown): Record<string, unknown> =>
  (object as KubernetesObject).spec as Record<string, unknown>;
const message = (result: unknown): string => (isApiStatus(result) ? result.message : 'taken');

describe('server-side apply', () => {
  test('owns what it says, in the words of upstream', () => {
    const api = server();
    const created = taken(api.apply(web('web:1', { replicas: 2 }), 'me') as KubernetesObject);
    expect(created.metadata.managedFields).toEqual([
      {
        manager: 'me',
        operation: 'Apply',
        apiVersion: 'apps/v1',
        time: NOW,
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:spec': {
            'f:replicas': {},
            'f:selector': {},
            'f:template': {
              'f:metadata': { 'f:labels': { 'f:app': {} } },
              'f:spec': {
                'f:containers': {
                  'k:{"name":"web"}': { '.': {}, 'f:image': {}, 'f:name': {} },
                },
              },
            },
          },
        },
      },
    ]);
  });

  test('again, without a change, writes nothing', () => {
    const api = server();
    const first = taken(api.apply(web(), 'me') as KubernetesObject);
    expect(api.apply(web(), 'me', false, LATER)).toBe(first);
  });

  test('takes away what it no longer says, but not what the server or others gave', () => {
    const api = server();
    api.apply(web('web:1', { replicas: 2, minReadySeconds: 5 }), 'me');
    const after = taken(api.apply(web(), 'me', false, LATER) as KubernetesObject);
    expect(specOf(after)).not.toHaveProperty('minReadySeconds');
    // replicas is defaulted anew: a Deployment without has one.
    expect(specOf(after)).toMatchObject({ replicas: 1, revisionHistoryLimit: 10 });
  });

  test('conflicts with who owns a field it changes, and is told whose it is', () => {
    const api = server();
    api.apply(web('web:1', { replicas: 2 }), 'me');
    const refused = api.apply(deployment({ replicas: 3 }), 'you');
    expect(refused).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "me": .spec.replicas',
      details: {
        causes: [
          {
            reason: 'FieldManagerConflict',
            message: 'conflict with "me"',
            field: '.spec.replicas',
          },
        ],
      },
    });
    const two = template('web:2');
    expect(message(api.apply(deployment({ replicas: 3, template: two }), 'you'))).toBe(
      'Apply failed with 2 conflicts: conflicts with "me":\n- .spec.replicas\n' +
        '- .spec.template.spec.containers[name="web"].image',
    );
    const forced = taken(api.apply(deployment({ replicas: 3 }), 'you', true) as KubernetesObject);
    expect(specOf(forced).replicas).toBe(3);
    expect(entry(forced, 'me').fieldsV1!['f:spec']).not.toHaveProperty('f:replicas');
  });

  test('an updater is named with its version and its time', () => {
    const api = server();
    api.create(web('web:1', { replicas: 2 }), 'kubectl-create');
    expect(message(api.apply(deployment({ replicas: 3 }), 'me'))).toBe(
      'Apply failed with 1 conflict: conflict with "kubectl-create" using apps/v1 at ' +
        `${NOW}: .spec.replicas`,
    );
  });

  test('two that say the same own it both; the value goes when the last lets go', () => {
    const api = server();
    api.apply(web('web:1', { minReadySeconds: 5 }), 'me');
    taken(api.apply(deployment({ minReadySeconds: 5 }), 'you') as KubernetesObject);
    const one = taken(api.apply(web(), 'me', false, LATER) as KubernetesObject);
    expect(specOf(one).minReadySeconds).toBe(5);
    const none = taken(api.apply(deployment({}), 'you', false, LATER) as KubernetesObject);
    expect(specOf(none)).not.toHaveProperty('minReadySeconds');
  });

  test('a port is known by number and protocol, the protocol by its default', () => {
    const api = server();
    const ports = [{ containerPort: 80 }];
    const created = taken(
      api.apply(
        deployment({ ...specOf(web()), template: template('a', { ports }) }),
        'me',
      ) as KubernetesObject,
    );
    expect(JSON.stringify(entry(created, 'me').fieldsV1)).toContain(
      '"k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:containerPort":{}}',
    );
  });

  test('an item twice, or without its key, is refused with its place', () => {
    const api = server();
    const containers = [{ name: 'a' }, { name: 'a' }];
    expect(message(api.apply(deployment({ template: { spec: { containers } } }), 'me'))).toBe(
      'failed to create typed patch object (default/web; apps/v1, Kind=Deployment): ' +
        '.spec.template.spec.containers: duplicate entries for key [name="a"]',
    );
    const nameless = [{ image: 'a' }];
    expect(
      message(api.apply(deployment({ template: { spec: { containers: nameless } } }), 'me')),
    ).toMatch(
      /containers: element 0: associative list with keys has an element that omits all key/,
    );
    expect(message(api.apply(deployment({ foo: 1 }), 'me'))).toMatch(
      /\.spec\.foo: field not declared in schema$/,
    );
  });

  test('another version than that of the path, and managers in the config, are refused', () => {
    const api = server();
    const by = { metadata: { name: 'web', managedFields: [] } };
    expect(message(api.apply({ ...web(), ...by } as KubernetesObject, 'me'))).toBe(
      'metadata.managedFields must be nil',
    );
  });

  test('what kubectl applied client-side, kubectl takes over without a conflict', () => {
    const api = server();
    const config = web('web:1');
    const text = `${JSON.stringify(config)}\n`;
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': text };
    const first = { ...config, metadata: { ...config.metadata, annotations } };
    api.create(first, 'kubectl-client-side-apply');
    const after = taken(api.apply(web('web:2'), 'kubectl') as KubernetesObject);
    expect(JSON.stringify(after.spec)).toContain('web:2');
    expect(Object.values(after.metadata.annotations!)[0]).toContain('web:2');
  });
});

describe('who created or changed an object', () => {
  test('owns it as a real server says: lists by their dot, structs without', () => {
    const api = server();
    const created = api.create(
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'p', namespace: 'default', labels: { run: 'p' } },
        spec: { containers: [{ name: 'p', image: 'nginx' }] },
      } as KubernetesObject,
      'kubectl-run',
    );
    expect(entry(created, 'kubectl-run').fieldsV1).toEqual({
      'f:metadata': { 'f:labels': { '.': {}, 'f:run': {} } },
      'f:spec': {
        'f:containers': {
          'k:{"name":"p"}': {
            '.': {},
            'f:image': {},
            'f:imagePullPolicy': {},
            'f:name': {},
            'f:resources': {},
            'f:terminationMessagePath': {},
            'f:terminationMessagePolicy': {},
          },
        },
        'f:dnsPolicy': {},
        'f:enableServiceLinks': {},
        'f:restartPolicy': {},
        'f:schedulerName': {},
        'f:securityContext': {},
        'f:terminationGracePeriodSeconds': {},
      },
    });
  });

  test('loses what somebody else changes, and keeps the rest', () => {
    const api = server();
    const created = api.create(web('web:1', { replicas: 2 }), 'kubectl-create');
    const scaled = api.update(
      { ...created, spec: { ...(created.spec as object), replicas: 5 } },
      'kubectl-edit',
    );
    expect(entry(scaled, 'kubectl-edit')).toMatchObject({
      time: LATER,
      fieldsV1: { 'f:spec': { 'f:replicas': {} } },
    });
    expect(entry(scaled, 'kubectl-create').fieldsV1!['f:spec']).not.toHaveProperty('f:replicas');
    expect(api.update(scaled, 'kubectl-other')).toBe(scaled);
  });

  test('may be forgotten, and renamed as kubectl does when it moves to server-side apply', () => {
    const api = server();
    const created = api.create(web(), 'kubectl-client-side-apply');
    const renamed = created.metadata.managedFields!.map((it) => ({
      ...it,
      manager: 'kubectl',
      operation: 'Apply' as const,
    }));
    const moved = api.update(
      { ...created, metadata: { ...created.metadata, managedFields: renamed } },
      'kubectl',
    );
    expect(moved.metadata.managedFields).toMatchObject([
      { manager: 'kubectl', operation: 'Apply' },
    ]);
    const reset = api.update(
      { ...moved, metadata: { ...moved.metadata, managedFields: [{}] } },
      'kubectl',
    );
    expect(reset.metadata).not.toHaveProperty('managedFields');
  });

  test('of pods of one template is kept once', () => {
    const api = server();
    const pod = (name: string): KubernetesObject => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      spec: { containers: [{ name: 'c', image: 'nginx' }] },
    });
    const [a, b] = [api.create(pod('a'), 'me'), api.create(pod('b'), 'me')];
    expect(entry(a, 'me').fieldsV1).toBe(entry(b, 'me').fieldsV1);
  });
});

describe('values by their shape', () => {
  const SHAPE = shapeOfSchema({
    type: 'object',
    properties: {
      set: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
      list: { type: 'array', items: { type: 'integer' } },
      map: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['id'],
        items: { type: 'object', properties: { id: { type: 'integer' }, x: { type: 'integer' } } },
      },
      whole: { type: 'object', 'x-kubernetes-map-type': 'atomic', additionalProperties: true },
      open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
  });
  const value = fc.record(
    {
      set: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }),
      list: fc.array(fc.nat(3), { minLength: 1 }),
      map: fc.uniqueArray(fc.record({ id: fc.nat(3), x: fc.nat(3) }), {
        minLength: 1,
        selector: (it) => it.id,
      }),
      whole: fc.dictionary(fc.constantFrom('a', 'b'), fc.nat(3), { minKeys: 1 }),
      open: fc.dictionary(fc.constantFrom('a', 'b'), fc.nat(3), { minKeys: 1 }),
    },
    { requiredKeys: [] },
  );

  test('merging what is there changes nothing, and what was merged is in the result', () => {
    fc.assert(
      fc.property(value, value, (live, config) => {
        expect(merged(live, live, SHAPE)).toEqual(live);
        const both = merged(live, config, SHAPE);
        expect(typedErrors(both, SHAPE)).toEqual([]);
        expect(fieldsOf(config, SHAPE).difference(fieldsOf(both, SHAPE)).isEmpty).toBe(true);
        const { added, modified } = compared(both, merged(both, config, SHAPE), SHAPE);
        expect(added.union(modified).isEmpty).toBe(true);
      }),
    );
  });

  test('a comparison names what went, what came and what changed, and nothing of equals', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const there = compared(a, b, SHAPE);
        const back = compared(b, a, SHAPE);
        expect(there.added.toFieldsV1()).toEqual(back.removed.toFieldsV1());
        expect(there.modified.toFieldsV1()).toEqual(back.modified.toFieldsV1());
        expect(compared(a, structuredClone(a), SHAPE).modified.isEmpty).toBe(true);
      }),
    );
  });

  test('sets of fields are read as they were written', () => {
    fc.assert(
      fc.property(value, (it) => {
        const fields = fieldsOf(it, SHAPE).toFieldsV1();
        expect(fieldSetOf(fields).toFieldsV1()).toEqual(fields);
      }),
    );
  });
});
