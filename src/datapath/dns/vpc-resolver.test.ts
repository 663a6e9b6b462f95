import { beforeAll, expect, test } from 'vitest';
import { isAwsError } from '../../model/aws-error.ts';
import type { EksCluster } from '../../model/eks/cluster.ts';
import { contains, parseCidr, parseIp } from '../../net/index.ts';
import { buildTwin } from '../../twin/build.ts';
import type { Twin } from '../../twin/twin.ts';
import { awsServiceName, privateDnsNames } from './aws-service-names.ts';
import { Names } from './names.ts';
import { standIn } from './public-address.ts';

const CONFIG = `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: demo, region: us-west-2}
privateCluster: {enabled: true}
managedNodeGroups:
- {name: ng, instanceType: m5.large, desiredCapacity: 1, privateNetworking: true}
`;

let twin: Twin;
let names: Names;
let cluster: EksCluster;
let inside: { readonly kind: 'vpc'; readonly vpcId: string };
const OUTSIDE = { kind: 'outside' } as const;

beforeAll(async () => {
  twin = await buildTwin([{ path: 'cluster.yaml', text: CONFIG }], { seed: 1 });
  await twin.settle();
  names = new Names(twin.store);
  [cluster] = twin.store.list('eks/cluster') as [EksCluster];
  inside = { kind: 'vpc', vpcId: cluster.vpcId };
}, 60_000);

const endpointName = (): string => cluster.endpoint.replace('https://', '');

const controlPlane = (): readonly string[] =>
  cluster.networkInterfaceIds.map(
    (id) => twin.store.get('ec2/network-interface', id)!.privateIpAddresses[0]!.address,
  );

test('a cluster that is private only has private addresses, for the whole world to see', () => {
  expect(names.lookup(inside, endpointName()).addresses).toEqual(controlPlane());
  expect(names.lookup(OUTSIDE, endpointName()).addresses).toEqual(controlPlane());
});

test('with both accesses, the VPC gets private addresses and the internet public ones', () => {
  const store = twin.store.fork();
  store.put('eks/cluster', cluster.name, { ...cluster, endpointPublicAccess: true });
  const both = new Names(store);
  expect(both.lookup(inside, endpointName()).addresses).toEqual(controlPlane());
  const { addresses, notes } = both.lookup(OUTSIDE, endpointName());
  expect(
    addresses.every((address) => /^(192\.0\.2|198\.51\.100|203\.0\.113)\./.test(address)),
  ).toBe(true);
  expect(notes[0]).toContain('a stand-in');
});

test('with public access only, nodes too get public addresses', () => {
  const store = twin.store.fork();
  const access = { endpointPublicAccess: true, endpointPrivateAccess: false };
  store.put('eks/cluster', cluster.name, { ...cluster, ...access });
  const open = new Names(store);
  const [address] = open.lookup(inside, endpointName()).addresses;
  expect(controlPlane()).not.toContain(address);
  expect(open.lookup(OUTSIDE, endpointName()).addresses).toContain(address);
});

test('an interface endpoint with private DNS takes the names of its service over', () => {
  for (const name of ['ec2.us-west-2.amazonaws.com', '1234.dkr.ecr.us-west-2.amazonaws.com']) {
    const { addresses, queries } = names.lookup(inside, `${name}.`, ['A']);
    const [first] = queries[0]!.evidence;
    expect(first!.kind).toBe('vpc-endpoint');
    const endpoint = twin.store.get('ec2/vpc-endpoint', first!.object)!;
    expect(addresses).toHaveLength(endpoint.networkInterfaceIds.length);
    expect(names.lookup(OUTSIDE, `${name}.`, ['A']).addresses).not.toEqual(addresses);
  }
  const { evidence } = names.lookup(inside, 'logs.us-west-2.amazonaws.com.', ['A']).queries[0]!;
  expect(evidence).toEqual([]);
});

test('S3 keeps its public addresses behind a gateway endpoint, within its prefix list', () => {
  const [address] = names.lookup(inside, 's3.us-west-2.amazonaws.com.', ['A']).addresses;
  const list = twin.store
    .list('ec2/prefix-list')
    .find(({ prefixListName }) => prefixListName === 'com.amazonaws.us-west-2.s3')!;
  const ip = parseIp(address!)!;
  expect(list.entries.some(({ cidr }) => contains(parseCidr(cidr)!, ip))).toBe(true);
});

test("a node's own name and its address lead to each other", () => {
  const [instance] = twin.store.list('ec2/instance');
  const { privateDnsName, privateIpAddress } = instance!;
  expect(names.lookup(inside, privateDnsName).addresses).toEqual([privateIpAddress]);
  const { records } = names.lookup(inside, privateIpAddress, ['PTR']);
  expect(records[0]!.data).toBe(`${privateDnsName}.`);
});

test('a VPC without DNS support has no resolver', () => {
  const store = twin.store.fork();
  const vpc = store.get('ec2/vpc', cluster.vpcId)!;
  store.put('ec2/vpc', vpc.vpcId, { ...vpc, enableDnsSupport: false });
  const { rcode, notes } = new Names(store).lookup(inside, 'example.com');
  expect(rcode).toBe('TIMEOUT');
  expect(notes[0]).toContain('enableDnsSupport');
});

test('a database answers by its name; one nobody knows is not made up', () => {
  const { ec2 } = twin.cloud;
  const made = ec2.createDbInstance({
    identifier: 'orders',
    subnetIds: cluster.subnetIds,
    port: 5432,
    groups: [],
  });
  if (isAwsError(made)) throw new Error(made.code);
  const at = (id: string) => names.lookup(inside, `${id}.c1x2.us-west-2.rds.amazonaws.com`);
  expect(at('orders').addresses).toEqual([made.privateIpAddresses[0]!.address]);
  expect(at('nobody').rcode).toBe('NOT-SIMULATED');
});

test('names that are nobody’s do not exist', () => {
  for (const name of ['printer.local', 'db.internal', 'mysql.databases', 'web']) {
    expect(names.lookup(inside, `${name}.`, ['A']).rcode, name).toBe('NXDOMAIN');
  }
});

test('a public name always has the same stand-in, of a block kept for documentation', () => {
  expect(standIn('example.com.')).toBe(standIn('EXAMPLE.com.'));
  expect(standIn('example.com.')).toMatch(/^(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+$/);
});

test('a zone of one’s own is asked before everything else', () => {
  const source = {
    find: (vpcId: string | undefined, name: string) =>
      vpcId === cluster.vpcId && name === 'api.example.com.'
        ? { addresses: ['10.1.1.1'], source: 'zone example.com.', evidence: [], notes: [] }
        : undefined,
  };
  const own = new Names(twin.store, [source]);
  expect(own.lookup(inside, 'api.example.com').addresses).toEqual(['10.1.1.1']);
  expect(own.lookup(OUTSIDE, 'api.example.com').addresses).not.toContain('10.1.1.1');
});

test('what a program calls is a name its endpoint answers', () => {
  for (const service of ['ec2', 'sts', 'logs', 'eks', 'eks-auth', 'autoscaling', 'ecr.api']) {
    const names = privateDnsNames(`com.amazonaws.us-west-2.${service}`);
    expect(names, service).toContain(awsServiceName(service, 'us-west-2'));
  }
});
