/**
 * formats/aws/companion-documents — documents that tell more of a noun another document shows: the
 * routes of a transit gateway's tables, a prefix list's entries, a VPC's attributes. Three of them
 * do not say whose they are; the id is then in the file's name, or beside the list as a member.
 */
import type {
  PrefixList,
  TransitGatewayAttachment,
  TransitGatewayRouteTable,
} from '../../model/ec2/gateways.ts';
import type { Vpc } from '../../model/ec2/vpc.ts';
import type { Note } from '../../model/input-error.ts';
import { isRecord } from '../source.ts';
import { type AwsJson, AwsReader } from './aws-json.ts';
import {
  BALANCER_COMPANIONS,
  type BalancerCompanions,
  noBalancerCompanions,
} from './balancer-companions.ts';

/** A database as describe-db-instances tells of it; its interface is found afterwards. */
export interface DatabaseDocument {
  readonly identifier: string;
  readonly port: number;
  readonly groups: readonly string[];
  readonly subnetIds: readonly string[];
  readonly where: string;
}

type TransitRoutes = TransitGatewayRouteTable['routes'];

/** What the companions tell, by the noun's id. */
export interface Companions {
  readonly transitRoutes: Map<string, TransitRoutes>;
  readonly propagations: Map<string, readonly string[]>;
  readonly attachments: Map<
    string,
    Pick<TransitGatewayAttachment, 'subnetIds' | 'allowsGroupReferences'>
  >;
  readonly listEntries: Map<string, PrefixList['entries']>;
  readonly vpcAttributes: Map<
    string,
    Partial<Pick<Vpc, 'enableDnsSupport' | 'enableDnsHostnames'>>
  >;
  readonly databases: Map<string, DatabaseDocument>;
  readonly balancers: BalancerCompanions;
}

export const noCompanions = (): Companions => ({
  transitRoutes: new Map(),
  propagations: new Map(),
  attachments: new Map(),
  listEntries: new Map(),
  vpcAttributes: new Map(),
  databases: new Map(),
  balancers: noBalancerCompanions(),
});

/** One sort of companion: its top-level member, how its noun's id looks, and its reader. */
export interface Companion {
  readonly member: string;
  /** The member with the id, and its pattern in a file's name; absent where items have ids. */
  readonly of?:
    | { readonly member: string; readonly pattern: RegExp; readonly also?: readonly string[] }
    | undefined;
  /** Members every item has, where the top-level member's name is one that others use too. */
  readonly items?: string | undefined;
  read(root: AwsReader, id: string, into: Companions, where: string): void;
}

const attribute =
  (name: 'enableDnsSupport' | 'enableDnsHostnames', member: string) =>
  (root: AwsReader, id: string, { vpcAttributes }: Companions): void => {
    const value = root.object(member)?.flag('Value') ?? false;
    vpcAttributes.set(id, { ...vpcAttributes.get(id), [name]: value });
  };

const VPC = { member: 'VpcId', pattern: /vpc-[0-9a-z]+/ };
const TRANSIT_TABLE = { member: 'TransitGatewayRouteTableId', pattern: /tgw-rtb-[0-9a-z]+/ };

function transitRoute(read: AwsReader): TransitRoutes[number] {
  const isBlackhole = read.optionalText('State') === 'blackhole';
  return {
    destinationCidrBlock: read.block('DestinationCidrBlock'),
    attachmentId: read
      .list('TransitGatewayAttachments')[0]
      ?.optionalText('TransitGatewayAttachmentId'),
    type: read.optionalText('Type') === 'propagated' ? 'propagated' : 'static',
    state: isBlackhole ? 'blackhole' : 'active',
  };
}

function database(read: AwsReader, where: string): DatabaseDocument {
  const identifier = read.text('DBInstanceIdentifier');
  const port = read.object('Endpoint')?.number('Port', 0);
  const subnets = read.object('DBSubnetGroup')?.list('Subnets') ?? [];
  return {
    identifier,
    port: port ?? read.number('DbInstancePort', 0),
    groups: read.list('VpcSecurityGroups').map((it) => it.text('VpcSecurityGroupId')),
    subnetIds: subnets.map((it) => it.text('SubnetIdentifier')),
    where,
  };
}

