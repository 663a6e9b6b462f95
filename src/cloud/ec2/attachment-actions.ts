/**
 * cloud/ec2/attachment-actions — interfaces joining instances, and branch interfaces joining the
 * trunk of one: what the instance type's limits are about.
 */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import type { Instance } from '../../model/ec2/instance.ts';
import { type InstanceType, instanceType } from '../../model/ec2/instance-type.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { Region } from '../region.ts';
import { offTrunk, slotsUsed, tooManyAddresses } from './new-interface.ts';
import {
  invalidValue,
  noAssociation,
  noAttachment,
  noInstance,
  noNetworkInterface,
} from './not-found.ts';
import type { AttachNetworkInterfaceInput, Ec2Operations } from './operations.ts';
import { markRoutesTo } from './route-target.ts';

type AttachmentActions = Pick<
  Ec2Operations,
  | 'attachNetworkInterface'
  | 'detachNetworkInterface'
  | 'associateTrunkInterface'
  | 'disassociateTrunkInterface'
>;

export const attachmentActions = (region: Region): AttachmentActions => ({
  attachNetworkInterface: (input) => attach(region, input),
  detachNetworkInterface: ({ attachmentId }) => detach(region, attachmentId),
  associateTrunkInterface: (input) => associateTrunk(region, input),
  disassociateTrunkInterface: ({ associationId }) => disassociateTrunk(region, associationId),
});

type Attached = ReturnType<Ec2Operations['attachNetworkInterface']>;

function attach(region: Region, input: AttachNetworkInterfaceInput): Attached {
  const { networkInterfaceId, instanceId, deviceIndex } = input;
  const eni = region.store.get('ec2/network-interface', networkInterfaceId);
  if (eni === undefined) return noNetworkInterface(networkInterfaceId);
  const instance = region.store.get('ec2/instance', instanceId);
  if (instance === undefined) return noInstance(instanceId);
  // hashicorp/terraform-provider-aws#27513.
  if (eni.status === 'in-use') {
    return awsError('InvalidNetworkInterface.InUse', `Interface: [${networkInterfaceId}] in use.`);
  }
  const type = instanceType(instance.instanceType);
  const networkCardIndex = input.networkCardIndex ?? type?.defaultNetworkCardIndex ?? 0;
  const refusal = attachRefusal(region, instance, type, eni, { deviceIndex, networkCardIndex });
  if (refusal !== undefined) return refusal;
  const attachmentId = region.ids.next('eni-attach');
  region.store.put('ec2/network-interface', networkInterfaceId, {
    ...eni,
    status: 'in-use',
    attachment: {
      attachmentId,
      instanceId: instance.instanceId,
      instanceOwnerId: region.accountId,
      deviceIndex,
      networkCardIndex,
      deleteOnTermination: input.deleteOnTermination ?? false,
      attachedAtMs: region.clock.now(),
    },
  });
  markRoutesTo(region, [eni.vpcId], networkInterfaceId, 'active');
  return { attachmentId, networkCardIndex };
}

/** Where on the instance an interface is to sit. */
interface Place {
  readonly deviceIndex: number;
  readonly networkCardIndex: number;
}

function attachRefusal(
  region: Region,
  instance: Instance,
  type: InstanceType | undefined,
  eni: NetworkInterface,
  { deviceIndex, networkCardIndex }: Place,
): AwsError | undefined {
  const { instanceId } = instance;
  if (instance.state !== 'running' && instance.state !== 'stopped') {
    return awsError(
      'IncorrectState',
      `Instance '${instanceId}' is not 'running' or 'stopped', but '${instance.state}'.`,
    );
  }
  if (eni.availabilityZone !== instance.availabilityZone) {
    return invalidValue(
      'You may not attach a network interface to an instance if they are not in the same ' +
        'availability zone',
    );
  }
  const others = region.store
    .lookup('ec2/network-interface', 'instance', instanceId)
    .filter((it) => it.attachment!.networkCardIndex === networkCardIndex);
  // lstoll/k8s-vpcnet#71.
  if (others.some((it) => it.attachment!.deviceIndex === deviceIndex)) {
    return invalidValue(
      `Instance '${instanceId}' already has an interface attached at device index ` +
        `'${deviceIndex}'.`,
    );
  }
  if (type === undefined) return undefined;
  const card = type.networkCards.find((it) => it.networkCardIndex === networkCardIndex);
  if (card === undefined) {
    return invalidValue(
      `Network card index ${networkCardIndex} is not valid for instance type ${type.name}.`,
    );
  }
  // cilium/cilium#15877.
  if (others.length >= card.maxInterfaces) {
    const count = others.length + 1;
    return awsError(
      'AttachmentLimitExceeded',
      `Interface count ${count} exceeds the limit for ${type.name}`,
    );
  }
  if (slotsUsed(eni) > type.ipv4PerEni) return tooManyAddresses();
  if (eni.ipv4Prefixes.length + eni.ipv6Prefixes.length > 0 && !type.prefixDelegation)
    return invalidValue(`Instance type ${type.name} does not support prefixes.`);
  if (eni.interfaceType === 'trunk' && type.trunkCompatible === false)
    return invalidValue(`Instance type ${type.name} does not support trunk network interfaces.`);
  return undefined;
}

