/** What is changed over the AWS API is so at once for everything else in the twin. */
import type { EC2 } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { traceAnswer } from '../../src/analysis/trace/question.ts';
import { runningTwin } from '../../src/api/running-twin.fixture.ts';
import { PROTOCOL_TCP } from '../../src/net/index.ts';
import { settledTwin, smallCluster } from '../../src/twin/small-cluster.fixture.ts';
import type { Twin } from '../../src/twin/twin.ts';
import { type ServedAws, servedAws } from './served-aws.ts';

let twin: Twin;
let api: ServedAws;
let ec2: EC2;

beforeAll(async () => {
  twin = await settledTwin(smallCluster(2), '');
  api = await servedAws(runningTwin(twin));
  ec2 = api.ec2;
}, 60_000);
afterAll(() => api.close());

const nodes = () => twin.store.list('Node').map(({ metadata }) => metadata.name);
const trace = (from: string, to: string) =>
  traceAnswer(twin.datapath, {
    from,
    to,
    protocol: PROTOCOL_TCP,
    withReturn: true,
    namespace: 'default',
    sourcePort: 40_000,
  }).disposition;

test('a route that is deleted carries nothing any more, and carries again when it is made', async () => {
  const [node] = nodes();
  expect(trace(`node/${node}`, 'internet:443')).toBe('delivered');
  const { Reservations } = await ec2.describeInstances({
    Filters: [{ Name: 'private-dns-name', Values: [node!] }],
  });
  const { SubnetId } = Reservations![0]!.Instances![0]!;
  const { RouteTables } = await ec2.describeRouteTables({
    Filters: [{ Name: 'association.subnet-id', Values: [SubnetId!] }],
  });
  const { RouteTableId, Routes } = RouteTables![0]!;
  const DestinationCidrBlock = '0.0.0.0/0';
  const way = Routes!.find((route) => route.DestinationCidrBlock === DestinationCidrBlock);
  await ec2.deleteRoute({ RouteTableId, DestinationCidrBlock });
  expect(trace(`node/${node}`, 'internet:443')).toBe('no-route');
  await ec2.createRoute({ RouteTableId, DestinationCidrBlock, NatGatewayId: way!.NatGatewayId });
  expect(trace(`node/${node}`, 'internet:443')).toBe('delivered');
});

test('a terminated instance of a node group is replaced, and its node goes', async () => {
  const before = nodes();
  const [instance] = twin.store.list('ec2/instance').filter(({ state }) => state === 'running');
  const InstanceIds = [instance!.instanceId];
  const { TerminatingInstances } = await ec2.terminateInstances({ InstanceIds });
  expect(TerminatingInstances).toMatchObject([
    { CurrentState: { Name: 'shutting-down' }, PreviousState: { Name: 'running' } },
  ]);
  await twin.settle();
  expect(nodes()).toHaveLength(before.length);
  expect(nodes()).not.toContain(instance!.privateDnsName);
  const running = [{ Name: 'instance-state-name', Values: ['running'] }];
  const { Reservations } = await ec2.describeInstances({ Filters: running });
  expect(Reservations).toHaveLength(before.length);
});

test('a stopped instance of a node group is terminated and replaced too', async () => {
  const [instance] = twin.store.list('ec2/instance').filter(({ state }) => state === 'running');
  const InstanceIds = [instance!.instanceId];
  await ec2.stopInstances({ InstanceIds });
  await twin.settle();
  const { Reservations } = await ec2.describeInstances({ InstanceIds });
  expect(Reservations![0]!.Instances![0]!.State!.Name).toBe('terminated');
  expect(nodes()).toHaveLength(2);
  expect(nodes()).not.toContain(instance!.privateDnsName);
});

test('interfaces are found by any of their addresses, by group and by VPC', async () => {
  const all = twin.store.list('ec2/network-interface');
  const eni = all.find(({ privateIpAddresses }) => privateIpAddresses.length > 1)!;
  const found = async (...filters: readonly (readonly [string, string])[]) => {
    const Filters = filters.map(([Name, value]) => ({ Name, Values: [value] }));
    const { NetworkInterfaces } = await ec2.describeNetworkInterfaces({ Filters });
    return NetworkInterfaces!.map(({ NetworkInterfaceId }) => NetworkInterfaceId);
  };
  const secondary = eni.privateIpAddresses.at(-1)!.address;
  for (const name of ['private-ip-address', 'addresses.private-ip-address']) {
    expect(await found([name, secondary])).toEqual([eni.networkInterfaceId]);
    expect(await found([name, secondary], ['vpc-id', 'vpc-0'])).toEqual([]);
  }
  const ofGroup = all.filter(({ groups }) => groups.includes(eni.groups[0]!));
  const byGroup = await found(['group-id', eni.groups[0]!]);
  expect(new Set(byGroup)).toEqual(new Set(ofGroup.map((it) => it.networkInterfaceId)));
  expect(await found(['vpc-id', eni.vpcId])).toHaveLength(all.length);
});
