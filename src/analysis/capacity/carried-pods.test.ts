import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  allInstanceTypes,
  type InstanceType,
  instanceType,
} from '../../model/ec2/instance-type.ts';
import { carriedPods } from './carried-pods.ts';
import { cniEnvironment, MANIFEST_VARIABLES, withVariables } from './cni-environment.ts';
import { nodeDemand } from './demand.ts';
import type { NodeLoad } from './node-load.ts';

const settings = (variables: Record<string, string>) =>
  withVariables(cniEnvironment(MANIFEST_VARIABLES), variables);

const load = (type: InstanceType, maxPods: number): NodeLoad => ({
  type,
  pods: 0,
  hostNetworkPods: 2,
  maxPods,
  limitedBy: 'node',
  subnetId: 'a',
  availabilityZone: 'z',
});

test('drawing from a large subnet ends where the demand arithmetic ends', () => {
  const anyType = fc.constantFrom(...allInstanceTypes().filter((it) => it.ipv4PerEni > 1));
  const small = fc.integer({ min: 0, max: 20 });
  fc.assert(
    fc.property(anyType, fc.boolean(), small, small, small, (type, prefixes, warm, min, max) => {
      const environment = settings({
        ENABLE_PREFIX_DELEGATION: String(prefixes),
        WARM_IP_TARGET: String(warm),
        MINIMUM_IP_TARGET: String(min),
        AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: String(warm % 3 === 0),
      });
      const demand = nodeDemand(type, environment.env, max + 2, max);
      expect(carriedPods([load(type, max + 2)], environment, [])).toBe(demand.assigned);
    }),
  );
});

test('pods never outnumber the addresses that nodes leave in the subnet', () => {
  const type = instanceType('m5.large')!;
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 400 }),
      fc.integer({ min: 1, max: 12 }),
      fc.boolean(),
      (addresses, nodes, prefixes) => {
        const environment = settings({ ENABLE_PREFIX_DELEGATION: String(prefixes) });
        const loads = Array.from({ length: nodes }, () => load(type, 110));
        const blocks = Math.floor(addresses / 16);
        const carried = carriedPods(loads, environment, [{ subnetId: 'a', addresses, blocks }]);
        expect(carried).toBeLessThanOrEqual(Math.max(0, addresses - Math.min(nodes, addresses)));
      },
    ),
  );
});