function detach(region: Region, attachmentId: string): true | AwsError {
  const eni = region.store.lookup('ec2/network-interface', 'attachment', attachmentId)[0];
  if (eni === undefined) return noAttachment(attachmentId);
  // boto/boto3#2219.
  if (eni.requesterManaged) {
    return awsError(
      'OperationNotPermitted',
      "You are not allowed to manage 'ela-attach' attachments.",
    );
  }
  if (eni.attachment!.deviceIndex === 0) {
    return awsError(
      'OperationNotPermitted',
      'The network interface at device index 0 cannot be detached.',
    );
  }
  region.store.put('ec2/network-interface', eni.networkInterfaceId, {
    ...eni,
    status: 'available',
    attachment: undefined,
  });
  markRoutesTo(region, [eni.vpcId], eni.networkInterfaceId, 'blackhole');
  return true;
}

/** 12 bits less 0 and 4095; the resource controller uses 1–121. */
const VLAN_MAX = 4_094;

type TrunkInput = Parameters<Ec2Operations['associateTrunkInterface']>[0];

function associateTrunk(
  region: Region,
  { trunkInterfaceId, branchInterfaceId, vlanId }: TrunkInput,
): { readonly associationId: string } | AwsError {
  const trunk = region.store.get('ec2/network-interface', trunkInterfaceId);
  if (trunk === undefined) return noNetworkInterface(trunkInterfaceId);
  const branch = region.store.get('ec2/network-interface', branchInterfaceId);
  if (branch === undefined) return noNetworkInterface(branchInterfaceId);
  if (trunk.interfaceType !== 'trunk')
    return invalidValue(`Network interface ${trunkInterfaceId} is not a trunk interface.`);
  if (branch.status === 'in-use' || branch.interfaceType === 'trunk') {
    return awsError('InvalidNetworkInterface.InUse', `Interface: [${branchInterfaceId}] in use.`);
  }
  if (branch.availabilityZone !== trunk.availabilityZone) {
    return invalidValue(
      `Interfaces ${branchInterfaceId} and ${trunkInterfaceId} are not in the same availability zone`,
    );
  }
  if (vlanId < 1 || vlanId > VLAN_MAX)
    return invalidValue(`Value (${vlanId}) for parameter vlanId is invalid.`);
  const branches = region.store.lookup('ec2/network-interface', 'trunk', trunkInterfaceId);
  if (branches.some((it) => it.trunk!.vlanId === vlanId)) {
    return invalidValue(
      `VLAN ID ${vlanId} is already in use on trunk interface ${trunkInterfaceId}.`,
    );
  }
  const max = branchesMax(region, trunk);
  if (branches.length >= max) {
    return awsError(
      'AttachmentLimitExceeded',
      `Trunk interface ${trunkInterfaceId} has reached its limit of ${max} branch interfaces.`,
    );
  }
  const associationId = region.ids.next('trunk-assoc');
  region.store.put('ec2/network-interface', branchInterfaceId, {
    ...branch,
    interfaceType: 'branch',
    status: 'in-use',
    trunk: { associationId, trunkInterfaceId: trunk.networkInterfaceId, vlanId },
  });
  return { associationId };
}

/** Branches the instance of the trunk carries; no limit is known before it is attached. */
function branchesMax(region: Region, trunk: NetworkInterface): number {
  const instance = region.store.get('ec2/instance', trunk.attachment?.instanceId ?? '');
  const type = instance === undefined ? undefined : instanceType(instance.instanceType);
  return type?.branchInterfaces ?? Number.POSITIVE_INFINITY;
}

function disassociateTrunk(region: Region, associationId: string): true | AwsError {
  const branch = region.store.lookup(
    'ec2/network-interface',
    'trunk-association',
    associationId,
  )[0];
  if (branch === undefined) return noAssociation(associationId);
  region.store.put('ec2/network-interface', branch.networkInterfaceId, offTrunk(branch));
  return true;
}
