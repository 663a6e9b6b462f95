import { describe, expect, test } from 'vitest';
import { codeOf, must, network } from '../cloud.fixture.ts';

describe('letting another account attach an interface', () => {
  const permission = 'INSTANCE-ATTACH' as const;
  const accountId = '444455556666';

  test('a permission is given once per account and kept with the interface', () => {
    const { cloud, store, a } = network();
    const { networkInterfaceId } = must(cloud.ec2.createNetworkInterface({ subnetId: a.subnetId }));
    const input = { networkInterfaceId, accountId, permission };
    const first = must(cloud.ec2.createNetworkInterfacePermission(input));
    expect(must(cloud.ec2.createNetworkInterfacePermission(input))).toEqual(first);
    const eni = store.get('ec2/network-interface', networkInterfaceId)!;
    expect(eni.permissions).toEqual([first]);
  });

  test('an interface nobody has is not found', () => {
    const input = { networkInterfaceId: 'eni-0', accountId, permission };
    expect(codeOf(network().cloud.ec2.createNetworkInterfacePermission(input))).toBe(
      'InvalidNetworkInterfaceID.NotFound',
    );
  });
});
