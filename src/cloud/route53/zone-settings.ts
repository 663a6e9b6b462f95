/**
 * cloud/route53/zone-settings — what may be changed of a hosted zone: its VPCs, comment and tags.
 */
import { type AwsError, awsError, isAwsError } from '../../model/aws-error.ts';
import type { VpcId } from '../../model/ec2/ids.ts';
import type { Vpc } from '../../model/ec2/vpc.ts';
import type { HostedZone } from '../../model/route53/hosted-zone.ts';
import type { Region } from '../region.ts';
import type { Route53Operations } from './operations.ts';

type ZoneSettings = Pick<
  Route53Operations,
  | 'associateVpcWithHostedZone'
  | 'disassociateVpcFromHostedZone'
  | 'updateHostedZoneComment'
  | 'changeTagsForHostedZone'
>;

/** The error for a zone nobody has. */
export const noZone = (id: string): AwsError =>
  awsError('NoSuchHostedZone', `No hosted zone found with ID: ${id}`);

/** A private zone of the same name that a VPC already asks. */
export function conflictIn(region: Region, name: string, vpcId: VpcId): AwsError | undefined {
  const conflict = region.store
    .list('route53/hosted-zone')
    .find((it) => it.isPrivate && it.name === name && it.vpcIds.includes(vpcId));
  if (conflict === undefined) return undefined;
  return awsError(
    'ConflictingDomainExists',
    `The VPC ${vpcId} in region ${region.name} has already been associated with the hosted zone ` +
      `${conflict.hostedZoneId} with the same domain name.`,
  );
}

export const zoneSettings = (region: Region): ZoneSettings => ({
  associateVpcWithHostedZone: ({ hostedZoneId, vpcId }) =>
    ofZoneAndVpc(region, hostedZoneId, vpcId, (zone, vpc) => {
      if (!zone.isPrivate)
        return awsError(
          'PublicZoneVPCAssociation',
          "You can't associate a public hosted zone with an Amazon VPC.",
        );
      const conflict = conflictIn(region, zone.name, vpc.vpcId);
      return conflict ?? { ...zone, vpcIds: [...zone.vpcIds, vpc.vpcId] };
    }),
  disassociateVpcFromHostedZone: ({ hostedZoneId, vpcId }) =>
    ofZoneAndVpc(region, hostedZoneId, vpcId, (zone, vpc) => {
      if (!zone.vpcIds.includes(vpc.vpcId))
        return awsError(
          'VPCAssociationNotFound',
          `The VPC: ${vpcId} is not associated with the hosted zone.`,
        );
      if (zone.vpcIds.length === 1)
        return awsError(
          'LastVPCAssociation',
          'The VPC that you are trying to disassociate from the private hosted zone is the last ' +
            'VPC that is associated with the hosted zone.',
        );
      return { ...zone, vpcIds: zone.vpcIds.filter((it) => it !== vpc.vpcId) };
    }),
  updateHostedZoneComment: ({ hostedZoneId, comment }) =>
    ofZone(region, hostedZoneId, (zone) => ({ ...zone, comment })),
  changeTagsForHostedZone: ({ hostedZoneId, tags, removedKeys }) =>
    ofZone(region, hostedZoneId, (zone) => {
      const kept = Object.entries(zone.tags).filter(([key]) => !removedKeys.includes(key));
      return { ...zone, tags: { ...Object.fromEntries(kept), ...tags } };
    }),
});

function ofZone(
  { store }: Region,
  id: string,
  change: (zone: HostedZone) => HostedZone | AwsError,
): HostedZone | AwsError {
  const zone = store.get('route53/hosted-zone', id);
  if (zone === undefined) return noZone(id);
  const changed = change(zone);
  if (!isAwsError(changed)) store.put('route53/hosted-zone', id, changed);
  return changed;
}

function ofZoneAndVpc(
  region: Region,
  id: string,
  vpcId: string,
  change: (zone: HostedZone, vpc: Vpc) => HostedZone | AwsError,
): HostedZone | AwsError {
  return ofZone(region, id, (zone) => {
    const vpc = region.store.get('ec2/vpc', vpcId);
    return vpc === undefined
      ? awsError('InvalidVPCId', `The VPC: ${vpcId} is invalid.`)
      : change(zone, vpc);
  });
}
