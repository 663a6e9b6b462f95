/** Namespaces of a running twin: what a node and its pods hold, and when that is made anew. */
import { beforeAll, describe, expect, test } from 'vitest';
import { iptablesRuleText } from '../../model/linux/iptables-text.ts';
import type { NetworkNamespace } from '../../model/linux/namespace.ts';
import { parseIp } from '../../net/index.ts';
import { buildTwin } from '../build.ts';
import { CLUSTER_WITH_FARGATE, settledTwin } from '../small-cluster.fixture.ts';
import type { Twin } from '../twin.ts';

/** No pod's own ENI has it. */
const NOWHERE = parseIp('192.0.2.1')!;

const APP = `apiVersion: v1
kind: Namespace
metadata: {name: jobs}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: default, labels: {app: web}}
spec:
  containers:
    - name: web
      image: nginx
      ports: [{name: http, containerPort: 80, hostPort: 8080}]
      livenessProbe: {httpGet: {path: /, port: 9000}}
---
apiVersion: v1
kind: Pod
metadata: {name: silent, namespace: default}
spec: {containers: [{name: silent, image: silent}]}
---
apiVersion: v1
kind: Pod
metadata: {name: nightly, namespace: jobs}
spec: {containers: [{name: job, image: job, ports: [{containerPort: 7000}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
`;

let twin: Twin;
let nodeName: string;
const node = (): NetworkNamespace => twin.namespaces.get(`node/${nodeName}`)!;
const natRules = (chain: string): readonly string[] =>
  node()
    .iptables.ipv4.nat!.chain(chain)!
    .rules.map((rule) => iptablesRuleText(rule));

beforeAll(async () => {
  twin = await settledTwin(CLUSTER_WITH_FARGATE, APP);
  const nodes = twin.store.list('Node').map(({ metadata }) => metadata.name);
  nodeName = nodes.find((name) => !name.startsWith('fargate-'))!;
});

describe('a node', () => {
  test('has its ENIs, and for every pod a host link, a rule to it and a route', () => {
    const { links, rules, routes } = node();
    const web = twin.store.get('Pod', 'default/web')!.status!.podIP!;
    const host = links.find(({ peer }) => peer?.namespace === 'pod/default/web')!;
    expect(links.filter(({ kind }) => kind === 'ena')[0]?.name).toBe('eth0');
    expect(host).toMatchObject({ kind: 'veth', addresses: [], peer: { link: 'eth0' } });
    expect(rules).toContainEqual({
      priority: 512,
      match: { kind: 'to', value: web },
      table: 254,
    });
    expect(routes).toContainEqual({
      destination: `${web}/32`,
      device: host.name,
      scope: 'link',
      table: 254,
    });
    expect(rules.map(({ priority }) => priority)).toEqual(
      rules.map(({ priority }) => priority).sort((a, b) => a - b),
    );
  });

  test('asks kube-proxy before hostPorts, and marks behind both, in nftables on AL2023', () => {
    const targets = (chain: string): readonly (string | undefined)[] =>
      natRules(chain).map((text) => /-j (\S+)/.exec(text)?.[1]);
    expect(targets('PREROUTING')).toEqual(['KUBE-SERVICES', 'CNI-HOSTPORT-DNAT']);
    const [connmark] = node().nftables;
    expect(connmark?.name).toBe('aws-cni');
    expect(connmark?.baseChains.map(({ base }) => base?.priority)).toEqual([-90]);
    // portmap inserts its masquerade before everybody's.
    expect(targets('POSTROUTING')).toEqual([
      'CNI-HOSTPORT-MASQ',
      'KUBE-POSTROUTING',
      'AWS-SNAT-CHAIN-0',
    ]);
  });

  test('prints built-in chains first, then everybody’s own by name', () => {
    const names = [...node().iptables.ipv4.nat!.chains()].map(({ name }) => name);
    expect(names.slice(0, 4)).toEqual(['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING']);
    expect(names.slice(4)).toEqual(names.slice(4).sort());
  });

  test('listens for its daemons and its hostNetwork pods', () => {
    const ports = node().sockets.map(({ port }) => port);
    expect(ports).toEqual(expect.arrayContaining([22, 10250, 10256, 61678]));
    // A hostPort is a rewrite, not a socket.
    expect(ports).not.toContain(8080);
  });

  test('receives what its ENIs get; nobody stands behind the control plane’s', () => {
    for (const eni of twin.store.list('ec2/network-interface')) {
      const behind = twin.namespaces.behind(eni.networkInterfaceId, NOWHERE);
      if (eni.attachment?.instanceId !== undefined)
        expect(behind?.namespace).toBe(`node/${nodeName}`);
      if (eni.description === 'Amazon EKS small') expect(behind).toBeUndefined();
    }
  });
});

