/** api/aws/ec2/instance-attributes — EC2's operations on single attributes of instances. */
import type { EC2, ModifyInstanceAttributeRequest } from '@aws-sdk/client-ec2';
import { noInstance } from '../../../cloud/ec2/not-found.ts';
import { awsError, isAwsError } from '../../../model/aws-error.ts';
import type { Handlers } from '../operation.ts';
import { shown } from '../shown.ts';
import { silent } from './requests.ts';

/** Attributes that are no part of a network, and are not kept. */
const KEPT_BY_NOBODY = [
  'BlockDeviceMappings',
  'DisableApiStop',
  'DisableApiTermination',
  'EbsOptimized',
  'EnaSupport',
  'InstanceInitiatedShutdownBehavior',
  'Kernel',
  'Ramdisk',
  'SriovNetSupport',
  'UserData',
] as const satisfies readonly (keyof ModifyInstanceAttributeRequest)[];

export const instanceAttributes: Handlers<EC2> = {
  ModifyInstanceAttribute(input, { cloud }) {
    const unknown = KEPT_BY_NOBODY.find((member) => input[member] !== undefined);
    if (unknown !== undefined || (input.Value !== undefined && input.Attribute !== undefined)) {
      return awsError(
        'UnsupportedOperation',
        `The instance attribute ${unknown ?? input.Attribute} is not kept by ekstwin.`,
      );
    }
    return silent(
      cloud.ec2.modifyInstanceAttribute({
        instanceId: input.InstanceId!,
        groups: input.Groups,
        sourceDestCheck: input.SourceDestCheck?.Value,
        instanceType: input.InstanceType?.Value,
      }),
    );
  },

  DescribeInstanceAttribute(input, call) {
    const InstanceId = input.InstanceId!;
    const instance = call.store.get('ec2/instance', InstanceId);
    if (instance === undefined) return noInstance(InstanceId);
    const { SecurityGroups, SourceDestCheck } = shown(call, 'ec2/instance', instance);
    switch (input.Attribute) {
      case 'groupSet':
        return { InstanceId, Groups: SecurityGroups };
      case 'instanceType':
        return { InstanceId, InstanceType: { Value: instance.instanceType } };
      case 'sourceDestCheck':
        return { InstanceId, SourceDestCheck: { Value: SourceDestCheck } };
      case 'disableApiTermination':
        return { InstanceId, DisableApiTermination: { Value: false } };
      case 'disableApiStop':
        return { InstanceId, DisableApiStop: { Value: false } };
      case 'instanceInitiatedShutdownBehavior':
        return { InstanceId, InstanceInitiatedShutdownBehavior: { Value: 'stop' } };
      default:
        return awsError(
          'UnsupportedOperation',
          `The instance attribute ${input.Attribute} is not kept by ekstwin.`,
        );
    }
  },

  ModifyInstanceMetadataOptions(input, { cloud }) {
    if (input.HttpEndpoint === 'disabled') {
      return awsError(
        'UnsupportedOperation',
        'An instance without its metadata service is not simulated by ekstwin.',
      );
    }
    const instance = cloud.ec2.modifyInstanceMetadataOptions({
      instanceId: input.InstanceId!,
      httpTokens: input.HttpTokens,
      httpPutResponseHopLimit: input.HttpPutResponseHopLimit,
    });
    if (isAwsError(instance)) return instance;
    return {
      InstanceId: instance.instanceId,
      InstanceMetadataOptions: {
        State: 'pending',
        HttpTokens: instance.httpTokens,
        HttpPutResponseHopLimit: instance.httpPutResponseHopLimit,
        HttpEndpoint: 'enabled',
      },
    };
  },
};
