import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hookBranches } from '../../datapath/linux/hook-branches.ts';
import type { Service, ServiceSpec } from '../../model/kubernetes/core.ts';
import type { EndpointSlice } from '../../model/kubernetes/networking.ts';
import { iptablesRuleText } from '../../model/linux/iptables-text.ts';
import type { NetworkNamespace } from '../../model/linux/namespace.ts';
import type { Iptables } from '../../model/linux/netfilter.ts';
import { formatIp, PROTOCOL_TCP, parseIp } from '../../net/index.ts';
import { service, slice, storeOf } from './kube-proxy.fixture.ts';
import { DEFAULT_SETTINGS, localDetector, type ProxySettings } from './proxy-settings.ts';
import { RuleBook, type RuleNode } from './rule-book.ts';
import { ServiceViews } from './service-views.ts';

const NODE_IP = parseIp('10.0.3.10')!;
const node = (nodeName = 'n1'): RuleNode => ({
  nodeName,
  zone: 'us-west-2a',
  hints: 'zones',
  nodeIp: NODE_IP,
  nodeIps: [NODE_IP],
  addresses: [parseIp('127.0.0.1')!, NODE_IP],
});

const bookOf = (settings: Partial<ProxySettings> = {}): RuleBook => {
  const all = { ...DEFAULT_SETTINGS, ...settings };
  return new RuleBook(4, all, localDetector(all, 4));
};

const tablesOf = (...objects: readonly (Service | EndpointSlice)[]): Iptables =>
  bookOf().tables(new ServiceViews(storeOf(...objects)).ports(4), node());

const textOf = (tables: Iptables, table: 'nat' | 'filter', name: string): string[] =>
  tables[table]!.chain(name)!.rules.map((rule) => iptablesRuleText(rule));

const LOCAL: Partial<ServiceSpec> = {
  type: 'NodePort',
  externalTrafficPolicy: 'Local',
  ports: [{ name: 'p80', port: 80, nodePort: 30_001 }],
};

describe('the rules of a node as EKS configures kube-proxy', () => {
  test('a ClusterIP Service with three endpoints', () => {
    const tables = tablesOf(service(), slice(['10.0.3.50', '10.0.4.50', '10.0.5.50']));
    const svc = 'KUBE-SVC-XPGD46QRK7WJZT7O';
    expect(textOf(tables, 'nat', 'KUBE-SERVICES')).toEqual([
      `-d 172.30.0.41/32 -p tcp -m comment --comment "ns1/svc1:p80 cluster IP" -m tcp --dport 80 -j ${svc}`,
      '-m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS',
    ]);
    // 1/3, then 1/2 of what is left, in the kernel's steps of 2^-31; no masquerading on EKS.
    const [first, second, third] = textOf(tables, 'nat', svc);
    expect(first).toMatch(
      /^-m comment --comment "ns1\/svc1:p80 -> 10\.0\.3\.50:80" -m statistic --mode random --probability 0\.33333333349 -j KUBE-SEP-\w{16}$/,
    );
    expect(second).toContain('--probability 0.50000000000');
    expect(third).not.toContain('statistic');
    const sep = /KUBE-SEP-\w+$/.exec(first!)![0];
    expect(textOf(tables, 'nat', sep)).toEqual([
      '-s 10.0.3.50/32 -m comment --comment "ns1/svc1:p80" -j KUBE-MARK-MASQ',
      '-p tcp -m comment --comment "ns1/svc1:p80" -m tcp -j DNAT --to-destination 10.0.3.50:80',
    ]);
  });

  test('what stands in the built-in chains, the last put in first', () => {
    const tables = tablesOf();
    expect(textOf(tables, 'filter', 'FORWARD')).toEqual([
      '-m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL',
      '-m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
      '-m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
      '-m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES',
    ]);
    expect(textOf(tables, 'nat', 'POSTROUTING')).toEqual([
      '-m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
    ]);
    expect(textOf(tables, 'nat', 'KUBE-POSTROUTING')).toEqual([
      '-m mark ! --mark 0x4000/0x4000 -j RETURN',
      '-j MARK --set-xmark 0x4000/0x0',
      '-m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
    ]);
    expect([...tables.mangle!.chains()].map(({ name }) => name)).toContain('KUBE-KUBELET-CANARY');
  });

  test('a Service without endpoints is rejected, one with endpoints elsewhere dropped', () => {
    const nowhere = tablesOf(service());
    expect(textOf(nowhere, 'filter', 'KUBE-SERVICES')).toEqual([
      '-d 172.30.0.41/32 -p tcp -m comment --comment "ns1/svc1:p80 has no endpoints" -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable',
    ]);
    const elsewhere = tablesOf(
      service(LOCAL),
      slice([{ addresses: ['10.0.4.50'], nodeName: 'n2' }]),
    );
    expect(textOf(elsewhere, 'filter', 'KUBE-EXTERNAL-SERVICES')).toEqual([
      '-p tcp -m comment --comment "ns1/svc1:p80 has no local endpoints" -m addrtype --dst-type LOCAL -m tcp --dport 30001 -j DROP',
    ]);
  });

  test('above a thousand endpoints the rules of endpoints lose their comments', () => {
    const many = Array.from({ length: 1001 }, (_, i) => `10.1.${i >> 8}.${i & 255}`);
    const tables = tablesOf(service(), slice(many));
    const [first] = textOf(tables, 'nat', 'KUBE-SVC-XPGD46QRK7WJZT7O');
    expect(first).toMatch(/^-m statistic/);
    expect(textOf(tables, 'nat', 'KUBE-SERVICES')[0]).toContain('comment');
  });

  test('localhost node ports off, IPv6 always: the loopback does not answer', () => {
    const off = bookOf({ localhostNodePorts: false }).tables([], node());
    expect(textOf(off, 'nat', 'KUBE-SERVICES')[0]).toMatch(/^! -d 127\.0\.0\.0\/8 /);
    const six = new RuleBook(6, DEFAULT_SETTINGS, { kind: 'none' }).tables([], node());
    expect(textOf(six, 'nat', 'KUBE-SERVICES')[0]).toMatch(/^! -d ::1\/128 /);
  });
});

