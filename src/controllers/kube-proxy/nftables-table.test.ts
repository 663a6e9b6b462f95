import { describe, expect, test } from 'vitest';
import { formatNftRule, formatNftVerdict } from '../../model/linux/nftables-text.ts';
import { parseIp } from '../../net/index.ts';
import { endpointsOf } from './endpoints.ts';
import { service, slice } from './kube-proxy.fixture.ts';
import { NftablesIndex } from './nftables-index.ts';
import { type NftNode, nftablesTable } from './nftables-table.ts';
import { servicePorts } from './service-port.ts';
import type { PortView } from './service-views.ts';

const TCP = 6;
const ip = (text: string) => parseIp(text)!;

const viewOf = (one: ReturnType<typeof service>, slices: ReturnType<typeof slice>[]): PortView => {
  const port = servicePorts(one, 4)[0]!;
  return { port, endpoints: endpointsOf(port, slices, 4) };
};

const indexOf = (...views: readonly PortView[]) =>
  new NftablesIndex({ family: 4, masqueradeAll: false, detector: { kind: 'none' } }, views);

const nodeOf = (nodeName: string, address = '10.0.3.10'): NftNode => ({
  nodeName,
  zone: undefined,
  hints: 'annotated',
  nodeIp: ip(address),
  nodePortIps: [ip(address)],
  masqueradeMark: 0x4000,
});

const local = { addresses: ['10.0.4.50'], nodeName: 'a' };
const loadBalancer = {
  type: 'LoadBalancer',
  externalTrafficPolicy: 'Local',
  ports: [{ name: 'p80', protocol: 'TCP', port: 80, targetPort: 80, nodePort: 30080 }],
} as const;

describe("a node's table of kube-proxy in nftables mode", () => {
  test('nodes share the chains of a Service that is the same on all of them', () => {
    const index = indexOf(viewOf(service(), [slice(['10.0.4.50', '10.0.4.51'])]));
    const [a, b] = [nftablesTable(index, nodeOf('a')), nftablesTable(index, nodeOf('b'))];
    const element = a.map('service-ips')!.get([ip('172.30.0.41'), TCP, 80])!;
    expect(formatNftVerdict(element.verdict)).toBe('goto service-ULMVA6XW-ns1/svc1/tcp/p80');
    const name = 'service-ULMVA6XW-ns1/svc1/tcp/p80';
    expect(a.chain(name)).toBeDefined();
    expect(a.chain(name)).toBe(b.chain(name));
    expect(a.chain('services')).toBe(b.chain('services'));
    expect(a.map('service-ips')!.get([ip('172.30.0.41'), TCP, 81])).toBeUndefined();
  });

  test('with a Local policy a node without an endpoint drops what comes to its node port', () => {
    const index = indexOf(viewOf(service(loadBalancer), [slice([local])]));
    const on = (node: string) => nftablesTable(index, nodeOf(node)).map('no-endpoint-nodeports')!;
    expect(on('a').get([TCP, 30080])).toBeUndefined();
    expect(on('b').get([TCP, 30080])).toMatchObject({
      comment: 'ns1/svc1:p80',
      verdict: { kind: 'drop' },
    });
  });

  test('every chain that a rule or a map names is there, also where the name had to be cut', () => {
    const name = 'a-service-with-a-name-of-sixty-three-characters-that-is-as-long-as';
    const view = viewOf(service({}, { name: name.slice(0, 63) }), [
      slice(['10.0.4.50'], { of: name.slice(0, 63) }),
    ]);
    const long = { ...view, port: { ...view.port, serviceKey: `${'n'.repeat(63)}/${name}` } };
    const table = nftablesTable(indexOf(long), nodeOf('a'));
    const { verdict } = table.map('service-ips')!.get([ip('172.30.0.41'), TCP, 80])!;
    const chain = table.chain('chain' in verdict ? verdict.chain : '')!;
    const draws = chain.rules.at(-1)!.statements[0]!;
    const endpoint = draws.kind === 'numgen' ? draws.verdicts[0]!.verdict : undefined;
    const target = endpoint !== undefined && 'chain' in endpoint ? endpoint.chain : '';
    expect(target).toMatch(/^endpoint-.*\.\.\.$/);
    expect(target.length).toBeLessThanOrEqual(128);
    expect(table.chain(target)!.rules.map(formatNftRule).at(-1)).toBe(
      'meta l4proto tcp dnat to 10.0.4.50:80',
    );
  });

  test('a changed Service is written anew, the others keep their chains', () => {
    const kept = viewOf(service({ clusterIP: '172.30.0.42' }, { name: 'svc2' }), [
      slice(['10.0.4.60'], { of: 'svc2' }),
    ]);
    const before = indexOf(viewOf(service(), [slice(['10.0.4.50'])]), kept);
    const after = new NftablesIndex(
      before.style,
      [viewOf(service(), [slice(['10.0.4.51'])]), kept],
      before,
    );
    expect(after.shared(kept)).toBe(before.shared(kept));
    const text = (index: NftablesIndex) =>
      [...nftablesTable(index, nodeOf('a')).chains()]
        .flatMap(({ rules }) => rules.map(formatNftRule))
        .filter((rule) => rule.includes('dnat to'));
    expect(text(before)).toContain('meta l4proto tcp dnat to 10.0.4.50:80');
    expect(text(after)).not.toContain('meta l4proto tcp dnat to 10.0.4.50:80');
  });

  test('node ports are taken on every address where the configuration says so', () => {
    const everywhere = { ...nodeOf('a'), nodePortIps: undefined };
    const table = nftablesTable(indexOf(), everywhere);
    expect(table.set('nodeport-ips')).toBeUndefined();
    expect(table.chain('services')!.rules.map(formatNftRule)[1]).toBe(
      'fib daddr type local ip daddr != 127.0.0.0/8 ' +
        'meta l4proto . th dport vmap @service-nodeports',
    );
  });

  test("source ranges that hold the node let the load balancer's own address in", () => {
    const guarded = service(
      { ...loadBalancer, loadBalancerSourceRanges: ['10.0.3.0/24'] },
      { ingress: [{ ip: '1.2.3.4' }] },
    );
    const index = indexOf(viewOf(guarded, [slice([local])]));
    const rules = (address: string) =>
      nftablesTable(index, nodeOf('a', address))
        .chain('firewall-ULMVA6XW-ns1/svc1/tcp/p80')!
        .rules.map(formatNftRule);
    expect(rules('10.0.3.10')).toEqual(['ip saddr != { 10.0.3.0/24, 1.2.3.4 } drop']);
    expect(rules('10.0.9.10')).toEqual(['ip saddr != 10.0.3.0/24 drop']);
  });
});
