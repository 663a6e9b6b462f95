import { expect, test } from 'vitest';
import type { Pod, PodSpec } from '../../model/kubernetes/core.ts';
import { podResolvConf } from './resolv-conf.ts';

const HOST = {
  servers: ['10.0.0.2'],
  search: ['us-west-2.compute.internal'],
  ndots: 1,
  options: [],
  policy: 'node',
  evidence: [],
  notes: [],
};

const pod = (spec: Partial<PodSpec>): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { containers: [], ...spec },
});

const of = (spec: Partial<PodSpec>, clusterDns = ['10.100.0.10']) =>
  podResolvConf(pod(spec), HOST, clusterDns);

const CLUSTER_SEARCH = [
  'shop.svc.cluster.local',
  'svc.cluster.local',
  'cluster.local',
  'us-west-2.compute.internal',
];

test('ClusterFirst asks the cluster, with four search domains and ndots:5', () => {
  expect(of({})).toMatchObject({ servers: ['10.100.0.10'], search: CLUSTER_SEARCH, ndots: 5 });
});

test("a hostNetwork pod has the node's resolv.conf unless it says ClusterFirstWithHostNet", () => {
  expect(of({ hostNetwork: true })).toMatchObject({ servers: ['10.0.0.2'], policy: 'Default' });
  const both = of({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' });
  expect(both).toMatchObject({ servers: ['10.100.0.10'], search: CLUSTER_SEARCH });
});

test("Default is the node's own, None only what dnsConfig says", () => {
  expect(of({ dnsPolicy: 'Default' })).toMatchObject({ servers: ['10.0.0.2'], ndots: 1 });
  const dnsConfig = { nameservers: ['1.1.1.1'], searches: ['corp'], options: [{ name: 'edns0' }] };
  expect(of({ dnsPolicy: 'None', dnsConfig })).toMatchObject({
    servers: ['1.1.1.1'],
    search: ['corp'],
    ndots: 1,
    options: ['edns0'],
  });
});

test('dnsConfig adds searches and replaces options of the same name', () => {
  const dnsConfig = { searches: ['corp'], options: [{ name: 'ndots', value: '2' }] };
  expect(of({ dnsConfig })).toMatchObject({ search: [...CLUSTER_SEARCH, 'corp'], ndots: 2 });
});

test('a fourth name server and a thirty-third search domain are left out, and that is said', () => {
  const dnsConfig = {
    nameservers: ['1.1.1.1', '1.1.1.2', '1.1.1.3'],
    searches: Array.from({ length: 40 }, (_, i) => `d${i}`),
  };
  const { servers, search, notes } = of({ dnsConfig });
  expect([servers.length, search.length]).toEqual([3, 32]);
  expect(notes).toHaveLength(2);
});

test('a kubelet without cluster DNS falls back to Default and says so', () => {
  const { servers, notes } = of({}, []);
  expect(servers).toEqual(['10.0.0.2']);
  expect(notes[0]).toContain('Falling back to "Default" policy');
});
