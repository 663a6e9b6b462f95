import { expect, test } from 'vitest';
import { asYaml, inNameOrder } from './structured.ts';

test('YAML quotes what a YAML 1.1 reader would take for a time or a truth value', async () => {
  const text = await asYaml({ at: '2026-01-01T00:00:34Z', on: 'yes', count: '1', name: 'web' });
  expect(text).toMatch(/at: "2026-01-01T00:00:34Z"/);
  expect(text).toMatch(/: "yes"/);
  expect(text).toMatch(/count: "1"/);
  expect(text).toMatch(/name: web/);
});

test('members of objects are printed in name order, as kubectl prints them', () => {
  const pod = { kind: 'Pod', apiVersion: 'v1', metadata: { uid: 'u', name: 'n' } };
  expect(JSON.stringify(inNameOrder(pod))).toBe(
    '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"n","uid":"u"}}',
  );
});
