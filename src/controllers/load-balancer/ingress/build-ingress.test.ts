import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stackJson } from '../stack/stack-json.ts';
import type { SubnetResolution } from '../subnets/subnet-resolution.ts';
import {
  builtOf,
  certificateFor,
  type Given,
  ingressWith,
  jsonOf,
  path,
  serviceNamed,
} from './ingress.fixture.ts';

const RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';
const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
const BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
const BINDING = 'K8S::ElasticLoadBalancingV2::TargetGroupBinding';
const GROUP = 'AWS::ElasticLoadBalancingV2::TargetGroup';

describe('a group that gets no load balancer says why, in the event’s words', () => {
  const unresolved: SubnetResolution = {
    kind: 'unresolved',
    source: 'role-tag',
    text: 'unable to resolve at least one subnet. Evaluated 2 subnets: 2 are tagged for other clusters, and 0 have insufficient available IP addresses',
    considered: [],
  };
  const ofClusterIp = {
    services: [serviceNamed('api', { ports: [{ port: 80, targetPort: 80 }] })],
  };
  const https = { 'listen-ports': '[{"HTTPS":443}]' };
  const two = (one: Record<string, string>, other: Record<string, string>) => [
    ingressWith(one),
    ingressWith(other, {}, 'admin'),
  ];

  const cases: readonly (readonly [string, ReturnType<typeof two>, string, Given?])[] = [
    [
      'no subnet for it',
      [ingressWith()],
      `couldn't auto-discover subnets: ${unresolved.text}`,
      { reads: { discoverSubnets: async () => unresolved } },
    ],
    [
      'instance targets behind a ClusterIP',
      [ingressWith()],
      "ingress: shop/web: TargetGroup port is empty. When using Instance targets, your service be must of type 'NodePort' or 'LoadBalancer'",
      ofClusterIp,
    ],
    [
      'a port the Service does not have',
      [ingressWith({}, { rules: [{ http: { paths: [path('/', 'api', 'grpc')] } }] })],
      'ingress: shop/web: unable to find port grpc on service shop/api',
    ],
    [
      'no certificate for its host',
      [ingressWith(https, { rules: [{ host: 'shop.example.com' }] })],
      'ingress: shop/web: no certificate found for host: shop.example.com',
    ],
    [
      'custom security groups with managed rules, without the shared group',
      [
        ingressWith({
          'security-groups': 'sg-1',
          'manage-backend-security-group-rules': 'true',
        }),
      ],
      'backendSG feature is required to manage worker node SG rules when frontendSG manually specified',
      { settings: { enableBackendSecurityGroup: false } },
    ],
    ['an unknown scheme', [ingressWith({ scheme: 'public' })], 'unknown scheme: public'],
    [
      'two schemes',
      two({ scheme: 'internal' }, { scheme: 'internet-facing' }),
      'conflicting scheme: map[internal:{} internet-facing:{}]',
    ],
    [
      'two address types',
      two({ 'ip-address-type': 'ipv4' }, { 'ip-address-type': 'dualstack' }),
      'conflicting IPAddressType: [dualstack ipv4]',
    ],
    [
      'two lists of subnets',
      two({ subnets: 'subnet-1,subnet-2' }, { subnets: 'subnet-3' }),
      'conflicting subnets: [subnet-1 subnet-2] | [subnet-3]',
    ],
    [
      'security groups in another order',
      two({ 'security-groups': 'sg-1,sg-2' }, { 'security-groups': 'sg-2,sg-1' }),
      'conflicting securityGroups: [sg-1 sg-2] | [sg-2 sg-1]',
    ],
    [
      'two values of a tag',
      two({ tags: 'team=a' }, { tags: 'team=b' }),
      'conflicting tag team: a | b',
    ],
    [
      'two values of an attribute',
      two(
        { 'load-balancer-attributes': 'idle_timeout.timeout_seconds=60' },
        { 'load-balancer-attributes': 'idle_timeout.timeout_seconds=30' },
      ),
      'conflicting load balancer attributes idle_timeout.timeout_seconds: 60 | 30',
    ],
    [
      'a name too long',
      [ingressWith({ 'load-balancer-name': 'a'.repeat(33) })],
      'load balancer name cannot be longer than 32 characters',
    ],
    [
      'two protocols on a port',
      two({ 'listen-ports': '[{"HTTP":80}]' }, { ...https, 'listen-ports': '[{"HTTPS":80}]' }),
      'failed to merge listenPort config for port: 80: conflicting protocol, shop/web: HTTP | shop/admin: HTTPS',
    ],
    [
      'two lists of client blocks',
      two({ 'inbound-cidrs': '10.0.0.0/8' }, { 'inbound-cidrs': '192.168.0.0/16' }),
      'failed to merge listenPort config for port: 80: conflicting inbound-cidrs, shop/web: [10.0.0.0/8], [] | shop/admin: [192.168.0.0/16], []',
    ],
    [
      'a client block that is none',
      [ingressWith({ 'inbound-cidrs': '10.0.0.1' })],
      'ingress: shop/web: invalid inbound-cidrs settings on Ingress: shop/web: invalid CIDR address: 10.0.0.1',
    ],
    [
      'listen-ports that are no JSON',
      [ingressWith({ 'listen-ports': 'HTTP: 80' })],
      "ingress: shop/web: failed to parse listen-ports configuration: `HTTP: 80`: invalid character 'H' looking for beginning of value",
    ],
    [
      'a protocol that no ALB has',
      [ingressWith({ 'listen-ports': '[{"TCP":80}]' })],
      'ingress: shop/web: listen protocol must be within [HTTP, HTTPS]: TCP',
    ],
    [
      'ssl-redirect to a port nobody listens on',
      [ingressWith({ 'ssl-redirect': '443' })],
      'listener does not exist for SSLRedirect port: 443',
    ],
    [
      'ssl-redirect to a plain port',
      [ingressWith({ 'ssl-redirect': '80' })],
      'listener protocol non-SSL for SSLRedirect port: 80',
    ],
    [
      'two default backends',
      [
        ingressWith({}, { defaultBackend: path('', 'api').backend }),
        ingressWith({}, { defaultBackend: path('', 'api').backend }, 'admin'),
      ],
      'multiple ingress defined default backend: [shop/web shop/admin]',
    ],
    [
      'a wildcard in a prefix',
      [ingressWith({}, { rules: [{ http: { paths: [path('/a*', 'api')] } }] })],
      "ingress: shop/web: prefix path shouldn't contain wildcards: /a*",
    ],
    [
      'IPv6 pods behind an IPv4 load balancer',
      [ingressWith({ 'target-type': 'ip' })],
      'ingress: shop/web: unsupported IPv6 configuration, lb not dual-stack',
      { services: [serviceNamed('api', { ipFamilies: ['IPv6'] })] },
    ],
    [
      'an unknown target type',
      [ingressWith({ 'target-type': 'pod' })],
      'ingress: shop/web: unknown targetType: pod',
    ],
    [
      'a health check interval that is no number',
      [ingressWith({ 'healthcheck-interval-seconds': '15s' })],
      'ingress: shop/web: failed to parse int32 annotation, alb.ingress.kubernetes.io/healthcheck-interval-seconds: 15s: strconv.ParseInt: parsing "15s": invalid syntax',
    ],
    [
      'a health check port by a name that pods give',
      [ingressWith({ 'target-type': 'ip', 'healthcheck-port': 'http' })],
      "ingress: shop/web: cannot use named healthCheckPort for IP TargetType when service's targetPort is a named port",
      {
        services: [serviceNamed('api', { ports: [{ name: 'http', port: 80, targetPort: 'web' }] })],
      },
    ],
    [
      'two Services of which one is missing',
      [
        ingressWith(
          {
            'actions.split':
              '{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"api","servicePort":80,"weight":1},{"serviceName":"gone","servicePort":80,"weight":1}]}}',
          },
          { rules: [{ http: { paths: [path('/', 'split', 'use-annotation')] } }] },
        ),
      ],
      'ingress: shop/web: Service "gone" not found',
    ],
    [
      'a missing Service, where that is not tolerated',
      [ingressWith({}, { rules: [{ http: { paths: [path('/', 'gone')] } }] })],
      'ingress: shop/web: Service "gone" not found',
      { settings: { tolerateNonExistentBackendService: false } },
    ],
    [
      'log-in without its Secret',
      [
        ingressWith({
          ...https,
          'certificate-arn': 'arn:x',
          'auth-type': 'oidc',
          'auth-idp-oidc': '{"secretName":"idp"}',
        }),
      ],
      'ingress: shop/web: secrets "idp" not found',
    ],
    [
      'a web ACL nobody has',
      [ingressWith({ 'wafv2-acl-name': 'edge' })],
      "couldn't find WAFv2 WebACL with name: edge",
    ],
    [
      'fixed addresses in front of an internal load balancer',
      [
        ingressWith({
          'enable-frontend-nlb': 'true',
          'frontend-nlb-eip-allocations': 'eipalloc-1',
        }),
      ],
      'EIP allocations can only be set for internet facing load balancers',
    ],
  ];

  test.each(cases.map((it) => ({ title: it[0], it })))('$title', async ({ it }) => {
    const [, ingresses, words, given] = it;
    expect(await builtOf(ingresses, given)).toBe(words);
  });

  test('a protected load balancer, when its last Ingress is deleted', async () => {
    const leaving = ingressWith({
      'load-balancer-attributes': 'deletion_protection.enabled=true',
    });
    const metadata = { ...leaving.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' };
    expect(await builtOf([], { inactive: [{ ...leaving, metadata }] })).toBe(
      'deletion_protection is enabled, cannot delete the ingress: web',
    );
  });
});

describe('a group as a load balancer', () => {
  test('is internal unless told otherwise, with a group for clients and one for targets', async () => {
    expect(await jsonOf([ingressWith()])).toMatchObject({
      [BALANCER]: {
        LoadBalancer: { spec: { scheme: 'internal', securityGroups: [{}, 'sg-backend'] } },
      },
    });
  });

  test('with groups of its own opens nothing on the targets unless that is asked for', async () => {
    const bindingOf = async (annotations: Record<string, string>) =>
      (await jsonOf([ingressWith({ 'security-groups': 'sg-1', ...annotations })]))[BINDING]?.[
        'shop/web-api:80'
      ];
    expect(await bindingOf({})).not.toMatchObject({
      spec: { template: { spec: { networking: {} } } },
    });
    expect(await bindingOf({ 'manage-backend-security-group-rules': 'true' })).toMatchObject({
      spec: {
        template: {
          spec: {
            networking: { ingress: [{ from: [{ securityGroup: { groupID: 'sg-backend' } }] }] },
          },
        },
      },
    });
  });

  test('answers 503 for a Service that is not there', async () => {
    const rules = [{ http: { paths: [path('/', 'gone')] } }];
    expect(await jsonOf([ingressWith({}, { rules })])).toMatchObject({
      [RULE]: {
        '80:1': {
          spec: {
            actions: [
              {
                type: 'fixed-response',
                fixedResponseConfig: {
                  statusCode: '503',
                  messageBody: 'Backend service does not exist',
                },
              },
            ],
          },
        },
      },
    });
  });

  test('with one member’s ssl-redirect takes every member’s rules off its plain listeners', async () => {
    const certificate = certificateFor('a', '*.example.com');
    const both = { 'listen-ports': '[{"HTTP":80},{"HTTPS":443}]' };
    const rules = [{ host: 'shop.example.com', http: { paths: [path('/', 'api')] } }];
    const stack = await jsonOf(
      [
        ingressWith({ ...both, 'ssl-redirect': '443' }, { rules }),
        ingressWith({ 'listen-ports': '[{"HTTP":80}]' }, {}, 'plain'),
      ],
      { reads: { certificates: async () => [certificate] } },
    );
    expect(Object.keys(stack[RULE] ?? {})).toEqual(['443:1']);
    expect(stack[LISTENER]).toMatchObject({
      80: { spec: { defaultActions: [{ redirectConfig: { port: '443', protocol: 'HTTPS' } }] } },
    });
  });

  test('asks paths in their order: exact, longest prefix, and what the class decides', async () => {
    const paths = [
      { ...path('/', 'api'), pathType: 'ImplementationSpecific' },
      path('/', 'api'),
      path('/a/b', 'api'),
      { ...path('/a/b/c', 'api'), pathType: 'Exact' },
    ];
    const stack = await jsonOf([ingressWith({}, { rules: [{ http: { paths } }] })]);
    const patterns = Object.values(stack[RULE] ?? {}).map(
      ({ spec }) =>
        (spec as { conditions: [{ pathPatternConfig: { values: string[] } }] }).conditions[0]
          .pathPatternConfig.values,
    );
    expect(patterns).toEqual([['/a/b/c'], ['/a/b', '/a/b/*'], ['/*'], ['/']]);
  });

  test('makes two target groups of one port that is named once and numbered once', async () => {
    const paths = [path('/a', 'api'), path('/b', 'api', 'http')];
    const stack = await jsonOf([ingressWith({}, { rules: [{ http: { paths } }] })]);
    expect(Object.keys(stack[GROUP] ?? {})).toEqual(['shop/web-api:80', 'shop/web-api:http']);
  });

  test('finds every certificate for its hosts; a wildcard stands for one label', async () => {
    const certificates = [
      certificateFor('wild', '*.example.com'),
      certificateFor('exact', 'a.example.com'),
      certificateFor('deep', '*.b.example.com'),
    ];
    const stack = await builtOf(
      [ingressWith({ 'listen-ports': '[{"HTTPS":443}]' }, { tls: [{ hosts: ['a.example.com'] }] })],
      { reads: { certificates: async () => certificates } },
    );
    const listener = typeof stack === 'string' ? undefined : stack.get(LISTENER, '443')?.spec;
    expect(listener?.certificates).toEqual(
      ['exact', 'wild'].map((id) => ({
        certificateARN: { certificateArn: `arn:aws:acm:us-west-2:1:certificate/${id}` },
      })),
    );
  });

  test('takes from its class what the class says, whatever the annotation says', async () => {
    const stack = await jsonOf([ingressWith({ scheme: 'internal', 'target-type': 'instance' })], {
      params: { scheme: 'internet-facing', targetType: 'ip', tags: [{ key: 'a', value: '1' }] },
    });
    expect(stack).toMatchObject({
      [BALANCER]: { LoadBalancer: { spec: { scheme: 'internet-facing', tags: { a: '1' } } } },
      [GROUP]: { 'shop/web-api:80': { spec: { targetType: 'ip', port: 8080 } } },
    });
  });

  test('may have a network load balancer before it, a listener for each of its ports', async () => {
    const stack = await jsonOf([ingressWith({ 'enable-frontend-nlb': 'true' })]);
    expect(stack).toMatchObject({
      [BALANCER]: {
        FrontendNlb: { spec: { type: 'network', securityGroups: [{}, 'sg-backend'] } },
      },
      [LISTENER]: { 'FrontendNlb-ls-TCP-80': { spec: { protocol: 'TCP' } } },
      [GROUP]: {
        'FrontendNlb-tg-TCP-80': {
          spec: { targetType: 'alb', healthCheckConfig: { healthyThresholdCount: 2, path: '/' } },
        },
      },
    });
    const { name } = stack[GROUP]!['FrontendNlb-tg-TCP-80']!.spec as { name: string };
    expect(stack.FrontendNLBTargetGroup?.FrontendNLBTargetGroup).toEqual({
      TargetGroups: { [name]: expect.objectContaining({ Port: 80, TargetPort: 80 }) },
    });
  });
});

describe('whatever annotations say', () => {
  const suffixes = [
    'load-balancer-name',
    'group.order',
    'tags',
    'ip-address-type',
    'scheme',
    'subnets',
    'customer-owned-ipv4-pool',
    'load-balancer-attributes',
    'wafv2-acl-arn',
    'waf-acl-id',
    'shield-advanced-protection',
    'security-groups',
    'listen-ports',
    'ssl-redirect',
    'inbound-cidrs',
    'certificate-arn',
    'ssl-policy',
    'target-type',
    'backend-protocol',
    'backend-protocol-version',
    'target-group-attributes',
    'healthcheck-port',
    'healthcheck-timeout-seconds',
    'auth-type',
    'auth-idp-cognito',
    'auth-idp-oidc',
    'auth-session-timeout',
    'jwt-validation',
    'target-node-labels',
    'manage-backend-security-group-rules',
    'mutual-authentication',
    'security-group-prefix-lists',
    'listener-attributes.HTTP-80',
    'minimum-load-balancer-capacity',
    'enable-frontend-nlb',
    'frontend-nlb-listener-port-mapping',
    'frontend-nlb-healthcheck-port',
    'actions.api',
    'conditions.api',
    'transforms.api',
    'use-regex-path-match',
    'target-control-port.api.80',
  ];
  const value = fc.oneof(
    fc.string(),
    fc.json(),
    fc.constantFrom('true', 'false', '80', 'a=b,c=d', '[{"HTTP":80},{"HTTPS":443}]', '[null]'),
    fc.constantFrom('{"type":"forward","targetGroupARN":"arn:x"}', '[{"field":"host-header"}]'),
  );

  test('the answer is a stack that prints, or words', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.constantFrom(...suffixes), value), async (annotations) => {
        const rules = [
          { http: { paths: [path('/', 'api'), path('/a', 'api', 'use-annotation')] } },
        ];
        const stack = await builtOf([ingressWith(annotations, { rules })]);
        if (typeof stack === 'string') expect(stack).not.toBe('');
        else expect(() => JSON.parse(stackJson(stack))).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });
});
