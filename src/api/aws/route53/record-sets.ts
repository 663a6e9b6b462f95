/** api/aws/route53/record-sets — records listed page by page, and changed in batches. */
import type { ResourceRecordSet, Route53 } from '@aws-sdk/client-route-53';
import { inListedOrder } from '../../../cloud/route53/route53.ts';
import { AwsReader } from '../../../formats/aws/aws-json.ts';
import { FORMATS } from '../../../formats/aws/nouns.ts';
import { type AwsError, awsError, isAwsError } from '../../../model/aws-error.ts';
import type { RecordSet } from '../../../model/route53/hosted-zone.ts';
import type { AwsCall, Handlers } from '../operation.ts';
import { shown } from '../shown.ts';
import { submitted } from './changes.ts';
import { zoneOf } from './hosted-zones.ts';

/** API reference, ListResourceRecordSets: at most 300, which is the default. */
const PAGE_MAX = 300;

/** Ways to choose among records that Route 53 has and the twin does not. */
const NOT_SIMULATED = [
  'Region',
  'GeoLocation',
  'Failover',
  'MultiValueAnswer',
  'HealthCheckId',
  'TrafficPolicyInstanceId',
  'CidrRoutingConfig',
  'GeoProximityLocation',
] as const;

function recordOf(hostedZoneId: string, given: ResourceRecordSet): RecordSet | AwsError {
  const unknown = NOT_SIMULATED.find((member) => given[member] !== undefined);
  if (unknown !== undefined)
    return awsError(
      'InvalidInput',
      `${unknown} of a resource record set is not implemented by ekstwin.`,
    );
  const document = { ...given, HostedZoneId: hostedZoneId };
  return FORMATS['route53/record-set'].fromAws(new AwsReader(document, 'ResourceRecordSet'));
}

const described = (call: AwsCall) => (it: RecordSet) => shown(call, 'route53/record-set', it);

export const recordSets: Handlers<Route53> = {
  ListResourceRecordSets(input, call) {
    const zone = zoneOf(call, input.HostedZoneId);
    if (isAwsError(zone)) return zone;
    const found = call.cloud.route53.listResourceRecordSets({ hostedZoneId: zone.hostedZoneId });
    if (isAwsError(found)) return found;
    const { StartRecordName: name, StartRecordType: type } = input;
    if (type !== undefined && name === undefined)
      return awsError('InvalidInput', 'The input is not valid: type without name');
    const start = name && {
      name: name
        .toLowerCase()
        .replace(/\.?$/, '.')
        .replace(/^\\052/, '*'),
      type,
      setIdentifier: input.StartRecordIdentifier,
    };
    const records = start ? found.filter((it) => inListedOrder(it, start) >= 0) : found;
    const size = Math.min(Number(input.MaxItems ?? PAGE_MAX), PAGE_MAX);
    const next = records[size];
    return {
      ResourceRecordSets: records.slice(0, size).map(described(call)),
      IsTruncated: next !== undefined,
      MaxItems: size,
      ...(next === undefined
        ? {}
        : {
            NextRecordName: described(call)(next).Name,
            NextRecordType: next.type,
            NextRecordIdentifier: next.setIdentifier,
          }),
    };
  },

  ChangeResourceRecordSets(input, call) {
    const zone = zoneOf(call, input.HostedZoneId);
    if (isAwsError(zone)) return zone;
    const changes = [];
    for (const { Action, ResourceRecordSet } of input.ChangeBatch?.Changes ?? []) {
      const recordSet = recordOf(zone.hostedZoneId, ResourceRecordSet!);
      if (isAwsError(recordSet)) return recordSet;
      changes.push({ action: Action!, recordSet });
    }
    if (changes.length === 0)
      return awsError('InvalidInput', 'The change batch must contain at least one change');
    const { hostedZoneId } = zone;
    const done = call.cloud.route53.changeResourceRecordSets({ hostedZoneId, changes });
    return isAwsError(done) ? done : { ChangeInfo: submitted(call, input.ChangeBatch?.Comment) };
  },
};
