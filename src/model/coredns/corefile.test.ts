import { expect, test } from 'vitest';
import { type Corefile, parseCorefile, zonesOf } from './corefile.ts';
import { DEFAULT_COREFILE } from './default-corefile.ts';

const parsed = (text: string): Corefile => {
  const corefile = parseCorefile(text, 'Corefile');
  if (corefile.kind === 'corefile-problem')
    throw new Error(`${corefile.where}: ${corefile.problem}`);
  return corefile;
};

test("the add-on's Corefile is one server block for every name on port 53", () => {
  const [server, ...others] = parsed(DEFAULT_COREFILE).servers;
  expect(others).toEqual([]);
  expect(server!.keys).toEqual([{ transport: 'dns', zone: '.', port: 53 }]);
  const names = server!.directives.map(({ name }) => name);
  expect(names).toEqual(
    'errors health ready kubernetes prometheus forward cache loop reload loadbalance'.split(' '),
  );
  expect(server!.directives[3]!.block!.map(({ name, args }) => [name, ...args])).toEqual([
    ['pods', 'insecure'],
    ['fallthrough', 'in-addr.arpa', 'ip6.arpa'],
  ]);
});

test('a stub domain is a block of its own, with comments and several keys', () => {
  const { servers } = parsed(
    '# ours\nconsul.local:5353, corp.example {\n  forward . 10.1.2.3\n}\n',
  );
  expect(servers[0]!.keys.map(({ zone, port }) => `${zone}:${port}`)).toEqual([
    'consul.local.:5353',
    'corp.example.:53',
  ]);
});

test('a snippet is put where it is imported; a file that is not there is said', () => {
  const { servers, notes } = parsed(
    '(log) {\n  errors\n}\n. {\n  import log\n  import custom/*.override\n}\n',
  );
  expect(servers[0]!.directives.map(({ name }) => name)).toEqual(['errors']);
  expect(notes).toEqual([
    'line 6: import custom/*.override: the file is not known here, so it is left out',
  ]);
});

test('a mistake is told with its file and line', () => {
  expect(parseCorefile('.:53 {\n  errors\n', 'configmap kube-system/coredns Corefile')).toEqual({
    kind: 'corefile-problem',
    where: 'configmap kube-system/coredns Corefile:1',
    problem: 'unexpected end of file, expected }',
  });
  expect(parseCorefile('.:53 {\n  errors\n  }}\n', 'Corefile')).toMatchObject({
    kind: 'corefile-problem',
  });
});

test('a block of addresses as a key stands for its reverse zones', () => {
  expect(zonesOf('10.0.0.0/8')).toEqual(['10.in-addr.arpa.']);
  expect(zonesOf('10.1.2.0/23')).toEqual(['2.1.10.in-addr.arpa.', '3.1.10.in-addr.arpa.']);
});
