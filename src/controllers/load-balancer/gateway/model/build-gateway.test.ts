import { describe, expect, it, test } from 'vitest';
import { GatewayYard, HTTP, to } from '../gateway.fixture.ts';

const BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
const RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';
const GROUP = 'AWS::ElasticLoadBalancingV2::TargetGroup';
const BINDING = 'K8S::ElasticLoadBalancingV2::TargetGroupBinding';
const FIREWALL = 'AWS::EC2::SecurityGroup';

const parentRefs = [{ name: 'web' }];

/** A Gateway of one listener whose only route is made of these rules. */
function routed(rules: readonly object[], hostnames?: readonly string[]): GatewayYard {
  const yard = new GatewayYard();
  yard.service('app');
  yard.service('canary');
  yard.gateway('alb', [HTTP]);
  yard.put('HTTPRoute', 'web', { parentRefs, rules, ...(hostnames && { hostnames }) });
  return yard;
}

/** Conditions, actions and transforms of the first port's rules by priority. */
async function rulesOf(yard: GatewayYard): Promise<readonly Record<string, unknown>[]> {
  const built = await yard.build();
  if (typeof built === 'string') throw new Error(built);
  const rules = Object.values(built[RULE] ?? {}).map(({ spec }) => spec);
  return rules.sort((a, b) => Number(a.priority) - Number(b.priority));
}

const configure = (yard: GatewayYard, spec: object): void => {
  yard.put('LoadBalancerConfiguration', 'own', spec);
  const parametersRef = {
    group: 'gateway.k8s.aws',
    kind: 'LoadBalancerConfiguration',
    name: 'own',
  };
  const gateway = yard.store.get('Gateway', 'default/web')!;
  yard.store.put('Gateway', 'default/web', {
    ...gateway,
    spec: { ...gateway.spec, infrastructure: { parametersRef } },
  });
};

// Of upstream's model_build_target_group_test.go.
test.each([
  ['TCPRoute', 'nlb', 'instance', 'k8s-myrouten-myroute-8d8111f6ac'],
  ['HTTPRoute', 'alb', 'instance', 'k8s-myrouten-myroute-224f4b6ea6'],
  ['TCPRoute', 'nlb', 'ip', 'k8s-myrouten-myroute-3bce8b0f70'],
  ['HTTPRoute', 'alb', 'ip', 'k8s-myrouten-myroute-a44a20bcbf'],
])('a target group of a %s at an %s with targets by %s is named %s', async (...given) => {
  const [kind, className, defaultTargetType, name] = given;
  const yard = new GatewayYard();
  yard.service('my-svc-ns/my-svc', { targetPort: 80 });
  // A node port that no API server gives.
  const key = 'my-svc-ns/my-svc';
  const service = yard.store.get('Service', key)!;
  const ports = [{ port: 80, targetPort: 80, nodePort: 8080 }];
  yard.store.put('Service', key, { ...service, spec: { ...service.spec, ports } });
  const from = [{ group: 'gateway.networking.k8s.io', kind, namespace: 'my-route-ns' }];
  yard.put('ReferenceGrant', 'my-svc-ns/all', { from, to: [{ group: '', kind: 'Service' }] });
  const allowedRoutes = { namespaces: { from: 'All' } };
  const protocol = className === 'alb' ? 'HTTP' : 'TCP';
  yard.put('Gateway', 'my-gw-ns/my-gw', {
    gatewayClassName: className,
    listeners: [{ ...HTTP, protocol, allowedRoutes }],
  });
  const backendRefs = [to('my-svc', { namespace: 'my-svc-ns' })];
  yard.put(kind, 'my-route-ns/my-route', {
    parentRefs: [{ name: 'my-gw', namespace: 'my-gw-ns' }],
    rules: [{ backendRefs }],
  });
  const flags = { clusterName: 'my-cluster', defaultTargetType };
  const built = await yard.build('my-gw-ns/my-gw', flags);
  const [group] = Object.values(
    (built as never)[GROUP] as Record<string, { spec: { name: string } }>,
  );
  expect(group?.spec.name).toBe(name);
});

