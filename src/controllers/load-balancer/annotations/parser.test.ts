import { expect, test } from 'vitest';
import { BuildError, built } from '../build-error.ts';
import { INT32, listOf, mapOf, struct, TEXT } from './go-shape.ts';
import { AnnotationParser, mergeStringMaps } from './parser.ts';

const parser = new AnnotationParser('alb.ingress.kubernetes.io');
const of = (value: string) => ({ 'alb.ingress.kubernetes.io/it': value });
const refusal = (read: () => unknown): string => {
  const result = built(read);
  return result instanceof BuildError ? result.message : `read ${JSON.stringify(result)}`;
};
const key = 'alb.ingress.kubernetes.io/it';

test('an annotation that is absent is nothing, not an error', () => {
  expect(parser.int32('it', undefined)).toBeUndefined();
  expect(parser.json('it', {}, TEXT, 'ingress')).toBeUndefined();
});

test("booleans are Go's: T and 1 are true, yes is refused in Go's words", () => {
  expect(parser.bool('it', of('T'))).toBe(true);
  expect(parser.bool('it', of('0'))).toBe(false);
  expect(refusal(() => parser.bool('it', of('yes')))).toBe(
    `failed to parse bool annotation, ${key}: yes: strconv.ParseBool: parsing "yes": invalid syntax`,
  );
});

test('numbers are decimal and fit into their bits', () => {
  expect(parser.int32('it', of('-1000'))).toBe(-1000);
  expect(refusal(() => parser.int32('it', of('2147483648')))).toBe(
    `failed to parse int32 annotation, ${key}: 2147483648: strconv.ParseInt: parsing "2147483648": value out of range`,
  );
  expect(refusal(() => parser.int64('it', of(' 5')))).toBe(
    `failed to parse int64 annotation, ${key}:  5: strconv.ParseInt: parsing " 5": invalid syntax`,
  );
});

test('lists are trimmed and lose empty members', () => {
  expect(parser.stringList('it', of(' a, ,b,,'))).toEqual(['a', 'b']);
});

test('a map keeps commas that no pair follows, and what a backslash protects', () => {
  expect(parser.stringMap('it', of('a=1, b/c=2,d='))).toEqual({ a: '1', 'b/c': '2', d: '' });
  expect(parser.stringMap('it', of('a=1\\,2,b=3'))).toEqual({ a: '1,2', b: '3' });
  expect(parser.stringMap('it', of('a=1,'))).toEqual({ a: '1,' });
  for (const wrong of ['a', 'a=1,b', '=1']) {
    expect(refusal(() => parser.stringMap('it', of(wrong)))).toBe(
      `failed to parse stringMap annotation, ${key}: ${wrong}`,
    );
  }
});

test("JSON that is none is refused with Go's word for the character", () => {
  const told = (text: string): string =>
    refusal(() => parser.json('it', of(text), TEXT, 'ingress')).slice(
      `failed to parse json annotation, ${key}: ${text}: `.length,
    );
  expect(told('')).toBe('unexpected end of JSON input');
  expect(told('{“a”: 1}')).toBe("invalid character 'â' looking for beginning of object key string");
  expect(told("{'a': 1}")).toBe(
    "invalid character '\\'' looking for beginning of object key string",
  );
  expect(told('{"a" 1}')).toBe("invalid character '1' after object key");
  expect(told('{"a": 1 "b"}')).toBe(`invalid character '"' after object key:value pair`);
  expect(told('[1 2]')).toBe("invalid character '2' after array element");
  expect(told('[1,]')).toBe("invalid character ']' looking for beginning of value");
  expect(told('tru!')).toBe("invalid character '!' in literal true (expecting 'e')");
  expect(told('{} x')).toBe("invalid character 'x' after top-level value");
  expect(told('01')).toBe("invalid character '1' after top-level value");
  expect(told('"\\x"')).toBe("invalid character 'x' in string escape code");
  expect(told('"a\nb"')).toBe("invalid character '\\n' in string literal");
  expect(told('-')).toBe('unexpected end of JSON input');
});

test('JSON of another shape is refused with the field and its Go type', () => {
  const tuple = struct('TargetGroupTuple', { serviceName: TEXT, weight: INT32 });
  const action = struct('Action', {
    type: { kind: 'string', go: 'ActionType' },
    targetGroups: listOf(tuple),
  });
  const read = (text: string) => parser.json('it', of(text), action, 'ingress');
  const told = (text: string): string => refusal(() => read(text)).replace(/^.*: json: /, 'json: ');
  expect(read('{"Type":"forward","TARGETGROUPS":[{"weight":null,"other":[]}]}')).toEqual({
    type: 'forward',
    targetGroups: [{}],
  });
  expect(told('{"targetGroups":[{"weight":"20"}]}')).toBe(
    'json: cannot unmarshal string into Go struct field TargetGroupTuple.targetGroups.weight of type int32',
  );
  expect(told('{"type":1.5}')).toBe(
    'json: cannot unmarshal number into Go struct field Action.type of type ingress.ActionType',
  );
  expect(told('[]')).toBe('json: cannot unmarshal array into Go value of type ingress.Action');
  const ports = listOf(mapOf(INT32));
  expect(refusal(() => parser.json('it', of('[{"HTTP":"80"}]'), ports, 'ingress'))).toContain(
    'json: cannot unmarshal string into Go value of type int32',
  );
  expect(refusal(() => parser.json('it', of('[{"HTTP":8e1}]'), ports, 'ingress'))).toContain(
    'json: cannot unmarshal number 8e1 into Go value of type int32',
  );
});

test('other prefixes are looked under after the own one, an exact name under none', () => {
  const annotations = { 'b/x': '1', 'c/x': '2', x: '3' };
  const options = { alternativePrefixes: ['b', 'c'] };
  expect(parser.string('x', annotations, options)).toBe('1');
  expect(parser.string('x', annotations, { exact: true })).toBe('3');
  expect(parser.string('x', annotations)).toBeUndefined();
});

test('of merged maps the first one wins', () => {
  expect(mergeStringMaps({ a: '1' }, undefined, { a: '2', b: '3' })).toEqual({ a: '1', b: '3' });
});
