import { describe, expect, test } from 'vitest';
import type { TwinStore } from '../../model/kinds.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { service, slice, storeOf } from './kube-proxy.fixture.ts';
import { KubeProxyRules } from './kube-proxy-rules.ts';
import { NodeProxies } from './node-proxies.ts';

const pod = (phase: 'Pending' | 'Running' | 'Failed'): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'kube-system', name: 'kube-proxy-x', labels: { 'k8s-app': 'kube-proxy' } },
  spec: { nodeName: 'n1', containers: [{ name: 'kube-proxy', image: 'eks/kube-proxy:v1.33.1' }] },
  status: { phase },
});

const putPod = (store: TwinStore, phase: 'Pending' | 'Running' | 'Failed'): void => {
  store.put('Pod', 'kube-system/kube-proxy-x', pod(phase));
};

function oneNode(): { store: TwinStore; rules: KubeProxyRules; services: () => number } {
  const store = storeOf(service(), slice(['10.0.3.50']));
  store.put('Node', 'n1', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n1', labels: { 'topology.kubernetes.io/zone': 'us-west-2a' } },
    spec: {},
    status: { addresses: [{ type: 'InternalIP', address: '10.0.3.10' }] },
  });
  const rules = new KubeProxyRules(new NodeProxies(store));
  const services = (): number =>
    rules.tables('n1').ipv4.nat?.chain('KUBE-SERVICES')?.rules.length ?? 0;
  return { store, rules, services };
}

const configure = (store: TwinStore, config: string): void => {
  store.put('ConfigMap', 'kube-system/kube-proxy-config', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'kube-system', name: 'kube-proxy-config' },
    data: { config },
  });
};

describe('where kube-proxy runs', () => {
  test('a node on which none started has the chains of the kubelet only', () => {
    const { store, rules, services } = oneNode();
    putPod(store, 'Pending');
    expect(services()).toBe(0);
    expect(rules.tables('n1').ipv4.filter?.chain('KUBE-FIREWALL')?.rules).toHaveLength(1);
    putPod(store, 'Running');
    expect(services()).toBe(2);
  });

  test('rules stay as they were when kube-proxy dies, and are caught up by the next', () => {
    const { store, services } = oneNode();
    putPod(store, 'Running');
    store.delete('Pod', 'kube-system/kube-proxy-x');
    store.delete('Service', 'ns1/svc1');
    expect(services()).toBe(2);
    putPod(store, 'Running');
    expect(services()).toBe(1);
  });

  test('an IPv4 cluster has the plain chains for IPv6 too', () => {
    const { store, rules } = oneNode();
    putPod(store, 'Running');
    expect(rules.tables('n1').ipv6.nat?.chain('KUBE-SERVICES')?.rules).toHaveLength(1);
  });

  test('in nftables mode iptables is left to the kubelet', () => {
    const { store, services } = oneNode();
    putPod(store, 'Running');
    configure(store, 'mode: "nftables"');
    expect(services()).toBe(0);
  });

  test('ipvs mode is said not to be simulated, and answered as iptables', () => {
    const { store, rules, services } = oneNode();
    putPod(store, 'Running');
    expect(rules.notes()).toEqual([]);
    configure(store, 'mode: "ipvs"');
    expect(rules.notes()[0]?.text).toContain('declared, not simulated');
    expect(services()).toBe(2);
  });

  test('the release in the image decides about hints', () => {
    const { store } = oneNode();
    putPod(store, 'Running');
    expect(new NodeProxies(store).on('n1')?.node).toMatchObject({
      hints: 'zones',
      zone: 'us-west-2a',
    });
  });
});

describe('the configuration', () => {
  test('mark, masquerading, node port addresses and clusterCIDR are read', () => {
    const { store } = oneNode();
    configure(
      store,
      'clusterCIDR: "10.0.0.0/16,fd00::/64"\niptables: {masqueradeAll: true, masqueradeBit: 17, localhostNodePorts: false}\nnodePortAddresses: [10.0.0.0/8]\nconntrack: {tcpBeLiberal: true}\n',
    );
    expect(new NodeProxies(store).settings).toMatchObject({
      mode: 'iptables',
      masqueradeAll: true,
      masqueradeMark: 0x20000,
      nodePortAddresses: ['10.0.0.0/8'],
      localhostNodePorts: false,
      isTcpLiberal: true,
    });
    expect(new NodeProxies(store).settings.clusterCidrs).toHaveLength(2);
  });

  test('a mode nobody knows is said, and text that is no YAML', () => {
    const { store, rules } = oneNode();
    configure(store, 'mode: userspace');
    expect(rules.notes()[0]?.text).toBe(
      'kube-proxy would not start: mode "userspace" is not supported; answers assume its defaults',
    );
    configure(store, ': : [');
    expect(rules.notes()[0]?.text).toContain('it is no YAML');
  });

  test('text that is no YAML, or none, gives the defaults', () => {
    const { store } = oneNode();
    configure(store, ': : [');
    expect(new NodeProxies(store).settings).toMatchObject({
      mode: 'iptables',
      masqueradeMark: 0x4000,
    });
  });
});