describe('rules of an application load balancer', () => {
  it('stand by hostname, then path, whatever route they are of', async () => {
    const yard = routed([{ backendRefs: [to('app')] }], ['*.shop.example', 'a.shop.example']);
    const path = (type: string, value: string) => ({ path: { type, value } });
    yard.put('HTTPRoute', 'paths', {
      parentRefs,
      hostnames: ['a.shop.example'],
      rules: [
        { matches: [path('PathPrefix', '/a'), path('PathPrefix', '/a/long')] },
        { matches: [path('Exact', '/a')] },
        { matches: [path('RegularExpression', '/a[0-9]+')] },
      ],
    });
    const shown = (await rulesOf(yard)).map(({ conditions }) =>
      (conditions as Record<string, { values?: string[]; regexValues?: string[] }>[])
        .flatMap((it) => [it.hostHeaderConfig, it.pathPatternConfig])
        .flatMap((it) => it?.values ?? it?.regexValues ?? [])
        .join(' '),
    );
    expect(shown).toEqual([
      'a.shop.example /a',
      'a.shop.example /a/long /a/long/*',
      'a.shop.example /a /a/*',
      'a.shop.example /*',
      'a.shop.example /a[0-9]+',
      '*.shop.example /*',
    ]);
  });

  it('hold headers, queries and methods, and share by weight', async () => {
    const match = {
      headers: [{ name: 'x-shop', value: 'a,b\\,c' }],
      queryParams: [{ name: 'q', value: '1' }],
      method: 'POST',
    };
    const backendRefs = [to('app', { weight: 9 }), to('canary', { weight: 1 })];
    const [rule] = await rulesOf(routed([{ matches: [match], backendRefs }]));
    expect(rule).toMatchObject({
      priority: 1,
      conditions: [
        { pathPatternConfig: { values: ['/*'] } },
        { httpHeaderConfig: { httpHeaderName: 'x-shop', values: ['a', 'b,c'] } },
        { queryStringConfig: { values: [{ key: 'q', value: '1' }] } },
        { httpRequestMethodConfig: { values: ['POST'] } },
      ],
      actions: [{ forwardConfig: { targetGroups: [{ weight: 9 }, { weight: 1 }] } }],
    });
  });

  it('redirect, rewrite, and answer 500 where nobody is behind them', async () => {
    const match = { path: { type: 'PathPrefix', value: '/old' } };
    const path = { type: 'ReplacePrefixMatch', replacePrefixMatch: '/new' };
    const urlRewrite = { hostname: 'in.example', path };
    const requestRedirect = { scheme: 'https', statusCode: 301 };
    const yard = routed([
      { matches: [match], filters: [{ type: 'URLRewrite', urlRewrite }], backendRefs: [to('app')] },
      { filters: [{ type: 'RequestRedirect', requestRedirect }] },
    ]);
    const redirectConfig = { protocol: 'HTTPS', port: '443', statusCode: 'HTTP_301' };
    expect(await rulesOf(yard)).toMatchObject([
      {
        transforms: [
          { urlRewriteConfig: { rewrites: [{ regex: '(^/old(/)?)', replace: '/new$2' }] } },
          { hostHeaderRewriteConfig: { rewrites: [{ regex: '.*', replace: 'in.example' }] } },
        ],
      },
      { actions: [{ type: 'redirect', redirectConfig }] },
    ]);
    expect(await rulesOf(routed([{ backendRefs: [to('gone')] }]))).toMatchObject([
      { actions: [{ type: 'fixed-response', fixedResponseConfig: { statusCode: '500' } }] },
    ]);
  });

  it('take from their configuration what Gateway API has no words for', async () => {
    const own = { group: 'gateway.k8s.aws', kind: 'ListenerRuleConfiguration', name: 'own' };
    const filters = [{ type: 'ExtensionRef', extensionRef: own }];
    const yard = routed([{ filters, backendRefs: [to('app')] }]);
    yard.put('ListenerRuleConfiguration', 'own', {
      actions: [{ type: 'fixed-response', fixedResponseConfig: { statusCode: 418 } }],
      conditions: [{ field: 'source-ip', sourceIPConfig: { values: ['10.0.0.0/8'] } }],
      tags: { team: 'a' },
    });
    yard.say('ListenerRuleConfiguration', 'default/own', { accepted: true });
    expect(await rulesOf(yard)).toMatchObject([
      {
        conditions: [{}, { sourceIPConfig: { values: ['10.0.0.0/8'] } }],
        actions: [{ fixedResponseConfig: { statusCode: '418' } }],
        tags: { team: 'a' },
      },
    ]);
  });

  it('of gRPC are paths of services and methods; behind plain listeners it is HTTP1', async () => {
    const yard = new GatewayYard();
    yard.service('app');
    yard.gateway('alb', [
      { name: 'https', port: 443, protocol: 'HTTPS', hostname: 'a.shop.example' },
    ]);
    const rules = [
      { matches: [{ method: { service: 'Cart' } }], backendRefs: [to('app')] },
      { matches: [{ method: { service: 'Cart', method: 'Add' } }], backendRefs: [to('app')] },
    ];
    yard.put('GRPCRoute', 'cart', { parentRefs, rules });
    const built = await yard.build();
    expect(built).toMatchObject({
      [RULE]: {
        '443:1': { spec: { conditions: [{}, { pathPatternConfig: { values: ['/Cart/Add'] } }] } },
        '443:2': { spec: { conditions: [{}, { pathPatternConfig: { values: ['/Cart/*'] } }] } },
      },
      [GROUP]: {
        'default/web:default-cart:GRPCRoute-default-app:8080': {
          spec: { protocolVersion: 'GRPC', healthCheckConfig: { path: '/AWS.ALB/healthcheck' } },
        },
      },
    });
  });
});

