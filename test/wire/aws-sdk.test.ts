import { ACM } from '@aws-sdk/client-acm';
import { AutoScaling } from '@aws-sdk/client-auto-scaling';
import { EKS, waitUntilClusterActive, waitUntilNodegroupActive } from '@aws-sdk/client-eks';
import { ElasticLoadBalancing } from '@aws-sdk/client-elastic-load-balancing';
import {
  ElasticLoadBalancingV2,
  waitUntilLoadBalancerAvailable,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { Route53, waitUntilResourceRecordSetsChanged } from '@aws-sdk/client-route-53';
import { STS } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runningTwin, SERVED } from '../../src/api/running-twin.fixture.ts';
import { settledTwin, smallCluster } from '../../src/twin/small-cluster.fixture.ts';
import type { Twin } from '../../src/twin/twin.ts';
import { type ServedAws, servedAws } from './served-aws.ts';

let twin: Twin;
let api: ServedAws;
let config: object;

beforeAll(async () => {
  twin = await settledTwin(smallCluster(2), '');
  api = await servedAws(runningTwin(twin));
  config = {
    region: 'us-west-2',
    endpoint: api.endpoint,
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'unused' },
    maxAttempts: 1,
  };
});

afterAll(() => api.close());

const cluster = () => twin.store.list('eks/cluster')[0]!;
/** One subnet of the cluster's in each zone. */
function subnetsByZone(): string[] {
  const byZone = new Map(
    cluster().subnetIds.map((id) => [twin.store.get('ec2/subnet', id)!.availabilityZone, id]),
  );
  return [...byZone.values()];
}
/** Waiters ask at once here: what they wait for takes the twin's time, not ours. */
const SOON = { maxWaitTime: 60, minDelay: 1, maxDelay: 2 };

test('EKS describes the cluster by the server it is reached at', async () => {
  const eks = new EKS(config);
  expect((await eks.listClusters()).clusters).toEqual(['small']);
  const { cluster: described } = await eks.describeCluster({ name: 'small' });
  expect(described).toMatchObject({
    name: 'small',
    status: 'ACTIVE',
    endpoint: SERVED.kubernetesUrl,
    certificateAuthority: {
      data: Buffer.from(SERVED.certificateAuthority).toString('base64'),
    },
  });
  expect(described?.createdAt).toBeInstanceOf(Date);
  await waitUntilClusterActive({ client: eks, ...SOON }, { name: 'small' });
  await expect(eks.describeCluster({ name: 'other' })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'No cluster found for name: other.',
    $metadata: { httpStatusCode: 404 },
  });
});

test('a node group scaled up through EKS gets another instance', async () => {
  const eks = new EKS(config);
  const scaling = new AutoScaling(config);
  const of = { clusterName: 'small', nodegroupName: 'ng' };
  const { nodegroup } = await eks.describeNodegroup(of);
  const name = nodegroup?.resources?.autoScalingGroups?.[0]?.name ?? '';
  const { update } = await eks.updateNodegroupConfig({
    ...of,
    scalingConfig: { minSize: 1, maxSize: 4, desiredSize: 3 },
    labels: { addOrUpdateLabels: { tier: 'web' } },
  });
  expect(update).toMatchObject({ status: 'InProgress', type: 'ConfigUpdate' });
  const found = await eks.describeUpdate({
    name: 'small',
    nodegroupName: 'ng',
    updateId: update?.id ?? '',
  });
  expect(found.update?.status).toBe('Successful');
  await waitUntilNodegroupActive({ client: eks, ...SOON }, of);
  await twin.settle();
  const { AutoScalingGroups } = await scaling.describeAutoScalingGroups({
    AutoScalingGroupNames: [name],
  });
  expect(AutoScalingGroups?.[0]?.Instances).toHaveLength(3);
  const instanceId = AutoScalingGroups?.[0]?.Instances?.[0]?.InstanceId ?? '';
  await scaling.terminateInstanceInAutoScalingGroup({
    InstanceId: instanceId,
    ShouldDecrementDesiredCapacity: true,
  });
  await twin.settle();
  expect((await eks.describeNodegroup(of)).nodegroup?.scalingConfig?.desiredSize).toBe(2);
  expect(twin.store.list('Node')).toHaveLength(2);
  await expect(
    scaling.setDesiredCapacity({ AutoScalingGroupName: name, DesiredCapacity: 9 }),
  ).rejects.toMatchObject({
    name: 'ValidationError',
    message: 'New SetDesiredCapacity value 9 is above max value 4 for the AutoScalingGroup.',
  });
});

