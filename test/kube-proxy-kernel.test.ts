/**
 * The kernel judges kube-proxy's rules: what a node has is loaded with the real iptables in a
 * network namespace of its own, saved again, and must be the same bytes. Skipped where no such
 * namespace can be made.
 */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import {
  DEFAULT_SETTINGS,
  localDetector,
  type ProxySettings,
} from '../src/controllers/kube-proxy/proxy-settings.ts';
import { RuleBook } from '../src/controllers/kube-proxy/rule-book.ts';
import { ServiceViews } from '../src/controllers/kube-proxy/service-views.ts';
import { iptablesSave } from '../src/formats/linux/iptables-save.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../src/model/kinds.ts';
import type { Service } from '../src/model/kubernetes/core.ts';
import type { EndpointSlice } from '../src/model/kubernetes/networking.ts';
import { type IpFamily, parseCidr, parseIp } from '../src/net/index.ts';
import { Store } from '../src/sim/store.ts';

const PREFIX = { 4: 'iptables-nft', 6: 'ip6tables-nft' } as const;
const ADDRESSES = {
  4: { vip: '172.20.0.', pod: '10.0.3.', node: '10.0.3.10', lb: '203.0.113.9' },
  6: { vip: 'fd00:20::', pod: '2001:db8:3::', node: '2001:db8:3::10', lb: '2001:db8:ffff::9' },
} as const;

/** Loads the text and saves it again; what the tools said where they failed. */
function throughKernel(family: IpFamily, text: string): string {
  const [restore, save] = [`${PREFIX[family]}-restore`, `${PREFIX[family]}-save`];
  const done = spawnSync('unshare', ['-n', 'sh', '-c', `${restore} && ${save}`], {
    encoding: 'utf8',
    input: text,
  });
  if (done.status !== 0) return `failed: ${done.stderr ?? done.error?.message}`;
  const lines = done.stdout.split('\n').filter((line) => !line.startsWith('#'));
  return lines.join('\n').replace(/\[\d+:\d+\]/g, '[0:0]');
}

const obstacle = throughKernel(4, '*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n');
const isAble = !obstacle.startsWith('failed');

const slice = (name: string, family: IpFamily, hosts: readonly number[]): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { namespace: 'd', name: `${name}-x`, labels: { 'kubernetes.io/service-name': name } },
  addressType: `IPv${family}`,
  endpoints: hosts.map((host, i) => ({
    addresses: [`${ADDRESSES[family].pod}${host}`],
    nodeName: i === 0 ? 'n1' : 'n2',
  })),
  ports: (['TCP', 'UDP', 'SCTP'] as const).map((protocol) => ({
    name: protocol.toLowerCase(),
    protocol,
    port: 8080,
  })),
});

/** Every kind of Service, with and without endpoints. */
function filled(family: IpFamily): TwinStore {
  const store: TwinStore = new Store<Kinds>();
  declareIndexes(store);
  const { vip, lb, node } = ADDRESSES[family];
  let host = 40;
  const add = (name: string, spec: Partial<Service['spec']>, hosts: readonly number[]): void => {
    const clusterIP = `${vip}${++host}`;
    const ports = (['TCP', 'UDP', 'SCTP'] as const).map((protocol, i) => ({
      name: protocol.toLowerCase(),
      protocol,
      port: 80,
      ...(spec.type === undefined ? {} : { nodePort: 30_000 + host * 10 + i }),
    }));
    const ingress = spec.type === 'LoadBalancer' ? [{ ip: lb }] : [];
    store.put('Service', `d/${name}`, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace: 'd', name },
      spec: { clusterIP, clusterIPs: [clusterIP], ports, ...spec },
      status: { loadBalancer: { ingress } },
    });
    store.put('EndpointSlice', `d/${name}-x`, slice(name, family, hosts));
  };
  const range = family === 4 ? `${node}/24` : `${node}/64`;
  add('plain', {}, [50, 51, 52, 53, 54, 55, 56]);
  add('empty', { type: 'NodePort' }, []);
  add('sticky', { sessionAffinity: 'ClientIP' }, [60, 61]);
  add('inside', { internalTrafficPolicy: 'Local' }, [70, 71]);
  add(
    'outside',
    { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 31_999 },
    [80, 81],
  );
  add('fenced', { type: 'LoadBalancer', loadBalancerSourceRanges: [range] }, [90]);
  add('elsewhere', { externalIPs: [lb] }, [91]);
  return store;
}

function textOn(nodeName: string, family: IpFamily, settings: Partial<ProxySettings>): string {
  const all = { ...DEFAULT_SETTINGS, ...settings };
  const book = new RuleBook(family, all, localDetector(all, family));
  const nodeIp = parseIp(ADDRESSES[family].node)!;
  const user = { nodeName, zone: undefined, hints: 'zones', nodeIp, nodeIps: [nodeIp] } as const;
  const views = new ServiceViews(filled(family)).ports(family);
  return iptablesSave(book.tables(views, { ...user, addresses: [nodeIp] }), family);
}

describe(`kube-proxy's rules in a kernel${isAble ? '' : ` (${obstacle})`}`, () => {
  const pods = [parseCidr('10.0.0.0/16')!, parseCidr('2001:db8::/32')!];
  const settings: readonly (readonly [string, Partial<ProxySettings>])[] = [
    ['as EKS configures it', {}],
    ['with a clusterCIDR', { clusterCidrs: pods }],
    ['masquerading all', { masqueradeAll: true, masqueradeMark: 0x20000 }],
    ['on chosen addresses', { nodePortAddresses: ['10.0.0.0/8', '2001:db8::/32'] }],
    ['without localhost', { localhostNodePorts: false, isTcpLiberal: true }],
    ['by links', { detectLocalMode: 'InterfaceNamePrefix', interfaceNamePrefix: 'eni' }],
  ];
  for (const family of [4, 6] as const)
    for (const [how, chosen] of settings)
      test.skipIf(!isAble)(`IPv${family} ${how}: saved as loaded`, () => {
        for (const nodeName of ['n1', 'n3']) {
          const text = textOn(nodeName, family, chosen);
          expect(text.split('\n').length).toBeGreaterThan(100);
          expect(throughKernel(family, text)).toBe(text);
        }
      });
});
