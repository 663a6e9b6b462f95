import { describe, expect, test } from 'vitest';
import type { RuleCondition } from '../../model/elbv2/listener.ts';
import { parseIp } from '../../net/index.ts';
import { type HttpRequest, plainRequest } from './http-request.ts';
import { redirectionOf, shortLocation } from './redirect.ts';
import { transformed, withForwardedHeaders } from './rewritten-request.ts';
import { readyCondition } from './rule-condition.ts';
import { matchesStatus } from './status-matcher.ts';

const CLIENT = parseIp('203.0.113.9')!;
const request = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => {
  const [, scheme, host, target] = /^(https?):\/\/([^/]+)(.*)$/.exec(url)!;
  return { ...plainRequest(scheme as 'http' | 'https', host!, target), ...more };
};
const holds = (condition: RuleCondition, asked: HttpRequest): boolean =>
  readyCondition(condition).holds(asked, CLIENT);

describe('a condition of a rule', () => {
  test.each([
    ['shop.example.com', 'SHOP.example.com', true],
    ['*.example.com', 'a.b.example.com', true],
    ['*.example.com', 'example.com', false],
    ['shop?.example.com', 'shop1.example.com', true],
    ['shop?.example.com', 'shop.example.com', false],
    ['shop.example.com', 'shopxexample.com', false],
  ])('host %s of %s: %s', (value, host, is) => {
    const condition: RuleCondition = { field: 'host-header', values: [value] };
    expect(holds(condition, request(`http://${host}/`))).toBe(is);
  });

  test.each([
    ['/img/*', '/img/a/b.png', true],
    ['/img/*', '/img', false],
    ['/img/*', '/IMG/a', false],
    ['/*.js', '/a/b.js', true],
    ['/', '/a', false],
    ['/a?c', '/abc?x=1', true],
    ['/$a+(b)', '/$a+(b)', true],
  ])('path %s of %s: %s', (value, path, is) => {
    const condition: RuleCondition = { field: 'path-pattern', values: [value] };
    expect(holds(condition, request(`http://x${path}`))).toBe(is);
  });

  test('an expression is found anywhere in a path, unless it is anchored', () => {
    const path = (...regexValues: string[]): RuleCondition => ({
      field: 'path-pattern',
      regexValues,
    });
    expect(holds(path('v[0-9]+/'), request('http://x/api/v2/items'))).toBe(true);
    expect(holds(path('^/v[0-9]+/'), request('http://x/api/v2/items'))).toBe(false);
    expect(readyCondition(path('(')).unread).toBe('(');
  });

  test('methods have a case, header names and values have none', () => {
    const method: RuleCondition = { field: 'http-request-method', values: ['POST'] };
    expect(holds(method, request('http://x/', { method: 'POST' }))).toBe(true);
    expect(holds(method, request('http://x/'))).toBe(false);
    const header: RuleCondition = {
      field: 'http-header',
      httpHeaderName: 'User-Agent',
      values: ['*Chrome*'],
    };
    const headers = [{ name: 'user-agent', value: 'Mozilla chrome/1' }];
    expect(holds(header, request('http://x/', { headers }))).toBe(true);
    expect(holds(header, request('http://x/'))).toBe(false);
  });

  test('a query has the pair, or the value under any key', () => {
    const query = (key: string | undefined, value: string): RuleCondition => ({
      field: 'query-string',
      values: [{ key, value }],
    });
    const asked = request('http://x/?version=V1&lang=de');
    expect(holds(query('version', 'v1'), asked)).toBe(true);
    expect(holds(query('version', 'v2'), asked)).toBe(false);
    expect(holds(query(undefined, 'd*'), asked)).toBe(true);
    expect(holds(query(undefined, '*'), request('http://x/'))).toBe(false);
  });

  test('a source is the address that connects, whatever X-Forwarded-For says', () => {
    const source: RuleCondition = { field: 'source-ip', values: ['203.0.113.0/24'] };
    expect(holds(source, request('http://x/'))).toBe(true);
    const other: RuleCondition = { field: 'source-ip', values: ['10.0.0.0/8'] };
    const headers = [{ name: 'X-Forwarded-For', value: '10.0.0.1' }];
    expect(holds(other, request('http://x/', { headers }))).toBe(false);
  });
});

describe('a redirect', () => {
  test('keeps what it does not name, and writes the port', () => {
    const to = redirectionOf(
      { protocol: 'HTTPS', port: '443', statusCode: 'HTTP_301' },
      request('http://shop.example.com/a/b?c=d'),
      80,
    );
    expect(to).toEqual({
      status: 301,
      location: 'https://shop.example.com:443/a/b?c=d',
      isLoop: false,
    });
    expect(shortLocation(to.location)).toBe('https://shop.example.com/a/b?c=d');
  });

  test('to where the client was is a circle', () => {
    const config = { statusCode: 'HTTP_302' } as const;
    expect(redirectionOf(config, request('http://x.example/a'), 80).isLoop).toBe(true);
  });
});

describe('what the target gets', () => {
  test('has the rule’s rewrites', () => {
    const { request: made } = transformed(request('http://shop.example.com/api/v1/items?x=1'), [
      { type: 'url-rewrite', rewrites: [{ regex: '^/api/v1/(.*)$', replace: '/$1' }] },
      { type: 'host-header-rewrite', rewrites: [{ regex: '^shop', replace: 'inner' }] },
    ]);
    expect(made).toMatchObject({ host: 'inner.example.com', path: '/items', query: 'x=1' });
  });

  test.each([
    ['append', '10.0.0.1, 203.0.113.9'],
    ['preserve', '10.0.0.1'],
    ['remove', undefined],
  ])('X-Forwarded-For, mode %s', (mode, expected) => {
    const headers = [{ name: 'x-forwarded-for', value: '10.0.0.1' }];
    const client = { address: CLIENT, port: 4711, listenerPort: 443, isTls: true };
    const made = withForwardedHeaders(request('https://x/', { headers }), client, {
      'routing.http.xff_header_processing.mode': mode,
    });
    const found = made.headers.find(({ name }) => name === 'X-Forwarded-For');
    expect(found?.value).toBe(expected);
    expect(made.headers.at(-1)).toEqual({ name: 'X-Forwarded-Port', value: '443' });
  });
});

test.each([
  ['200', 200, true],
  ['200,302', 302, true],
  ['200-399', 400, false],
  ['200-299, 404', 404, true],
])('a health check that wants %s takes %i: %s', (matcher, status, is) => {
  expect(matchesStatus(matcher, status)).toBe(is);
});
