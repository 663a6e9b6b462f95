import { describe, expect, test } from 'vitest';
import { formatCidr, formatIp } from '../../net/index.ts';
import { service } from './kube-proxy.fixture.ts';
import { servicePorts } from './service-port.ts';

describe('Service ports as kube-proxy sees them', () => {
  test('a ClusterIP Service uses policy Cluster only', () => {
    const [port] = servicePorts(service(), 4);
    expect(port).toMatchObject({
      name: 'ns1/svc1:p80',
      protocol: 'TCP',
      port: 80,
      isExternallyAccessible: false,
      usesClusterEndpoints: true,
      usesLocalEndpoints: false,
    });
    expect(formatIp(port!.clusterIp)).toBe('172.30.0.41');
  });

  test('a port without a name is called as its Service', () => {
    expect(servicePorts(service({ ports: [{ port: 80 }] }), 4)[0]!.name).toBe('ns1/svc1');
  });

  test('headless, ExternalName, and Services of another proxy have no rules', () => {
    const other = { labels: { 'service.kubernetes.io/service-proxy-name': 'cilium' } };
    expect(servicePorts(service({ clusterIP: 'None' }), 4)).toEqual([]);
    expect(servicePorts(service({ type: 'ExternalName', externalName: 'a.example' }), 4)).toEqual(
      [],
    );
    expect(servicePorts(service({}, other), 4)).toEqual([]);
  });

  test('each family sees its own ClusterIP only', () => {
    const dual = service({ clusterIP: '172.30.0.41', clusterIPs: ['172.30.0.41', 'fd00::41'] });
    expect(servicePorts(dual, 4).map((it) => formatIp(it.clusterIp))).toEqual(['172.30.0.41']);
    expect(servicePorts(dual, 6).map((it) => formatIp(it.clusterIp))).toEqual(['fd00::41']);
    expect(servicePorts(service(), 6)).toEqual([]);
  });

  test('policy Local outside needs local endpoints, and any endpoint for the node itself', () => {
    const [port] = servicePorts(
      service({
        type: 'LoadBalancer',
        externalTrafficPolicy: 'Local',
        healthCheckNodePort: 30_000,
        ports: [{ name: 'p80', port: 80, nodePort: 30_001 }],
      }),
      4,
    );
    expect(port).toMatchObject({
      isExternalPolicyLocal: true,
      usesClusterEndpoints: true,
      usesLocalEndpoints: true,
      healthCheckNodePort: 30_000,
    });
  });

  test('policy Local inside without anything outside needs local endpoints only', () => {
    const [port] = servicePorts(service({ internalTrafficPolicy: 'Local' }), 4);
    expect(port).toMatchObject({ usesClusterEndpoints: false, usesLocalEndpoints: true });
  });

  test('a load balancer whose ipMode is Proxy, or that has a name only, is no address here', () => {
    const ingress = [{ ip: '1.2.3.4', ipMode: 'Proxy' }, { hostname: 'a.elb.example' }];
    const [port] = servicePorts(service({ type: 'LoadBalancer' }, { ingress }), 4);
    expect(port!.loadBalancerIps).toEqual([]);
  });

  test('spaces around a source range do no harm', () => {
    const ranges = service({ loadBalancerSourceRanges: [' 203.0.113.7/25', '2001:db8::/32'] });
    expect(servicePorts(ranges, 4)[0]!.sourceRanges.map(formatCidr)).toEqual(['203.0.113.0/25']);
  });
});
