/** formats/aws/vpc — `aws ec2 describe-vpcs`. */
import type { Vpc, VpcCidrAssociation } from '../../model/ec2/vpc.ts';
import { type AwsJson, type AwsReader, type NounFormat, present, tagList } from './aws-json.ts';

const ASSOCIATED = { State: 'associated' };

const ipv6ToAws = ({ associationId, cidrBlock }: VpcCidrAssociation): AwsJson => ({
  AssociationId: associationId,
  Ipv6CidrBlock: cidrBlock,
  Ipv6CidrBlockState: ASSOCIATED,
  Ipv6Pool: 'Amazon',
});

/** Blocks that are, or are becoming, the VPC's. */
const live = (object: AwsReader, state: string): boolean =>
  !/disassociat|fail/.test(object.object(state)?.optionalText('State') ?? '');

export const vpc: NounFormat<'ec2/vpc'> = {
  kind: 'ec2/vpc',
  member: 'Vpcs',
  file: 'describe-vpcs.json',
  toAws: (noun: Vpc): AwsJson =>
    present({
      VpcId: noun.vpcId,
      OwnerId: noun.ownerId,
      CidrBlock: noun.cidrBlock,
      CidrBlockAssociationSet: noun.cidrBlocks.map(({ associationId, cidrBlock }) => ({
        AssociationId: associationId,
        CidrBlock: cidrBlock,
        CidrBlockState: ASSOCIATED,
      })),
      Ipv6CidrBlockAssociationSet:
        noun.ipv6CidrBlocks.length === 0 ? undefined : noun.ipv6CidrBlocks.map(ipv6ToAws),
      DhcpOptionsId: noun.dhcpOptionsId,
      InstanceTenancy: 'default',
      IsDefault: noun.isDefault,
      State: 'available',
      Tags: tagList(noun.tags),
    }),
  fromAws: (json): Vpc => {
    const cidrBlock = json.block('CidrBlock');
    const blocks = json
      .list('CidrBlockAssociationSet')
      .filter((it) => live(it, 'CidrBlockState'))
      .map((it) => ({
        associationId: it.text('AssociationId'),
        cidrBlock: it.block('CidrBlock'),
      }));
    return {
      vpcId: json.id('VpcId'),
      ownerId: json.optionalText('OwnerId') ?? '',
      cidrBlock,
      cidrBlocks: blocks.length > 0 ? blocks : [{ associationId: '', cidrBlock }],
      ipv6CidrBlocks: json
        .list('Ipv6CidrBlockAssociationSet')
        .filter((it) => live(it, 'Ipv6CidrBlockState'))
        .map((it) => ({
          associationId: it.text('AssociationId'),
          cidrBlock: it.block('Ipv6CidrBlock'),
        })),
      // describe-vpc-attribute says these; EKS needs both, so both are taken to be on.
      enableDnsSupport: true,
      enableDnsHostnames: true,
      isDefault: json.flag('IsDefault'),
      dhcpOptionsId: json.optionalText('DhcpOptionsId') ?? '',
      tags: json.tags(),
    };
  },
};
