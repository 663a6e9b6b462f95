import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allInstanceTypes, instanceType } from '../../model/ec2/instance-type.ts';
import { cniEnvironment, MANIFEST_VARIABLES, withVariables } from './cni-environment.ts';
import { demandByPods, nodeDemand } from './demand.ts';

const type = (name: string) => instanceType(name)!;
const env = (variables: Record<string, string> = {}) =>
  withVariables(cniEnvironment(MANIFEST_VARIABLES), variables).env;
const NO_LIMIT = 100_000;

describe('what a node takes of its subnet', () => {
  test('an m5.large with 10 pods and default settings: 3 ENIs × 10 = 30 addresses', () => {
    const demand = nodeDemand(type('m5.large'), env(), 29, 10);
    expect(demand.enis).toBe(3);
    expect(demand.nodeSubnetAddresses).toBe(30);
    expect(demand.nodeSubnetAddresses * 10).toBe(300);
  });

  test('WARM_IP_TARGET=2 MINIMUM_IP_TARGET=2: 2 primaries + 10 + 2 = 14, so 140 for ten nodes', () => {
    const targets = { WARM_IP_TARGET: '2', MINIMUM_IP_TARGET: '2' };
    const demand = nodeDemand(type('m5.large'), env(targets), 29, 10);
    expect(demand).toMatchObject({ enis: 2, podAddresses: 12, nodeSubnetAddresses: 14, idle: 2 });
  });

  test('WARM_IP_TARGET wins over WARM_ENI_TARGET, however high that is', () => {
    const low = env({ WARM_IP_TARGET: '2' });
    const both = env({ WARM_IP_TARGET: '2', WARM_ENI_TARGET: '3' });
    expect(nodeDemand(type('m5.xlarge'), both, 58, 20)).toEqual(
      nodeDemand(type('m5.xlarge'), low, 58, 20),
    );
  });

  test('MINIMUM_IP_TARGET alone never goes beyond itself: the pods after it get no address', () => {
    const demand = nodeDemand(type('m5.large'), env({ MINIMUM_IP_TARGET: '5' }), 29, 10);
    expect(demand).toMatchObject({ podAddresses: 5, assigned: 5 });
  });

  test('prefixes come in sixteens: 10 pods and one warm prefix are 2 × 16 + 1', () => {
    const demand = nodeDemand(type('m5.large'), env({ ENABLE_PREFIX_DELEGATION: 'true' }), 110, 10);
    expect(demand).toMatchObject({ enis: 1, prefixes: 2, nodeSubnetAddresses: 33 });
  });

  test('custom networking leaves one address in the node subnet and loses an ENI', () => {
    const demand = nodeDemand(
      type('m5.large'),
      env({ AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: 'true' }),
      20,
      18,
    );
    expect(demand).toMatchObject({
      enis: 3,
      assigned: 18,
      nodeSubnetAddresses: 1,
      podSubnetAddresses: 20,
    });
  });

  test('security groups for pods reserve an ENI slot for the trunk', () => {
    const demand = nodeDemand(type('m5.large'), env({ ENABLE_POD_ENI: 'true' }), 29, 27);
    expect(demand).toMatchObject({ enis: 3, podAddresses: 18, assigned: 18 });
  });

  test('an IPv6 node takes one IPv4 address, whatever runs on it', () => {
    const ipv6 = env({
      ENABLE_IPv6: 'true',
      ENABLE_IPv4: 'false',
      ENABLE_PREFIX_DELEGATION: 'true',
    });
    expect(nodeDemand(type('m5.large'), ipv6, 110, 100).nodeSubnetAddresses).toBe(1);
  });
});

/**
 * Every row of the tables in amazon-vpc-cni-k8s@b52188387 docs/eni-and-ip-target.md and
 * docs/prefix-and-ip-target.md, with what the code of that commit gives where the page differs:
 * type, variables, pods → ENIs, addresses for pods, unused, prefixes.
 */
