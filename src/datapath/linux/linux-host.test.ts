import { describe, expect, test } from 'vitest';
import { formatPacket, replyTo } from '../../net/index.ts';
import { Chance } from '../chance.ts';
import { Recorder } from '../recorder.ts';
import type { Part } from './conntrack.ts';
import { eksNode, tcp } from './linux-host.fixture.ts';
import { LinuxHost } from './linux-host.ts';
import type { Outcome } from './outcome.ts';

function where(outcome: Outcome): string {
  if (outcome.kind === 'stopped') {
    const { verdict, answer } = outcome;
    return `${verdict.disposition} ${verdict.code} ${answer ?? 'silent'}`;
  }
  const by = outcome.kind === 'out' ? `out ${outcome.link.name}` : 'local';
  return `${by} ${formatPacket(outcome.packet)}`;
}

/** A host with short ways to give it packets. */
function session(host = new LinuxHost(eksNode())) {
  const recorder = new Recorder();
  return {
    host,
    recorder,
    receive: (packet: ReturnType<typeof tcp>, link: string, part?: Part, path?: number[]) =>
      host.receive(packet, link, recorder, new Chance(path), part),
    send: (packet: ReturnType<typeof tcp>, part?: Part) =>
      host.send(packet, recorder, new Chance(), part),
    cited: () =>
      recorder
        .hops()
        .flatMap(({ steps }) => steps.flatMap(({ evidence }) => evidence.decisive))
        .map(({ kind, rule }) => `${kind} ${rule}`),
    texts: () => recorder.hops().flatMap(({ steps }) => steps.map(({ text }) => text)),
  };
}

describe('a node of EKS', () => {
  test('sends a pod to a pod on the same node by the other veth, by rule 512', () => {
    const node = session();
    const out = node.receive(tcp('10.0.3.50', 40000, '10.0.3.51', 80), 'eniaaa');
    expect(where(out)).toBe('out enibbb tcp 10.0.3.50:40000 -> 10.0.3.51:80');
    expect(node.texts()).toEqual([
      'leaves by enibbb: route 10.0.3.51, rule 512 to 10.0.3.51 lookup main',
    ]);
  });

  test('cites the way back too: without it the reverse path check would drop the packet', () => {
    const node = session();
    node.receive(tcp('10.0.3.50', 40000, '10.0.3.51', 80), 'eniaaa');
    expect(node.cited()).toEqual([
      'ip-rule 512: from all to 10.0.3.51 lookup main',
      'ip-route 10.0.3.51 dev enibbb scope link',
      'ip-rule 512: from all to 10.0.3.50 lookup main',
      'ip-route 10.0.3.50 dev eniaaa scope link',
    ]);
  });

  test("gives a packet to a pod of the VPC the pod's own interface, without SNAT", () => {
    const out = session().receive(tcp('10.0.3.60', 40000, '10.0.4.50', 80), 'eniccc');
    expect(where(out)).toBe('out eth1 tcp 10.0.3.60:40000 -> 10.0.4.50:80');
  });

  test('sends to the internet by the primary interface, with the node as source', () => {
    const node = session();
    const out = node.receive(tcp('10.0.3.60', 40000, '93.184.216.34', 443), 'eniccc');
    expect(where(out)).toMatch(/^out eth0 tcp 10\.0\.3\.10:\d+ -> 93\.184\.216\.34:443$/);
    if (out.kind !== 'out') throw new Error('left');
    const back = node.receive(replyTo(out.packet), 'eth0', 'answer');
    expect(where(back)).toBe('out eniccc tcp 93.184.216.34:443 -> 10.0.3.60:40000');
  });

  test('translates a Service address to one of its endpoints, and its answers back', () => {
    const node = session();
    const first = tcp('10.0.3.50', 40000, '172.20.0.50', 80);
    const out = node.receive(first, 'eniaaa', 'request', [1]);
    expect(where(out)).toBe('out eth0 tcp 10.0.3.50:40000 -> 10.0.4.50:8080');
    if (out.kind !== 'out') throw new Error('left');
    const back = node.receive(replyTo(out.packet), 'eth0', 'answer');
    expect(where(back)).toBe('out eniaaa tcp 172.20.0.50:80 -> 10.0.3.50:40000');
  });

  test('offers the endpoints as one choice with equal probabilities', () => {
    const chance = new Chance();
    const host = new LinuxHost(eksNode(['10.0.4.50', '10.0.4.51', '10.0.4.52']));
    host.receive(tcp('10.0.3.50', 1, '172.20.0.50', 80), 'eniaaa', new Recorder(), chance);
    expect(chance.taken.map(({ options }) => options.map(({ label }) => label))).toEqual([
      ['10.0.4.50:8080', '10.0.4.51:8080', '10.0.4.52:8080'],
    ]);
    expect(chance.probability).toBeCloseTo(1 / 3, 6);
  });

  test('refuses a Service without endpoints at once, naming it', () => {
    const node = session(new LinuxHost(eksNode([])));
    const out = node.receive(tcp('10.0.3.50', 1, '172.20.0.50', 80), 'eniaaa');
    expect(where(out)).toBe('no-endpoints K8S_SVC_NO_ENDPOINTS icmp-unreachable');
    expect(node.texts()).toContain(
      'Service default/web has no ready endpoint, so it is refused at once',
    );
  });

  test('masquerades a pod that reaches itself through its Service: hairpin', () => {
    const out = session(new LinuxHost(eksNode(['10.0.3.50']))).receive(
      tcp('10.0.3.50', 40000, '172.20.0.50', 80),
      'eniaaa',
    );
    expect(where(out)).toMatch(/^out eniaaa tcp 10\.0\.3\.10:\d+ -> 10\.0\.3\.50:8080$/);
  });

  test("drops a pod's forged source: loose rp_filter is strict on a veth without address", () => {
    const loose = eksNode();
    const sysctls = { ...loose.sysctls, 'net.ipv4.conf.default.rp_filter': '2' };
    const node = session(new LinuxHost({ ...loose, sysctls }));
    const out = node.receive(tcp('10.0.3.51', 1, '10.0.4.50', 80), 'eniaaa');
    expect(where(out)).toBe('denied-by-rp-filter NODE_RP_FILTER silent');
  });
});
