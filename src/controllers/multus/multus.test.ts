import { describe, expect, test } from 'vitest';
import type { Kubernetes } from '../../cluster/kubernetes.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../../model/kinds.ts';
import type { Cni, PodInterface } from '../../model/linux/cni.ts';
import { Store } from '../../sim/store.ts';
import { multusCni, NETWORK_STATUS } from './multus.ts';
import { parseNetworkConfig } from './network-config.ts';
import { parseNetworks } from './network-selection.ts';
import { RangeAddresses } from './range-addresses.ts';

const eth0: PodInterface = {
  name: 'eth0',
  hostName: 'enib5faff8a083',
  macAddress: '02:00:00:00:00:01',
  address: '10.0.1.20',
  family: 4,
  networkInterfaceId: 'eni-0',
  deviceNumber: 0,
  networkCardIndex: 0,
  podRoutes: [],
  podRules: [],
  podNeighbours: [],
  hostRules: [],
  hostRoutes: [],
};

const own: Cni = {
  isReady: () => true,
  add: () => Promise.resolve({ kind: 'cni-success', interfaces: [eth0] }),
  del: () => Promise.resolve(undefined),
  changed: () => new Promise(() => {}),
};

function twin(networks: string, config: unknown) {
  const store: TwinStore = new Store<Kinds>();
  declareIndexes(store);
  store.put('DaemonSet', 'kube-system/kube-multus-ds', {} as never);
  store.put('NetworkAttachmentDefinition', 'default/storage', {
    apiVersion: 'k8s.cni.cncf.io/v1',
    kind: 'NetworkAttachmentDefinition',
    metadata: { name: 'storage', namespace: 'default' },
    spec: { config: JSON.stringify(config) },
  });
  store.put('ec2/network-interface', 'eni-9', {
    networkInterfaceId: 'eni-9',
    subnetId: 'subnet-1',
    macAddress: '02:00:00:00:00:09',
    attachment: { instanceId: 'i-1', deviceIndex: 1, networkCardIndex: 0 },
    tags: { 'node.k8s.amazonaws.com/no_manage': 'true' },
  } as never);
  for (const name of ['a', 'b', 'c'])
    store.put('Pod', `default/${name}`, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace: 'default',
        annotations: { 'k8s.v1.cni.cncf.io/networks': networks },
      },
      spec: { containers: [] },
    });
  const statuses: string[] = [];
  const kubernetes = {
    patch: (_kind: string, _key: string, _type: string, patch: unknown) => {
      const { metadata } = patch as { metadata: { annotations: Record<string, string> } };
      statuses.push(metadata.annotations[NETWORK_STATUS] ?? '');
    },
  } as unknown as Kubernetes;
  const addresses = new RangeAddresses(store);
  const on = (nodeName: string): Cni =>
    multusCni({ store, kubernetes, nodeName, instanceId: 'i-1', cni: own, addresses });
  return { store, statuses, on };
}

const ask = (name: string) => ({
  containerId: name,
  ifName: 'eth0',
  namespace: 'default',
  podName: name,
});

const range = (type: string) => ({
  cniVersion: '0.3.1',
  type: 'ipvlan',
  master: 'eth1',
  ipam: { type, subnet: '10.0.5.0/24', range: '10.0.5.0/24', rangeStart: '10.0.5.10' },
});

describe('a further network', () => {
  test('adds net1 on the second ENI and tells of it in the pod’s status', async () => {
    const { statuses, on } = twin('storage', range('host-local'));
    const result = await on('node-1').add(ask('a'));
    expect(result).toMatchObject({
      interfaces: [
        { name: 'eth0' },
        {
          name: 'net1',
          hostName: 'eth1',
          address: '10.0.5.10',
          networkInterfaceId: 'eni-9',
          macAddress: '02:00:00:00:00:09',
          podRoutes: [{ destination: '10.0.5.0/24', device: 'net1' }],
        },
      ],
    });
    const status = JSON.parse(statuses[0]!) as { name: string; interface: string }[];
    expect(status.map((one) => [one.name, one.interface])).toEqual([
      ['aws-cni', 'eth0'],
      ['default/storage', 'net1'],
    ]);
  });

  test('host-local gives the same address on two nodes, whereabouts does not', async () => {
    const second = async (type: string) => {
      const { on } = twin('storage', range(type));
      await on('node-1').add(ask('a'));
      const result = await on('node-2').add(ask('b'));
      return result.kind === 'cni-success' ? result.interfaces[1]?.address : undefined;
    };
    expect(await second('host-local')).toBe('10.0.5.10');
    expect(await second('whereabouts')).toBe('10.0.5.11');
  });

  test('ADD again for the sandbox that is there gives the address it has', async () => {
    const { on } = twin('storage', range('whereabouts'));
    const addressOf = async (name: string) => {
      const result = await on('node-1').add(ask(name));
      return result.kind === 'cni-success' ? result.interfaces[1]?.address : undefined;
    };
    expect(await addressOf('a')).toBe('10.0.5.10');
    expect(await addressOf('a')).toBe('10.0.5.10');
    expect(await addressOf('b')).toBe('10.0.5.11');
  });

  test('a range of one address serves one pod, and the next once that pod is gone', async () => {
    const { store, on } = twin('storage', {
      ...range('whereabouts'),
      ipam: { type: 'whereabouts', range: '10.0.5.9-10.0.5.9/24' },
    });
    const cni = on('node-1');
    const first = await cni.add(ask('a'));
    expect(await cni.add(ask('b'))).toMatchObject({ kind: 'cni-failure' });
    if (first.kind === 'cni-success')
      store.put('node/pod-sandbox', 'default/a', { interfaces: first.interfaces } as never);
    await cni.del(ask('a'));
    expect(await cni.add(ask('b'))).toMatchObject({ kind: 'cni-success' });
  });

  test('a missing ENI is refused with the plugin’s text', async () => {
    const { on } = twin('storage', { ...range('host-local'), master: 'eth7' });
    expect(await on('node-1').add(ask('a'))).toEqual({
      kind: 'cni-failure',
      message:
        '[default/a:storage]: error adding container to network "storage": ' +
        'failed to lookup master "eth7": Link not found',
    });
  });

  test('a definition that is not there is named', async () => {
    const { on } = twin('other', range('host-local'));
    expect(await on('node-1').add(ask('a'))).toMatchObject({
      message: expect.stringContaining('network-attachment-definition (other)'),
    });
  });
});

describe('reading', () => {
  test('the short form names namespace and interface', () => {
    expect(parseNetworks('storage@eth5, other/net', 'default')).toMatchObject([
      { namespace: 'default', name: 'storage', interfaceName: 'eth5' },
      { namespace: 'other', name: 'net', interfaceName: undefined },
    ]);
  });

  test('the JSON form asks for addresses', () => {
    const text = '[{"name":"storage","ips":["10.0.5.9/24"],"interface":"data"}]';
    expect(parseNetworks(text, 'default')).toMatchObject([
      { name: 'storage', ips: ['10.0.5.9/24'], interfaceName: 'data' },
    ]);
  });

  test('a plugin nobody installed is refused by name', () => {
    expect(parseNetworkConfig('{"type":"sriov"}')).toEqual({
      problem: 'failed to find plugin "sriov" in path [/opt/cni/bin]',
    });
  });
});
