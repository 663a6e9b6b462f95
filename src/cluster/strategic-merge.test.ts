import { describe, expect, it } from 'vitest';
import { jsonPatch, mergePatch, REFUSED } from './json-patch.ts';
import { strategicMerge } from './strategic-merge.ts';

const POD = { apiVersion: 'v1', kind: 'Pod' };
const containers = (...names: string[]): object => ({
  ...POD,
  spec: { containers: names.map((name) => ({ name, image: `${name}:1` })) },
});
const namesOf = (object: unknown): string[] =>
  (object as { spec: { containers: { name: string }[] } }).spec.containers.map((it) => it.name);

describe('strategic merge patch', () => {
  const base = containers('c1', 'c2') as Record<string, unknown>;
  const patched = (spec: object): unknown => strategicMerge(base, { spec });

  it('puts a container nobody ordered first', () => {
    expect(namesOf(patched({ containers: [{ name: 'c3' }] }))).toEqual(['c3', 'c1', 'c2']);
  });

  it('follows the order the patch sets', () => {
    const order = [{ name: 'c2' }, { name: 'c3' }, { name: 'c1' }];
    const spec = { '$setElementOrder/containers': order, containers: [{ name: 'c3' }] };
    expect(namesOf(patched(spec))).toEqual(['c2', 'c3', 'c1']);
  });

  it('deletes by key, replaces whole lists, and clears maps', () => {
    expect(namesOf(patched({ containers: [{ name: 'c1', $patch: 'delete' }] }))).toEqual(['c2']);
    const replaced = [{ $patch: 'replace' }, { name: 'x' }];
    expect(namesOf(patched({ containers: replaced }))).toEqual(['x']);
    const original = { ...POD, metadata: { labels: { a: '1', b: '2' } } };
    const labels = { $patch: 'replace', c: '3' };
    expect(strategicMerge(original, { metadata: { labels } })).toEqual({
      ...POD,
      metadata: { labels: { c: '3' } },
    });
  });

  it('takes single values out of a list', () => {
    const original = { ...POD, metadata: { finalizers: ['a', 'b'] } };
    const patch = { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'], finalizers: ['c'] } };
    const after = strategicMerge(original, patch) as typeof original;
    expect([...after.metadata.finalizers].sort()).toEqual(['b', 'c']);
  });

  it('keeps only the keys a volume says it keeps', () => {
    const original = { ...POD, spec: { volumes: [{ name: 'v', emptyDir: {} }] } };
    const volume = { name: 'v', hostPath: { path: '/x' }, $retainKeys: ['name', 'hostPath'] };
    expect(strategicMerge(original, { spec: { volumes: [volume] } })).toEqual({
      ...POD,
      spec: { volumes: [{ name: 'v', hostPath: { path: '/x' } }] },
    });
  });

  it('refuses an item without its merge key', () => {
    expect(patched({ containers: [{ image: 'x' }] })).toHaveProperty('badPatch');
  });
});

describe('JSON patches', () => {
  it('add, move, copy, test and remove', () => {
    const document = { a: [1, 2], b: { c: 3 } };
    expect(
      jsonPatch(document, [
        { op: 'test', path: '/b/c', value: 3 },
        { op: 'add', path: '/a/1', value: 9 },
        { op: 'add', path: '/a/-', value: 4 },
        { op: 'move', from: '/b/c', path: '/d~1e' },
        { op: 'copy', from: '/a/0', path: '/f' },
        { op: 'remove', path: '/a/0' },
      ]),
    ).toEqual({ a: [9, 2, 4], b: {}, 'd/e': 3, f: 1 });
  });

  it('are refused whole when a path is not there', () => {
    expect(jsonPatch({ a: 1 }, [{ op: 'remove', path: '/b' }])).toBe(REFUSED);
    expect(jsonPatch({ a: 1 }, [{ op: 'test', path: '/a', value: 2 }])).toBe(REFUSED);
  });

  it('merge objects, replace lists, and remove nulls', () => {
    const patch = { a: { b: null, c: [3] }, d: null };
    expect(mergePatch({ a: { b: 1, c: [1, 2] }, d: 4 }, patch)).toEqual({ a: { c: [3] } });
  });
});