const DOCUMENTED = `
t3.small WARM_ENI_TARGET=1 0 1 3 3 0
t3.small WARM_ENI_TARGET=1 5 3 9 4 0
t3.small WARM_ENI_TARGET=1 9 3 9 0 0
t3.small WARM_IP_TARGET=1,MINIMUM_IP_TARGET=1 0 1 1 1 0
t3.small WARM_IP_TARGET=1,MINIMUM_IP_TARGET=1 5 2 6 1 0
t3.small WARM_IP_TARGET=1,MINIMUM_IP_TARGET=1 9 3 9 0 0
t3.small WARM_IP_TARGET=2,MINIMUM_IP_TARGET=5 0 2 5 5 0
t3.small WARM_IP_TARGET=2,MINIMUM_IP_TARGET=5 5 3 7 2 0
t3.small WARM_IP_TARGET=2,MINIMUM_IP_TARGET=5 9 3 9 0 0
p3dn.24xlarge WARM_ENI_TARGET=1 0 1 49 49 0
p3dn.24xlarge WARM_ENI_TARGET=1 3 2 98 95 0
p3dn.24xlarge WARM_ENI_TARGET=1 95 3 147 52 0
p3dn.24xlarge WARM_IP_TARGET=5,MINIMUM_IP_TARGET=10 0 1 10 10 0
p3dn.24xlarge WARM_IP_TARGET=5,MINIMUM_IP_TARGET=10 7 1 12 5 0
p3dn.24xlarge WARM_IP_TARGET=5,MINIMUM_IP_TARGET=10 15 1 20 5 0
p3dn.24xlarge WARM_IP_TARGET=5,MINIMUM_IP_TARGET=10 45 2 50 5 0
t3.small WARM_PREFIX_TARGET=1,ENABLE_PREFIX_DELEGATION=true 0 1 16 16 1
t3.small WARM_PREFIX_TARGET=1,ENABLE_PREFIX_DELEGATION=true 5 1 32 27 2
t3.small WARM_PREFIX_TARGET=1,ENABLE_PREFIX_DELEGATION=true 16 1 32 16 2
t3.small WARM_PREFIX_TARGET=1,ENABLE_PREFIX_DELEGATION=true 17 1 48 31 3
t3.small WARM_PREFIX_TARGET=1,ENABLE_PREFIX_DELEGATION=true 58 2 80 22 5
t3.small WARM_PREFIX_TARGET=0,WARM_IP_TARGET=1,MINIMUM_IP_TARGET=1,ENABLE_PREFIX_DELEGATION=true 0 1 16 16 1
t3.small WARM_PREFIX_TARGET=0,WARM_IP_TARGET=1,MINIMUM_IP_TARGET=1,ENABLE_PREFIX_DELEGATION=true 5 1 16 11 1
t3.small WARM_PREFIX_TARGET=0,WARM_IP_TARGET=1,MINIMUM_IP_TARGET=1,ENABLE_PREFIX_DELEGATION=true 17 1 32 15 2
t3.small WARM_PREFIX_TARGET=0,WARM_IP_TARGET=1,MINIMUM_IP_TARGET=1,ENABLE_PREFIX_DELEGATION=true 58 2 64 6 4
t3.small WARM_PREFIX_TARGET=0,WARM_IP_TARGET=7,MINIMUM_IP_TARGET=20,ENABLE_PREFIX_DELEGATION=true 0 1 32 32 2
t3.small WARM_PREFIX_TARGET=0,WARM_IP_TARGET=7,MINIMUM_IP_TARGET=20,ENABLE_PREFIX_DELEGATION=true 5 1 32 27 2
t3.small WARM_PREFIX_TARGET=0,WARM_IP_TARGET=7,MINIMUM_IP_TARGET=20,ENABLE_PREFIX_DELEGATION=true 17 1 32 15 2
t3.small WARM_PREFIX_TARGET=0,WARM_IP_TARGET=7,MINIMUM_IP_TARGET=20,ENABLE_PREFIX_DELEGATION=true 58 2 80 22 5
p3dn.24xlarge WARM_PREFIX_TARGET=1,ENABLE_PREFIX_DELEGATION=true 0 1 16 16 1
p3dn.24xlarge WARM_PREFIX_TARGET=1,ENABLE_PREFIX_DELEGATION=true 3 1 32 29 2
p3dn.24xlarge WARM_PREFIX_TARGET=1,ENABLE_PREFIX_DELEGATION=true 95 1 112 17 7
p3dn.24xlarge WARM_PREFIX_TARGET=0,WARM_IP_TARGET=5,MINIMUM_IP_TARGET=10,ENABLE_PREFIX_DELEGATION=true 0 1 16 16 1
p3dn.24xlarge WARM_PREFIX_TARGET=0,WARM_IP_TARGET=5,MINIMUM_IP_TARGET=10,ENABLE_PREFIX_DELEGATION=true 7 1 16 9 1
p3dn.24xlarge WARM_PREFIX_TARGET=0,WARM_IP_TARGET=5,MINIMUM_IP_TARGET=10,ENABLE_PREFIX_DELEGATION=true 15 1 32 17 2
p3dn.24xlarge WARM_PREFIX_TARGET=0,WARM_IP_TARGET=5,MINIMUM_IP_TARGET=10,ENABLE_PREFIX_DELEGATION=true 45 1 64 19 4
`;