const COMPANIONS: readonly Companion[] = [
  ...BALANCER_COMPANIONS,
  {
    member: 'DBInstances',
    read: (root, _, { databases }, where) => {
      for (const it of root.list('DBInstances')) {
        const told = database(it, where);
        databases.set(told.identifier, told);
      }
    },
  },
  {
    member: 'Routes',
    items: 'DestinationCidrBlock',
    of: TRANSIT_TABLE,
    read: (root, id, { transitRoutes }) => {
      const more = root.list('Routes').map(transitRoute);
      transitRoutes.set(id, [...(transitRoutes.get(id) ?? []), ...more]);
    },
  },
  {
    member: 'TransitGatewayRouteTablePropagations',
    of: TRANSIT_TABLE,
    read: (root, id, { propagations }) => {
      const enabled = root
        .list('TransitGatewayRouteTablePropagations')
        .filter((it) => it.optionalText('State') !== 'disabled')
        .map((it) => it.text('TransitGatewayAttachmentId'));
      propagations.set(id, enabled);
    },
  },
  {
    member: 'TransitGatewayVpcAttachments',
    read: (root, _, { attachments }) => {
      for (const it of root.list('TransitGatewayVpcAttachments')) {
        const referring = it.object('Options')?.optionalText('SecurityGroupReferencingSupport');
        attachments.set(it.text('TransitGatewayAttachmentId'), {
          subnetIds: it.texts('SubnetIds') as unknown as TransitGatewayAttachment['subnetIds'],
          ...(referring === 'disable' ? { allowsGroupReferences: false } : {}),
        });
      }
    },
  },
  {
    member: 'Entries',
    items: 'Cidr',
    of: { member: 'PrefixListId', pattern: /pl-[0-9a-z]+/ },
    read: (root, id, { listEntries }) => {
      const entries = root.list('Entries').map((it) => {
        const description = it.optionalText('Description');
        return { cidr: it.block('Cidr'), ...(description === undefined ? {} : { description }) };
      });
      listEntries.set(id, entries);
    },
  },
  {
    member: 'EnableDnsSupport',
    of: VPC,
    read: attribute('enableDnsSupport', 'EnableDnsSupport'),
  },
  {
    member: 'EnableDnsHostnames',
    of: VPC,
    read: attribute('enableDnsHostnames', 'EnableDnsHostnames'),
  },
];

const holds = (json: AwsJson, { member, items }: Companion): boolean => {
  const value = json[member];
  if (value === undefined) return false;
  if (items === undefined) return true;
  return Array.isArray(value) && value.every((it) => isRecord(it) && items in it);
};

/** The top-level member by which a companion is known; undefined for any other document. */
export const companionMember = (json: AwsJson): string | undefined =>
  COMPANIONS.find((it) => holds(json, it))?.member;

/** The id that stands beside a list. */
const beside = (
  root: AwsReader,
  { member, also = [] }: NonNullable<Companion['of']>,
): string | undefined =>
  [member, ...also].map((it) => root.optionalText(it)).find((it) => it !== undefined);

/** Reads a companion; false when the document is none. A note says where its noun is unknown. */
export function readCompanion(
  json: AwsJson,
  file: string,
  where: string,
  into: Companions,
  notes: Note[],
): boolean {
  const companion = COMPANIONS.find((it) => holds(json, it));
  if (companion === undefined) return false;
  const { of, member } = companion;
  const root = new AwsReader(json, where);
  const id = of === undefined ? '' : (beside(root, of) ?? of.pattern.exec(file)?.[0]);
  if (id !== undefined) companion.read(root, id, into, where);
  else {
    const hint = `put the id into the file's name, or beside the list as ${of!.member}`;
    notes.push({ where, text: `${member}: AWS does not print whose these are; ${hint}` });
  }
  return true;
}
