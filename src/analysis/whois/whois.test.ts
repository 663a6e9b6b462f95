import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildTwin, type Twin } from '../../twin/index.ts';
import { CLUSTER_WITH_FARGATE, settledTwin } from '../../twin/small-cluster.fixture.ts';
import { isHeld } from './identity.ts';
import { whoHas, whoIs } from './whois.ts';

const APP = `apiVersion: v1
kind: Namespace
metadata: {name: jobs}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: default}
spec: {containers: [{name: web, image: nginx}]}
---
apiVersion: v1
kind: Pod
metadata: {name: nightly, namespace: jobs}
spec: {containers: [{name: job, image: job}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {clusterIP: 172.20.7.7, selector: {app: web}, ports: [{port: 80}]}
`;

let twin: Twin;
const ask = (address: string) => whoHas(twin.store, address)[0]!;
const podIp = (key: string): string => twin.store.get('Pod', key)!.status!.podIP!;

beforeAll(async () => {
  twin = await settledTwin(CLUSTER_WITH_FARGATE, APP);
});

describe('whose an address is', () => {
  test('a pod has a secondary address of its node, and its security groups are the node’s', () => {
    const web = ask(podIp('default/web'));
    const node = twin.store.list('ec2/instance')[0]!;
    expect(web.what).toMatch(/^address of pod default\/web \(secondary address of a node's ENI\)/);
    expect(web).toMatchObject({ pods: ['default/web'], instance: node.instanceId });
    expect(web.securityGroups[0]?.name).toMatch(/^eks-cluster-sg-small/);
    expect(web.subnet?.cidr).toMatch(/^10\.30\./);
  });

  test('a warm address is told as one that no pod has', () => {
    const eni = twin.store
      .list('ec2/network-interface')
      .find(({ attachment }) => attachment?.instanceId !== undefined)!;
    const warm = eni.privateIpAddresses.map(({ address }) => ask(address));
    expect(warm.some(({ what }) => /not given to a pod now/.test(what))).toBe(true);
  });

  test('a node’s own address names the hostNetwork pods that answer there', () => {
    const { privateIpAddress } = twin.store.list('ec2/instance')[0]!;
    const node = ask(privateIpAddress);
    expect(node.what).toMatch(/^primary address of a node/);
    expect(node.pods.map((pod) => pod.replace(/-[^-]*$/, ''))).toEqual([
      'kube-system/aws-node',
      'kube-system/kube-proxy',
    ]);
  });

  test('a Fargate pod has an ENI of its own', () => {
    const nightly = ask(podIp('jobs/nightly'));
    expect(nightly.what).toBe('ENI of a Fargate pod');
    expect(nightly.node).toMatch(/^fargate-ip-/);
  });

  test('a ClusterIP is told apart from an address of the range that no Service has', () => {
    expect(ask('172.20.7.7')).toMatchObject({ kind: 'service', service: 'default/web' });
    const unused = ask('172.20.200.200');
    expect(unused.kind).toBe('free');
    expect(isHeld(unused)).toBe(false);
  });

  test('the first four addresses and the last of a subnet are set aside, each for its reason', () => {
    const { cidrBlock } = twin.store.list('ec2/subnet')[0]!;
    const [network = ''] = cidrBlock.split('/');
    const at = (offset: number): string => network.replace(/\d+$/, (last) => `${+last + offset}`);
    expect(ask(at(0)).what).toMatch(/network address/);
    expect(ask(at(1)).what).toMatch(/router/);
    expect(ask(at(3)).what).toMatch(/future use/);
    expect(ask('10.30.0.2').what).toMatch(/DNS resolver/);
  });

  test('the NAT gateway’s public address is an Elastic IP of it', () => {
    const { publicIp, natGatewayId } = twin.store.list('ec2/nat-gateway')[0]!;
    const nat = ask(publicIp!);
    expect(nat.kind).toBe('public');
    expect(nat.what).toMatch(/^Elastic IP eipalloc-\w+ of 10\.30\.[\d.]+: a NAT gateway$/);
    expect(nat.networkInterface?.name).toBe(`Interface for NAT Gateway ${natGatewayId}`);
  });

  test('an address in no block lists the blocks that there are', () => {
    const far = ask('203.0.113.9');
    expect(far.kind).toBe('unknown');
    expect(far.ranges).toEqual([
      expect.stringMatching(/^10\.30\.0\.0\/20 \(vpc-/),
      '172.20.0.0/16 (Services)',
    ]);
  });

  test('an interface is told by its id as by its address', () => {
    const eni = twin.store
      .list('ec2/network-interface')
      .find(({ description }) => description === 'Amazon EKS small')!;
    expect(whoIs(twin.store, eni)?.what).toMatch(/X-ENI/);
  });

  test('what has a fixed meaning on every node is told without any file saying so', () => {
    expect(ask('169.254.169.254').what).toMatch(/IMDS/);
    expect(ask('169.254.1.1').what).toMatch(/gateway/);
  });
});

test('a second network of a pod has addresses that no interface has, and that is said', async () => {
  const networks = `apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata: {name: signalling, namespace: default}
spec:
  config: '{"cniVersion": "0.4.0", "type": "ipvlan", "master": "eth0", "mode": "l2",
    "ipam": {"type": "whereabouts", "range": "192.168.200.0/24"}}'
`;
  const files = [
    { path: 'cluster.yaml', text: CLUSTER_WITH_FARGATE },
    { path: 'networks.yaml', text: networks },
    { path: 'multus.yaml', text: readFileSync('examples/multus/multus.yaml', 'utf8') },
    {
      path: 'app.yaml',
      text: APP.replace('{name: web, namespace: default}', (it) =>
        it.replace('}', ', annotations: {k8s.v1.cni.cncf.io/networks: signalling}}'),
      ),
    },
  ];
  const multus = await buildTwin(files, { seed: 1 });
  await multus.settle();
  const [held] = whoHas(multus.store, '192.168.200.1');
  expect(held).toMatchObject({ kind: 'interface', pods: ['default/web'] });
  expect(held!.what).toMatch(/^address of net1 of pod default\/web/);
});
