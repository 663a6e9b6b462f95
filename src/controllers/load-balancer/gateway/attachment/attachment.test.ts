import { expect, test } from 'vitest';
import { commonHostname } from '../../../../model/kubernetes/gateway-hostnames.ts';
import { GatewayYard, HTTP, to } from '../gateway.fixture.ts';
import { type LoadedGateway, loadRoutes } from './load-routes.ts';

const parentRefs = [{ name: 'web' }];
const rules = [{ backendRefs: [to('app')] }];

test('of two hostnames the more specific one is what both serve', () => {
  expect(commonHostname('a.shop.example', '*.shop.example')).toBe('a.shop.example');
  expect(commonHostname('*.shop.example', 'a.b.shop.example')).toBe('a.b.shop.example');
  expect(commonHostname('a.shop.example', 'b.shop.example')).toBeUndefined();
  expect(commonHostname('*.shop.example', 'shop.example')).toBeUndefined();
});

test('a route attaches where namespace, kind and hostname agree', () => {
  const yard = new GatewayYard();
  yard.service('app');
  const all = { namespaces: { from: 'All' } };
  yard.gateway('alb', [
    { ...HTTP, hostname: '*.shop.example' },
    { name: 'open', port: 81, protocol: 'HTTP', allowedRoutes: all },
  ]);
  yard.put('HTTPRoute', 'mine', { parentRefs, hostnames: ['a.shop.example', 'other.org'], rules });
  const result = yard.load().result as LoadedGateway;
  const at = (port: number) =>
    result.routesByPort.get(port)!.map(({ hostnames }) => hostnames.get(port));
  expect(at(80)).toEqual([['a.shop.example']]);
  expect(at(81)).toEqual([[]]);
  expect(result.gateway.listeners.map(({ attachedRoutes }) => attachedRoutes)).toEqual([1, 1]);
});

test('a route that no listener takes is told why, in the controller’s words', () => {
  const yard = new GatewayYard();
  yard.gateway('alb', [{ ...HTTP, hostname: 'a.shop.example' }]);
  const at = (more: object) => [{ name: 'web', namespace: 'default', ...more }];
  yard.put('HTTPRoute', 'away/other', { parentRefs: at({}), rules });
  yard.put('HTTPRoute', 'host', { parentRefs, hostnames: ['b.shop.example'], rules });
  yard.put('HTTPRoute', 'section', { parentRefs: at({ sectionName: 'https' }), rules });
  yard.put('GRPCRoute', 'kind', { parentRefs, rules });
  expect(yard.outcomes()).toEqual([
    'GRPCRoute/default/kind: NotAllowedByListeners, Listener does not allow route attachment, ' +
      'kind does not match between listener and route',
    'HTTPRoute/away/other: NotAllowedByListeners, Listener does not allow route attachment, ' +
      'namespace does not match between listener and route',
    'HTTPRoute/default/host: NoMatchingListenerHostname, Listener does not allow route ' +
      'attachment, no matching hostname',
    'HTTPRoute/default/section: NoMatchingParent, Route parentRef does not match listener',
  ]);
});

test('namespaces are let in by their labels', () => {
  const yard = new GatewayYard();
  yard.put('Namespace', 'team', {}, { metadata: { name: 'team', labels: { shop: 'yes' } } });
  const selector = { matchLabels: { shop: 'yes' } };
  const allowedRoutes = { namespaces: { from: 'Selector', selector } };
  yard.gateway('alb', [{ ...HTTP, allowedRoutes }]);
  const from = [{ name: 'web', namespace: 'default' }];
  yard.put('HTTPRoute', 'team/in', { parentRefs: from, rules: [{}] });
  yard.put('HTTPRoute', 'away/out', { parentRefs: from, rules: [{}] });
  expect(yard.outcomes().map((it) => it.slice(0, 40))).toEqual([
    'HTTPRoute/away/out: NotAllowedByListener',
    'HTTPRoute/team/in: Accepted, Route is ac',
  ]);
});

