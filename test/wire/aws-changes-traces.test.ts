import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, shop } from '../../src/analysis/trace/trace.fixture.ts';
import { runningTwin } from '../../src/api/running-twin.fixture.ts';
import type { Twin } from '../../src/twin/twin.ts';
import { type ServedAws, servedAws } from './served-aws.ts';

let twin: Twin;
let api: ServedAws;

beforeAll(async () => {
  twin = await shop();
  api = await servedAws(runningTwin(twin));
});

afterAll(() => api.close());

test('a rule revoked through the AWS API stops the next packet, and given back lets it through', async () => {
  const pods = twin.store.list('Pod');
  const web = pods.find(({ metadata }) => metadata.labels?.app === 'web')!;
  const far = pods.find(
    ({ metadata, spec }) => metadata.labels?.app === 'api' && spec.nodeName !== web.spec.nodeName,
  )!;
  const verdict = () =>
    ask(twin, `pod/shop/${web.metadata.name}`, `pod/shop/${far.metadata.name}`).disposition;
  expect(verdict()).toBe('delivered');
  const GroupId = twin.store.list('eks/cluster')[0]!.clusterSecurityGroupId;
  const own = { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId }] };
  await api.ec2.revokeSecurityGroupIngress({ GroupId, IpPermissions: [own] });
  expect(verdict()).toBe('denied-by-security-group');
  await api.ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: [own] });
  expect(verdict()).toBe('delivered');
});
