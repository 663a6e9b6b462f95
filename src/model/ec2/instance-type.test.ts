/** Goal: the table of instance types says what AWS publishes. Method: look-ups of known types. */

import { describe, expect, it } from 'vitest';
import { allInstanceTypes, instanceType, nearestInstanceTypes } from './instance-type.ts';

describe('instance types', () => {
  it('m5.large has three ENIs of ten addresses, two vCPUs and 8 GiB', () => {
    expect(instanceType('m5.large')).toEqual({
      name: 'm5.large',
      maxEnis: 3,
      ipv4PerEni: 10,
      hypervisor: 'nitro',
      bareMetal: false,
      prefixDelegation: true,
      defaultNetworkCardIndex: 0,
      networkCards: [{ networkCardIndex: 0, maxInterfaces: 3 }],
      trunkCompatible: true,
      branchInterfaces: 9,
      vcpus: 2,
      memoryMib: 8192,
      arch: 'amd64',
      derivedSize: false,
    });
  });

  it('a Graviton type is arm64 and a Xen type takes no prefixes', () => {
    expect(instanceType('c7gn.xlarge')?.arch).toBe('arm64');
    expect(instanceType('t2.micro')).toMatchObject({ hypervisor: 'xen', prefixDelegation: false });
  });

  it('bare metal takes prefixes although its hypervisor is unknown', () => {
    expect(instanceType('m5.metal')).toMatchObject({
      hypervisor: 'unknown',
      bareMetal: true,
      prefixDelegation: true,
    });
  });

  it('a type with several cards counts the ENIs of the default card only', () => {
    const type = instanceType('dl1.24xlarge');
    expect(type?.maxEnis).toBe(15);
    expect(type?.networkCards).toHaveLength(4);
  });

  it('a type outside the resource controller table has unknown trunk support', () => {
    expect(instanceType('c8in.large')).toMatchObject({
      trunkCompatible: undefined,
      branchInterfaces: undefined,
    });
  });

  it('a size no source names is derived from its family and says so', () => {
    expect(instanceType('c7i.32xlarge')).toMatchObject({
      vcpus: 128,
      memoryMib: 262_144,
      derivedSize: true,
    });
    expect(instanceType('c5a.metal')).toMatchObject({ vcpus: 96, derivedSize: true });
  });

  it('a type without source and without sibling has no vCPUs rather than a guess', () => {
    expect(instanceType('bmn-sf1.metal')).toMatchObject({
      vcpus: undefined,
      memoryMib: undefined,
      derivedSize: true,
    });
  });

  it('every type is whole: its default card holds its ENIs and each number is a number', () => {
    const types = allInstanceTypes();
    expect(types.length).toBeGreaterThanOrEqual(1392);
    for (const type of types) {
      const defaultCard = type.networkCards.find(
        (card) => card.networkCardIndex === type.defaultNetworkCardIndex,
      );
      expect(defaultCard?.maxInterfaces, type.name).toBe(type.maxEnis);
      const numbers = [type.maxEnis, type.ipv4PerEni, type.vcpus ?? 1, type.memoryMib ?? 1];
      expect(
        numbers.every((value) => Number.isInteger(value) && value > 0),
        type.name,
      ).toBe(true);
      expect(type.branchInterfaces === undefined, type.name).toBe(
        type.trunkCompatible === undefined,
      );
    }
  });

  it('an unknown name is unknown, and a mistyped one has neighbours', () => {
    expect(instanceType('m5.lrage')).toBeUndefined();
    expect(nearestInstanceTypes('m5.lrage')[0]).toBe('m5.large');
    expect(nearestInstanceTypes('M5.Large')[0]).toBe('m5.large');
    expect(nearestInstanceTypes('m5.9xlarge').every((name) => name.startsWith('m5.'))).toBe(true);
    expect(nearestInstanceTypes('completely-else')).toEqual([]);
    expect(nearestInstanceTypes('')).toEqual([]);
  });
});
