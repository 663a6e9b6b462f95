import { beforeAll, describe, expect, test } from 'vitest';
import { buildTwin, type Twin } from '../twin/index.ts';
import { nodeAnswer, parseView } from './node-answer.ts';

const CLUSTER = `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: small, region: us-west-2, version: "1.33"}
vpc: {cidr: 10.30.0.0/20}
managedNodeGroups:
  - {name: ng, instanceType: m5.large, desiredCapacity: 1, privateNetworking: true}
`;

const APP = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: default}
spec: {containers: [{name: web, image: nginx, ports: [{containerPort: 80}]}]}
`;

let twin: Twin;
let node: string;
const see = async (name: string, words: string, more: { table?: string; isIpv6?: boolean } = {}) =>
  nodeAnswer(twin, name, parseView(words.split(' '), { isIpv6: false, ...more }), undefined);
const ask = async (name: string, words: string): Promise<string> => (await see(name, words)).text;

beforeAll(async () => {
  const files = [
    { path: 'cluster.yaml', text: CLUSTER },
    { path: 'app.yaml', text: APP },
  ];
  twin = await buildTwin(files, { seed: 1 });
  await twin.settle();
  node = twin.store.list('Node')[0]!.metadata.name.split('.')[0]!;
});

describe('a node, looked at from inside', () => {
  test('ip rule lists the rules by priority, the mark’s before main', async () => {
    const lines = (await ask(node, 'ip rule')).split('\n');
    expect(lines[0]).toBe('0:\tfrom all lookup local');
    expect(lines).toContain('1024:\tfrom all fwmark 0x80/0x80 lookup main');
    expect(lines.at(-2)).toBe('32767:\tfrom all lookup default');
  });

  test('ip route alone shows table main, and says where the others are', async () => {
    const main = await see(node, 'ip route');
    expect(main.text).toMatch(/^default via 10\.30\.\d+\.1 dev eth0\n/);
    expect(main.text).not.toMatch(/table 2/);
    // A second ENI has table 2.
    expect(main.note).toMatch(/leads to more \(2\): ip route show table all/);
    const all = await see(node, 'ip route show table all');
    expect(all.text).toMatch(/^default via 10\.30\.\d+\.1 dev eth1 table 2$/m);
    expect(all.note).toBeUndefined();
    expect(await ask(node, 'ip r list table 2')).toMatch(/^default via/);
  });

  test('iptables-save prints the table that -t names, kube-proxy’s and ipamd’s rules together', async () => {
    const { text } = await see(node, 'iptables-save', { table: 'nat' });
    expect(text).toMatch(/^\*nat\n:PREROUTING ACCEPT \[0:0\]\n/);
    expect(text).toMatch(/^-A POSTROUTING .*-j KUBE-POSTROUTING$/m);
    expect(text).toMatch(
      /^-A AWS-SNAT-CHAIN-0 .*-j SNAT --to-source 10\.30\.[\d.]+ --random-fully$/m,
    );
    expect(text).not.toMatch(/^\*filter/m);
  });

  test('nft list ruleset has the CNI’s table', async () => {
    expect(await ask(node, 'nft list ruleset')).toMatch(/^table ip aws-cni \{/);
  });

  test('ss says what listens and how that is known', async () => {
    expect(await ask(node, 'ss')).toMatch(
      /^tcp +LISTEN +\*:10250 +kubelet +kubelet configuration$/m,
    );
  });

  test('cat reads kernel settings and the resolver’s file', async () => {
    expect(await ask(node, 'cat /proc/sys/net/ipv4/ip_forward')).toBe('1\n');
    expect(await ask(node, 'cat /etc/resolv.conf')).toBe(
      'search us-west-2.compute.internal\nnameserver 10.30.0.2\n',
    );
  });

  test('as data gives the rules with their fields', async () => {
    const view = parseView(['ip', 'rule'], { isIpv6: false });
    const { text } = await nodeAnswer(twin, node, view, 'json');
    expect(JSON.parse(text)[0]).toEqual({ priority: 0, match: { kind: 'all' }, table: 255 });
  });
});

describe('a pod, looked at from inside', () => {
  test('has one route out, whose neighbour never changes', async () => {
    expect(await ask('pod/default/web', 'ip route')).toBe(
      'default via 169.254.1.1 dev eth0\n169.254.1.1 dev eth0 scope link\n',
    );
    expect(await ask('default/web', 'ip neigh')).toMatch(/^169\.254\.1\.1 dev eth0 .* PERMANENT$/m);
  });

  test('has the cluster’s resolver', async () => {
    expect(await ask('pod/default/web', 'cat /etc/resolv.conf')).toMatch(/options ndots:5/);
  });

  test('of the host’s network shows its node', async () => {
    const aws = twin.store
      .list('Pod')
      .find(({ metadata }) => metadata.labels?.['k8s-app'] === 'aws-node')!;
    const key = `pod/kube-system/${aws.metadata.name}`;
    expect(await ask(key, 'ip rule')).toBe(await ask(node, 'ip rule'));
  });

  test('has no address pool', async () => {
    await expect(ask('pod/default/web', 'pool')).rejects.toThrow(/no address pool/);
  });
});

describe('what cannot be shown', () => {
  const refusal = (...words: readonly string[]): string => {
    try {
      parseView(words, { isIpv6: false });
      return 'taken';
    } catch (problem) {
      return String((problem as Error).message);
    }
  };

  test('is told with what to write', () => {
    expect(refusal('ip', 'route', 'get', '8.8.8.8')).toMatch(/ekstwin trace/);
    expect(refusal('ip', 'ruel')).toMatch(/did you mean ip rule/);
    expect(refusal('iptables')).toMatch(/iptables-save/);
    expect(refusal('nft', 'list', 'tables')).toMatch(/nft list ruleset/);
    expect(refusal('cat')).toMatch(/10-aws\.conflist/);
    expect(refusal('metrcs')).toMatch(/did you mean metrics/);
  });

  test('is a node nobody has, with the ones that are near', async () => {
    await expect(ask(node.replace(/\d$/, 'x'), 'ip rule')).rejects.toThrow(
      /did you mean node\/ip-10-30-/,
    );
  });
});
