import { describe, expect, test } from 'vitest';
import type { Link, NamespaceId } from '../../model/linux/namespace.ts';
import { formatPacket, type Packet, PROTOCOL_ICMP } from '../../net/index.ts';
import { Chance } from '../chance.ts';
import { Recorder } from '../recorder.ts';
import { compile } from './compiled-namespace.ts';
import { eksNode, KERNEL_RULES, link, namespace, route, tcp } from './linux-host.fixture.ts';
import { LinuxHost } from './linux-host.ts';
import { listening } from './listening.ts';

const receive = (host: LinuxHost, packet: Packet, inLink: string) =>
  host.receive(packet, inLink, new Recorder(), new Chance());

const podOf = (mac: string) =>
  namespace('pod/default/a', {
    links: [
      link('eth0', 'veth', ['10.0.3.50/32'], {
        macAddress: '02:00:00:00:00:50',
        peer: { namespace: 'node/n1', link: 'eniaaa' },
      }),
    ],
    neighbours: [{ address: '169.254.1.1', device: 'eth0', macAddress: mac, state: 'PERMANENT' }],
    rules: KERNEL_RULES,
    routes: [
      route('169.254.1.1/32', 'eth0', { scope: 'link' }),
      route('default', 'eth0', { via: '169.254.1.1' }),
    ],
  });

describe('where a packet ends in a namespace', () => {
  test('an ICMP error about a translated packet finds the pod, and names the Service', () => {
    const host = new LinuxHost(eksNode(['10.0.4.50']));
    const out = receive(host, tcp('10.0.3.50', 40000, '172.20.0.50', 80), 'eniaaa');
    if (out.kind !== 'out') throw new Error('left');
    const error: Packet = {
      ...tcp('10.0.4.1', 0, '10.0.3.50', 0),
      protocol: PROTOCOL_ICMP,
      icmpType: 3,
      icmpCode: 1,
    };
    const back = host.receive(error, 'eth0', new Recorder(), new Chance(), {
      errorAbout: out.packet,
    });
    if (back.kind !== 'out' || typeof back.part !== 'object') throw new Error('goes on');
    expect(back.link.name).toBe('eniaaa');
    expect(formatPacket(back.part.errorAbout)).toBe('tcp 10.0.3.50:40000 -> 172.20.0.50:80');
  });

  test('a packet that does not fit and must not be cut is answered with the MTU', () => {
    const node = eksNode();
    const links = node.links.map(
      (one): Link => (one.name === 'eth0' ? { ...one, mtu: 1500 } : one),
    );
    const big = { ...tcp('10.0.3.50', 1, '10.0.4.50', 80), sizeBytes: 9001 };
    const refused = receive(new LinuxHost({ ...node, links }), big, 'eniaaa');
    expect(refused).toMatchObject({ kind: 'stopped', answer: 'icmp-too-big', mtu: 1500 });
    const cut = { ...big, dontFragment: false };
    expect(receive(new LinuxHost({ ...node, links }), cut, 'eniaaa')).toMatchObject({
      kind: 'out',
      packet: { sizeBytes: 1500 },
    });
  });

  test('a pod whose gateway entry names another MAC than its veth reaches nobody', () => {
    const far = namespace('node/n1', {
      links: [link('eniaaa', 'veth', [], { macAddress: '02:00:00:00:00:aa' })],
    });
    const others = (id: NamespaceId) => (id === 'node/n1' ? compile(far) : undefined);
    const send = (mac: string) =>
      new LinuxHost(podOf(mac), others).send(
        tcp('10.0.3.50', 1, '10.0.4.50', 80),
        new Recorder(),
        new Chance(),
      );
    expect(send('02:00:00:00:00:aa').kind).toBe('out');
    expect(send('02:00:00:00:00:bb')).toMatchObject({ verdict: { code: 'NODE_NO_NEIGHBOUR' } });
  });

  test('without rules for it a packet has no way, and what was met is said', () => {
    const none = namespace('node/n1', { links: [link('eth0', 'ena')], rules: [] });
    expect(receive(new LinuxHost(none), tcp('10.0.0.1', 1, '10.0.0.2', 2), 'eth0')).toMatchObject({
      verdict: { disposition: 'no-route', code: 'CNI_NO_IP_RULE' },
    });
  });

  test('what listens is told from what does not and from what nobody declared', () => {
    const web = { protocol: 'tcp', port: 80, process: 'nginx', source: 'containerPort' } as const;
    const known = namespace('pod/default/a', { sockets: [web] });
    const asked = tcp('10.0.0.1', 1, '10.0.0.2', 80);
    expect(listening(known, asked)).toEqual({ kind: 'listens', socket: web });
    expect(listening(known, { ...asked, destinationPort: 81 }).kind).toBe('closed');
    expect(
      listening({ ...known, areSocketsKnown: false }, { ...asked, destinationPort: 81 }).kind,
    ).toBe('unknown');
    expect(listening(known, { ...asked, protocol: PROTOCOL_ICMP }).kind).toBe('kernel');
  });
});
