/**
 * Real `aws ec2 …` commands on a twin: what the guides' troubleshooting lists say, and how people
 * ask: queries, filters, tables, pages, dry runs, wrong ids.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runningTwin } from '../../src/api/running-twin.fixture.ts';
import { settledTwin, smallCluster } from '../../src/twin/small-cluster.fixture.ts';
import type { Ran } from './served-api.ts';
import { type ServedAws, servedAws } from './served-aws.ts';
import { awsClis } from './tools.ts';

const [cli] = awsClis();
const title = cli === undefined ? 'aws ec2: no aws CLI is installed' : `aws ec2, by ${cli.label}`;

/** What aws leaves with when the service refuses: the first generation's status and the second's. */
const REFUSED = cli?.version.startsWith('1.') === true ? 255 : 254;

/** `aws` starts for more than half a second, mostly of processor time: two at once. */
const AT_ONCE = 2;

let api: ServedAws;
/** What the commands name: ids of the twin that is served. */
const ids: Record<string, string> = {};
let asked = 0;

beforeAll(async () => {
  if (cli === undefined) return;
  const twin = await settledTwin(smallCluster(2), '');
  api = await servedAws(runningTwin(twin));
  const { store } = twin;
  const [instance] = store.list('ec2/instance');
  const { instanceId, subnetId, vpcId } = instance!;
  const [eni] = store.lookup('ec2/network-interface', 'instance', instanceId);
  const group = store.get('ec2/security-group', eni!.groups[0]!);
  Object.assign(ids, {
    INSTANCE: instanceId,
    SUBNET: subnetId,
    VPC: vpcId,
    ENI: eni!.networkInterfaceId,
    ADDRESS: eni!.privateIpAddresses[0]!.address,
    GROUP: group!.groupId,
  });
}, 60_000);
afterAll(() => api?.close());

/** `@VPC` stands for the id of that name. */
const named = (text: string): string =>
  text.replace(/@([A-Z]+)/g, (all, name: string) => ids[name] ?? all);

/** Splits as a shell would, without its expansions. */
const words = (command: string): string[] =>
  [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '');

async function aws(command: string): Promise<Ran> {
  asked++;
  return await api.aws(cli!.path, 'ec2', ...words(named(command)));
}

type Expected = string | RegExp | ((out: string) => void);

/** What a command prints, on standard output where it works and on standard error where not. */
async function holds(command: string, status: number, expected: Expected): Promise<void> {
  const ran = await aws(command);
  const out = status === 0 ? ran.stdout : ran.stderr;
  const context = `aws ec2 ${command}\n${ran.stderr}`;
  expect(ran.status, context).toBe(status);
  if (typeof expected === 'function') expected(out);
  else if (typeof expected === 'string') expect(out.trim(), context).toBe(named(expected));
  else expect(out.trim(), context).toMatch(new RegExp(named(expected.source), expected.flags));
}

async function all(commands: readonly (readonly [string, Expected])[], status = 0) {
  for (let i = 0; i < commands.length; i += AT_ONCE) {
    const some = commands.slice(i, i + AT_ONCE);
    await Promise.all(some.map(([command, expected]) => holds(command, status, expected)));
  }
}

const json = (check: (answer: never) => void) => (out: string) => check(JSON.parse(out) as never);

