import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCidr } from '../net/index.ts';
import { seeded } from '../sim/random.ts';
import { refused, service, taken, testCluster } from './cluster.fixture.ts';
import { IpAllocator } from './ip-allocator.ts';
import { NODE_PORTS, PortAllocator } from './port-allocator.ts';

describe('ClusterIP allocation', () => {
  it('keeps 10.100.0.1-10.100.1.0 of a /16 for people to pick from', () => {
    const allocator = new IpAllocator(parseCidr('10.100.0.0/16')!, seeded(1));
    expect(allocator.dynamicBand).toEqual(['10.100.1.1', '10.100.255.254']);
  });

  it('gives every address of a small block once, and none twice', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 30 }), fc.nat(), (bits, seed) => {
        const allocator = new IpAllocator(parseCidr(`10.0.0.0/${bits}`)!, seeded(seed));
        const usable = 2 ** (32 - bits) - 2;
        const given = new Set<unknown>();
        for (let i = 0; i < usable; i++) given.add(allocator.next());
        expect(given.size).toBe(usable);
        expect(given.has(undefined)).toBe(false);
        expect(allocator.next()).toBeUndefined();
      }),
      { numRuns: 20 },
    );
  });

  it('gives the second family of a dual-stack cluster to a Service that prefers both', () => {
    const { kubernetes } = testCluster({ ipv6: 'fd00:10::/108' });
    const made = taken(kubernetes.create(service('a', { ipFamilyPolicy: 'PreferDualStack' })));
    expect(made.spec.ipFamilies).toEqual(['IPv4', 'IPv6']);
    expect(made.spec.clusterIPs).toHaveLength(2);
    expect(made.spec.clusterIPs![1]).toMatch(/^fd00:10::/);
    const spec = { ...made.spec, ipFamilyPolicy: 'SingleStack' as const };
    const after = taken(kubernetes.update({ ...made, spec }));
    expect(after.spec.clusterIPs).toEqual(made.spec.clusterIPs!.slice(0, 1));
    const second = { clusterIPs: [], clusterIP: made.spec.clusterIPs![1]! };
    taken(kubernetes.create(service('b', { ...second, ipFamilies: ['IPv6'] })));
  });

  it('refuses dual-stack where there is one family', () => {
    const { kubernetes } = testCluster();
    const wish = service('a', { ipFamilyPolicy: 'RequireDualStack' });
    expect(refused(kubernetes.create(wish)).message).toContain(
      'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is ' +
        'not configured for dual-stack services',
    );
  });

  it('names both families of a headless Service without selector', () => {
    const { kubernetes } = testCluster();
    const made = taken(kubernetes.create(service('a', { clusterIP: 'None' })));
    expect(made.spec).toMatchObject({
      clusterIPs: ['None'],
      ipFamilies: ['IPv4', 'IPv6'],
      ipFamilyPolicy: 'RequireDualStack',
    });
  });

  it('says why an address cannot be had, and keeps nothing of a refused Service', () => {
    const { kubernetes } = testCluster();
    const ports = [{ port: 80, nodePort: 30_200 }];
    taken(kubernetes.create(service('a', { type: 'NodePort', ports })));
    const clash = service('b', { type: 'NodePort', ports, clusterIP: '10.100.5.5' });
    expect(refused(kubernetes.create(clash)).message).toBe(
      'Service "b" is invalid: spec.ports[0].nodePort: Invalid value: 30200: ' +
        'provided port is already allocated',
    );
    taken(kubernetes.create(service('c', { clusterIP: '10.100.5.5' })));
    expect(refused(kubernetes.create(service('d', { clusterIP: '10.96.0.5' }))).message).toBe(
      'Service "d" is invalid: spec.clusterIPs: Invalid value: ' +
        '[]string{"10.96.0.5"}: failed to allocate IP 10.96.0.5: the provided IP ' +
        '(10.96.0.5) is not in the valid range. The range of valid IPs is ' +
        '10.100.0.0/16',
    );
  });
});

describe('node ports', () => {
  it('come from 30086-32767 while there are any', () => {
    const allocator = new PortAllocator(NODE_PORTS, seeded(3));
    const given = Array.from({ length: 2_682 }, () => allocator.next()!);
    expect(Math.min(...given)).toBe(30_086);
    expect(allocator.next()).toBeLessThan(30_086);
  });

  it('are shared by the protocols of one port number', () => {
    const { kubernetes } = testCluster();
    const ports = [
      { name: 'dns', port: 53, protocol: 'UDP' as const },
      { name: 'dns-tcp', port: 53, protocol: 'TCP' as const },
    ];
    const made = taken(kubernetes.create(service('dns', { type: 'LoadBalancer', ports })));
    const [udp, tcp] = made.spec.ports!;
    expect(udp!.nodePort).toBe(tcp!.nodePort);
  });

  it('include one for health checks when only local endpoints may answer', () => {
    const { kubernetes } = testCluster();
    const spec = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' } as const;
    const made = taken(kubernetes.create(service('a', spec)));
    expect(made.spec.healthCheckNodePort).toBeGreaterThanOrEqual(30_086);
  });
});
