import { describe, expect, test } from 'vitest';
import { healthAnswer } from './health-check.ts';
import { service, slice, storeOf } from './kube-proxy.fixture.ts';
import { ServiceViews } from './service-views.ts';

const balanced = service({
  type: 'LoadBalancer',
  externalTrafficPolicy: 'Local',
  healthCheckNodePort: 32_000,
  ports: [
    { name: 'p80', port: 80, nodePort: 30_001 },
    { name: 'p80', protocol: 'UDP', port: 80, nodePort: 30_001 },
  ],
});

describe('healthCheckNodePort', () => {
  const endpoints = slice([
    { addresses: ['10.0.3.50'], nodeName: 'n1' },
    { addresses: ['10.0.3.51'], nodeName: 'n1', conditions: { ready: false } },
    { addresses: ['10.0.4.50'], nodeName: 'n2' },
  ]);
  const views = new ServiceViews(storeOf(balanced, endpoints)).ports(4);

  test('a node with a ready endpoint answers 200 and how many it has', () => {
    expect(healthAnswer('ns1/svc1', views, 'n1')).toEqual({
      status: 200,
      localEndpoints: 1,
      headers: {
        'Content-Type': 'application/json',
        'X-Content-Type-Options': 'nosniff',
        'X-Load-Balancing-Endpoint-Weight': '1',
      },
      body: '{\n\t"service": {\n\t\t"namespace": "ns1",\n\t\t"name": "svc1"\n\t},\n\t"localEndpoints": 1,\n\t"serviceProxyHealthy": true\n}\n',
    });
  });

  test('a node without answers 503, and so does a kube-proxy that is behind', () => {
    expect(healthAnswer('ns1/svc1', views, 'n3').status).toBe(503);
    expect(healthAnswer('ns1/svc1', views, 'n1', false).status).toBe(503);
  });
});
