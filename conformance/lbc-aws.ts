/**
 * conformance/lbc-aws — what the load balancer controller's vectors say of AWS: subnets and route
 * tables in AWS's spelling, as our nouns, and stubbed calls that answer by their input.
 *
 * Schema: shared vectors lbc/README.md. Only what a vector writes is filled in.
 */

import type { SecurityGroupReads } from '../src/controllers/load-balancer/security-groups/resolve-security-groups.ts';
import type { SubnetReads } from '../src/controllers/load-balancer/subnets/subnet-reads.ts';
import { type AwsError, awsError } from '../src/model/aws-error.ts';

export type Json = Readonly<Record<string, unknown>>;
type CandidateSubnet = Exclude<
  Awaited<ReturnType<SubnetReads['describeSubnets']>>,
  AwsError
>[number];
type RouteTable = Exclude<
  Awaited<ReturnType<SubnetReads['describeRouteTables']>>,
  AwsError
>[number];

/** The list, or none where the vector leaves it out. */
export const listOf = (value: unknown): readonly Json[] => (value ?? []) as readonly Json[];

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const tagsOf = (json: Json): Record<string, string> =>
  Object.fromEntries(listOf(json.Tags).map(({ Key, Value }) => [textOf(Key), textOf(Value)]));

/** EC2's Subnet as the search for subnets sees it. */
export function subnetOf(json: Json): CandidateSubnet {
  const ipv6 = listOf(json.Ipv6CidrBlockAssociationSet).find((association) => {
    const state = association.Ipv6CidrBlockState as Json | undefined;
    return state === undefined || state.State === 'associated';
  });
  const subnet = {
    subnetId: textOf(json.SubnetId),
    vpcId: textOf(json.VpcId),
    ownerId: '',
    cidrBlock: textOf(json.CidrBlock),
    ipv6CidrBlock:
      ipv6 === undefined ? undefined : { associationId: '', cidrBlock: textOf(ipv6.Ipv6CidrBlock) },
    availabilityZone: textOf(json.AvailabilityZone),
    availabilityZoneId: textOf(json.AvailabilityZoneId),
    mapPublicIpOnLaunch: false,
    assignIpv6AddressOnCreation: false,
    cidrReservations: [],
    tags: tagsOf(json),
    availableIpAddressCount: Number(json.AvailableIpAddressCount ?? 0),
    outpostArn: textOf(json.OutpostArn) || undefined,
  };
  return subnet as unknown as CandidateSubnet;
}

function routeTableOf(json: Json): RouteTable {
  const table = {
    associations: listOf(json.Associations).map(({ Main, SubnetId }) => ({
      associationId: '',
      main: Main === true,
      subnetId: SubnetId,
    })),
    routes: listOf(json.Routes).map(({ GatewayId }) => ({
      target: textOf(GatewayId).startsWith('igw')
        ? { kind: 'internet-gateway', id: GatewayId }
        : { kind: 'nat-gateway', id: '' },
    })),
  };
  return table as unknown as RouteTable;
}

/** The stubbed call whose input is asked: its error, or its output as our nouns. */
function answer<Noun>(
  calls: readonly Json[],
  asked: Json,
  noun: (json: Json) => Noun,
): readonly Noun[] | AwsError {
  const written = JSON.stringify(asked);
  const call = calls.find(({ input, req }) => JSON.stringify(input ?? req) === written);
  if (call === undefined) throw new Error(`no call is expected: ${written}`);
  const failure = call.err as Json | undefined;
  if (failure === undefined) return listOf(call.output ?? call.resp).map(noun);
  return '$error' in failure
    ? awsError('Error', textOf(failure.$error))
    : awsError(textOf(failure.Code), textOf(failure.Message));
}

interface Filter {
  readonly name: string;
  readonly values: readonly string[];
}

const filtersJson = (filters: readonly Filter[] = []): Json => ({
  Filters: filters.map(({ name, values }) => ({ Name: name, Values: values })),
});

/** EC2 as the tables of pkg/networking stub it. */
export const stubbedSubnets = (fields: Json): SubnetReads => ({
  describeSubnets: async ({ subnetIds, filters }) =>
    answer(
      listOf(fields.describeSubnetsAsListCalls),
      subnetIds === undefined ? filtersJson(filters) : { SubnetIds: subnetIds },
      subnetOf,
    ),
  describeRouteTables: async ({ filters }) =>
    answer(listOf(fields.describeRouteTablesAsListCalls), filtersJson(filters), routeTableOf),
  zoneType: async (zoneId) => {
    const call = listOf(fields.fetchAZInfosCalls).find((it) =>
      (it.availabilityZoneIDs as readonly string[]).includes(zoneId),
    );
    const failure = call?.err as Json | undefined;
    if (failure !== undefined) return awsError('Error', textOf(failure.$error));
    const zones = call?.azInfoByAZID as Readonly<Record<string, Json>> | undefined;
    return textOf(zones?.[zoneId]?.ZoneType);
  },
});

/** DescribeSecurityGroups as the tables stub it. */
export const stubbedGroups = (calls: readonly Json[]): SecurityGroupReads => ({
  describeSecurityGroups: async ({ groupIds, filters }) =>
    answer(
      calls,
      groupIds === undefined ? filtersJson(filters) : { GroupIds: groupIds },
      (json) => ({ groupId: textOf(json.GroupId), tags: tagsOf(json) }) as never,
    ),
});
