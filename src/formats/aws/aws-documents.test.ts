import { describe, expect, test } from 'vitest';
import { InputError } from '../../model/input-error.ts';
import { readInputs } from '../read-inputs.ts';

const read = (value: unknown, path = 'a.json') =>
  readInputs([{ path, text: JSON.stringify(value, undefined, 2) }]);

/** As `aws ec2 describe-instances` prints a node with prefix delegation, shortened. */
const RESERVATIONS = {
  Reservations: [
    {
      Groups: [],
      Instances: [
        {
          ImageId: 'ami-0abcdef1234567890',
          InstanceId: 'i-0123456789abcdef0',
          InstanceType: 'm5.large',
          LaunchTime: '2026-01-01T00:01:00+00:00',
          MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 2 },
          NetworkInterfaces: [
            {
              Attachment: {
                AttachTime: '2026-01-01T00:01:00+00:00',
                AttachmentId: 'eni-attach-0123456789abcdef0',
                DeleteOnTermination: true,
                DeviceIndex: 0,
                NetworkCardIndex: 0,
                Status: 'attached',
              },
              Description: '',
              Groups: [{ GroupId: 'sg-1', GroupName: 'nodes' }],
              Ipv4Prefixes: [{ Ipv4Prefix: '10.0.1.16/28' }],
              Ipv6Addresses: [],
              InterfaceType: 'interface',
              MacAddress: '02:00:00:00:00:01',
              NetworkInterfaceId: 'eni-1',
              OwnerId: '111122223333',
              PrivateIpAddress: '10.0.1.5',
              PrivateIpAddresses: [
                {
                  Association: {
                    IpOwnerId: 'amazon',
                    PublicDnsName: 'ec2-203-0-113-5.us-west-2.compute.amazonaws.com',
                    PublicIp: '203.0.113.5',
                  },
                  Primary: true,
                  PrivateIpAddress: '10.0.1.5',
                },
              ],
              SourceDestCheck: true,
              Status: 'in-use',
              SubnetId: 'subnet-1',
              VpcId: 'vpc-1',
            },
          ],
          Placement: { AvailabilityZone: 'us-west-2a', Tenancy: 'default' },
          PrivateDnsName: 'ip-10-0-1-5.us-west-2.compute.internal',
          PrivateIpAddress: '10.0.1.5',
          PublicIpAddress: '203.0.113.5',
          State: { Code: 16, Name: 'running' },
          SubnetId: 'subnet-1',
          Tags: [{ Key: 'eks:cluster-name', Value: 'c' }],
          VpcId: 'vpc-1',
        },
      ],
      OwnerId: '111122223333',
      ReservationId: 'r-0123456789abcdef0',
    },
  ],
};

describe('aws exports as people have them', () => {
  test('describe-instances alone tells of the instances’ interfaces, prefixes included', () => {
    const { aws } = read(RESERVATIONS);
    expect(aws.nouns['ec2/instance'].get('i-0123456789abcdef0')).toMatchObject({
      instanceType: 'm5.large',
      state: 'running',
      launchedAtMs: 60_000,
      publicIpAddress: '203.0.113.5',
      tags: { 'eks:cluster-name': 'c' },
    });
    expect(aws.nouns['ec2/network-interface'].get('eni-1')).toMatchObject({
      availabilityZone: 'us-west-2a',
      ipv4Prefixes: ['10.0.1.16/28'],
      groups: ['sg-1'],
      attachment: { instanceId: 'i-0123456789abcdef0', deviceIndex: 0 },
      privateIpAddresses: [
        { address: '10.0.1.5', primary: true, public: { publicIp: '203.0.113.5' } },
      ],
    });
  });

  test('describe-network-interfaces wins over what describe-instances shows, in either order', () => {
    const interfaces = {
      NetworkInterfaces: [
        {
          ...RESERVATIONS.Reservations[0]!.Instances[0]!.NetworkInterfaces[0]!,
          AvailabilityZone: 'us-west-2a',
          Description: 'from the interface itself',
        },
      ],
    };
    const files = [RESERVATIONS, interfaces].map((value, i) => ({
      path: `${i}.json`,
      text: JSON.stringify(value),
    }));
    for (const order of [files, files.toReversed()]) {
      const eni = readInputs(order).aws.nouns['ec2/network-interface'].get('eni-1')!;
      expect(eni.description).toBe('from the interface itself');
    }
  });

  test('a security group’s permissions become one rule per peer', () => {
    const { aws } = read({
      SecurityGroups: [
        {
          GroupId: 'sg-1',
          GroupName: 'web',
          Description: 'd',
          OwnerId: '1',
          VpcId: 'vpc-1',
          IpPermissions: [
            {
              IpProtocol: 'tcp',
              FromPort: 443,
              ToPort: 443,
              IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'office' }],
              Ipv6Ranges: [{ CidrIpv6: '::/0' }],
              PrefixListIds: [{ PrefixListId: 'pl-1' }],
              UserIdGroupPairs: [{ GroupId: 'sg-2', UserId: '1' }],
            },
          ],
          IpPermissionsEgress: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
        },
      ],
    });
    const rules = aws.nouns['ec2/security-group'].get('sg-1')!.rules;
    expect(rules.map(({ direction, peer }) => `${direction} ${peer.kind}`)).toEqual([
      'ingress ipv4',
      'ingress ipv6',
      'ingress group',
      'ingress prefix-list',
      'egress ipv4',
    ]);
    expect(rules[4]).toMatchObject({ protocol: '-1', fromPort: -1, toPort: -1 });
  });

  test('an export cut down with --query is refused by the member it lacks', () => {
    const error = (() => {
      try {
        read({ Subnets: [{ SubnetId: 'subnet-1', CidrBlock: '10.0.0.0/24' }] });
      } catch (caught) {
        return caught as InputError;
      }
      throw new Error('was not refused');
    })();
    expect(error).toBeInstanceOf(InputError);
    expect(error.problem).toBe('VpcId is missing');
    expect(error.where).toMatch(/^a\.json:2:3/);
  });

  test('lists of names hold nothing and are said to', () => {
    const { notes } = read({ nodegroups: ['a', 'b'] });
    expect(notes[0]!.text).toMatch(/export describe-nodegroup/);
  });
});
