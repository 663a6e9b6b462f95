import { describe, expect, test } from 'vitest';
import { hookBranches } from '../../datapath/linux/hook-branches.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { NetworkNamespace } from '../../model/linux/namespace.ts';
import type { NftTable } from '../../model/linux/nftables.ts';
import { formatIp, parseIp } from '../../net/index.ts';
import { service, slice, storeOf } from './kube-proxy.fixture.ts';
import { NftablesRules } from './nftables-rules.ts';
import { NodeProxies } from './node-proxies.ts';

/** Node `a`, whose kube-proxy runs in a mode, and `ns1/svc1` with two endpoints. */
function storeIn(mode: string): TwinStore {
  const store = storeOf(
    service({
      type: 'NodePort',
      ports: [{ name: 'p80', protocol: 'TCP', port: 80, targetPort: 80, nodePort: 30080 }],
    }),
    slice(['10.0.4.50', '10.0.4.51']),
  );
  store.put('Node', 'a', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'a', labels: {} },
    spec: {},
    status: { addresses: [{ type: 'InternalIP', address: '10.0.3.10' }] },
  } as never);
  store.put('Pod', 'kube-system/kube-proxy-a', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: 'kube-system',
      name: 'kube-proxy-a',
      labels: { 'k8s-app': 'kube-proxy' },
    },
    spec: { nodeName: 'a', containers: [{ name: 'kube-proxy', image: 'kube-proxy:v1.30.5' }] },
    status: { phase: 'Running', containerStatuses: [] },
  } as never);
  store.put('ConfigMap', 'kube-system/kube-proxy-config', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'kube-system', name: 'kube-proxy-config' },
    data: { config: `kind: KubeProxyConfiguration\nmode: ${mode}\n` },
  } as never);
  return store;
}

const namespaceOf = (nftables: readonly NftTable[]): NetworkNamespace => ({
  id: 'node/a',
  links: [
    {
      name: 'eth0',
      kind: 'ena',
      macAddress: '02:00:00:00:00:01',
      mtu: 9001,
      addresses: ['10.0.3.10/24'],
    },
  ],
  neighbours: [],
  rules: [{ priority: 32_766, match: { kind: 'all' }, table: 254 }],
  routes: [{ destination: 'default', device: 'eth0', table: 254 }],
  sysctls: {},
  iptables: { ipv4: {}, ipv6: {} },
  nftables,
  sockets: [],
  areSocketsKnown: true,
});

function branches(tables: readonly NftTable[], destination: string, destinationPort: number) {
  const packet = {
    protocol: 6,
    source: parseIp('203.0.113.2')!,
    destination: parseIp(destination)!,
    sourcePort: 40_000,
    destinationPort,
    icmpType: -1,
    icmpCode: -1,
    sizeBytes: 60,
    dontFragment: true,
  };
  return hookBranches(namespaceOf(tables), packet, 'eth0', 'eth0');
}

describe('kube-proxy in nftables mode on a node', () => {
  test('keeps a table for each family, and none in iptables mode', () => {
    const tables = new NftablesRules(new NodeProxies(storeIn('nftables'))).tables('a');
    expect(tables.map(({ family, name }) => `${family} ${name}`)).toEqual([
      'ip kube-proxy',
      'ip6 kube-proxy',
    ]);
    expect(new NftablesRules(new NodeProxies(storeIn('iptables'))).tables('a')).toEqual([]);
  });

  test('a table is the same until a Service changes', () => {
    const store = storeIn('nftables');
    const rules = new NftablesRules(new NodeProxies(store));
    const [before] = rules.tables('a');
    expect(rules.tables('a')[0]).toBe(before);
    store.put('EndpointSlice', 'ns1/svc1-1', slice(['10.0.4.52']));
    expect(rules.tables('a')[0]).not.toBe(before);
  });

  test('a node port sends to either endpoint and masquerades; other ports are left alone', () => {
    const tables = new NftablesRules(new NodeProxies(storeIn('nftables'))).tables('a');
    const ends = branches(tables, '10.0.3.10', 30080).map(({ probability, result }) => [
      formatIp(result.packet.destination),
      probability,
      result.isMasqueraded,
    ]);
    expect(ends).toEqual([
      ['10.0.4.50', 0.5, true],
      ['10.0.4.51', 0.5, true],
    ]);
    const [other] = branches(tables, '10.0.3.10', 30081);
    expect(formatIp(other!.result.packet.destination)).toBe('10.0.3.10');
  });

  test('a port that the ClusterIP does not have is refused, unlike in iptables mode', () => {
    const tables = new NftablesRules(new NodeProxies(storeIn('nftables'))).tables('a');
    const [refused] = branches(tables, '172.30.0.41', 81);
    expect(refused!.result.stopped).toMatchObject({
      answer: 'icmp-unreachable',
      verdict: { disposition: 'refused', code: 'K8S_SVC_PORT_MISMATCH' },
    });
  });
});