describe.skipIf(cli === undefined)(title, { timeout: 120_000 }, () => {
  test('the troubleshooting lists of the guides', async () => {
    await all([
      [
        "describe-network-interfaces --filters 'Name=attachment.instance-id,Values=@INSTANCE'",
        json(({ NetworkInterfaces }: { NetworkInterfaces: { Status: string }[] }) => {
          expect(NetworkInterfaces.length).toBeGreaterThan(0);
          expect(NetworkInterfaces.every(({ Status }) => Status === 'in-use')).toBe(true);
        }),
      ],
      ['describe-security-groups', /"GroupName": "default"/],
      ['describe-subnets --subnet-ids @SUBNET', /"AvailableIpAddressCount": \d+/],
    ]);
  });

  test('queries, filters with wildcards, text and table', async () => {
    await all([
      ["describe-vpcs --query 'Vpcs[].VpcId' --output text", '@VPC'],
      ["describe-subnets --filters 'Name=vpc-id,Values=@VPC' --query 'length(Subnets)'", /^\d+$/],
      [
        "describe-subnets --filters Name=tag:kubernetes.io/role/elb,Values=1 --query 'Subnets[].MapPublicIpOnLaunch' --output text",
        /^True(\tTrue)+$/,
      ],
      [
        "describe-subnets --filters 'Name=subnet-id,Values=subnet-*' --output table",
        /DescribeSubnets/,
      ],
      [
        "describe-instances --instance-ids @INSTANCE --query 'Reservations[].Instances[].State.Name' --output text",
        'running',
      ],
      [
        "describe-instances --filters Name=instance-state-name,Values=running,pending --query 'length(Reservations[].Instances[])'",
        '2',
      ],
      [
        "describe-instances --filters 'Name=tag:eks:cluster-name,Values=*' --query 'Reservations[0].Instances[0].[InstanceType,SubnetId]' --output text",
        /^\S+\tsubnet-/,
      ],
      [
        "describe-network-interfaces --filters Name=addresses.private-ip-address,Values=@ADDRESS --query 'NetworkInterfaces[].NetworkInterfaceId' --output text",
        '@ENI',
      ],
      [
        "describe-network-interfaces --filters Name=group-id,Values=@GROUP Name=status,Values=in-use --query 'length(NetworkInterfaces)'",
        /^\d+$/,
      ],
      [
        "describe-security-groups --group-ids @GROUP --query 'SecurityGroups[0].VpcId' --output text",
        '@VPC',
      ],
      [
        "describe-security-group-rules --filters Name=group-id,Values=@GROUP --query 'SecurityGroupRules[0].SecurityGroupRuleId' --output text",
        /^sgr-[0-9a-f]+$/,
      ],
      [
        "describe-route-tables --filters Name=association.subnet-id,Values=@SUBNET --query 'RouteTables[].Routes[].GatewayId' --output text",
        /local/,
      ],
      [
        "describe-nat-gateways --filter Name=vpc-id,Values=@VPC --query 'NatGateways[].State' --output text",
        /^available/,
      ],
      [
        "describe-internet-gateways --filters Name=attachment.vpc-id,Values=@VPC --query 'InternetGateways[0].Attachments[0].State' --output text",
        'available',
      ],
      ['describe-tags --filters Name=resource-id,Values=@SUBNET --output text', /^TAGS\t/],
      [
        "describe-dhcp-options --query 'DhcpOptions[0].DhcpConfigurations[].Key'",
        /domain-name-servers/,
      ],
    ]);
  });

  test('regions, zones, types and what nobody has here', async () => {
    await all([
      [
        "describe-availability-zones --query 'AvailabilityZones[].ZoneName' --output text",
        /us-west-2a\tus-west-2b/,
      ],
      [
        "describe-regions --region-names us-west-2 --query 'Regions[].Endpoint' --output text",
        'ec2.us-west-2.amazonaws.com',
      ],
      [
        "describe-instance-types --instance-types m5.large --query 'InstanceTypes[].NetworkInfo.[MaximumNetworkInterfaces,Ipv4AddressesPerInterface]' --output text",
        '3\t10',
      ],
      [
        "describe-instance-types --filters 'Name=instance-type,Values=c5.*' --query 'InstanceTypes[].InstanceType' --output text",
        /c5\.large/,
      ],
      [
        "describe-instance-type-offerings --location-type availability-zone --filters Name=instance-type,Values=m5.large --query 'InstanceTypeOfferings[].Location' --output text",
        /us-west-2a/,
      ],
      ['describe-account-attributes --attribute-names supported-platforms --output text', /VPC/],
      ["describe-vpn-connections --query 'length(VpnConnections)'", '0'],
      ["describe-launch-templates --query 'LaunchTemplates'", '[]'],
      ["describe-vpc-endpoint-services --query 'length(ServiceNames)'", /^\d\d$/],
    ]);
  });

  test('pages', async () => {
    await all([
      [
        "describe-subnets --page-size 5 --query 'Subnets[].SubnetId' --output text",
        (out) => expect(new Set(out.trim().split(/\s+/)).size).toBe(out.trim().split(/\s+/).length),
      ],
      [
        'describe-network-interfaces --max-items 2',
        json(({ NetworkInterfaces, NextToken }: { NetworkInterfaces: []; NextToken: string }) => {
          expect(NetworkInterfaces).toHaveLength(2);
          expect(NextToken).toBeTruthy();
        }),
      ],
      [
        'describe-subnets --max-results 5 --no-paginate',
        json(({ Subnets, NextToken }: { Subnets: []; NextToken: string }) => {
          expect(Subnets).toHaveLength(5);
          expect(NextToken).toBeTruthy();
        }),
      ],
    ]);
  });

  test('wrong ids, wrong filters, wrong values: AWS’s codes and words', async () => {
    const code = (text: string) => new RegExp(`\\(${text}\\)`);
    await all(
      [
        [
          'describe-vpcs --vpc-ids vpc-0',
          /\(InvalidVpcID\.NotFound\).*The vpc ID 'vpc-0' does not exist/,
        ],
        ['describe-subnets --subnet-ids subnet-0', code('InvalidSubnetID.NotFound')],
        ['describe-instances --instance-ids i-0', code('InvalidInstanceID.NotFound')],
        ['describe-security-groups --group-ids sg-0', code('InvalidGroup.NotFound')],
        [
          'describe-network-interfaces --network-interface-ids eni-0',
          /The networkInterface ID 'eni-0' does not exist/,
        ],
        [
          'describe-vpcs --filters Name=colour,Values=red',
          /\(InvalidParameterValue\).*The filter 'colour' is invalid/,
        ],
        ['create-vpc --cidr-block 10.0.0.0/8', code('InvalidVpc.Range')],
        ['create-subnet --vpc-id @VPC --cidr-block 10.0.0.0/29', code('InvalidSubnet.Range')],
        ['delete-vpc --vpc-id @VPC', code('DependencyViolation')],
        ['delete-subnet --subnet-id @SUBNET', code('DependencyViolation')],
        ['delete-security-group --group-id @GROUP', code('DependencyViolation')],
        ['delete-network-interface --network-interface-id @ENI', /is currently in use/],
        ['create-vpc --cidr-block 10.9.0.0/16 --dry-run', code('DryRunOperation')],
        ['terminate-instances --instance-ids @INSTANCE --dry-run', code('DryRunOperation')],
        ['describe-volumes', /(UnsupportedOperation|InvalidAction).*/],
      ].map(([command, expected]) => [command as string, expected as Expected] as const),
      REFUSED,
    );
  });

  test('a network is made, waited for, changed and unmade', async () => {
    const text = async (command: string): Promise<string> => {
      const { status, stdout, stderr } = await aws(`${command} --output text`);
      expect(status, `aws ec2 ${command}\n${stderr}`).toBe(0);
      return stdout.trim();
    };
    ids.NEW = await text(
      "create-vpc --cidr-block 10.77.0.0/16 --tag-specifications 'ResourceType=vpc,Tags=[{Key=Name,Value=new}]' --query Vpc.VpcId",
    );
    await text('wait vpc-available --vpc-ids @NEW');
    ids.NET = await text(
      'create-subnet --vpc-id @NEW --cidr-block 10.77.1.0/24 --query Subnet.SubnetId',
    );
    await text('wait subnet-available --subnet-ids @NET');
    await text('modify-subnet-attribute --subnet-id @NET --map-public-ip-on-launch');
    ids.WALL = await text(
      'create-security-group --vpc-id @NEW --group-name wall --description wall --query GroupId',
    );
    await text(
      'authorize-security-group-ingress --group-id @WALL --protocol tcp --port 443 --cidr 0.0.0.0/0',
    );
    ids.CARD = await text(
      'create-network-interface --subnet-id @NET --groups @WALL --query NetworkInterface.NetworkInterfaceId',
    );
    await text('wait network-interface-available --network-interface-ids @CARD');
    expect(
      await text(
        "run-instances --image-id ami-0 --instance-type t3.small --subnet-id @NET --count 1 --query 'Instances[0].State.Name'",
      ),
    ).toBe('pending');
    ids.BOX = await text(
      "describe-instances --filters Name=subnet-id,Values=@NET --query 'Reservations[0].Instances[0].InstanceId'",
    );
    await text('wait instance-running --instance-ids @BOX');
    await text('stop-instances --instance-ids @BOX');
    await text('wait instance-stopped --instance-ids @BOX');
    await text('terminate-instances --instance-ids @BOX');
    await text('wait instance-terminated --instance-ids @BOX');
    await text('delete-network-interface --network-interface-id @CARD');
    await text('delete-subnet --subnet-id @NET');
    await text('delete-security-group --group-id @WALL');
    await text('delete-vpc --vpc-id @NEW');
    await holds('describe-vpcs --vpc-ids @NEW', REFUSED, /does not exist/);
    expect(asked).toBeGreaterThanOrEqual(60);
  });
});
