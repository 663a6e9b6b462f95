import { describe, expect, test } from 'vitest';
import { InputError } from '../model/input-error.ts';
import { documentsOf } from './documents.ts';

const read = (text: string, path = 'a.yaml') => documentsOf({ path, text });
const value = (text: string) => read(text)[0]?.value;
const refusal = (text: string, path = 'a.yaml'): InputError => {
  try {
    read(text, path);
  } catch (error) {
    if (error instanceof InputError) return error;
  }
  throw new Error('was not refused');
};

describe('yaml', () => {
  test('scalars mean what kubectl takes them for', () => {
    expect(value('a: yes\nb: off\nc: 0644\nd: 22:22\ne: 2024-01-02\nf: "yes"\ng: 1e3')).toEqual({
      a: true,
      b: false,
      c: 0o644,
      d: '22:22',
      e: '2024-01-02',
      f: 'yes',
      g: 1000,
    });
  });

  test('every document and every member knows its place', () => {
    const [, second] = read('a: 1\n---\nb:\n  - name: x\n    port: 1\n  - name: y\n');
    expect(second!.where()).toBe('a.yaml:3:1');
    expect(second!.where(['b', 0, 'port'])).toBe('a.yaml:5:5');
    expect(second!.where(['b', 1, 'missing'])).toBe('a.yaml:6:5');
  });

  test('CloudFormation tags read as their long form', () => {
    expect(
      value(
        'a: !Ref X\nb: !GetAtt A.B.C\nc: !Sub "${X}"\nd: !Select [0, !GetAZs ""]\ne: !If [C, 1, 2]',
      ),
    ).toEqual({
      a: { Ref: 'X' },
      b: { 'Fn::GetAtt': ['A', 'B.C'] },
      c: { 'Fn::Sub': '${X}' },
      d: { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] },
      e: { 'Fn::If': ['C', 1, 2] },
    });
  });

  test('anchors and merge keys are followed; a member of its own wins over a merged one', () => {
    expect(value('x: &x {a: 1, b: 2}\nw: {<<: *x, b: 3}\nz: *x')).toEqual({
      x: { a: 1, b: 2 },
      w: { a: 1, b: 3 },
      z: { a: 1, b: 2 },
    });
  });

  test('an alias inside its own anchor is refused, not followed for ever', () => {
    expect(refusal('a: &a\n  b: *a\n').message).toMatch(/a.yaml:2:6: \*a contains itself/);
  });

  test('a broken line is named with its column', () => {
    expect(refusal('a: 1\nb: [1, 2\nc: 3\n').where).toMatch(/^a\.yaml:\d+:\d+$/);
    expect(refusal('a: 1\na: 2\n').where).toBe('a.yaml:2:1');
    expect(refusal('replicas: {{ .Values.n }}\n').hint).toMatch(/helm template/);
  });

  test('a document of comments is no document', () => {
    expect(read('# nothing\n---\na: 1\n---\n# nothing either\n')).toHaveLength(1);
    expect(read('')).toEqual([]);
  });

  test('a member called __proto__ stays a member', () => {
    const read = value('__proto__: {a: 1}') as object;
    expect(Object.keys(read)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  });
});

describe('json', () => {
  test('a member knows its line and column', () => {
    const [document] = read(
      '{\n  "Vpcs": [\n    {"VpcId": "vpc-1"},\n    {"VpcId": 7}\n  ]\n}',
      'v.json',
    );
    expect(document!.where(['Vpcs', 1, 'VpcId'])).toBe('v.json:4:6');
    expect(document!.itemPlaces!(['Vpcs'])).toEqual(['v.json:3:5', 'v.json:4:5']);
  });

  test('a cut-off file is refused where it ends', () => {
    const error = refusal('{\n  "Vpcs": [\n    {"VpcId": "vpc-1"}', 'v.json');
    expect(error.where).toMatch(/^v\.json:3:/);
    expect(error.problem).toMatch(/^not JSON/);
  });

  test('braces and quotes inside strings do not confuse places', () => {
    const [document] = read('{"a": "}\\"]{", "b": [1, "x,y", {"c": 2}]}', 'v.json');
    expect(document!.where(['b', 2, 'c'])).toBe('v.json:1:33');
  });

  test('a 10 MB export reads within two seconds', () => {
    const items = Array.from({ length: 20_000 }, (_, i) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `pod-${i}`, namespace: 'default', uid: `u-${i}`, labels: { app: 'web' } },
      spec: {
        containers: [{ name: 'c', image: 'registry.example.com/web:1', env: 'x'.repeat(200) }],
      },
    }));
    const json = JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, undefined, 2);
    expect(json.length).toBeGreaterThan(9_000_000);
    const start = performance.now();
    const [document] = read(json, 'pods.json');
    expect(document!.itemPlaces!(['items'])).toHaveLength(20_000);
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});