describe('a Gateway’s load balancer', () => {
  it('has its own security group and the shared one; its targets let in the shared one', async () => {
    const yard = routed([{ backendRefs: [to('app')] }]);
    configure(yard, { scheme: 'internet-facing', enableICMP: true, tags: { team: 'a' } });
    expect(await yard.build()).toMatchObject({
      [BALANCER]: {
        LoadBalancer: {
          spec: {
            type: 'application',
            scheme: 'internet-facing',
            securityGroups: [{}, 'sg-backend'],
            tags: { team: 'a' },
          },
        },
      },
      [FIREWALL]: {
        ManagedLBSecurityGroup: {
          spec: {
            ingress: [
              { ipProtocol: 'tcp', fromPort: 80, ipRanges: [{ cidrIP: '0.0.0.0/0' }] },
              { ipProtocol: 'icmp', fromPort: 3, toPort: 4 },
            ],
          },
        },
      },
      [LISTENER]: {
        80: { spec: { defaultActions: [{ fixedResponseConfig: { statusCode: '404' } }] } },
      },
      [BINDING]: {
        'default/web:default-web:HTTPRoute-default-app:8080': {
          spec: {
            template: {
              spec: {
                serviceRef: { name: 'app', port: 80 },
                networking: {
                  ingress: [
                    {
                      from: [{ securityGroup: { groupID: 'sg-backend' } }],
                      ports: [{ protocol: 'TCP', port: 8080 }],
                    },
                  ],
                },
              },
            },
          },
        },
      },
    });
  });

  it('needs certificates: named, or found by hostnames', async () => {
    const https = { name: 'https', port: 443, protocol: 'HTTPS' };
    const without = new GatewayYard();
    without.gateway('alb', [https]);
    expect(await without.build()).toBe(
      'No hostnames found for TLS cert discovery for listener on gateway default/web with ' +
        'protocol:port HTTPS:443',
    );
    configure(without, {
      listenerConfigurations: [{ protocolPort: 'HTTPS:443', defaultCertificate: 'arn:own' }],
    });
    expect(await without.build()).toMatchObject({
      [LISTENER]: { 443: { spec: { certificates: [{}] } } },
    });
    const strange = new GatewayYard();
    strange.gateway('alb', [{ ...https, hostname: 'a.example.org' }]);
    expect(await strange.build()).toBe('no certificate found for host: a.example.org');
  });

  it('of nodes needs node ports', async () => {
    const yard = new GatewayYard();
    yard.put('Service', 'app', { ports: [{ port: 80, targetPort: 8080 }] });
    yard.gateway('alb', [HTTP]);
    yard.put('HTTPRoute', 'web', { parentRefs, rules: [{ backendRefs: [to('app')] }] });
    expect(await yard.build('default/web', { defaultTargetType: 'instance' })).toBe(
      'TargetGroup port is empty. When using Instance targets, your service must be of type ' +
        "'NodePort' or 'LoadBalancer'",
    );
  });

  it('is configured by class and Gateway; the class wins unless it leaves it to the Gateway', async () => {
    for (const [mergingMode, scheme] of [
      ['prefer-gateway-class', 'internal'],
      ['prefer-gateway', 'internet-facing'],
    ]) {
      const yard = routed([{}]);
      yard.put('LoadBalancerConfiguration', 'class', {
        mergingMode,
        scheme: 'internal',
        tags: { a: '1' },
      });
      const { revision } = yard.store.entry('LoadBalancerConfiguration', 'default/class')!;
      const gatewayClass = yard.store.get('GatewayClass', 'alb')!;
      const parametersRef = {
        group: 'gateway.k8s.aws',
        kind: 'LoadBalancerConfiguration',
        name: 'class',
        namespace: 'default',
      };
      yard.store.put('GatewayClass', 'alb', {
        ...gatewayClass,
        metadata: {
          ...gatewayClass.metadata,
          annotations: { 'elbv2.k8s.aws/last-processed-config': `${revision}` },
        },
        spec: { ...gatewayClass.spec, parametersRef },
      });
      configure(yard, { scheme: 'internet-facing', tags: { a: '2', b: '3' } });
      const tags = { a: mergingMode === 'prefer-gateway' ? '2' : '1', b: '3' };
      expect(await yard.build()).toMatchObject({
        [BALANCER]: { LoadBalancer: { spec: { scheme, tags } } },
      });
    }
  });
});

