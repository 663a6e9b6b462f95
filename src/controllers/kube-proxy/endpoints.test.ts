import { describe, expect, test } from 'vitest';
import type { Endpoint } from '../../model/kubernetes/networking.ts';
import { type EndpointUser, endpointsOf, usedEndpoints } from './endpoints.ts';
import { service, slice } from './kube-proxy.fixture.ts';
import { servicePorts } from './service-port.ts';

const user: EndpointUser = { nodeName: 'n1', zone: 'a', hints: 'annotated' };
const texts = (endpoints: readonly { text: string }[]): string[] =>
  endpoints.map(({ text }) => text);

const leaving = (address: string, nodeName: string): Endpoint => ({
  addresses: [address],
  conditions: { ready: false, serving: true, terminating: true },
  nodeName,
});

function used(
  spec: Parameters<typeof service>[0],
  endpoints: readonly (string | Endpoint)[],
  by: EndpointUser = user,
  annotations = {},
) {
  const port = servicePorts(service(spec, { annotations }), 4)[0]!;
  return usedEndpoints(port, endpointsOf(port, [slice(endpoints)], 4), by);
}

describe('endpoints of a Service port', () => {
  test('an endpoint in two slices counts once, in the order of the text', () => {
    const port = servicePorts(service(), 4)[0]!;
    const slices = [slice(['10.0.0.9', '10.0.0.10']), slice(['10.0.0.9'], { name: 'svc1-2' })];
    expect(texts(endpointsOf(port, slices, 4))).toEqual(['10.0.0.10:80', '10.0.0.9:80']);
  });

  test('where nothing is ready, those that leave but still answer are used', () => {
    const { cluster, hasAny } = used({}, [
      leaving('10.0.0.1', 'n1'),
      { addresses: ['10.0.0.2'], conditions: { ready: false, serving: false, terminating: true } },
    ]);
    expect(texts(cluster)).toEqual(['10.0.0.1:80']);
    expect(hasAny).toBe(true);
  });

  test('policy Local falls back to a leaving endpoint of its own while others are ready', () => {
    const spec = { type: 'NodePort', externalTrafficPolicy: 'Local' } as const;
    const ports = [{ name: 'p80', port: 80, nodePort: 30_001 }];
    const { cluster, local, reachable } = used({ ...spec, ports }, [
      leaving('10.0.0.1', 'n1'),
      { addresses: ['10.0.0.2'], nodeName: 'n2' },
    ]);
    expect(texts(cluster)).toEqual(['10.0.0.2:80']);
    expect(texts(local)).toEqual(['10.0.0.1:80']);
    expect(texts(reachable)).toEqual(['10.0.0.1:80', '10.0.0.2:80']);
  });

  const hinted = [
    { addresses: ['10.0.0.1'], hints: { forZones: [{ name: 'a' }] } },
    { addresses: ['10.0.0.2'], hints: { forZones: [{ name: 'b' }] } },
  ];

  test('1.30 follows zone hints only where the Service asks for them', () => {
    expect(texts(used({}, hinted).cluster)).toHaveLength(2);
    const annotations = { 'service.kubernetes.io/topology-mode': 'Auto' };
    expect(texts(used({}, hinted, user, annotations).cluster)).toEqual(['10.0.0.1:80']);
  });

  test('1.31 follows zone hints wherever they are', () => {
    expect(texts(used({}, hinted, { ...user, hints: 'zones' }).cluster)).toEqual(['10.0.0.1:80']);
  });

  test('one ready endpoint without a hint, or no hint for the zone, turns hints off', () => {
    const zones: EndpointUser = { ...user, hints: 'zones' };
    expect(used({}, [...hinted, '10.0.0.3'], zones).cluster).toHaveLength(3);
    expect(used({}, hinted, { ...zones, zone: 'c' }).cluster).toHaveLength(2);
    expect(used({}, hinted, { ...zones, zone: undefined }).cluster).toHaveLength(2);
  });

  test('hints for nodes come before those for zones from 1.34', () => {
    const hints = (node: string) => ({ forNodes: [{ name: node }], forZones: [{ name: 'a' }] });
    const both = [
      { addresses: ['10.0.0.1'], hints: hints('n1') },
      { addresses: ['10.0.0.2'], hints: hints('n2') },
    ];
    expect(texts(used({}, both, { ...user, hints: 'nodes' }).cluster)).toEqual(['10.0.0.1:80']);
    expect(used({}, both, { ...user, hints: 'nodes', nodeName: 'n3' }).cluster).toHaveLength(2);
  });
});
