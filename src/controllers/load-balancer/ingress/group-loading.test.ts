import fc from 'fast-check';
import { expect, test } from 'vitest';
import { declareIndexes, type Kinds } from '../../../model/kinds.ts';
import type { Ingress, IngressClass } from '../../../model/kubernetes/ingress.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import { Store } from '../../../sim/store.ts';
import { BuildError, built } from '../build-error.ts';
import { explicitGroup, type GroupId, groupFinalizer, implicitGroup, memberKey } from './group.ts';
import { loadGroup, standingOf } from './group-loading.ts';
import { declareIngressIndexes, storeLookups } from './store-lookups.ts';

const GROUP = 'alb.ingress.kubernetes.io/group.name';
const ORDER = 'alb.ingress.kubernetes.io/group.order';

function emptyStore(): Store<Kinds> {
  const store = new Store<Kinds>();
  declareIndexes(store);
  declareIngressIndexes(store);
  return store;
}

const ingressClass = (name: string, params?: string, isDefault = false): IngressClass => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: {
    name,
    annotations: isDefault ? { 'ingressclass.kubernetes.io/is-default-class': 'true' } : {},
  },
  spec: {
    controller: 'ingress.k8s.aws/alb',
    ...(params === undefined
      ? {}
      : { parameters: { apiGroup: 'elbv2.k8s.aws', kind: 'IngressClassParams', name: params } }),
  },
});

const ingress = (
  name: string,
  metadata: Partial<Ingress['metadata']> = {},
  ingressClassName: string | undefined = 'alb',
): Ingress => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { namespace: 'shop', name, ...metadata },
  spec: { ingressClassName, defaultBackend: { service: { name: 'api', port: { number: 80 } } } },
});

function storeWith(...objects: readonly (Ingress | IngressClass)[]): Store<Kinds> {
  const store = emptyStore();
  for (const it of objects) store.put(it.kind as 'Ingress', keyOf(it), it as Ingress);
  return store;
}

const loaded = (store: Store<Kinds>, id: GroupId): unknown => {
  const group = built(() => loadGroup(id, storeLookups(store), 'alb'));
  if (group instanceof BuildError) return group.message;
  return [group.members.map(memberKey), group.inactiveMembers.map(keyOf)];
};

test('members stand by their order, then by name; who left but holds the finalizer is inactive', () => {
  const id = explicitGroup('edge');
  const finalizers = [groupFinalizer(id)];
  const store = storeWith(
    ingressClass('alb'),
    ingress('b', { annotations: { [GROUP]: 'edge' } }),
    ingress('a', { annotations: { [GROUP]: 'edge', [ORDER]: '5' } }),
    ingress('c', { annotations: { [GROUP]: 'edge', [ORDER]: '-1' } }),
    ingress('left', { finalizers }),
    ingress('going', {
      annotations: { [GROUP]: 'edge' },
      finalizers,
      deletionTimestamp: '2026-01-01T00:00:00Z',
    }),
  );
  expect(loaded(store, id)).toEqual([
    ['shop/c', 'shop/b', 'shop/a'],
    ['shop/going', 'shop/left'],
  ]);
});

test('one member with an order out of range fails the group', () => {
  const store = storeWith(
    ingressClass('alb'),
    ingress('a', { annotations: { [GROUP]: 'edge', [ORDER]: '1001' } }),
  );
  expect(loaded(store, explicitGroup('edge'))).toBe(
    'explicit Ingress group order must be within [-1000:1000], Ingress: shop/a, order: 1001',
  );
});

test('a class that is gone keeps its members’ load balancer by failing the group', () => {
  const id = implicitGroup(ingress('a'));
  const member = ingress('a', { finalizers: [groupFinalizer(id)] });
  expect(loaded(storeWith(member), id)).toBe(
    'Ingress: shop/a: Ingress has invalid IngressClass configuration: invalid ingress class: ' +
      'IngressClass.networking.k8s.io "alb" not found',
  );
  expect(loaded(storeWith(ingress('a')), id)).toEqual([[], []]);
});

