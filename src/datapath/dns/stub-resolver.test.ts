import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DnsQuery, Rcode, ResolvConf } from './answer.ts';
import { candidates, resolveStub } from './stub-resolver.ts';

const conf = (over: Partial<ResolvConf> = {}): ResolvConf => ({
  servers: ['10.100.0.10'],
  search: ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
  ndots: 5,
  options: [],
  policy: 'ClusterFirst',
  evidence: [],
  notes: [],
  ...over,
});

/** Servers that know some names; every other does not exist. */
const asking =
  (known: Readonly<Record<string, Rcode>>) =>
  (server: string, name: string, type: string): DnsQuery => {
    const rcode = known[name] ?? known[server] ?? 'NXDOMAIN';
    const isFound = rcode === 'NOERROR' && type === 'A';
    return {
      from: { kind: 'outside' },
      name,
      type,
      server,
      port: 53,
      protocol: 'udp',
      rcode,
      answer: isFound ? [{ name, type: 'A', ttl: 5, data: '10.100.3.4' }] : [],
      authority: [],
      answeredBy: 'coredns',
      backends: [],
      forwarded: [],
      evidence: [],
      notes: [],
    };
  };

test('a short name walks the search list and is asked whole last', () => {
  expect(candidates('web', conf())).toEqual([
    'web.shop.svc.cluster.local.',
    'web.svc.cluster.local.',
    'web.cluster.local.',
    'web.',
  ]);
});

test('with as many dots as ndots the whole name goes first; a final dot ends the matter', () => {
  expect(candidates('a.b', conf({ ndots: 1 }))[0]).toBe('a.b.');
  expect(candidates('example.com.', conf())).toEqual(['example.com.']);
});

test('the walk stops at the first name that has an address, after asking for both families', () => {
  const ask = asking({ 'web.shop.svc.cluster.local.': 'NOERROR' });
  const { queries, answeredName, rcode } = resolveStub(conf(), 'web', ['A', 'AAAA'], ask);
  expect([rcode, answeredName]).toEqual(['NOERROR', 'web.shop.svc.cluster.local.']);
  expect(queries.map(({ type }) => type)).toEqual(['A', 'AAAA']);
});

test('a SERVFAIL on the way does not end the walk, but is what remains of it', () => {
  const failing = asking({ 'web.svc.cluster.local.': 'SERVFAIL' });
  expect(resolveStub(conf(), 'web', ['A'], failing).rcode).toBe('SERVFAIL');
  const found = asking({ 'web.svc.cluster.local.': 'SERVFAIL', 'web.': 'NOERROR' });
  expect(resolveStub(conf(), 'web', ['A'], found).rcode).toBe('NOERROR');
});

test('a name that exists without the record outweighs a SERVFAIL', () => {
  const ask = asking({ 'web.svc.cluster.local.': 'SERVFAIL', 'web.cluster.local.': 'NOERROR' });
  expect(resolveStub(conf(), 'web', ['AAAA'], ask).rcode).toBe('NOERROR');
});

test('when no server answers, the search list is not walked on', () => {
  const { rcode, queries } = resolveStub(
    conf({ servers: ['10.0.0.1', '10.0.0.2'] }),
    'web',
    ['A'],
    asking({ '10.0.0.1': 'TIMEOUT', '10.0.0.2': 'TIMEOUT' }),
  );
  expect(rcode).toBe('TIMEOUT');
  expect(queries.map(({ server }) => server)).toEqual(['10.0.0.1', '10.0.0.2']);
});

test('the second server is asked only when the first fails', () => {
  const both = conf({ servers: ['10.0.0.1', '10.0.0.2'] });
  const { queries } = resolveStub(both, 'a.b.', ['A'], asking({ '10.0.0.1': 'SERVFAIL' }));
  expect(queries.map(({ server }) => server)).toEqual(['10.0.0.1', '10.0.0.2']);
});

const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/);

test('every name is tried once, and the whole one is always among them', () => {
  fc.assert(
    fc.property(
      fc.array(label, { minLength: 1, maxLength: 7 }),
      fc.array(label, { maxLength: 5 }),
      fc.integer({ min: 0, max: 15 }),
      (labels, search, ndots) => {
        const name = labels.join('.');
        const names = candidates(name, conf({ search, ndots }));
        expect(new Set(names).size).toBe(names.length);
        expect(names).toContain(`${name}.`);
        const isFirst = labels.length - 1 >= ndots;
        expect(names.indexOf(`${name}.`)).toBe(isFirst ? 0 : names.length - 1);
      },
    ),
  );
});
