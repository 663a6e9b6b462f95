/** NodeLocal DNSCache: its addresses are the node's own, and kube-proxy never sees its packets. */
import { beforeAll, expect, test } from 'vitest';
import { iptablesRuleText } from '../../model/linux/iptables-text.ts';
import type { NetworkNamespace } from '../../model/linux/namespace.ts';
import { buildTwin } from '../build.ts';
import type { Twin } from '../twin.ts';

const FILES = `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: small, region: us-west-2, version: "1.33"}
managedNodeGroups:
  - {name: ng, instanceType: m5.large, desiredCapacity: 1, privateNetworking: true}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: default}
spec: {containers: [{name: web, image: nginx}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: node-local-dns, namespace: kube-system}
spec:
  selector: {matchLabels: {k8s-app: node-local-dns}}
  template:
    metadata: {labels: {k8s-app: node-local-dns}}
    spec:
      hostNetwork: true
      dnsPolicy: Default
      containers:
        - name: node-cache
          image: registry.k8s.io/dns/k8s-dns-node-cache:1.23.1
          args: [-localip, "169.254.20.10,10.100.0.10", -conf, /etc/Corefile]
          ports: [{containerPort: 53, name: dns, protocol: UDP}]
`;

let twin: Twin;
let node: NetworkNamespace;

beforeAll(async () => {
  twin = await buildTwin([{ path: 'all.yaml', text: FILES }], { seed: 1 });
  await twin.settle();
  node = twin.namespaces.get(`node/${twin.store.list('Node')[0]!.metadata.name}`)!;
});

test('the node has a link with the addresses of the cache, that of kube-dns among them', () => {
  expect(node.links.at(-1)).toMatchObject({
    name: 'nodelocaldns',
    kind: 'dummy',
    addresses: ['169.254.20.10/32', '10.100.0.10/32'],
  });
});

test('its packets are not tracked, so no rule of kube-proxy turns them to CoreDNS', () => {
  const raw = node.iptables.ipv4.raw!;
  const texts = raw.chain('PREROUTING')!.rules.map((rule) => iptablesRuleText(rule));
  expect(texts).toHaveLength(4);
  expect(texts[0]).toBe(
    '-d 10.100.0.10/32 -p udp -m udp --dport 53 -m comment --comment "NodeLocal DNS Cache: skip conntrack" -j CT --notrack',
  );
  const pod = { kind: 'pod', namespace: 'default', name: 'web' } as const;
  const origin = { kind: 'namespace', id: 'pod/default/web', label: 'pod/default/web' } as const;
  const { ways } = twin.datapath.lookup(pod, 'example.com', origin);
  expect(ways[0]).toMatchObject({ server: '10.100.0.10' });
  expect(ways[0]!.branches).toHaveLength(1);
  expect(ways[0]!.branches[0]).toMatchObject({
    disposition: 'delivered',
    receiver: { kind: 'namespace', id: node.id },
  });
});
