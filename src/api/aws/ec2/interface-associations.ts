/**
 * api/aws/ec2/interface-associations — EC2's operations on branches of trunk interfaces, and on who
 * may attach an interface.
 */
import type { EC2, TrunkInterfaceAssociation } from '@aws-sdk/client-ec2';
import { filterTest } from '../../../cloud/ec2/filters.ts';
import { missingParameter, noAssociation } from '../../../cloud/ec2/not-found.ts';
import { awsError, isAwsError } from '../../../model/aws-error.ts';
import type { NetworkInterface } from '../../../model/ec2/network-interface.ts';
import type { Tags } from '../../../model/ec2/tags.ts';
import type { Handlers } from '../operation.ts';
import { done, filtersOf, page } from './requests.ts';

type Associated = TrunkInterfaceAssociation & { readonly tags: Tags };

function associationOf({ trunk, networkInterfaceId }: NetworkInterface): Associated[] {
  if (trunk === undefined) return [];
  return [
    {
      AssociationId: trunk.associationId,
      TrunkInterfaceId: trunk.trunkInterfaceId,
      BranchInterfaceId: networkInterfaceId,
      InterfaceProtocol: 'VLAN',
      VlanId: trunk.vlanId,
      tags: {},
    },
  ];
}

const ASSOCIATION_FILTERS = {
  'trunk-interface-association.trunk-interface-id': (it: Associated) => it.TrunkInterfaceId,
  'trunk-interface-association.branch-interface-id': (it: Associated) => it.BranchInterfaceId,
  'trunk-interface-association.association-id': (it: Associated) => it.AssociationId,
  'interface-protocol': (it: Associated) => it.InterfaceProtocol,
  'gre-key': () => undefined,
  'vlan-id': (it: Associated) => it.VlanId,
};

export const interfaceAssociations: Handlers<EC2> = {
  AssociateTrunkInterface(input, { cloud }) {
    const { TrunkInterfaceId, BranchInterfaceId, VlanId } = input;
    if (input.GreKey !== undefined) {
      return awsError(
        'UnsupportedOperation',
        'Branch interfaces by GRE are not simulated by ekstwin: give a VlanId.',
      );
    }
    if (VlanId === undefined) return missingParameter('VlanId');
    const held = cloud.ec2.associateTrunkInterface({
      trunkInterfaceId: TrunkInterfaceId!,
      branchInterfaceId: BranchInterfaceId!,
      vlanId: VlanId,
    });
    if (isAwsError(held)) return held;
    return {
      ClientToken: input.ClientToken,
      InterfaceAssociation: {
        AssociationId: held.associationId,
        TrunkInterfaceId,
        BranchInterfaceId,
        InterfaceProtocol: 'VLAN',
        VlanId,
      },
    };
  },

  DisassociateTrunkInterface: (input, { cloud }) =>
    done(cloud.ec2.disassociateTrunkInterface({ associationId: input.AssociationId! })),

  DescribeTrunkInterfaceAssociations(input, call) {
    const filters = filtersOf(input);
    const test = filterTest(ASSOCIATION_FILTERS, filters);
    if (isAwsError(test)) return test;
    const all = call.store.list('ec2/network-interface').flatMap(associationOf);
    const ids = input.AssociationIds ?? [];
    const unknown = ids.find((id) => !all.some((it) => it.AssociationId === id));
    if (unknown !== undefined) return noAssociation(unknown);
    const found = all.filter(
      (it) => test(it) && (ids.length === 0 || ids.includes(it.AssociationId!)),
    );
    const part = page(call, input, found, ({ tags: _, ...association }) => association);
    if (isAwsError(part)) return part;
    return { InterfaceAssociations: part.items, NextToken: part.NextToken };
  },

  CreateNetworkInterfacePermission(input, { cloud }) {
    const NetworkInterfaceId = input.NetworkInterfaceId!;
    const accountId = input.AwsAccountId ?? input.AwsService;
    if (accountId === undefined) return missingParameter('AwsAccountId');
    const isEip = input.Permission === 'EIP-ASSOCIATE';
    const granted = cloud.ec2.createNetworkInterfacePermission({
      networkInterfaceId: NetworkInterfaceId,
      accountId,
      permission: isEip ? 'EIP-ASSOCIATE' : 'INSTANCE-ATTACH',
    });
    if (isAwsError(granted)) return granted;
    return { InterfacePermission: permissionJson(NetworkInterfaceId, granted) };
  },

  DeleteNetworkInterfacePermission: (input, { cloud }) =>
    done(
      cloud.ec2.deleteNetworkInterfacePermission({
        permissionId: input.NetworkInterfacePermissionId!,
      }),
    ),

  DescribeNetworkInterfacePermissions(input, call) {
    const found = call.cloud.ec2.describeNetworkInterfacePermissions({
      ids: input.NetworkInterfacePermissionIds,
      filters: filtersOf(input),
    });
    const part = page(call, input, found, (it) => permissionJson(it.networkInterfaceId, it));
    if (isAwsError(part)) return part;
    return { NetworkInterfacePermissions: part.items, NextToken: part.NextToken };
  },
};

const permissionJson = (
  NetworkInterfaceId: string,
  it: {
    readonly permissionId: string;
    readonly accountId: string;
    readonly permission: 'INSTANCE-ATTACH' | 'EIP-ASSOCIATE';
  },
) => ({
  NetworkInterfacePermissionId: it.permissionId,
  NetworkInterfaceId,
  AwsAccountId: it.accountId,
  Permission: it.permission,
  PermissionState: { State: 'granted' as const },
});