test('without class nobody of ours, with the default class ours, with two of those nobody loads', () => {
  const id = implicitGroup(ingress('a'));
  const classless = ingress('a', {}, '');
  const { ingressClassName: _none, ...spec } = classless.spec;
  const bare = { ...classless, spec };
  expect(loaded(storeWith(bare), id)).toEqual([[], []]);
  expect(loaded(storeWith(bare, ingressClass('alb', undefined, true)), id)).toEqual([
    ['shop/a'],
    [],
  ]);
  const two = storeWith(
    bare,
    ingressClass('alb', undefined, true),
    ingressClass('other', undefined, true),
  );
  expect(loaded(two, explicitGroup('edge'))).toBe(
    'Ingress: shop/a: multiple default IngressClasses found',
  );
});

test('the class annotation wins over the field, and no parameters of a class hold then', () => {
  const store = storeWith(
    ingressClass('alb', 'grouped'),
    ingress('a', { annotations: { 'kubernetes.io/ingress.class': 'alb' } }),
    ingress('b'),
  );
  store.put('IngressClassParams', 'grouped', {
    apiVersion: 'elbv2.k8s.aws/v1beta1',
    kind: 'IngressClassParams',
    metadata: { name: 'grouped' },
    spec: { group: { name: 'edge' } },
  });
  expect(loaded(store, explicitGroup('edge'))).toEqual([['shop/b'], []]);
  expect(loaded(store, implicitGroup(ingress('a')))).toEqual([['shop/a'], []]);
});

test('a group found by indexes is the group found by looking at every Ingress', () => {
  const name = fc.constantFrom('edge', 'core', 'Bad_', undefined);
  const written = fc.record({
    group: name,
    held: fc.subarray(['edge', 'core', '']),
    className: fc.constantFrom('alb', 'grouped', 'gone', undefined),
    annotation: fc.constantFrom('alb', 'nginx', undefined),
    deleted: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(written, { maxLength: 8 }), fc.boolean(), (all, hasDefault) => {
      const store = storeWith(ingressClass('alb'), ingressClass('grouped', 'p', hasDefault));
      store.put('IngressClassParams', 'p', {
        apiVersion: 'elbv2.k8s.aws/v1beta1',
        kind: 'IngressClassParams',
        metadata: { name: 'p' },
        spec: { group: { name: 'core' } },
      });
      all.forEach(({ group, held, className, annotation, deleted }, i) => {
        const annotations = {
          ...(group === undefined ? {} : { [GROUP]: group }),
          ...(annotation === undefined ? {} : { 'kubernetes.io/ingress.class': annotation }),
        };
        const finalizers = held.map((it) =>
          it === '' ? 'ingress.k8s.aws/resources' : `group.ingress.k8s.aws/${it}`,
        );
        const metadata = {
          annotations,
          finalizers,
          ...(deleted ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
        };
        const made = ingress(`i${i}`, metadata, className);
        const { ingressClassName: _named, ...spec } = made.spec;
        store.put('Ingress', keyOf(made), className === undefined ? { ...made, spec } : made);
      });
      const lookups = storeLookups(store);
      for (const id of [
        explicitGroup('edge'),
        explicitGroup('core'),
        implicitGroup(ingress('i0')),
      ]) {
        const members: string[] = [];
        const inactive: string[] = [];
        let failed = false;
        for (const it of store.list('Ingress')) {
          const standing = built(() => standingOf(it, id, lookups, 'alb'));
          if (standing instanceof BuildError) failed = true;
          else if (standing === 'inactive') inactive.push(keyOf(it));
          else if (standing !== undefined) members.push(keyOf(it));
        }
        const group = loaded(store, id);
        if (failed) expect(typeof group).toBe('string');
        else expect(group).toEqual([members.sort(), inactive.sort()]);
      }
    }),
  );
});
