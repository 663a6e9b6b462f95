import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EC2 } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { settledTwin, smallCluster } from '../../twin/small-cluster.fixture.ts';
import { runningTwin } from '../running-twin.fixture.ts';
import { awsService } from './service.ts';

let server: Server;
let ec2: EC2;

beforeAll(async () => {
  const twin = await settledTwin(smallCluster(1), '');
  const service = awsService(runningTwin(twin));
  server = createServer((request, response) => void service.request(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'unused' };
  ec2 = new EC2({ region: 'us-west-2', endpoint, credentials, maxAttempts: 1 });
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

test('a VPC made over the wire is described, and is gone when it is deleted', async () => {
  const { Vpc } = await ec2.createVpc({
    CidrBlock: '10.99.0.0/16',
    TagSpecifications: [{ ResourceType: 'vpc', Tags: [{ Key: 'a&b', Value: '<c> "d"' }] }],
  });
  const filters = [{ Name: 'tag:a&b', Values: ['<c>*'] }];
  const { Vpcs } = await ec2.describeVpcs({ Filters: filters });
  expect(Vpcs?.map((it) => it.VpcId)).toEqual([Vpc?.VpcId]);
  expect(Vpcs?.[0]?.Tags).toEqual([{ Key: 'a&b', Value: '<c> "d"' }]);
  await expect(ec2.deleteVpc({ VpcId: Vpc?.VpcId, DryRun: true })).rejects.toMatchObject({
    name: 'DryRunOperation',
    $metadata: { httpStatusCode: 412 },
  });
  await ec2.deleteVpc({ VpcId: Vpc?.VpcId });
  await expect(ec2.describeVpcs({ VpcIds: [Vpc?.VpcId ?? ''] })).rejects.toMatchObject({
    name: 'InvalidVpcID.NotFound',
  });
});
