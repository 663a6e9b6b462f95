import { describe, expect, it } from 'vitest';
import { must, type Network, network } from '../../../cloud/cloud.fixture.ts';
import { defaultSettings } from '../settings/settings.ts';
import { explainSubnets } from './explain-subnets.ts';
import { discoverSubnets, resolveNamedSubnets } from './resolve-subnets.ts';
import { type SubnetDemand, type SubnetReads, zoneTypeOf } from './subnet-reads.ts';

const alb: SubnetDemand = {
  type: 'application',
  scheme: 'internet-facing',
  ipAddressType: 'ipv4',
};

const readsOf = ({ cloud: { ec2 } }: Network): SubnetReads => ({
  describeSubnets: async (input) => ec2.describeSubnets(input),
  describeRouteTables: async (input) => ec2.describeRouteTables(input),
  zoneType: async (zoneId) => zoneTypeOf(zoneId),
});

const settingsOf = ({ vpc }: Network) =>
  defaultSettings({ clusterName: 'shop', vpcId: vpc.vpcId, region: 'us-west-2' });

const tag = (net: Network, subnetId: string, tags: Record<string, string>): void => {
  must(net.cloud.ec2.createTags({ resources: [subnetId], tags }));
};

describe('subnets of a load balancer', () => {
  it('tagged with the role are taken, one per zone', async () => {
    const net = network();
    for (const { subnetId } of [net.a, net.b]) tag(net, subnetId, { 'kubernetes.io/role/elb': '' });
    const found = await discoverSubnets(readsOf(net), settingsOf(net), alb);
    expect(found).toMatchObject({ kind: 'subnets', source: 'role-tag' });
    expect(found.considered.map(({ fate }) => fate)).toEqual(['chosen', 'chosen']);
  });

  it('of another cluster are refused, and each says which tag did it', async () => {
    const net = network();
    for (const { subnetId } of [net.a, net.b]) {
      const foreign = { 'kubernetes.io/cluster/blog': 'owned' };
      tag(net, subnetId, { 'kubernetes.io/role/elb': '1', ...foreign });
    }
    const found = await discoverSubnets(readsOf(net), settingsOf(net), alb);
    expect(found).toMatchObject({
      kind: 'unresolved',
      text:
        'unable to resolve at least one subnet. Evaluated 2 subnets: 2 are tagged for other ' +
        'clusters, and 0 have insufficient available IP addresses',
    });
    expect(found.considered[0]).toMatchObject({
      fate: 'other-cluster',
      reason: 'tagged for another cluster: kubernetes.io/cluster/blog',
    });
  });

  it('without any role tag are found by their routes; explained, also those left out', async () => {
    const net = network();
    const internal = { ...alb, scheme: 'internal' } as const;
    const found = await discoverSubnets(readsOf(net), settingsOf(net), internal);
    expect(found).toMatchObject({ kind: 'subnets', source: 'reachability' });
    const public_ = await discoverSubnets(readsOf(net), settingsOf(net), alb);
    const all = must(net.cloud.ec2.describeSubnets({}));
    expect(explainSubnets(public_, all, alb).map(({ reason }) => reason)).toEqual([
      'its route table has no route to an internet gateway',
      'its route table has no route to an internet gateway',
    ]);
  });

  it('tagged true instead of 1 do not count', async () => {
    const net = network();
    tag(net, net.a.subnetId, { 'kubernetes.io/role/elb': 'true' });
    tag(net, net.b.subnetId, { 'kubernetes.io/role/elb': '1' });
    const found = await discoverSubnets(readsOf(net), settingsOf(net), alb);
    expect(found).toMatchObject({
      text: 'subnets count less than minimal required count: 1 < 2',
    });
    const [first] = explainSubnets(found, must(net.cloud.ec2.describeSubnets({})), alb);
    expect(first?.reason).toBe(
      "the tag kubernetes.io/role/elb is 'true': only '1' and the empty value count",
    );
  });

  it('that are named keep their order and need no tags', async () => {
    const net = network();
    tag(net, net.b.subnetId, { Name: 'public-b' });
    const names = ['public-b', net.a.subnetId];
    const found = await resolveNamedSubnets(readsOf(net), settingsOf(net), alb, names);
    expect(found).toMatchObject({
      subnets: [{ subnetId: net.b.subnetId }, { subnetId: net.a.subnetId }],
    });
    const missing = await resolveNamedSubnets(readsOf(net), settingsOf(net), alb, ['public-c']);
    expect(missing).toMatchObject({
      text:
        'failed to list subnets by names or IDs: ' +
        "couldn't find all subnets, missing names: [public-c]",
    });
  });
});
