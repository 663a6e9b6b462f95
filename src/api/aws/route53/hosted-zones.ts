/** api/aws/route53/hosted-zones — hosted zones and the VPCs that ask them. */
import type { Route53 } from '@aws-sdk/client-route-53';
import { type AwsError, awsError, isAwsError } from '../../../model/aws-error.ts';
import type { HostedZone } from '../../../model/route53/hosted-zone.ts';
import type { AwsCall, Handlers } from '../operation.ts';
import { shown } from '../shown.ts';
import { changeOf, submitted } from './changes.ts';

/** `/hostedzone/Z…` or `Z…`. */
export const zoneIdOf = (given: string | undefined): string =>
  (given ?? '').replace(/^\/?hostedzone\//, '');

/** The zone of that id, or Route 53's complaint. */
export function zoneOf({ store }: AwsCall, given: string | undefined): HostedZone | AwsError {
  const id = zoneIdOf(given);
  return (
    store.get('route53/hosted-zone', id) ??
    awsError('NoSuchHostedZone', `No hosted zone found with ID: ${id}`)
  );
}

const described = (call: AwsCall, zone: HostedZone) => ({
  ...shown(call, 'route53/hosted-zone', zone),
  CallerReference: zone.callerReference ?? '',
});

const vpcsOf = ({ cloud }: AwsCall, zone: HostedZone) =>
  zone.vpcIds.map((VPCId) => ({ VPCRegion: cloud.region as never, VPCId }));

/** API reference, ListHostedZones: at most 100, which is the default. */
const PAGE_MAX = 100;
const sizeOf = (asked: number | undefined): number => Math.min(Number(asked ?? PAGE_MAX), PAGE_MAX);

const reversed = (name: string): string => name.split('.').reverse().join('.');

export const hostedZones: Handlers<Route53> = {
  CreateHostedZone(input, call) {
    const vpcId = input.VPC?.VPCId;
    const zone = call.cloud.route53.createHostedZone({
      name: input.Name!,
      vpcIds: vpcId === undefined ? undefined : [vpcId],
      callerReference: input.CallerReference,
      comment: input.HostedZoneConfig?.Comment,
    });
    if (isAwsError(zone)) return zone;
    return {
      HostedZone: described(call, zone),
      ChangeInfo: submitted(call),
      DelegationSet: { NameServers: [...zone.nameServers] },
      VPC: vpcsOf(call, zone)[0],
      Location: `https://route53.amazonaws.com/2013-04-01/hostedzone/${zone.hostedZoneId}`,
    };
  },

  ListHostedZones(input, call) {
    const zones = call.store.list('route53/hosted-zone');
    const start =
      input.Marker === undefined
        ? 0
        : zones.findIndex((it) => it.hostedZoneId === zoneIdOf(input.Marker));
    if (start < 0)
      return awsError('NoSuchHostedZone', `No hosted zone found with ID: ${input.Marker}`);
    const size = sizeOf(input.MaxItems);
    const next = zones[start + size];
    return {
      HostedZones: zones.slice(start, start + size).map((it) => described(call, it)),
      Marker: input.Marker,
      IsTruncated: next !== undefined,
      NextMarker: next?.hostedZoneId,
      MaxItems: size,
    };
  },

  ListHostedZonesByName(input, call) {
    const from = reversed((input.DNSName ?? '').toLowerCase().replace(/\.?$/, '.'));
    const key = (zone: HostedZone) => `${reversed(zone.name)} ${zone.hostedZoneId}`;
    const zones = call.store
      .list('route53/hosted-zone')
      .sort((a, b) => (key(a) < key(b) ? -1 : 1))
      .filter((it) => {
        if (input.DNSName === undefined) return true;
        const name = reversed(it.name);
        return name === from ? it.hostedZoneId >= zoneIdOf(input.HostedZoneId) : name > from;
      });
    const size = sizeOf(input.MaxItems);
    const next = zones[size];
    return {
      HostedZones: zones.slice(0, size).map((it) => described(call, it)),
      DNSName: input.DNSName,
      HostedZoneId: input.HostedZoneId,
      IsTruncated: next !== undefined,
      NextDNSName: next?.name,
      NextHostedZoneId: next?.hostedZoneId,
      MaxItems: size,
    };
  },

  ListHostedZonesByVPC(input, call) {
    const zones = call.store
      .list('route53/hosted-zone')
      .filter((it) => it.isPrivate && it.vpcIds.some((id) => id === input.VPCId));
    return {
      HostedZoneSummaries: zones.map((it) => ({
        HostedZoneId: it.hostedZoneId,
        Name: it.name,
        Owner: { OwningAccount: call.cloud.accountId },
      })),
      MaxItems: sizeOf(input.MaxItems),
    };
  },

  GetHostedZoneCount: (_input, { store }) => ({
    HostedZoneCount: store.count('route53/hosted-zone'),
  }),

  GetHostedZone(input, call) {
    const zone = zoneOf(call, input.Id);
    if (isAwsError(zone)) return zone;
    return {
      HostedZone: described(call, zone),
      ...(zone.isPrivate
        ? { VPCs: vpcsOf(call, zone) }
        : { DelegationSet: { NameServers: [...zone.nameServers] } }),
    };
  },

  UpdateHostedZoneComment(input, call) {
    const zone = call.cloud.route53.updateHostedZoneComment({
      hostedZoneId: zoneIdOf(input.Id),
      comment: input.Comment,
    });
    return isAwsError(zone) ? zone : { HostedZone: described(call, zone) };
  },

  DeleteHostedZone(input, call) {
    const gone = call.cloud.route53.deleteHostedZone({ hostedZoneId: zoneIdOf(input.Id) });
    return isAwsError(gone) ? gone : { ChangeInfo: submitted(call) };
  },

  AssociateVPCWithHostedZone(input, call) {
    const zone = call.cloud.route53.associateVpcWithHostedZone({
      hostedZoneId: zoneIdOf(input.HostedZoneId),
      vpcId: input.VPC?.VPCId ?? '',
    });
    return isAwsError(zone) ? zone : { ChangeInfo: submitted(call, input.Comment) };
  },

  DisassociateVPCFromHostedZone(input, call) {
    const zone = call.cloud.route53.disassociateVpcFromHostedZone({
      hostedZoneId: zoneIdOf(input.HostedZoneId),
      vpcId: input.VPC?.VPCId ?? '',
    });
    return isAwsError(zone) ? zone : { ChangeInfo: submitted(call, input.Comment) };
  },

  GetChange(input) {
    const change = changeOf(input.Id ?? '');
    return change === undefined
      ? awsError('NoSuchChange', `Could not find resource with ID: ${input.Id}`)
      : { ChangeInfo: change };
  },
};
