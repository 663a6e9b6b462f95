/**
 * Goal: pod limits are the ones AWS's own scripts compute. Method: documented numbers, and
 * properties over every instance type and flag. The official runs are in conformance/.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allInstanceTypes, type InstanceType, instanceType } from '../ec2/instance-type.ts';
import { InputError } from '../input-error.ts';
import {
  managedGroupMaxPods,
  maxPodsCalculator,
  maxPodsFormula,
  nodeadmMaxPods,
  selfManagedMaxPods,
} from './max-pods.ts';

const typeNamed = (name: string): InstanceType => {
  const type = instanceType(name);
  if (type === undefined) throw new Error(`no type ${name}`);
  return type;
};

const anyType = fc.constantFrom(...allInstanceTypes());

describe('max pods by the ENI formula', () => {
  it('writes its arithmetic out', () => {
    expect(maxPodsFormula(typeNamed('m5.large'))).toEqual({
      maxPods: 29,
      formula: '3 × (10 − 1) + 2 = 29',
    });
  });
});

describe('the official calculator', () => {
  it('multiplies by sixteen on nitro with prefix delegation and then caps at 110', () => {
    const flags = { cniVersion: '1.19.0', prefixDelegation: true };
    expect(maxPodsCalculator(typeNamed('m5.large'), flags)).toEqual({
      maxPods: 110,
      formula: '3 × (10 − 1) × 16 + 2 = 434; min(434, 110: 2 vCPUs ≤ 30) = 110',
    });
    const allowed = maxPodsCalculator(typeNamed('m5.large'), { ...flags, showMaxAllowed: true });
    expect(allowed.maxPods).toBe(434);
  });

  it('leaves one ENI out with custom networking, after --cni-max-eni', () => {
    const flags = { cniVersion: '1.9.0', customNetworking: true, cniMaxEni: 2 };
    expect(maxPodsCalculator(typeNamed('m5.large'), flags).formula).toBe(
      '(min(2, 3) − 1) × (10 − 1) + 2 = 11; min(11, 110: 2 vCPUs ≤ 30) = 11',
    );
  });

  it('knows no prefixes before CNI 1.9, on Xen, and on bare metal', () => {
    const large = typeNamed('m5.large');
    const prefixDelegation = true;
    expect(maxPodsCalculator(large, { cniVersion: '1.8.9', prefixDelegation }).maxPods).toBe(29);
    expect(maxPodsCalculator(large, { cniVersion: '2.0.0', prefixDelegation }).maxPods).toBe(110);
    const flags = { cniVersion: '1.9.0', prefixDelegation, showMaxAllowed: true };
    expect(maxPodsCalculator(typeNamed('m4.large'), flags).maxPods).toBe(20);
    expect(maxPodsCalculator(typeNamed('m5.metal'), flags).maxPods).toBe(737);
  });

  it('caps a type of unknown vCPUs as the script does when it gets none: at 110', () => {
    const result = maxPodsCalculator(typeNamed('bmn-sf1.metal'), { cniVersion: '1.9.0' });
    expect(result).toMatchObject({ maxPods: 110 });
    expect(result.formula).toContain('vCPUs unknown');
  });

  it('refuses a version that is none', () => {
    expect(() => maxPodsCalculator(typeNamed('m5.large'), { cniVersion: 'latest' })).toThrow(
      InputError,
    );
  });

  it('never gives more with custom networking or a ceiling than without', () => {
    fc.assert(
      fc.property(anyType, fc.boolean(), fc.boolean(), (type, prefixDelegation, custom) => {
        const flags = { cniVersion: '1.10.0', prefixDelegation, customNetworking: custom };
        const capped = maxPodsCalculator(type, flags).maxPods;
        const allowed = maxPodsCalculator(type, { ...flags, showMaxAllowed: true }).maxPods;
        const wide = maxPodsCalculator(type, { ...flags, customNetworking: false }).maxPods;
        expect(capped).toBeLessThanOrEqual(allowed);
        expect(capped).toBeLessThanOrEqual(wide);
        expect(capped).toBeLessThanOrEqual((type.vcpus ?? 0) > 30 ? 250 : 110);
        expect(capped).toBeGreaterThanOrEqual(2);
      }),
    );
  });
});

describe('managed node groups', () => {
  it.each([
    ['m5.large', false, 29],
    ['m5.large', true, 110],
    ['m5.xlarge', false, 58],
    ['m5.4xlarge', false, 110],
    ['m5.24xlarge', false, 250],
  ])('%s with prefix delegation %s gets %i', (name, prefixDelegation, maxPods) => {
    expect(managedGroupMaxPods([typeNamed(name)], { prefixDelegation }).maxPods).toBe(maxPods);
  });

  it('the lowest type sets the limit of the whole group', () => {
    const group = ['m5.4xlarge', 't3.medium', 'm5.xlarge'].map(typeNamed);
    const result = managedGroupMaxPods(group, {});
    expect(result.maxPods).toBe(17);
    expect(result.formula).toContain('t3.medium, lowest of 3 types');
  });

  it('is the minimum over its types whatever their order', () => {
    fc.assert(
      fc.property(fc.array(anyType, { minLength: 1, maxLength: 5 }), fc.boolean(), (types, pd) => {
        const cni = { prefixDelegation: pd };
        const alone = types.map((type) => managedGroupMaxPods([type], cni).maxPods);
        expect(managedGroupMaxPods(types, cni).maxPods).toBe(Math.min(...alone));
      }),
    );
  });
});

describe('self-managed nodes', () => {
  it('have no ceiling and take no notice of prefix delegation', () => {
    expect(selfManagedMaxPods(typeNamed('m5.4xlarge')).maxPods).toBe(234);
    expect(selfManagedMaxPods(typeNamed('m5.24xlarge')).maxPods).toBe(737);
  });

  it('kubelet maxPods beats the expression, which beats the formula', () => {
    const type = typeNamed('m5.large');
    const maxPodsExpression = 'max_pods > 20 ? 20 : max_pods';
    expect(selfManagedMaxPods(type, { maxPodsExpression })).toEqual({
      maxPods: 20,
      formula: 'max_pods > 20 ? 20 : max_pods = 20 (default_enis 3, ips_per_eni 10, max_pods 29)',
    });
    expect(selfManagedMaxPods(type, { maxPodsExpression, kubeletMaxPods: 7 }).maxPods).toBe(7);
  });

  it('an expression nodeadm refuses falls back to the formula and says why', () => {
    const result = nodeadmMaxPods({ maxEnis: 3, ipv4PerEni: 10 }, 'min(max_pods, 20)');
    expect(result.maxPods).toBe(29);
    expect(result.formula).toContain("undeclared reference to 'min'");
  });

  it('an instance type nobody knows gets the kubelet default of 110', () => {
    expect(selfManagedMaxPods(undefined).maxPods).toBe(110);
  });
});
