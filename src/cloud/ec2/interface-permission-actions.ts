/**
 * cloud/ec2/interface-permission-actions — accounts allowed to attach an interface of ours: how the
 * resource controller's branch interfaces reach instances of other accounts
 * (amazon-vpc-resource-controller-k8s@b8d425119bdb pkg/aws/ec2/api/helper.go:170).
 */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import type { InterfacePermission } from '../../model/ec2/network-interface.ts';
import type { Tags } from '../../model/ec2/tags.ts';
import type { Region } from '../region.ts';
import { type FilterTable, filterTest } from './filters.ts';
import { noNetworkInterface } from './not-found.ts';
import type { UpkeepOperations } from './upkeep-operations.ts';
import type { VpcOperations } from './vpc-operations.ts';

type PermissionActions = Pick<
  VpcOperations & UpkeepOperations,
  | 'createNetworkInterfacePermission'
  | 'deleteNetworkInterfacePermission'
  | 'describeNetworkInterfacePermissions'
>;

type DescribedPermission = InterfacePermission & { readonly networkInterfaceId: string };

/** Permissions have no tags; every filter table is over tagged nouns. */
const PERMISSION_FILTERS: FilterTable<DescribedPermission & { readonly tags: Tags }> = {
  'network-interface-permission.network-interface-permission-id': (it) => it.permissionId,
  'network-interface-permission.network-interface-id': (it) => it.networkInterfaceId,
  'network-interface-permission.aws-account-id': (it) => it.accountId,
  'network-interface-permission.permission': (it) => it.permission,
};

const allPermissions = ({ store }: Region): readonly DescribedPermission[] =>
  store
    .list('ec2/network-interface')
    .flatMap(({ networkInterfaceId, permissions }) =>
      (permissions ?? []).map((it) => ({ ...it, networkInterfaceId })),
    );

const noPermission = (id: string): AwsError =>
  awsError(
    'InvalidPermissionID.NotFound',
    `The network interface permission ID '${id}' does not exist`,
  );

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
  deleteNetworkInterfacePermission({ permissionId }) {
    const held = allPermissions(region).find((it) => it.permissionId === permissionId);
    const eni = region.store.get('ec2/network-interface', held?.networkInterfaceId ?? '');
    if (eni === undefined) return noPermission(permissionId);
    region.store.put('ec2/network-interface', eni.networkInterfaceId, {
      ...eni,
      permissions: (eni.permissions ?? []).filter((it) => it.permissionId !== permissionId),
    });
    return true;
  },
  describeNetworkInterfacePermissions({ ids, filters }) {
    const test = filterTest(PERMISSION_FILTERS, filters);
    if (isAwsError(test)) return test;
    const all = allPermissions(region);
    const unknown = ids?.find((id) => !all.some((it) => it.permissionId === id));
    if (unknown !== undefined) return noPermission(unknown);
    return all.filter(
      (it) => (ids ?? [it.permissionId]).includes(it.permissionId) && test({ ...it, tags: {} }),
    );
  },
});
