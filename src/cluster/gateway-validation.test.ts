import { expect, test } from 'vitest';
import { refused, taken, testCluster } from './cluster.fixture.ts';

const NETWORKING = 'gateway.networking.k8s.io/v1';

const inShop = (apiVersion: string, kind: string, spec: object) => ({
  apiVersion,
  kind,
  metadata: { name: 'shop', namespace: 'default' },
  spec,
});

const created = (apiVersion: string, kind: string, spec: object) => {
  const { kubernetes, store } = testCluster();
  taken(kubernetes.create(inShop(apiVersion, kind, spec)));
  return store;
};

const said = (apiVersion: string, kind: string, spec: object): string =>
  refused(testCluster().kubernetes.create(inShop(apiVersion, kind, spec))).message;

const listening = (...listeners: object[]) => ({ gatewayClassName: 'alb', listeners });

test('a Gateway starts with what its CRD fills in and waits for a controller', () => {
  const store = created(
    NETWORKING,
    'Gateway',
    listening({ name: 'tls', port: 443, protocol: 'TLS', tls: { mode: 'Passthrough' } }),
  );
  const { spec, status } = store.get('Gateway', 'default/shop')!;
  expect(spec.listeners[0]?.allowedRoutes).toEqual({ namespaces: { from: 'Same' } });
  expect(status?.conditions).toMatchObject([
    { type: 'Accepted', status: 'Unknown', reason: 'Pending', message: 'Waiting for controller' },
    { type: 'Programmed', status: 'Unknown' },
  ]);
});

test('listeners are refused where their parts do not go together', () => {
  const gateway = (...listeners: object[]) => said(NETWORKING, 'Gateway', listening(...listeners));
  const plain = { name: 'http', port: 80, protocol: 'HTTP' };
  expect(gateway({ ...plain, tls: { mode: 'Terminate' } })).toContain(
    "tls must not be specified for protocols ['HTTP', 'TCP', 'UDP']",
  );
  expect(gateway(plain, { ...plain, port: 81 })).toContain(
    'Listener name must be unique within the Gateway',
  );
  expect(gateway(plain, { ...plain, name: 'again' })).toContain(
    'Combination of port, protocol and hostname must be unique for each listener',
  );
  expect(gateway({ ...plain, protocol: 'TCP', hostname: 'shop.example' })).toContain(
    "hostname must not be specified for protocols ['TCP', 'UDP']",
  );
});

test('a route matches every path and weighs its backends alike, unless it says otherwise', () => {
  const store = created(NETWORKING, 'HTTPRoute', {
    parentRefs: [{ name: 'shop' }],
    rules: [{ backendRefs: [{ name: 'web', port: 80 }] }],
  });
  const { spec } = store.get('HTTPRoute', 'default/shop')!;
  expect(spec.parentRefs).toEqual([
    { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'shop' },
  ]);
  expect(spec.rules).toEqual([
    {
      backendRefs: [{ group: '', kind: 'Service', name: 'web', port: 80, weight: 1 }],
      matches: [{ path: { type: 'PathPrefix', value: '/' } }],
    },
  ]);
});

test('a route is refused where Gateway API contradicts it', () => {
  const route = (rule: object, parentRefs: object[] = [{ name: 'shop' }]) =>
    said(NETWORKING, 'HTTPRoute', { parentRefs, rules: [rule] });
  expect(route({ backendRefs: [{ name: 'web' }] })).toContain(
    'Must have port for Service reference',
  );
  expect(route({ matches: [{ path: { value: 'cart' } }] })).toContain(
    "value must be an absolute path and start with '/'",
  );
  expect(route({}, [{ name: 'shop', sectionName: 'a' }, { name: 'shop' }])).toContain(
    'sectionName must be specified when parentRefs includes 2 or more references',
  );
  const redirect = { type: 'RequestRedirect', requestRedirect: { scheme: 'https' } };
  expect(route({ filters: [redirect], backendRefs: [{ name: 'web', port: 80 }] })).toContain(
    'RequestRedirect filter must not be used together with backendRefs',
  );
});

test('configurations of load balancers and of rules are held to their words', () => {
  const own = 'gateway.k8s.aws/v1beta1';
  expect(said(own, 'LoadBalancerConfiguration', { scheme: 'public' })).toContain(
    'supported values: "internal", "internet-facing"',
  );
  const mutualAuthentication = { mode: 'verify' };
  const listenerConfigurations = [{ protocolPort: 'HTTPS:443', mutualAuthentication }];
  expect(said(own, 'LoadBalancerConfiguration', { listenerConfigurations })).toContain(
    "trustStore is required when mutualAuthentication mode is 'verify'",
  );
  const actions = [{ type: 'redirect', fixedResponseConfig: { statusCode: 302 } }];
  const message = said(own, 'ListenerRuleConfiguration', { actions });
  expect(message).toContain("redirectConfig must be specified only when type is 'redirect'");
  expect(message).toContain('StatusCode must be a valid HTTP status code');
});