describe('a pod', () => {
  test('has one address, one way out, and a neighbour that never changes', () => {
    const web = twin.namespaces.get('pod/default/web')!;
    const host = node().links.find(({ peer }) => peer?.namespace === 'pod/default/web')!;
    expect(web.links[1]).toMatchObject({ name: 'eth0', peer: { link: host.name } });
    expect(web.links[1]?.addresses[0]).toMatch(/\/32$/);
    expect(web.neighbours).toEqual([
      {
        address: '169.254.1.1',
        device: 'eth0',
        macAddress: host.macAddress,
        state: 'PERMANENT',
      },
    ]);
  });

  test('listens where its containers and probes say; without any, that is not known', () => {
    const web = twin.namespaces.get('pod/default/web')!;
    expect(web.sockets.map(({ port, source }) => [port, source])).toEqual([
      [80, 'containerPort http'],
      [9000, 'livenessProbe'],
    ]);
    expect(web.areSocketsKnown).toBe(true);
    expect(twin.namespaces.get('pod/default/silent')?.areSocketsKnown).toBe(false);
  });

  test('on Fargate is the machine: its link is the ENI, and the kubelet is beside it', () => {
    const nightly = twin.namespaces.get('pod/jobs/nightly')!;
    const eth0 = nightly.links[1]!;
    expect(eth0.kind).toBe('ena');
    expect(nightly.sockets.map(({ port }) => port)).toEqual([7000, 10250, 10248]);
    expect(twin.namespaces.behind(eth0.networkInterfaceId!, NOWHERE)).toEqual({
      namespace: 'pod/jobs/nightly',
      link: 'eth0',
    });
    expect(nightly.iptables.ipv4.nat?.chain('KUBE-SERVICES')).toBeDefined();
  });

  test('of the host’s network has none of its own', () => {
    const aws = twin.store
      .list('Pod')
      .find(({ metadata }) => metadata.labels?.['k8s-app'] === 'aws-node')!;
    expect(twin.namespaces.get(`pod/kube-system/${aws.metadata.name}`)).toBeUndefined();
  });
});

describe('a namespace that was looked at', () => {
  test('is the same value until something of it changes', async () => {
    const before = node();
    const rules = before.iptables.ipv4.nat!.chain('KUBE-SERVICES')!.rules;
    expect(node()).toBe(before);
    expect(node().iptables.ipv4.nat!.chain('KUBE-SERVICES')!.rules).toBe(rules);
    twin.kubernetes.delete('Pod', 'default/silent');
    await twin.settle();
    expect(node()).not.toBe(before);
    expect(node().links).toHaveLength(before.links.length - 1);
    expect(twin.namespaces.get('pod/default/silent')).toBeUndefined();
  });
});

describe('a cluster of exports without ipamd', () => {
  test('has the namespaces that its ENIs and pods’ addresses call for', () => {
    // What ipamd wrote is taken away: an export has none of it.
    for (const network of twin.store.list('node/network'))
      twin.store.delete('node/network', network.nodeName);
    const written = twin.store.get('node/pod-sandbox', 'default/web')!;
    for (const { namespace, podName } of twin.store.list('node/pod-sandbox'))
      twin.store.delete('node/pod-sandbox', `${namespace}/${podName}`);
    const web = twin.namespaces.get('pod/default/web')!;
    expect(web.links[1]?.addresses).toEqual([`${written.interfaces[0]!.address}/32`]);
    expect(web.links[1]?.peer?.link).toBe(written.interfaces[0]!.hostName);
    expect(node().rules.map(({ priority }) => priority)).toContain(512);
    expect(natRules('AWS-SNAT-CHAIN-0').at(-1)).toMatch(/-j SNAT --to-source/);
  });
});

const ATTACHMENT = `apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata: {name: second, namespace: default}
spec:
  config: '{"type": "ipvlan", "master": "eth1", "ipam": {"type": "host-local", "subnet": "10.30.9.0/24"}}'
---
apiVersion: v1
kind: Pod
metadata:
  name: two
  namespace: default
  annotations: {k8s.v1.cni.cncf.io/networks: second}
spec: {containers: [{name: two, image: two}]}
`;

test('an address on a pod’s ipvlan link is the pod’s, any other of the ENI is the node’s', async () => {
  const files = [
    { path: 'cluster.yaml', text: CLUSTER_WITH_FARGATE },
    { path: 'two.yaml', text: ATTACHMENT },
  ];
  const multus = await buildTwin(files, { seed: 1 });
  await multus.settle();
  const { links } = multus.namespaces.get('pod/default/two')!;
  const net1 = links.find(({ name }) => name === 'net1')!;
  expect(net1).toMatchObject({ kind: 'ipvlan', addresses: ['10.30.9.1/24'] });
  const behind = (destination: string) =>
    multus.namespaces.behind(net1.networkInterfaceId!, parseIp(destination)!);
  expect(behind('10.30.9.1')).toEqual({ namespace: 'pod/default/two', link: 'net1' });
  expect(behind('10.30.9.3')?.namespace).toMatch(/^node\//);
});

test('a health check port answers 200 only on the node that has a ready pod of the Service', async () => {
  const more = `---
apiVersion: v1
kind: Service
metadata: {name: outside, namespace: default}
spec:
  type: LoadBalancer
  externalTrafficPolicy: Local
  healthCheckNodePort: 31500
  selector: {app: web}
  ports: [{port: 80, targetPort: http}]
`;
  const two = CLUSTER_WITH_FARGATE.replace('desiredCapacity: 1', 'desiredCapacity: 2');
  const files = [
    { path: 'cluster.yaml', text: two },
    { path: 'app.yaml', text: APP + more },
  ];
  const wide = await buildTwin(files, { seed: 1 });
  await wide.settle();
  const home = wide.store.get('Pod', 'default/web')!.spec.nodeName!;
  for (const { metadata } of wide.store.list('Node')) {
    if (metadata.name.startsWith('fargate-')) continue;
    const { sockets } = wide.namespaces.get(`node/${metadata.name}`)!;
    const answer = metadata.name === home ? '200, 1 here' : '503, no ready endpoint here';
    expect(sockets.find(({ port }) => port === 31_500)?.source).toBe(
      `healthCheckNodePort of service default/outside: ${answer}`,
    );
  }
});
