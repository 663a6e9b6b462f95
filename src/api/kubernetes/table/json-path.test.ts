import { expect, test } from 'vitest';
import { findJsonPath, parseJsonPath } from './json-path.ts';

const GATEWAY = {
  metadata: { annotations: { 'a.io/b': 'c' } },
  spec: { ports: [80, 443] },
  status: {
    conditions: [
      { type: 'Accepted', status: 'True' },
      { type: 'Programmed', status: 'False' },
    ],
    addresses: [{ value: '10.0.0.1' }, { value: '10.0.0.2' }],
  },
};

test.each([
  ['.spec.ports', [[80, 443]]],
  ['.spec.ports[0]', [80]],
  ['.spec.ports[-1]', [443]],
  ['.status.addresses[*].value', ['10.0.0.1', '10.0.0.2']],
  ['.status.conditions[?(@.type=="Programmed")].status', ['False']],
  [".status.conditions[?(@.type=='Accepted')].status", ['True']],
  ['.status.conditions[?(@.type!="Accepted")].status', ['False']],
  ['.status.conditions[?(@.reason)].status', []],
  ['.metadata.annotations.a\\.io/b', ['c']],
  [".metadata.annotations['a.io/b']", ['c']],
  ['..value', ['10.0.0.1', '10.0.0.2']],
  ['.no.such.field', []],
  ['.spec.ports[7]', []],
  ['.constructor', []],
])('%s finds what client-go finds', (path, expected) => {
  expect(findJsonPath(parseJsonPath(path)!, GATEWAY)).toEqual(expected);
});

test.each(['.a[', '.a[?(x)]', '.a[1:2]', '(', '.a..'])('%s is no path of a column', (path) => {
  const parsed = parseJsonPath(path);
  if (parsed !== undefined) expect(findJsonPath(parsed, { a: 1 })).toEqual([]);
});
