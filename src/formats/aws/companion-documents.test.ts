/** Goal: documents that tell more of a noun are laid over it. Method: documents as aws prints. */
import { describe, expect, it } from 'vitest';
import { completeExport } from '../complete-export.ts';
import { emptyExport, isAwsDocument, readAwsDocument } from './aws-documents.ts';

const TABLE = 'tgw-rtb-0a1';

function read(...documents: readonly (readonly [file: string, value: unknown])[]) {
  const all = emptyExport();
  for (const [file, value] of documents) {
    expect(isAwsDocument(value), file).toBe(true);
    readAwsDocument({ file, value, where: () => file }, all);
  }
  return completeExport(all, undefined);
}

const table = {
  TransitGatewayRouteTables: [
    { TransitGatewayRouteTableId: TABLE, TransitGatewayId: 'tgw-1', Tags: [] },
  ],
};

const attachment = (gateway: string, other: string, associated: string) => ({
  TransitGatewayAttachments: [
    {
      TransitGatewayAttachmentId: 'tgw-attach-1',
      TransitGatewayId: gateway,
      ResourceType: 'peering',
      ResourceId: other,
      Association: { TransitGatewayRouteTableId: associated },
    },
  ],
});

describe('companion documents', () => {
  it("a transit gateway's routes belong to the table in the file's name", () => {
    const routes = {
      Routes: [
        {
          DestinationCidrBlock: '10.1.0.0/16',
          TransitGatewayAttachments: [{ TransitGatewayAttachmentId: 'tgw-attach-1' }],
          Type: 'propagated',
          State: 'active',
        },
        { DestinationCidrBlock: '10.9.0.0/16', Type: 'static', State: 'blackhole' },
      ],
    };
    const { nouns } = read(
      ['tables.json', table],
      [`search-transit-gateway-routes-${TABLE}.json`, routes],
    );
    expect(nouns['ec2/transit-gateway-route-table'].get(TABLE)?.routes).toEqual([
      {
        destinationCidrBlock: '10.1.0.0/16',
        attachmentId: 'tgw-attach-1',
        type: 'propagated',
        state: 'active',
      },
      {
        destinationCidrBlock: '10.9.0.0/16',
        attachmentId: undefined,
        type: 'static',
        state: 'blackhole',
      },
    ]);
  });

  it('without an id the note says where to put it', () => {
    const { notes } = read([
      'entries.json',
      { Entries: [{ Cidr: '10.1.0.0/16', Description: 'office' }] },
    ]);
    expect(notes).toEqual([
      {
        where: 'entries.json',
        text:
          "Entries: AWS does not print whose these are; put the id into the file's name, " +
          'or beside the list as PrefixListId',
      },
    ]);
  });

  it("a prefix list's entries come from describe-prefix-lists or from their own document", () => {
    const lists = {
      PrefixLists: [
        {
          PrefixListId: 'pl-1',
          PrefixListName: 'com.amazonaws.us-west-2.s3',
          Cidrs: ['3.5.0.0/20'],
        },
        { PrefixListId: 'pl-2', PrefixListName: 'offices' },
      ],
    };
    const entries = { PrefixListId: 'pl-2', Entries: [{ Cidr: '10.1.0.0/16' }] };
    const found = read(['lists.json', lists], ['entries.json', entries]).nouns['ec2/prefix-list'];
    expect(found.get('pl-1')).toMatchObject({
      entries: [{ cidr: '3.5.0.0/20' }],
      awsManaged: true,
    });
    expect(found.get('pl-2')).toMatchObject({
      entries: [{ cidr: '10.1.0.0/16' }],
      awsManaged: false,
    });
  });

  it('a VPC whose resolver is off says so in describe-vpc-attribute', () => {
    const vpcs = { Vpcs: [{ VpcId: 'vpc-1', CidrBlock: '10.0.0.0/16' }] };
    const attribute = { VpcId: 'vpc-1', EnableDnsSupport: { Value: false } };
    const { nouns } = read(['vpcs.json', vpcs], ['attribute.json', attribute]);
    expect(nouns['ec2/vpc'].get('vpc-1')).toMatchObject({
      enableDnsSupport: false,
      enableDnsHostnames: true,
    });
  });

  it('both sides of a transit gateway peering are kept, though they share an id', () => {
    const { nouns } = read(
      ['a.json', attachment('tgw-1', 'tgw-2', 'tgw-rtb-1')],
      ['b.json', attachment('tgw-2', 'tgw-1', 'tgw-rtb-2')],
    );
    expect(nouns['ec2/transit-gateway-attachment'].get('tgw-attach-1')).toMatchObject({
      transitGatewayId: 'tgw-1',
      resourceId: 'tgw-2',
      associatedRouteTableId: 'tgw-rtb-1',
      peer: { associatedRouteTableId: 'tgw-rtb-2' },
    });
  });

  it("an attachment's subnets stand in another document, its interfaces in their descriptions", () => {
    const subnets = {
      TransitGatewayVpcAttachments: [
        { TransitGatewayAttachmentId: 'tgw-attach-1', SubnetIds: ['subnet-1'] },
      ],
    };
    const interfaces = {
      NetworkInterfaces: [
        {
          NetworkInterfaceId: 'eni-1',
          SubnetId: 'subnet-1',
          VpcId: 'vpc-1',
          AvailabilityZone: 'us-west-2a',
          InterfaceType: 'transit_gateway',
          Description: 'Network Interface for Transit Gateway Attachment tgw-attach-1',
          PrivateIpAddress: '10.0.0.9',
        },
      ],
    };
    const { nouns } = read(
      ['a.json', attachment('tgw-1', 'tgw-2', 'tgw-rtb-1')],
      ['s.json', subnets],
      ['e.json', interfaces],
    );
    expect(nouns['ec2/transit-gateway-attachment'].get('tgw-attach-1')).toMatchObject({
      subnetIds: ['subnet-1'],
      networkInterfaceIds: ['eni-1'],
    });
  });
});
