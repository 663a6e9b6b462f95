/**
 * The aws CLIs of this machine against one small cluster: what people type, what it prints, and how it
 * exits. A start costs 0.6 s, so that most tests are one version's only.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runningTwin, SERVED } from '../../src/api/running-twin.fixture.ts';
import { settledTwin, smallCluster } from '../../src/twin/small-cluster.fixture.ts';
import type { Twin } from '../../src/twin/twin.ts';
import type { Ran } from './served-api.ts';
import { type ServedAws, servedAws } from './served-aws.ts';
import { awsClis } from './tools.ts';

const clis = awsClis();
let twin: Twin;
let api: ServedAws;

beforeAll(async () => {
  twin = await settledTwin(smallCluster(2), '');
  api = await servedAws(runningTwin(twin));
});

afterAll(() => api.close());

/** Words as they are typed; quoted ones stay together. */
const words = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map((it) => it[1] ?? it[2] ?? it[3] ?? '');

describe.each(clis)('$label', { timeout: 300_000 }, ({ path }) => {
  const isOther = path !== clis[0]?.path;
  const run = (line: string): Promise<Ran> => api.aws(path, ...words(line));

  /** The standard output of a command that has to work. */
  const text = async (line: string): Promise<string> => {
    const { status, stdout, stderr } = await run(line);
    expect({ line, status, stderr }).toEqual({ line, status: 0, stderr: '' });
    return stdout.trim();
  };
  const json = async (line: string): Promise<unknown> => JSON.parse((await text(line)) || '{}');
  /** The status and the message of a command that has to be refused. */
  const refused = async (line: string): Promise<string> => {
    const { status, stderr } = await run(line);
    expect({ line, status }).toEqual({ line, status: status === 255 ? 255 : 254 });
    // awscli 2.9 says so where there was one try only.
    return stderr.trim().replace(' (reached max retries: 0)', '');
  };

  test('says who calls and which cluster there is', async () => {
    expect(await json('sts get-caller-identity')).toEqual({
      UserId: expect.any(String),
      Account: twin.cloud.accountId,
      Arn: `arn:aws:iam::${twin.cloud.accountId}:user/ekstwin`,
    });
    expect(await text('eks list-clusters --query clusters --output text')).toBe('small');
    expect(
      await text('eks describe-cluster --name small --query cluster.endpoint --output text'),
    ).toBe(SERVED.kubernetesUrl);
    expect(await refused('eks describe-cluster --name other')).toBe(
      'An error occurred (ResourceNotFoundException) when calling the DescribeCluster ' +
        'operation: No cluster found for name: other.',
    );
    await text('eks wait cluster-active --name small');
    const owned =
      '--tag-filters Key=kubernetes.io/cluster/small --resource-type-filters ec2:instance';
    expect(
      await text(
        `resourcegroupstaggingapi get-resources ${owned} ` +
          "--query 'length(ResourceTagMappingList)'",
      ),
    ).toBe(String(twin.store.list('ec2/instance').length));
  });

  test.skipIf(isOther)(
    'node groups, add-ons and profiles are listed, and a group is scaled',
    async () => {
      const of = '--cluster-name small';
      expect(await json(`eks list-nodegroups ${of}`)).toEqual({ nodegroups: ['ng'] });
      const scaling = '--scaling-config minSize=1,maxSize=3,desiredSize=2';
      expect(
        await text(
          `eks update-nodegroup-config ${of} --nodegroup-name ng ${scaling} ` +
            '--query update.status --output text',
        ),
      ).toBe('InProgress');
      await text(`eks wait nodegroup-active ${of} --nodegroup-name ng`);
      expect(
        await json(
          `eks describe-nodegroup ${of} --nodegroup-name ng --query nodegroup.scalingConfig`,
        ),
      ).toEqual({ minSize: 1, maxSize: 3, desiredSize: 2 });
      expect(await json(`eks list-addons ${of}`)).toMatchObject({
        addons: expect.arrayContaining(['coredns', 'kube-proxy', 'vpc-cni']),
      });
      expect(await text(`eks describe-addon ${of} --addon-name vpc-cni --query addon.status`)).toBe(
        '"ACTIVE"',
      );
      expect(await json(`eks list-fargate-profiles ${of}`)).toEqual({ fargateProfileNames: [] });
      expect(
        await text(
          'eks describe-addon-versions --addon-name vpc-cni --kubernetes-version 1.33 ' +
            "--query 'addons[0].addonVersions[0].addonVersion' --output text",
        ),
      ).toMatch(/^v1\.\d+\.\d+-eksbuild\.\d+$/);
      expect(
        await text(
          "autoscaling describe-auto-scaling-groups --query 'AutoScalingGroups[].[MinSize,MaxSize]' " +
            '--output text',
        ),
      ).toBe('1\t3');
    },
  );

  test('the network of the cluster is described, filtered and paged', async () => {
    const vpcId = twin.store.list('eks/cluster')[0]!.vpcId;
    const instanceId = twin.store.list('ec2/instance')[0]!.instanceId;
    expect(
      await text(`ec2 describe-vpcs --vpc-ids ${vpcId} --query 'Vpcs[0].CidrBlock' --output text`),
    ).toBe('10.30.0.0/20');
    const filter = `--filters Name=attachment.instance-id,Values=${instanceId}`;
    const interfaces = (await json(`ec2 describe-network-interfaces ${filter}`)) as {
      readonly NetworkInterfaces: readonly { readonly Attachment: { InstanceId: string } }[];
    };
    expect(interfaces.NetworkInterfaces.length).toBeGreaterThan(0);
    expect(interfaces.NetworkInterfaces[0]!.Attachment.InstanceId).toBe(instanceId);
    const subnets = twin.store.lookup('ec2/subnet', 'vpc', vpcId).length;
    expect(
      await text(
        `ec2 describe-subnets --filters Name=vpc-id,Values=${vpcId} --page-size 5 ` +
          "--query 'length(Subnets)'",
      ),
    ).toBe(String(subnets));
    expect(
      await text(
        "ec2 describe-subnets --filters 'Name=tag:kubernetes.io/role/internal-elb,Values=1' " +
          "--query 'Subnets[].AvailabilityZone' --output text",
      ),
    ).toMatch(/us-west-2/);
    expect(await json('ec2 describe-security-groups')).toHaveProperty('SecurityGroups');
    expect(
      await text("ec2 describe-instances --query 'length(Reservations[].Instances[])'"),
    ).toMatch(/^\d+$/);
    expect(await refused('ec2 describe-vpcs --vpc-ids vpc-0123')).toBe(
      'An error occurred (InvalidVpcID.NotFound) when calling the DescribeVpcs operation: ' +
        "The vpc ID 'vpc-0123' does not exist",
    );
    expect(await refused('ec2 describe-subnets --filters Name=colour,Values=red')).toContain(
      "(InvalidParameterValue) when calling the DescribeSubnets operation: The filter 'colour'",
    );
    expect(await refused('ec2 describe-subnets --dry-run')).toContain('(DryRunOperation)');
  });

  test('a VPC is built and taken apart', async () => {
    const vpc = await text(
      'ec2 create-vpc --cidr-block 10.77.0.0/16 --query Vpc.VpcId --output text ' +
        "--tag-specifications 'ResourceType=vpc,Tags=[{Key=Name,Value=made & taken}]'",
    );
    expect(
      await text(
        "ec2 describe-vpcs --filters 'Name=tag:Name,Values=made*' --query 'Vpcs[].VpcId' --output text",
      ),
    ).toBe(vpc);
    await text(`ec2 modify-vpc-attribute --vpc-id ${vpc} --enable-dns-hostnames`);
    expect(
      await text(
        `ec2 describe-vpc-attribute --vpc-id ${vpc} --attribute enableDnsHostnames ` +
          '--query EnableDnsHostnames.Value',
      ),
    ).toBe('true');
    const subnet = await text(
      `ec2 create-subnet --vpc-id ${vpc} --cidr-block 10.77.0.0/24 --query Subnet.SubnetId --output text`,
    );
    expect(await refused(`ec2 create-subnet --vpc-id ${vpc} --cidr-block 10.77.0.0/25`)).toContain(
      '(InvalidSubnet.Conflict)',
    );
    expect(await refused(`ec2 delete-vpc --vpc-id ${vpc}`)).toContain('(DependencyViolation)');
    await text(`ec2 create-tags --resources ${subnet} --tags Key=tier,Value=web`);
    expect(
      await text(
        `ec2 describe-tags --filters Name=resource-id,Values=${subnet} --query 'Tags[].Value' --output text`,
      ),
    ).toBe('web');
    await text(`ec2 delete-subnet --subnet-id ${subnet}`);
    await text(`ec2 delete-vpc --vpc-id ${vpc}`);
  });

  test.skipIf(isOther)('a load balancer is made, waited for, described and deleted', async () => {
    const byZone = new Map(
      twin.store
        .list('eks/cluster')[0]!
        .subnetIds.map((id) => [twin.store.get('ec2/subnet', id)!.availabilityZone, id]),
    );
    const subnets = [...byZone.values()].slice(0, 2).join(' ');
    const arn = await text(
      `elbv2 create-load-balancer --name cli --scheme internal --subnets ${subnets} ` +
        "--query 'LoadBalancers[0].LoadBalancerArn' --output text",
    );
    await twin.settle();
    await text(`elbv2 wait load-balancer-available --load-balancer-arns ${arn}`);
    expect(
      await text(
        "elbv2 describe-load-balancers --names cli --query 'LoadBalancers[0].State.Code' --output text",
      ),
    ).toBe('active');
    const listener = await text(
      `elbv2 create-listener --load-balancer-arn ${arn} --protocol HTTP --port 80 ` +
        '--default-actions Type=fixed-response,FixedResponseConfig={StatusCode=503} ' +
        "--query 'Listeners[0].ListenerArn' --output text",
    );
    expect(
      await text(
        `elbv2 describe-rules --listener-arn ${listener} --query 'Rules[].Priority' --output text`,
      ),
    ).toBe('default');
    expect(
      await text(
        `elbv2 describe-load-balancer-attributes --load-balancer-arn ${arn} ` +
          `--query "Attributes[?Key=='idle_timeout.timeout_seconds'].Value" --output text`.replaceAll(
            '"',
            '"',
          ),
      ),
    ).toBe('60');
    await text(`elbv2 delete-load-balancer --load-balancer-arn ${arn}`);
    expect(await refused('elbv2 describe-load-balancers --names cli')).toBe(
      'An error occurred (LoadBalancerNotFound) when calling the DescribeLoadBalancers ' +
        "operation: Load balancers '[cli]' not found",
    );
    expect(await text("elb describe-load-balancers --query 'LoadBalancerDescriptions'")).toBe('[]');
  });

  test.skipIf(isOther)('names and certificates: Route 53 and ACM', async () => {
    const zone = await text(
      `route53 create-hosted-zone --name cli.example --caller-reference ${Math.random()} ` +
        '--query HostedZone.Id --output text',
    );
    const record =
      '{"Name":"a.cli.example","Type":"A","TTL":60,"ResourceRecords":[{"Value":"192.0.2.9"}]}';
    const batch = (action: string) =>
      `'{"Changes":[{"Action":"${action}","ResourceRecordSet":${record}}]}'`;
    const change = await text(
      `route53 change-resource-record-sets --hosted-zone-id ${zone} ` +
        `--change-batch ${batch('CREATE')} --query ChangeInfo.Id --output text`,
    );
    await text(`route53 wait resource-record-sets-changed --id ${change}`);
    expect(
      await text(
        `route53 list-resource-record-sets --hosted-zone-id ${zone} ` +
          "--query 'ResourceRecordSets[].Type' --output text",
      ),
    ).toBe('NS\tSOA\tA');
    expect(await refused(`route53 delete-hosted-zone --id ${zone}`)).toContain(
      '(HostedZoneNotEmpty)',
    );
    await text(
      `route53 change-resource-record-sets --hosted-zone-id ${zone} --change-batch ${batch('DELETE')}`,
    );
    await text(`route53 delete-hosted-zone --id ${zone}`);
    const certificate = await text(
      'acm request-certificate --domain-name www.cli.example --query CertificateArn --output text',
    );
    expect(
      await text(
        `acm describe-certificate --certificate-arn ${certificate} --query Certificate.Status --output text`,
      ),
    ).toBe('ISSUED');
    await text(`acm delete-certificate --certificate-arn ${certificate}`);
  });

  test('what is not built says so, in the words of its service', async () => {
    const notBuilt: readonly (readonly [line: string, words: RegExp])[] = [
      ['iam list-users', /\(UnsupportedOperation\).*is not implemented by ekstwin/],
      ['kms list-keys', /\(UnsupportedOperationException\).*is not implemented by ekstwin/],
      ['logs describe-log-groups', /is not implemented by ekstwin/],
      ['cloudformation list-stacks', /is not implemented by ekstwin/],
      ['ec2 describe-fleets', /\(UnsupportedOperation\).*DescribeFleets is not implemented/],
      [
        'eks list-identity-provider-configs --cluster-name small',
        /ListIdentityProviderConfigs is not implemented by ekstwin/,
      ],
      ['s3api list-buckets', /not implemented by ekstwin/],
      ['ec2 describe-vpcs --region eu-west-1', /valid region.*set AWS_REGION=us-west-2/],
    ];
    for (const [line, pattern] of notBuilt) expect(await refused(line), line).toMatch(pattern);
  });
});

test.skipIf(clis.length > 0)('skipped: no aws CLI on this machine', () => {});
