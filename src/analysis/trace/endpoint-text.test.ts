/** Goal: every way of writing an end is read, and what is none is refused with what there is. */
import { describe, expect, test } from 'vitest';
import { InputError } from '../../model/input-error.ts';
import { parseIp } from '../../net/index.ts';
import { parseEndpoint } from './endpoint-text.ts';

const read = (text: string) => parseEndpoint(text, 'trace TO');

describe('ends of a trace', () => {
  test.each([
    ['pod/shop/web-0', { kind: 'object', word: 'pod', namespace: 'shop', name: 'web-0' }],
    ['po/web-0:8080', { kind: 'object', word: 'pod', name: 'web-0', port: '8080' }],
    ['deploy/ui/ui', { kind: 'object', word: 'deployment', namespace: 'ui', name: 'ui' }],
    [
      'svc/shop/api:http',
      { kind: 'object', word: 'service', namespace: 'shop', name: 'api', port: 'http' },
    ],
    [
      'node/ip-10-0-3-10.ec2.internal:10250',
      { kind: 'object', word: 'node', name: 'ip-10-0-3-10.ec2.internal', port: '10250' },
    ],
    ['internet', { kind: 'internet' }],
    ['internet:80', { kind: 'internet', port: '80' }],
    ['apiserver', { kind: 'apiserver' }],
    ['aws/s3', { kind: 'aws-service', name: 's3' }],
    ['db/orders', { kind: 'database', name: 'orders' }],
    ['i-0a000000000000010', { kind: 'instance', name: 'i-0a000000000000010' }],
    ['eni-0a000000000000010:22', { kind: 'interface', name: 'eni-0a000000000000010', port: '22' }],
    ['api.shop:80', { kind: 'name', host: 'api.shop', port: '80' }],
    [
      'http://api.shop/health?x=1',
      { kind: 'name', host: 'api.shop', port: '80', scheme: 'http', path: '/health?x=1' },
    ],
    [
      'https://api.shop',
      { kind: 'name', host: 'api.shop', port: '443', scheme: 'https', path: '/' },
    ],
    [
      'telnet://db.shop:3306',
      { kind: 'name', host: 'db.shop', port: '3306', scheme: 'telnet', path: '/' },
    ],
  ])('%s', (text, expected) => {
    expect(read(text)).toMatchObject(expected);
  });

  test.each([
    ['10.0.3.50', '10.0.3.50', undefined],
    ['10.0.3.50:8080', '10.0.3.50', '8080'],
    ['2001:db8::1', '2001:db8::1', undefined],
    ['[2001:db8::1]:443', '2001:db8::1', '443'],
    ['http://10.0.3.50/', '10.0.3.50', '80'],
    ['https://[2001:db8::1]:8443/x', '2001:db8::1', '8443'],
  ])('%s is an address', (text, address, port) => {
    const end = read(text);
    expect(end).toMatchObject({ kind: 'address', address: parseIp(address) });
    expect(end.port).toBe(port);
  });

  test.each(['', 'web', 'pod/', 'pods//web', 'a/b/c/d', 'thing/web', '10.0.3.500', 'http:///x'])(
    '"%s" is refused',
    (text) => {
      expect(() => read(text)).toThrow(InputError);
    },
  );
});