describe('a network load balancer', () => {
  it('serves TCP and UDP of one port together, and one route a port', async () => {
    const yard = new GatewayYard();
    yard.put('Service', 'dns', { ports: [{ port: 53, targetPort: 5353 }] });
    yard.gateway('nlb', [
      { name: 'tcp', port: 53, protocol: 'TCP' },
      { name: 'udp', port: 53, protocol: 'UDP' },
    ]);
    const backendRefs = [{ name: 'dns', port: 53 }];
    yard.put('UDPRoute', 'dns', { parentRefs, rules: [{ backendRefs }] });
    yard.put('TCPRoute', 'dns-late', { parentRefs, rules: [{ backendRefs }] });
    const built = await yard.build();
    expect(built).toMatchObject({
      [LISTENER]: { 53: { spec: { protocol: 'TCP_UDP' } } },
      [FIREWALL]: {
        ManagedLBSecurityGroup: {
          spec: { ingress: [{ ipProtocol: 'tcp' }, { ipProtocol: 'udp' }] },
        },
      },
    });
    const groups = Object.keys((built as never)[GROUP]);
    expect(groups).toEqual(['default/web:default-dns:UDPRoute-default-dns:5353']);
  });

  it('without security groups lets its targets know clients by address', async () => {
    const yard = new GatewayYard();
    yard.service('app');
    yard.gateway('nlb', [{ name: 'tcp', port: 80, protocol: 'TCP' }]);
    yard.put('TCPRoute', 'web', { parentRefs, rules: [{ backendRefs: [to('app')] }] });
    configure(yard, { disableSecurityGroup: true, sourceRanges: ['10.9.0.0/16'] });
    yard.put('TargetGroupConfiguration', 'app', {
      targetReference: { name: 'app' },
      defaultConfiguration: {
        targetGroupAttributes: [{ key: 'preserve_client_ip.enabled', value: 'true' }],
      },
    });
    expect(await yard.build()).toMatchObject({
      [BINDING]: {
        'default/web:default-web:TCPRoute-default-app:8080': {
          spec: {
            template: {
              spec: {
                networking: {
                  ingress: [
                    { from: [{ ipBlock: { cidr: '10.9.0.0/16' } }] },
                    { from: [{ ipBlock: { cidr: '10.0.0.0/24' } }, {}], ports: [{ port: 8080 }] },
                  ],
                },
              },
            },
          },
        },
      },
    });
  });

  it('has no listener for a port without a route, and one for a load balancer behind it', async () => {
    const yard = new GatewayYard();
    yard.gateway('nlb', [
      { name: 'tcp', port: 80, protocol: 'TCP' },
      { name: 'none', port: 81, protocol: 'TCP' },
    ]);
    const group = 'gateway.networking.k8s.io';
    const backendRefs = [to('inner', { group, kind: 'Gateway' })];
    const route = { parentRefs: [{ name: 'web', sectionName: 'tcp' }], rules: [{ backendRefs }] };
    yard.put('TCPRoute', 'web', route);
    yard.put('Gateway', 'inner', { gatewayClassName: 'alb', listeners: [HTTP] });
    expect(await yard.build()).toBe(
      'Gateway (default:inner) is not usable yet, LB ARN is not provisioned)',
    );
    const message = 'arn:aws:elasticloadbalancing:us-west-2:1:loadbalancer/app/x/1';
    yard.say('Gateway', 'default/inner', {
      conditions: [{ type: 'Programmed', status: 'True', message }],
    });
    const built = await yard.build();
    expect(Object.keys((built as never)[LISTENER])).toEqual(['80']);
    expect(built).toMatchObject({
      [GROUP]: {
        'default/web:default-web:TCPRoute-default-inner:80': {
          spec: { targetType: 'alb', healthCheckConfig: { protocol: 'HTTP' } },
        },
      },
    });
  });
});