test('listeners that a load balancer of the kind cannot have are told why', () => {
  const yard = new GatewayYard();
  const tcp = (name: string, more: object) => ({ name, port: 80, protocol: 'TCP', ...more });
  yard.gateway('nlb', [
    tcp('first', {}),
    tcp('udp', { protocol: 'UDP' }),
    tcp('tls', { protocol: 'TLS', tls: { mode: 'Passthrough' } }),
    tcp('http', { protocol: 'HTTP', port: 81 }),
    tcp('kinds', { port: 82, allowedRoutes: { kinds: [{ kind: 'HTTPRoute' }] } }),
  ]);
  const { gateway } = yard.load().result as LoadedGateway;
  expect(gateway.listeners.map(({ reason, message }) => [reason, message])).toEqual([
    ['Accepted', 'Listener is accepted.'],
    ['Accepted', 'Listener is accepted.'],
    ['ProtocolConflict', 'Protocol conflict for port 80'],
    ['UnsupportedProtocol', 'Unsupported protocol HTTP for listener http'],
    ['InvalidRouteKinds', 'Invalid route kind for listener kinds'],
  ]);
});

test('a backend in another namespace needs a grant, and what is missing is told', () => {
  const yard = new GatewayYard();
  yard.service('away/app');
  yard.gateway('alb', [HTTP]);
  const away = { backendRefs: [to('app', { namespace: 'away' })] };
  yard.put('HTTPRoute', 'web', { parentRefs, rules: [away] });
  yard.put('HTTPRoute', 'wrong', {
    parentRefs,
    rules: [{ backendRefs: [to('gone'), { name: 'x', kind: 'Bucket', group: 's3', port: 1 }] }],
  });
  expect(yard.outcomes()).toEqual([
    'HTTPRoute/default/web: RefNotPermitted, No explicit ReferenceGrant exists to allow the ' +
      'reference.',
    'HTTPRoute/default/wrong: BackendNotFound, Service (default:gone) not found)',
  ]);
  const from = [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'default' }];
  yard.put('ReferenceGrant', 'away/all', { from, to: [{ group: '', kind: 'Service' }] });
  expect(yard.outcomes()[1]).toBe('HTTPRoute/default/web: Accepted, Route is accepted by Gateway');
});

test('listener sets add listeners where the Gateway takes them; its own come first', () => {
  const yard = new GatewayYard();
  const allowedListeners = { namespaces: { from: 'Same' } };
  yard.gateway('alb', [{ ...HTTP, hostname: 'a.example' }], { allowedListeners });
  const listeners = [
    { ...HTTP, hostname: 'a.example' },
    { name: 'more', port: 81, protocol: 'HTTP' },
  ];
  yard.put('ListenerSet', 'more', { parentRef: { name: 'web' }, listeners });
  const parentRef = { name: 'web', namespace: 'default' };
  yard.put('ListenerSet', 'away/more', { parentRef, listeners });
  const loaded = yard.load().result as LoadedGateway;
  expect(loaded.sets[0]?.listeners.map(({ reason }) => reason)).toEqual([
    'HostnameConflict',
    'Accepted',
  ]);
  expect(loaded.rejectedSets.map(({ metadata }) => metadata.namespace)).toEqual(['away']);
  const gateway = yard.store.get('Gateway', 'default/web')!;
  const closed = loadRoutes({
    store: yard.store,
    gateway,
    controllerName: 'gateway.k8s.aws/alb',
    takesListenerSets: false,
    defaults: undefined,
  });
  expect((closed.result as LoadedGateway).sets).toEqual([]);
});

test('a rule’s configuration has to be there, alone, and accepted', () => {
  const yard = new GatewayYard();
  yard.service('app');
  yard.gateway('alb', [HTTP]);
  const extensionRef = { group: 'gateway.k8s.aws', kind: 'ListenerRuleConfiguration', name: 'own' };
  const filters = [{ type: 'ExtensionRef', extensionRef }];
  yard.put('HTTPRoute', 'web', { parentRefs, rules: [{ filters, backendRefs: [to('app')] }] });
  expect(yard.outcomes()[0]).toContain('ListenerRuleConfiguration [default/own] not found)');
  yard.put('ListenerRuleConfiguration', 'own', { tags: { team: 'a' } });
  expect(yard.outcomes()[0]).toContain('is not accepted. Reason:  status unknown)');
  yard.say('ListenerRuleConfiguration', 'default/own', { accepted: true });
  expect(yard.outcomes()[0]).toContain('Route is accepted by Gateway');
});
