/**
 * cloud/ec2/interface-permission-actions — accounts allowed to attach an interface of ours: how the
 * resource controller's branch interfaces reach instances of other accounts
 * (amazon-vpc-resource-controller-k8s@b8d425119bdb pkg/aws/ec2/api/helper.go:170).
 */
import type { InterfacePermission } from '../../model/ec2/network-interface.ts';
import type { Region } from '../region.ts';
import { noNetworkInterface } from './not-found.ts';
import type { VpcOperations } from './vpc-operations.ts';

type PermissionActions = Pick<VpcOperations, 'createNetworkInterfacePermission'>;

export const interfacePermissionActions = (region: Region): PermissionActions => ({
  createNetworkInterfacePermission({ networkInterfaceId, accountId, permission }) {
    const eni = region.store.get('ec2/network-interface', networkInterfaceId);
    if (eni === undefined) return noNetworkInterface(networkInterfaceId);
    const held = (eni.permissions ?? []).find(
      (it) => it.accountId === accountId && it.permission === permission,
    );
    if (held !== undefined) return held;
    const made: InterfacePermission = {
      permissionId: region.ids.next('eni-perm'),
      accountId,
      permission,
    };
    const permissions = [...(eni.permissions ?? []), made];
    region.store.put('ec2/network-interface', networkInterfaceId, { ...eni, permissions });
    return made;
  },
});