test('add-ons are listed, set and tagged', async () => {
  const eks = new EKS(config);
  const of = { clusterName: 'small', addonName: 'vpc-cni' };
  const { addons = [] } = await eks.listAddons({ clusterName: 'small' });
  const { addon } = addons.includes('vpc-cni')
    ? await eks.describeAddon(of)
    : await eks.createAddon(of);
  expect(addon?.addonVersion).toMatch(/^v1\./);
  const values = '{"env":{"WARM_ENI_TARGET":"2"}}';
  await eks.updateAddon({ ...of, configurationValues: values });
  await twin.settle();
  expect((await eks.describeAddon(of)).addon?.configurationValues).toBe(values);
  const { spec } = twin.store.get('DaemonSet', 'kube-system/aws-node')!;
  const env = spec.template.spec.containers.find((it) => it.name === 'aws-node')?.env ?? [];
  expect(env).toContainEqual({ name: 'WARM_ENI_TARGET', value: '2' });
  const resourceArn = cluster().arn;
  await eks.tagResource({ resourceArn, tags: { team: 'net' } });
  expect((await eks.listTagsForResource({ resourceArn })).tags).toMatchObject({ team: 'net' });
});

test('a load balancer, its listener, rules and targets are made and described', async () => {
  const elb = new ElasticLoadBalancingV2(config);
  const subnets = subnetsByZone().slice(0, 2);
  const { LoadBalancers } = await elb.createLoadBalancer({
    Name: 'web',
    Scheme: 'internal',
    Subnets: subnets,
    Tags: [{ Key: 'a', Value: 'b' }],
  });
  const arn = LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  expect(LoadBalancers?.[0]?.State?.Code).toBe('provisioning');
  await twin.settle();
  await waitUntilLoadBalancerAvailable({ client: elb, ...SOON }, { Names: ['web'] });
  const { TargetGroups } = await elb.createTargetGroup({
    Name: 'web',
    Protocol: 'HTTP',
    Port: 8080,
    VpcId: cluster().vpcId,
    TargetType: 'ip',
    HealthCheckPath: '/up',
    Matcher: { HttpCode: '200-299' },
  });
  const group = TargetGroups?.[0]?.TargetGroupArn ?? '';
  expect(TargetGroups?.[0]?.Matcher).toEqual({ HttpCode: '200-299' });
  const { Listeners } = await elb.createListener({
    LoadBalancerArn: arn,
    Protocol: 'HTTP',
    Port: 80,
    DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
  });
  const listener = Listeners?.[0]?.ListenerArn ?? '';
  await elb.createRule({
    ListenerArn: listener,
    Priority: 10,
    Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/a/*'] } }],
    Actions: [{ Type: 'forward', TargetGroupArn: group }],
  });
  const { Rules } = await elb.describeRules({ ListenerArn: listener });
  expect(Rules?.map((it) => [it.Priority, it.IsDefault, it.Actions?.[0]?.Type])).toEqual([
    ['10', false, 'forward'],
    ['default', true, 'fixed-response'],
  ]);
  const own = Rules?.[1]?.RuleArn ?? '';
  await expect(elb.deleteRule({ RuleArn: own })).rejects.toMatchObject({
    name: 'OperationNotPermittedException',
  });
  const targets = [{ Id: twin.store.list('ec2/instance')[0]!.privateIpAddress, Port: 8080 }];
  await elb.registerTargets({ TargetGroupArn: group, Targets: targets });
  const health = await elb.describeTargetHealth({ TargetGroupArn: group });
  expect(health.TargetHealthDescriptions?.[0]?.Target).toMatchObject(targets[0]!);
  const tags = await elb.describeTags({ ResourceArns: [arn] });
  expect(tags.TagDescriptions?.[0]?.Tags).toEqual([{ Key: 'a', Value: 'b' }]);
  await expect(elb.deleteTargetGroup({ TargetGroupArn: group })).rejects.toMatchObject({
    name: 'ResourceInUseException',
  });
  await expect(elb.describeLoadBalancers({ Names: ['none'] })).rejects.toMatchObject({
    name: 'LoadBalancerNotFoundException',
    message: "Load balancers '[none]' not found",
  });
  await elb.deleteLoadBalancer({ LoadBalancerArn: arn });
});

test('a Classic Load Balancer answers at the same endpoint by its own version', async () => {
  const elb = new ElasticLoadBalancing(config);
  const subnets = subnetsByZone().slice(0, 1);
  const listeners = [
    { Protocol: 'TCP', LoadBalancerPort: 80, InstanceProtocol: 'TCP', InstancePort: 31_000 },
  ];
  const made = await elb.createLoadBalancer({
    LoadBalancerName: 'old',
    Listeners: listeners,
    Subnets: subnets,
    Scheme: 'internal',
  });
  expect(made.DNSName).toContain('old');
  const { LoadBalancerDescriptions } = await elb.describeLoadBalancers({
    LoadBalancerNames: ['old'],
  });
  expect(LoadBalancerDescriptions?.[0]?.ListenerDescriptions?.[0]?.Listener).toMatchObject(
    listeners[0]!,
  );
  await elb.deleteLoadBalancer({ LoadBalancerName: 'old' });
  await expect(elb.describeLoadBalancers({ LoadBalancerNames: ['old'] })).rejects.toMatchObject({
    name: 'AccessPointNotFoundException',
  });
});

test('Route 53 changes records in batches, and lists them page by page', async () => {
  const route53 = new Route53(config);
  const { HostedZone, DelegationSet } = await route53.createHostedZone({
    Name: 'example.com',
    CallerReference: 'once',
  });
  const id = HostedZone?.Id ?? '';
  expect(DelegationSet?.NameServers).toHaveLength(4);
  await expect(
    route53.createHostedZone({ Name: 'example.com', CallerReference: 'once' }),
  ).rejects.toMatchObject({ name: 'HostedZoneAlreadyExists', $metadata: { httpStatusCode: 409 } });
  const record = (Name: string, Value: string) => ({
    Name,
    Type: 'A' as const,
    TTL: 60,
    ResourceRecords: [{ Value }],
  });
  const { ChangeInfo } = await route53.changeResourceRecordSets({
    HostedZoneId: id,
    ChangeBatch: {
      Changes: [
        { Action: 'CREATE', ResourceRecordSet: record('*.a.example.com', '192.0.2.1') },
        { Action: 'UPSERT', ResourceRecordSet: record('b.example.com', '192.0.2.2') },
      ],
    },
  });
  await waitUntilResourceRecordSetsChanged(
    { client: route53, ...SOON },
    { Id: ChangeInfo?.Id ?? '' },
  );
  const first = await route53.listResourceRecordSets({ HostedZoneId: id, MaxItems: 3 });
  expect(first.ResourceRecordSets?.map((it) => it.Name)).toEqual([
    'example.com.',
    'example.com.',
    '\\052.a.example.com.',
  ]);
  expect(first.IsTruncated).toBe(true);
  const rest = await route53.listResourceRecordSets({
    HostedZoneId: id,
    StartRecordName: first.NextRecordName,
    StartRecordType: first.NextRecordType,
  });
  expect(rest.ResourceRecordSets?.map((it) => it.Name)).toEqual(['b.example.com.']);
  await expect(
    route53.changeResourceRecordSets({
      HostedZoneId: id,
      ChangeBatch: {
        Changes: [{ Action: 'CREATE', ResourceRecordSet: record('b.example.com', '192.0.2.3') }],
      },
    }),
  ).rejects.toMatchObject({ name: 'InvalidChangeBatch' });
  await route53.changeTagsForResource({
    ResourceType: 'hostedzone',
    ResourceId: id.replace('/hostedzone/', ''),
    AddTags: [{ Key: 'a', Value: 'b' }],
  });
  const tags = await route53.listTagsForResource({
    ResourceType: 'hostedzone',
    ResourceId: id.replace('/hostedzone/', ''),
  });
  expect(tags.ResourceTagSet?.Tags).toEqual([{ Key: 'a', Value: 'b' }]);
});

test('STS says who calls, also with credentials of a role', async () => {
  const sts = new STS(config);
  const me = await sts.getCallerIdentity();
  expect(me.Arn).toBe(`arn:aws:iam::${twin.cloud.accountId}:user/ekstwin`);
  const RoleArn = `arn:aws:iam::${twin.cloud.accountId}:role/deploy`;
  const { Credentials } = await sts.assumeRole({ RoleArn, RoleSessionName: 'ci' });
  const asRole = new STS({
    ...config,
    credentials: {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    },
  });
  expect((await asRole.getCallerIdentity()).Arn).toBe(
    `arn:aws:sts::${twin.cloud.accountId}:assumed-role/deploy/ci`,
  );
});

test('ACM issues, lists and tags certificates', async () => {
  const acm = new ACM(config);
  const { CertificateArn } = await acm.requestCertificate({ DomainName: 'www.example.com' });
  const { Certificate } = await acm.describeCertificate({ CertificateArn });
  expect(Certificate).toMatchObject({ DomainName: 'www.example.com', Status: 'ISSUED' });
  await acm.addTagsToCertificate({ CertificateArn, Tags: [{ Key: 'a', Value: 'b' }] });
  const { CertificateSummaryList } = await acm.listCertificates();
  expect(CertificateSummaryList?.map((it) => it.CertificateArn)).toContain(CertificateArn);
  await acm.deleteCertificate({ CertificateArn });
  await expect(acm.describeCertificate({ CertificateArn })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});
