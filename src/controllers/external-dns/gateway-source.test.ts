import { expect, test } from 'vitest';
import type { Gateway, ListenerSet } from '../../model/kubernetes/gateway.ts';
import type { HttpRoute, ParentReference } from '../../model/kubernetes/route.ts';
import { ALB, ALPHA, Names } from './external-dns.fixture.ts';

const yes = (type: string) => ({ type, status: 'True' as const });
const http = { name: 'http', port: 80, protocol: 'HTTP' };

function gateway(names: Names, listeners: Gateway['spec']['listeners'], target?: string): void {
  const annotations = target === undefined ? {} : { [`${ALPHA}/target`]: target };
  names.world.store.put('Gateway', 'shop/web', {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'web', namespace: 'shop', annotations },
    spec: { gatewayClassName: 'alb', listeners },
    status: { addresses: [{ type: 'Hostname', value: ALB }] },
  });
}

function route(
  names: Names,
  hostnames: readonly string[],
  annotations: Record<string, string> = {},
  parentRef: ParentReference = { name: 'web' },
): void {
  const value: HttpRoute = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'web', namespace: 'shop', annotations },
    spec: { parentRefs: [parentRef], hostnames },
    status: {
      parents: [
        { parentRef, controllerName: 'gateway.k8s.aws/alb', conditions: [yes('Accepted')] },
      ],
    },
  };
  names.world.store.put('HTTPRoute', 'shop/web', value);
}

const ofRoutes = async (names: Names, ...args: string[]): Promise<readonly string[]> => {
  names.install('v0.21.0', '--source=gateway-httproute', ...args);
  await names.settle();
  return names.records().filter((it) => /^\S+ A /.test(it));
};

test('a route’s hostnames point at the Gateway, as far as its listeners serve them', async () => {
  const names = new Names();
  gateway(names, [{ ...http, hostname: '*.example.com' }]);
  route(names, ['a.example.com', 'b.example.org'], { [`${ALPHA}/hostname`]: 'c.example.com' });
  expect(await ofRoutes(names)).toEqual([
    expect.stringMatching(/^a\.example\.com\.? A /),
    expect.stringMatching(/^c\.example\.com\.? A /),
  ]);
});

test('a route without hostnames has its listener’s; the Gateway may say where it is', async () => {
  const names = new Names();
  gateway(names, [{ ...http, hostname: 'shop.example.com' }, http], '192.0.2.7');
  route(names, []);
  expect(await ofRoutes(names)).toEqual([expect.stringContaining('shop.example.com. A')]);
  expect(names.records().some((it) => it.includes('192.0.2.7'))).toBe(true);
});

test('only what the annotation asks for is named, and only of accepted routes', async () => {
  const names = new Names();
  gateway(names, [http]);
  const source = { [`${ALPHA}/gateway-hostname-source`]: 'annotation-only' };
  route(names, ['a.example.com'], { ...source, [`${ALPHA}/hostname`]: 'c.example.com' });
  expect(await ofRoutes(names)).toEqual([expect.stringMatching(/^c\.example\.com\.? A /)]);
  const late = new Names();
  gateway(late, [http]);
  route(late, ['a.example.com']);
  const stored = late.world.store.get('HTTPRoute', 'shop/web')!;
  late.world.store.put('HTTPRoute', 'shop/web', { ...stored, status: { parents: [] } });
  expect(await ofRoutes(late)).toEqual([]);
});

test('listener sets count where the flag says so and everybody has accepted them', async () => {
  const set: ListenerSet = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'ListenerSet',
    metadata: { name: 'more', namespace: 'shop' },
    spec: { parentRef: { name: 'web' }, listeners: [http] },
    status: {
      conditions: [yes('Accepted')],
      listeners: [
        { name: 'http', supportedKinds: [], attachedRoutes: 1, conditions: [yes('Accepted')] },
      ],
    },
  };
  for (const [flag, count] of [
    ['--gateway-listener-sets', 1],
    ['--events', 0],
  ] as const) {
    const names = new Names();
    gateway(names, [http]);
    const stored = names.world.store.get('Gateway', 'shop/web')!;
    const allowedListeners = { namespaces: { from: 'Same' as const } };
    names.world.store.put('Gateway', 'shop/web', {
      ...stored,
      spec: { ...stored.spec, allowedListeners },
    });
    names.world.store.put('ListenerSet', 'shop/more', set);
    route(names, ['a.example.com'], {}, { kind: 'ListenerSet', name: 'more' });
    expect(await ofRoutes(names, flag)).toHaveLength(count);
  }
});

test('a wish that Route 53 never takes does not keep time going', async () => {
  const names = new Names();
  names.ingress('near', 'near.example.com', { [`${ALPHA}/aws-unheard-of`]: '1' });
  names.install('v0.21.0');
  await names.settle();
  expect(names.sent).toBeGreaterThan(1);
});

test('what gets no record, and what is not simulated, is said', async () => {
  const names = new Names();
  names.ingress('far', 'far.example.org');
  names.ingress('near', 'near.example.com', {
    [`${ALPHA}/set-identifier`]: 'one',
    [`${ALPHA}/aws-region`]: 'us-west-2',
  });
  names.install('v0.21.0', '--fqdn-template={{.Name}}.example.com');
  await names.settle();
  expect(names.dns.notes().map(({ text }) => text)).toEqual([
    'far.example.org of ingress/shop/far gets no record: no hosted zone it looks at has the name',
    'not simulated: --fqdn-template: names made by templates',
    'not simulated: the routing policy aws/region of near.example.com',
  ]);
});
