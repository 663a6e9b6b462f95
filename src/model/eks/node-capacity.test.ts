/** Goal: reserved and allocatable are what EKS nodes report. Method: observed nodes, properties. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allInstanceTypes, type InstanceType, instanceType } from '../ec2/instance-type.ts';
import { allocatable, kubeReserved, nodeCapacity } from './node-capacity.ts';

const typeNamed = (name: string): InstanceType => {
  const type = instanceType(name);
  if (type === undefined) throw new Error(`no type ${name}`);
  return type;
};

describe('kube-reserved', () => {
  it.each([
    [1, 60],
    [2, 70],
    [3, 75],
    [4, 80],
    [8, 90],
    [16, 110],
    [48, 190],
  ])('%i vCPUs keep %im of CPU', (vcpus, cpuMilli) => {
    expect(kubeReserved(vcpus, 29).cpuMilli).toBe(cpuMilli);
  });

  it('keeps 11 MiB a pod and 255 MiB, and 1 GiB of disk', () => {
    expect(kubeReserved(2, 60)).toEqual({ cpuMilli: 70, memoryMib: 915, ephemeralMib: 1024 });
  });

  it('grows with vCPUs and with pods', () => {
    const vcpus = fc.integer({ min: 1, max: 1920 });
    const pods = fc.integer({ min: 1, max: 737 });
    fc.assert(
      fc.property(vcpus, pods, (cpus, limit) => {
        const reserved = kubeReserved(cpus, limit);
        const larger = kubeReserved(cpus + 1, limit + 1);
        expect(larger.cpuMilli).toBeGreaterThan(reserved.cpuMilli);
        expect(larger.memoryMib - reserved.memoryMib).toBe(11);
      }),
    );
  });
});

describe('allocatable', () => {
  it('an m5.large of known MemTotal leaves 1930m and 7177280Ki', () => {
    const left = allocatable(typeNamed('m5.large'), 29, { memTotalKib: 7_867_456 });
    expect(left).toMatchObject({ cpuMilli: 1930, memoryKib: 7_177_280, pods: 29 });
  });

  it('a 20 GiB root volume shows 20893676Ki and leaves what AL2023 nodes report', () => {
    const type = typeNamed('m5.large');
    expect(nodeCapacity(type, 29)?.ephemeralKib).toBe(20_893_676);
    // Observed 18181869946 bytes; 1024 bytes is the unit here.
    expect(allocatable(type, 29)?.ephemeralKib).toBe(Math.trunc(18_181_869_946 / 1024));
  });

  it('a later kubelet maxPods changes the pods, not what was reserved', () => {
    const type = typeNamed('m5.large');
    const left = allocatable(type, 110, { reservedForPods: 29 });
    expect(left?.memoryKib).toBe(allocatable(type, 29)?.memoryKib);
    expect(left?.pods).toBe(110);
  });

  it('a type of unknown size has no capacity rather than a guessed one', () => {
    expect(allocatable(typeNamed('bmn-sf1.metal'), 110)).toBeUndefined();
  });

  it('is never more than capacity and never negative', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...allInstanceTypes()),
        fc.integer({ min: 1, max: 737 }),
        (type, pods) => {
          const capacity = nodeCapacity(type, pods);
          const left = allocatable(type, pods);
          if (capacity === undefined || left === undefined) return;
          expect(left.cpuMilli).toBeLessThan(capacity.cpuMilli);
          expect(left.memoryKib).toBeLessThan(capacity.memoryKib);
          expect(left.memoryKib).toBeGreaterThanOrEqual(0);
          expect(left.ephemeralKib).toBeLessThan(capacity.ephemeralKib);
        },
      ),
    );
  });
});