test.each(DOCUMENTED.trim().split('\n'))('upstream documents %s', (line) => {
  const [name, text, ...numbers] = line.split(' ') as [string, string, ...string[]];
  const [pods, enis, podAddresses, idle, prefixes] = numbers.map(Number);
  const variables = Object.fromEntries(text.split(',').map((pair) => pair.split('=')));
  expect(nodeDemand(type(name), env(variables), NO_LIMIT, pods!)).toMatchObject({
    enis,
    podAddresses,
    idle,
    prefixes,
  });
});

describe('for any type and targets', () => {
  const anyType = fc.constantFrom(...allInstanceTypes().filter((it) => it.ipv4PerEni > 1));
  const small = fc.integer({ min: 0, max: 40 });

  test('the loop ends where the sums say: whole ENIs for WARM_ENI_TARGET, exact for WARM_IP', () => {
    fc.assert(
      fc.property(
        anyType,
        small,
        fc.integer({ min: 1, max: 12 }),
        small,
        (one, pods, warm, min) => {
          const per = one.ipv4PerEni - 1;
          const room = one.maxEnis * per;
          const byIp = env({ WARM_IP_TARGET: String(warm), MINIMUM_IP_TARGET: String(min) });
          const wanted = Math.min(room, Math.max(min, Math.min(pods, room) + warm));
          expect(nodeDemand(one, byIp, NO_LIMIT, pods).podAddresses).toBe(wanted);
          const byEni = env({ WARM_ENI_TARGET: String(warm) });
          const enis = Math.min(one.maxEnis, warm + Math.ceil(Math.min(pods, room) / per));
          expect(nodeDemand(one, byEni, NO_LIMIT, pods).enis).toBe(enis);
        },
      ),
    );
  });

  test('one pod more never takes fewer addresses, and no pod has two', () => {
    fc.assert(
      fc.property(anyType, fc.boolean(), small, small, (one, prefixes, warm, min) => {
        const settings = env({
          ENABLE_PREFIX_DELEGATION: String(prefixes),
          WARM_IP_TARGET: String(warm),
          MINIMUM_IP_TARGET: String(min),
        });
        const demands = demandByPods(one, settings, 110, 60);
        demands.forEach((demand, pods) => {
          expect(demand.assigned).toBeLessThanOrEqual(pods);
          expect(demand.podAddresses).toBe(demand.assigned + demand.idle);
          const before = demands[pods - 1]?.nodeSubnetAddresses ?? 0;
          expect(demand.nodeSubnetAddresses).toBeGreaterThanOrEqual(before);
        });
      }),
    );
  });
});
