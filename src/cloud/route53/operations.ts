/**
 * cloud/route53/operations — Route 53's verbs for hosted zones and their records, errors as values.
 */
import type { AwsError } from '../../model/aws-error.ts';
import type { Tags } from '../../model/ec2/tags.ts';
import type { HostedZone, RecordSet } from '../../model/route53/hosted-zone.ts';

export interface RecordChange {
  readonly action: 'CREATE' | 'DELETE' | 'UPSERT';
  readonly recordSet: Omit<RecordSet, 'hostedZoneId'>;
}

export interface Route53Operations {
  createHostedZone(input: {
    readonly name: string;
    /** Given: a private zone of these VPCs. */
    readonly vpcIds?: readonly string[] | undefined;
    readonly callerReference?: string | undefined;
    readonly comment?: string | undefined;
    readonly tags?: Tags | undefined;
  }): HostedZone | AwsError;
  listHostedZones(input: { readonly name?: string | undefined }): readonly HostedZone[];
  listResourceRecordSets(input: { readonly hostedZoneId: string }): readonly RecordSet[] | AwsError;
  /** All of the batch or nothing. */
  changeResourceRecordSets(input: {
    readonly hostedZoneId: string;
    readonly changes: readonly RecordChange[];
  }): { readonly kind: 'done' } | AwsError;
  /** Private zones only; a zone of the same name in the VPC is in the way. */
  associateVpcWithHostedZone(input: {
    readonly hostedZoneId: string;
    readonly vpcId: string;
  }): HostedZone | AwsError;
  /** The last VPC of a zone stays. */
  disassociateVpcFromHostedZone(input: {
    readonly hostedZoneId: string;
    readonly vpcId: string;
  }): HostedZone | AwsError;
  updateHostedZoneComment(input: {
    readonly hostedZoneId: string;
    readonly comment?: string | undefined;
  }): HostedZone | AwsError;
  changeTagsForHostedZone(input: {
    readonly hostedZoneId: string;
    readonly tags: Tags;
    readonly removedKeys: readonly string[];
  }): HostedZone | AwsError;
  deleteHostedZone(input: { readonly hostedZoneId: string }): { readonly kind: 'done' } | AwsError;
}

/** The same verbs, each taking AWS's time. */
export type Route53 = {
  readonly [Action in keyof Route53Operations]: (
    ...input: Parameters<Route53Operations[Action]>
  ) => Promise<ReturnType<Route53Operations[Action]>>;
};