describe('what nodes share', () => {
  const chain = (tables: Iptables, table: 'nat' | 'filter', name: string) =>
    tables[table]!.chain(name)!.rules;

  test('nodes that see the same have the very same long chains', () => {
    const here = { addresses: ['10.0.3.50'], nodeName: 'n1' };
    const views = new ServiceViews(storeOf(service(LOCAL), slice([here]))).ports(4);
    const book = bookOf();
    const [one, two, three] = ['n1', 'n2', 'n3'].map((name) => book.tables(views, node(name)));
    expect(chain(two!, 'nat', 'KUBE-SERVICES')).toBe(chain(three!, 'nat', 'KUBE-SERVICES'));
    expect(chain(one!, 'filter', 'KUBE-EXTERNAL-SERVICES')).toEqual([]);
    expect(chain(two!, 'filter', 'KUBE-EXTERNAL-SERVICES')).toHaveLength(1);
    // Policy Cluster is the same for all; only n1 has a chain of its own endpoints.
    const svc = 'KUBE-SVC-XPGD46QRK7WJZT7O';
    expect(chain(one!, 'nat', svc)).toBe(chain(two!, 'nat', svc));
    expect(one!.nat!.chain('KUBE-SVL-XPGD46QRK7WJZT7O')?.rules).toHaveLength(1);
    expect(two!.nat!.chain('KUBE-SVL-XPGD46QRK7WJZT7O')).toBeUndefined();
  });

  test('a change of endpoints leaves the long chains and other Services alone', () => {
    const other = service({ clusterIP: '172.30.0.42' }, { name: 'svc2' });
    const otherSlice = slice(['10.0.3.60'], { name: 'svc2-1', of: 'svc2' });
    const store = storeOf(service(), slice(['10.0.3.50']), other, otherSlice);
    const views = new ServiceViews(store);
    const book = bookOf();
    const before = book.tables(views.ports(4), node());
    const names = [...before.nat!.chains()].map(({ name }) => name);
    store.put('EndpointSlice', 'ns1/svc1-1', slice(['10.0.3.50', '10.0.3.51']));
    const after = book.tables(views.ports(4), node());
    expect(chain(after, 'nat', 'KUBE-SERVICES')).toBe(chain(before, 'nat', 'KUBE-SERVICES'));
    const svc = 'KUBE-SVC-XPGD46QRK7WJZT7O';
    expect(chain(after, 'nat', svc)).toHaveLength(2);
    const untouched = names.filter((name) => name.startsWith('KUBE-SVC-') && name !== svc);
    expect(untouched).toHaveLength(1);
    expect(chain(after, 'nat', untouched[0]!)).toBe(chain(before, 'nat', untouched[0]!));
  });

  test("an endpoint's chain is found by a person who knows only its name", () => {
    const objects = [service(), slice(['10.0.3.50'])] as const;
    const sep = [...tablesOf(...objects).nat!.chains()].find(({ name }) => /SEP/.test(name))!.name;
    expect(textOf(tablesOf(...objects), 'nat', sep)).toHaveLength(2);
    expect(tablesOf(...objects).nat!.chain('KUBE-SEP-AAAAAAAAAAAAAAAA')).toBeUndefined();
  });
});

const namespaceOf = (ipv4: Iptables): NetworkNamespace => ({
  id: 'node/n1',
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
  rules: [],
  routes: [],
  sysctls: {},
  iptables: { ipv4, ipv6: {} },
  nftables: [],
  sockets: [],
  areSocketsKnown: true,
});

describe('packets through the rules', () => {
  test('every ready endpoint gets the same share of a ClusterIP', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 254 }), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 0, max: 11 }),
        (hosts, unready) => {
          const endpoints = hosts.map((host, i) => ({
            addresses: [`10.0.4.${host}`],
            conditions: { ready: i !== unready },
          }));
          const ready = hosts.filter((_, i) => i !== unready);
          const tables = tablesOf(service(), slice(endpoints));
          const packet = {
            protocol: PROTOCOL_TCP,
            source: parseIp('10.0.3.50')!,
            destination: parseIp('172.30.0.41')!,
            sourcePort: 40_000,
            destinationPort: 80,
            icmpType: -1,
            icmpCode: -1,
            sizeBytes: 60,
            dontFragment: true,
          };
          const branches = hookBranches(namespaceOf(tables), packet, 'enia', 'eth0');
          if (ready.length === 0) return branches[0]?.result.stopped?.answer !== undefined;
          const reached = branches.map(({ result }) => formatIp(result.packet.destination)).sort();
          expect(reached).toEqual(ready.map((host) => `10.0.4.${host}`).sort());
          for (const { probability, result } of branches) {
            expect(probability).toBeCloseTo(1 / ready.length, 9);
            expect(result.isMasqueraded).toBe(false);
          }
          return true;
        },
      ),
    );
  });
});
