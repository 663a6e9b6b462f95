/** formats/aws/instance — `aws ec2 describe-instances`: instances inside reservations. */

import type { InstanceId } from '../../model/ec2/ids.ts';
import type { Instance, InstanceState } from '../../model/ec2/instance.ts';
import { instanceType } from '../../model/ec2/instance-type.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { TwinStore } from '../../model/kinds.ts';
import {
  type AwsJson,
  type AwsReader,
  ec2Time,
  type NounFormat,
  present,
  tagList,
} from './aws-json.ts';
import { groupsToAws, interfaceFromAws, interfaceOfInstance } from './network-interface.ts';

/** Source: EC2 API reference, InstanceState. */
const STATE_CODES: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

/** The instance's interfaces, by device index. */
const interfacesOf = (instance: Instance, store: TwinStore): NetworkInterface[] =>
  [...store.lookup('ec2/network-interface', 'instance', instance.instanceId)].sort(
    (a, b) => (a.attachment?.deviceIndex ?? 0) - (b.attachment?.deviceIndex ?? 0),
  );

export const instance: NounFormat<'ec2/instance'> = {
  kind: 'ec2/instance',
  member: 'Reservations',
  file: 'describe-instances.json',
  toAws: (noun, store): AwsJson => {
    const interfaces = interfacesOf(noun, store);
    const primary = interfaces[0];
    const arch = instanceType(noun.instanceType)?.arch === 'arm64' ? 'arm64' : 'x86_64';
    return present({
      Architecture: arch,
      ImageId: noun.imageId,
      InstanceId: noun.instanceId,
      InstanceType: noun.instanceType,
      Ipv6Address: noun.ipv6Address,
      LaunchTime: ec2Time(noun.launchedAtMs),
      MetadataOptions: {
        HttpEndpoint: 'enabled',
        HttpProtocolIpv6: 'disabled',
        HttpPutResponseHopLimit: noun.httpPutResponseHopLimit,
        HttpTokens: noun.httpTokens,
        InstanceMetadataTags: 'disabled',
        State: 'applied',
      },
      NetworkInterfaces: interfaces.map((eni) => interfaceOfInstance(eni, store)),
      Placement: { AvailabilityZone: noun.availabilityZone, Tenancy: 'default' },
      PrivateDnsName: noun.privateDnsName,
      PrivateIpAddress: noun.privateIpAddress,
      PublicIpAddress: noun.publicIpAddress,
      SecurityGroups: primary === undefined ? [] : groupsToAws(primary, store),
      SourceDestCheck: primary?.sourceDestCheck ?? true,
      State: { Code: STATE_CODES[noun.state], Name: noun.state },
      SubnetId: noun.subnetId,
      Tags: tagList(noun.tags),
      VpcId: noun.vpcId,
    });
  },
  fromAws: (json): Instance =>
    present({
      instanceId: json.text('InstanceId'),
      instanceType: json.text('InstanceType'),
      imageId: json.optionalText('ImageId') ?? '',
      state: json.object('State')?.optionalText('Name') ?? 'running',
      vpcId: json.optionalText('VpcId') ?? '',
      subnetId: json.optionalText('SubnetId') ?? '',
      availabilityZone: json.object('Placement')?.optionalText('AvailabilityZone') ?? '',
      privateIpAddress: json.optionalText('PrivateIpAddress') ?? '',
      privateDnsName: json.optionalText('PrivateDnsName') ?? '',
      publicIpAddress: json.optionalText('PublicIpAddress'),
      ipv6Address: json.optionalText('Ipv6Address'),
      httpTokens:
        json.object('MetadataOptions')?.optionalText('HttpTokens') === 'optional'
          ? 'optional'
          : 'required',
      httpPutResponseHopLimit:
        json.object('MetadataOptions')?.number('HttpPutResponseHopLimit', 1) ?? 1,
      launchedAtMs: json.time('LaunchTime'),
      tags: json.tags(),
    }) as unknown as Instance,
};

/** The interfaces describe-instances shows; used when describe-network-interfaces is missing. */
export const interfacesFromInstance = (json: AwsReader): NetworkInterface[] => {
  const zone = json.object('Placement')?.optionalText('AvailabilityZone') ?? '';
  return json.list('NetworkInterfaces').map((item) => {
    const eni = interfaceFromAws(item, zone);
    const { attachment } = eni;
    if (attachment === undefined) return eni;
    return { ...eni, attachment: { ...attachment, instanceId: json.id<InstanceId>('InstanceId') } };
  });
};
