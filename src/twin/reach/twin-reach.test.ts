import { describe, expect, test } from 'vitest';
import type { Cloud } from '../../cloud/cloud.ts';
import { isAwsError } from '../../model/aws-error.ts';
import { newTwin } from '../build.ts';
import type { Twin } from '../twin.ts';

const must = <T>(result: T): Exclude<T, { readonly kind: 'aws-error' }> => {
  if (isAwsError(result)) throw new Error(`${result.code}: ${result.message}`);
  return result as Exclude<T, { readonly kind: 'aws-error' }>;
};

const ALL = ['ec2', 'ecr.api', 'ecr.dkr', 's3'] as const;
type Service = (typeof ALL)[number];

interface Network {
  readonly endpoints: readonly Service[];
  readonly privateAccess?: boolean;
}

/** A VPC without any gateway, and a cluster of one node in it. */
function buildNetwork({ ec2, eks }: Cloud, { endpoints, privateAccess = true }: Network): void {
  const { vpcId } = must(ec2.createVpc({ cidrBlock: '10.0.0.0/16' }));
  must(ec2.modifyVpcAttribute({ vpcId, enableDnsHostnames: true }));
  const subnetIds = ['a', 'b'].map(
    (zone, i) =>
      must(
        ec2.createSubnet({
          vpcId,
          cidrBlock: `10.0.${i}.0/24`,
          availabilityZone: `us-west-2${zone}`,
        }),
      ).subnetId,
  );
  const group = must(
    ec2.createSecurityGroup({ vpcId, groupName: 'endpoints', description: 'endpoints' }),
  );
  must(
    ec2.authorizeSecurityGroupIngress({
      groupId: group.groupId,
      rules: [
        {
          protocol: 'tcp',
          fromPort: 443,
          toPort: 443,
          peer: { kind: 'ipv4', cidr: '10.0.0.0/16' },
        },
      ],
    }),
  );
  for (const service of endpoints)
    must(
      ec2.createVpcEndpoint({
        vpcId,
        serviceName: `com.amazonaws.us-west-2.${service}`,
        type: 'Interface',
        subnetIds,
        groups: [group.groupId],
        privateDnsEnabled: true,
      }),
    );
  must(
    eks.createCluster({
      name: 'shut',
      version: '1.33',
      subnetIds,
      endpointPrivateAccess: privateAccess,
      endpointPublicAccess: !privateAccess,
    }),
  );
  for (const addonName of ['vpc-cni', 'kube-proxy', 'coredns'])
    must(eks.createAddon({ clusterName: 'shut', addonName }));
  must(
    eks.createNodegroup({
      clusterName: 'shut',
      nodegroupName: 'one',
      subnetIds,
      instanceTypes: ['m5.large'],
      desiredSize: 1,
    }),
  );
}

async function settled(network: Network): Promise<Twin> {
  const twin = newTwin({ seed: 1 }, (cloud) => buildNetwork(cloud, network));
  await twin.settle();
  return twin;
}

const readiness = ({ store }: Twin): string =>
  store
    .list('Node')
    .map(({ status }) => status?.conditions?.find(({ type }) => type === 'Ready')?.status)
    .join();
const groupOf = ({ store }: Twin) => store.get('eks/nodegroup', 'shut/one')!;
const troubles = (twin: Twin): string =>
  twin
    .troubles()
    .map((it) => it.text)
    .join('\n');
const reasons = ({ store }: Twin): Set<string | undefined> =>
  new Set(
    store
      .list('Pod')
      .flatMap(({ status }) => [
        ...(status?.initContainerStatuses ?? []),
        ...(status?.containerStatuses ?? []),
      ])
      .map(({ state }) => state?.waiting?.reason),
  );

describe('in a VPC without a way out', () => {
  test('nodes join through the private endpoint, ec2, ecr and s3: sts is not needed', async () => {
    const twin = await settled({ endpoints: ALL });
    expect(readiness(twin)).toBe('True');
    expect(groupOf(twin)).toMatchObject({ status: 'ACTIVE', healthIssues: [] });
    expect(troubles(twin)).toBe('');
  });

  test('without the ec2 endpoint no instance becomes a node', async () => {
    const twin = await settled({ endpoints: ['ecr.api', 'ecr.dkr', 's3'] });
    expect(twin.store.list('Node')).toEqual([]);
    expect(groupOf(twin)).toMatchObject({
      status: 'CREATE_FAILED',
      healthIssues: [{ code: 'NodeCreationFailure' }],
    });
    expect(troubles(twin)).toContain("EC2's API (ec2.us-west-2.amazonaws.com) is not reached");
  });

  test('with the public endpoint only no instance becomes a node', async () => {
    const twin = await settled({ endpoints: ALL, privateAccess: false });
    expect(twin.store.list('Node')).toEqual([]);
    expect(troubles(twin)).toContain('the API server');
    expect(troubles(twin)).toContain('endpointPrivateAccess=true');
  });

  test.each([
    ['ecr.dkr', /failed to do request: Head .*dial tcp [\d.]+:443: i\/o timeout/],
    ['ecr.api', /no basic auth credentials/],
    ['s3', /failed to copy: httpReadSeeker: failed open/],
  ] as const)('without %s nodes register and stay NotReady', async (missing, said) => {
    const twin = await settled({ endpoints: ALL.filter((it) => it !== missing) });
    expect(readiness(twin)).toBe('False');
    expect(reasons(twin)).toContain('ImagePullBackOff');
    expect(groupOf(twin).healthIssues.map(({ message }) => message)).toEqual([
      'Unhealthy nodes in the kubernetes cluster',
    ]);
    const messages = twin.store.list('Event').map(({ message }) => message ?? '');
    expect(messages.some((it) => said.test(it))).toBe(true);
    expect(troubles(twin)).toContain('images cannot be pulled');
  });

  test('a node that waits for the API server joins when the private endpoint opens', async () => {
    const twin = await settled({ endpoints: ALL, privateAccess: false });
    const cluster = twin.store.get('eks/cluster', 'shut')!;
    twin.store.put('eks/cluster', 'shut', { ...cluster, endpointPrivateAccess: true });
    await twin.settle();
    expect(readiness(twin)).toBe('True');
    expect(groupOf(twin).status).toBe('CREATE_FAILED');
    expect(troubles(twin)).toBe('');
  });

  test('ipamd whose way to EC2 closes later adds no addresses, and says nothing is wrong', async () => {
    const twin = await settled({ endpoints: ALL });
    const endpoint = twin.store
      .list('ec2/vpc-endpoint')
      .find(({ serviceName }) => serviceName.endsWith('.ec2'))!;
    must(twin.cloud.ec2.deleteVpcEndpoints({ vpcEndpointIds: [endpoint.vpcEndpointId] }));
    await twin.settle();
    expect(readiness(twin)).toBe('True');
    const pod = (i: number) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `p${i}`, namespace: 'default' },
      spec: {
        containers: [{ name: 'c', image: '111122223333.dkr.ecr.us-west-2.amazonaws.com/a:1' }],
      },
    });
    twin.apply(Array.from({ length: 20 }, (_, i) => pod(i)));
    await twin.settle();
    const waiting = twin.store.list('Pod').filter(({ status }) => status?.phase === 'Pending');
    expect(waiting.length).toBeGreaterThan(0);
    expect(twin.calls.errorsByCode.get('RequestError')).toBeGreaterThan(0);
  });
});
