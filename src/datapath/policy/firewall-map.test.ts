import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EndpointInfo, PolicyEndpoint } from '../../model/kubernetes/policy-endpoint.ts';
import { type Cidr4, cidr4, contains, type Packet, parseCidrOrIp } from '../../net/index.ts';
import { FirewallMap, type FirewallRule } from './firewall-map.ts';

const endpoint: PolicyEndpoint = {
  apiVersion: 'networking.k8s.aws/v1alpha1',
  kind: 'PolicyEndpoint',
  metadata: { name: 'p-xxxxx', namespace: 'shop' },
  spec: { policyRef: { name: 'p', namespace: 'shop' } },
};

const rule = (info: EndpointInfo): FirewallRule => ({
  cidr: parseCidrOrIp(info.cidr!)!,
  info,
  endpoint,
});

const to = (port: number): Packet => ({
  protocol: 6,
  source: 1,
  destination: 2,
  sourcePort: 40_000,
  destinationPort: port,
  icmpType: -1,
  icmpCode: -1,
  sizeBytes: 60,
  dontFragment: true,
});

/** Blocks of eight addresses' worth of bits, so that they nest often. */
const block = fc
  .record({ low: fc.nat(255), bits: fc.integer({ min: 24, max: 32 }) })
  .map(({ low, bits }) => cidr4(0x0a000000 + low, bits));
const written = ({ first, bits }: Cidr4): string => `10.0.0.${first & 255}/${bits}`;
const rules = fc.array(
  fc.record({ block, ports: fc.array(fc.integer({ min: 80, max: 83 }), { maxLength: 2 }) }),
  { maxLength: 8 },
);

describe("the agent's map of blocks", () => {
  it('without excepts is the union of its rules: longer blocks inherit', () => {
    fc.assert(
      fc.property(rules, fc.nat(255), fc.integer({ min: 80, max: 84 }), (list, low, port) => {
        const map = new FirewallMap(
          list.map((it) =>
            rule({
              cidr: written(it.block),
              ports: it.ports.map((number) => ({ protocol: 'TCP', port: number })),
            }),
          ),
          4,
        );
        const ip = 0x0a000000 + low;
        const union = list.some(
          (it) => contains(it.block, ip) && (it.ports.length === 0 || it.ports.includes(port)),
        );
        expect(map.lookup(ip, to(port)).kind === 'allow').toBe(union);
      }),
    );
  });

  it('does not inherit from a block that excepts it', () => {
    const map = new FirewallMap(
      [
        rule({ cidr: '10.0.0.0/24', except: ['10.0.0.0/28'] }),
        rule({ cidr: '10.0.0.5', ports: [{ protocol: 'TCP', port: 80 }] }),
      ],
      4,
    );
    expect(map.lookup(0x0a000005, to(80)).kind).toBe('allow');
    expect(map.lookup(0x0a000005, to(443)).kind).toBe('no-port');
    expect(map.lookup(0x0a000006, to(80)).kind).toBe('excepted');
    expect(map.lookup(0x0a000020, to(443)).kind).toBe('allow');
  });

  it('nests thirty levels deep without growing with every level', () => {
    const nested = Array.from({ length: 31 }, (_, bits) =>
      rule({ cidr: `10.0.0.0/${bits}`, ports: [{ protocol: 'TCP', port: 80 }] }),
    );
    const map = new FirewallMap(nested, 4);
    expect(map.lookup(0x0a000000, to(80))).toMatchObject({ kind: 'allow', overflow: false });
  });
});
