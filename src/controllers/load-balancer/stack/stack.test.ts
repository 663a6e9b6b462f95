import { expect, test } from 'vitest';
import { backendSecurityGroupName, digestOf, nameOfGroup } from './names.ts';
import { Stack } from './stack.ts';
import { stackJson } from './stack-json.ts';
import { fieldOf, resolveToken } from './token.ts';

const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
const LOAD_BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';

test('names are what they are for and ten digits of a hash over cluster, group and scheme', () => {
  const group = { namespace: 'ns-1', name: 'ing-1' };
  const digest = digestOf('cluster-dummy', 'ns-1/ing-1', 'internal');
  expect(nameOfGroup(group, digest)).toBe('k8s-ns1-ing1-b7e914000d');
  expect(nameOfGroup({ name: 'a.very-long-group-name' }, digest)).toBe(
    'k8s-averylonggroupnam-b7e914000d',
  );
  expect(backendSecurityGroupName('my-cluster')).toMatch(/^k8s-traffic-mycluster-[0-9a-f]{10}$/);
});

test("a stack prints Go's JSON: keys of maps sorted, references, no secret, escapes", () => {
  const stack = new Stack({ name: 'shared' });
  const loadBalancerARN = fieldOf(LOAD_BALANCER, 'LoadBalancer', 'loadBalancerARN');
  const session = { scope: 'openid', sessionTimeout: 5 };
  stack.add(LISTENER, '80', {
    loadBalancerARN,
    port: 80,
    protocol: 'HTTP',
    defaultActions: [
      { type: 'redirect', redirectConfig: { query: 'a&b', statusCode: 'HTTP_301' } },
    ],
    certificates: [],
    tags: { b: '1', 10: '2', 9: '3' },
  });
  stack.add(LISTENER, '443', {
    loadBalancerARN,
    port: 443,
    protocol: 'HTTPS',
    defaultActions: [
      {
        type: 'authenticate-oidc',
        authenticateOIDCConfig: {
          ...session,
          issuer: 'i',
          authorizationEndpoint: 'a',
          tokenEndpoint: 't',
          userInfoEndpoint: 'u',
          clientID: 'me',
          clientSecret: 'hush',
        },
      },
    ],
    certificates: [{ certificateARN: { certificateArn: 'arn:x' } }],
  });
  stack.add(LISTENER, '80', { loadBalancerARN, port: 80, protocol: 'TCP' });
  const reference = `{"$ref":"#/resources/${LOAD_BALANCER}/LoadBalancer/status/loadBalancerARN"}`;
  expect(stackJson(stack)).toBe(
    `{"id":"shared","resources":{"${LISTENER}":{"443":{"spec":{"loadBalancerARN":${reference},` +
      '"port":443,"protocol":"HTTPS","defaultActions":[{"type":"authenticate-oidc",' +
      '"authenticateOIDCConfig":{"scope":"openid","sessionTimeout":5,"issuer":"i",' +
      '"authorizationEndpoint":"a","tokenEndpoint":"t","userInfoEndpoint":"u",' +
      '"clientID":"[REDACTED]","clientSecret":"[REDACTED]"}}],' +
      '"certificates":[{"certificateARN":{"$ref":"#/resources///status/certificateARN"}}]}},' +
      `"80":{"spec":{"loadBalancerARN":${reference},"port":80,"protocol":"HTTP","defaultActions":[` +
      '{"type":"redirect","redirectConfig":{"query":"a\\u0026b","statusCode":"HTTP_301"}}],' +
      '"tags":{"10":"2","9":"3","b":"1"}}}}}}',
  );
});

test('a token is its text, a known certificate, or a field of what is deployed', () => {
  const token = fieldOf(LOAD_BALANCER, 'LoadBalancer', 'loadBalancerARN');
  const status = ({ resourceId, field }: typeof token) => `${resourceId}.${field}`;
  expect(resolveToken('sg-1', status)).toBe('sg-1');
  expect(resolveToken({ certificateArn: 'arn:x' }, status)).toBe('arn:x');
  expect(resolveToken(token, status)).toBe('LoadBalancer.loadBalancerARN');
  expect(resolveToken(token, () => undefined)).toBeUndefined();
});
