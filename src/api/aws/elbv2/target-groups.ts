/**
 * api/aws/elbv2/target-groups — target groups, their targets, and what health checks see of them.
 */
import type {
  ElasticLoadBalancingV2,
  TargetDescription as SdkTarget,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { TargetDescription } from '../../../cloud/elbv2/operations.ts';
import { awsError, isAwsError } from '../../../model/aws-error.ts';
import type {
  TargetGroup,
  TargetGroupProtocol,
  TargetType,
} from '../../../model/elbv2/target-group.ts';
import type { AwsCall, Handlers } from '../operation.ts';
import { shown } from '../shown.ts';
import { healthCheckOf, page, pairsOf, recordOf } from './requests.ts';

const described = (call: AwsCall) => (it: TargetGroup) => shown(call, 'elbv2/target-group', it);

const targetsOf = (targets: readonly SdkTarget[] | undefined): readonly TargetDescription[] =>
  (targets ?? []).map((it) => ({
    id: it.Id ?? '',
    port: it.Port,
    availabilityZone: it.AvailabilityZone,
  }));

/** Nobody shifts a zone's traffic away here. */
const NO_OVERRIDE = {
  State: 'no_override',
  Reason: 'AdministrativeOverride.NoOverride',
  Description: 'No override is currently active on target',
} as const;

export const targetGroups: Handlers<ElasticLoadBalancingV2> = {
  CreateTargetGroup(input, call) {
    if (input.TargetType === 'lambda' || input.Protocol === 'GENEVE') {
      return awsError(
        'UnsupportedOperation',
        `Target groups of ${input.TargetType ?? input.Protocol} are not implemented by ekstwin.`,
      );
    }
    for (const [member, value] of [
      ['protocol', input.Protocol],
      ['port', input.Port],
      ['VPC ID', input.VpcId],
    ] as const)
      if (value === undefined) return awsError('ValidationError', `A ${member} must be specified`);
    const made = call.cloud.elbv2.createTargetGroup({
      name: input.Name!,
      targetType: input.TargetType as TargetType | undefined,
      protocol: input.Protocol as TargetGroupProtocol,
      protocolVersion: input.ProtocolVersion as TargetGroup['protocolVersion'],
      port: input.Port!,
      vpcId: input.VpcId!,
      ipAddressType: input.IpAddressType,
      healthCheck: healthCheckOf(input),
      tags: input.Tags && recordOf(input.Tags),
    });
    return isAwsError(made) ? made : { TargetGroups: [described(call)(made)] };
  },

  DescribeTargetGroups(input, call) {
    const found = call.cloud.elbv2.describeTargetGroups({
      targetGroupArns: input.TargetGroupArns,
      names: input.Names,
      loadBalancerArn: input.LoadBalancerArn,
    });
    const part = page(call, input, found, described(call));
    return isAwsError(part) ? part : { TargetGroups: part.items, NextMarker: part.NextMarker };
  },

  ModifyTargetGroup(input, call) {
    const changed = call.cloud.elbv2.modifyTargetGroup({
      targetGroupArn: input.TargetGroupArn!,
      healthCheck: healthCheckOf(input),
    });
    return isAwsError(changed) ? changed : { TargetGroups: [described(call)(changed)] };
  },

  DeleteTargetGroup(input, { cloud }) {
    const gone = cloud.elbv2.deleteTargetGroup({ targetGroupArn: input.TargetGroupArn! });
    return isAwsError(gone) ? gone : {};
  },

  DescribeTargetGroupAttributes(input, { cloud }) {
    const targetGroupArn = input.TargetGroupArn!;
    const attributes = cloud.elbv2.describeTargetGroupAttributes({ targetGroupArn });
    return isAwsError(attributes) ? attributes : { Attributes: pairsOf(attributes) };
  },

  ModifyTargetGroupAttributes(input, { cloud }) {
    const attributes = cloud.elbv2.modifyTargetGroupAttributes({
      targetGroupArn: input.TargetGroupArn!,
      attributes: recordOf(input.Attributes),
    });
    return isAwsError(attributes) ? attributes : { Attributes: pairsOf(attributes) };
  },

  RegisterTargets(input, { cloud }) {
    const done = cloud.elbv2.registerTargets({
      targetGroupArn: input.TargetGroupArn!,
      targets: targetsOf(input.Targets),
    });
    return isAwsError(done) ? done : {};
  },

  DeregisterTargets(input, { cloud }) {
    const done = cloud.elbv2.deregisterTargets({
      targetGroupArn: input.TargetGroupArn!,
      targets: targetsOf(input.Targets),
    });
    return isAwsError(done) ? done : {};
  },

  DescribeTargetHealth(input, call) {
    const found = call.cloud.elbv2.describeTargetHealth({
      targetGroupArn: input.TargetGroupArn!,
      targets: input.Targets && targetsOf(input.Targets),
    });
    if (isAwsError(found)) return found;
    return {
      TargetHealthDescriptions: found.map((it) => ({
        ...shown(call, 'elbv2/target', it),
        AdministrativeOverride: NO_OVERRIDE,
      })),
    };
  },
};
