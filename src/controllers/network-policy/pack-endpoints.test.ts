import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Chunk, combineEndpoints, infoKey, packEndpoints } from './pack-endpoints.ts';

const info = fc
  .record({ host: fc.nat(30), port: fc.option(fc.nat(3), { nil: undefined }) })
  .map(({ host, port }) => ({
    cidr: `10.0.0.${host}`,
    ...(port === undefined ? {} : { ports: [{ protocol: 'TCP' as const, port: port + 80 }] }),
  }));
const pod = fc.nat(30).map((n) => ({
  name: `web-${n}`,
  namespace: 'shop',
  podIP: `10.0.1.${n}`,
  hostIP: '10.0.0.1',
}));
const wanted = fc.record({
  ingress: fc.array(info, { maxLength: 30 }),
  egress: fc.array(info, { maxLength: 30 }),
  pods: fc.array(pod, { maxLength: 30 }),
});

type Wanted = Parameters<typeof packEndpoints>[1];

let made = 0;
const named = (chunks: readonly Chunk<{ cidr?: string | undefined }>[]) =>
  chunks.map((chunk) => ({ ...chunk, name: chunk.name ?? `made-${made++}` }));

const texts = (values: readonly unknown[]): string[] =>
  [...new Set(values.map((it) => JSON.stringify(it)))].sort();

describe('endpoint objects of a policy', () => {
  it('hold what is wanted once, 200 a list, whatever was there before', () => {
    fc.assert(
      fc.property(wanted, wanted, fc.integer({ min: 1, max: 7 }), (first, second, size) => {
        const before = named(packEndpoints([], first as Wanted, size).keep);
        const { keep, remove } = packEndpoints(before, second as Wanted, size);
        for (const list of ['ingress', 'egress', 'pods'] as const) {
          const all = keep.flatMap((chunk): readonly unknown[] => chunk[list]);
          expect(texts(all)).toEqual(texts(second[list]));
          expect(all.length).toBe(texts(second[list]).length);
          for (const chunk of keep) expect(chunk[list].length).toBeLessThanOrEqual(size);
        }
        const kept = new Set(keep.map(({ name }) => name));
        for (const { name } of before) expect(kept.has(name)).toBe(!remove.includes(name));
      }),
    );
  });

  it('stay as they are when nothing changed, and there is always one', () => {
    fc.assert(
      fc.property(wanted, (lists) => {
        const before = named(packEndpoints([], lists as Wanted, 5).keep);
        expect(before.length).toBeGreaterThan(0);
        expect(packEndpoints(before, lists as Wanted, 5)).toEqual({ keep: before, remove: [] });
      }),
    );
  });

  it('combine the ports of one block; all ports swallow the rest', () => {
    const at = (port: number) => ({
      cidr: '10.0.0.1',
      ports: [{ protocol: 'TCP' as const, port }],
    });
    expect(combineEndpoints([at(80), at(443), at(80)])).toEqual([
      { cidr: '10.0.0.1', ports: [...at(80).ports, ...at(443).ports] },
    ]);
    expect(combineEndpoints([at(80), { cidr: '10.0.0.1' }])).toEqual([{ cidr: '10.0.0.1' }]);
    expect(infoKey(at(80))).not.toBe(infoKey(at(81)));
  });
});
