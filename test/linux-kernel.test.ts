/**
 * The kernel as judge of datapath/linux: one description of a node with its pods is installed in
 * real network namespaces and interpreted, and every conversation must end alike: connected (seen
 * from which address), refused, or silence. Needs root, iproute2, iptables; skips without them.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Chance } from '../src/datapath/chance.ts';
import type { Part } from '../src/datapath/linux/conntrack.ts';
import {
  eksNode,
  KERNEL_RULES,
  link,
  namespace,
  route,
  tcp,
} from '../src/datapath/linux/linux-host.fixture.ts';
import { LinuxHost } from '../src/datapath/linux/linux-host.ts';
import { Recorder } from '../src/datapath/recorder.ts';
import { ipRouteText } from '../src/formats/linux/ip-route.ts';
import { ipRuleText } from '../src/formats/linux/ip-rule.ts';
import { iptablesSave } from '../src/formats/linux/iptables-save.ts';
import type { NetworkNamespace } from '../src/model/linux/namespace.ts';
import { formatIp, type Packet, parseIp, replyTo } from '../src/net/index.ts';

/** Debian's packages, named apart so that knip does not look for them. */
const IP: string = 'ip';
const VPC = 'ekt-vpc';
const NETNS: Readonly<Record<string, string>> = {
  'node/n1': 'ekt-node',
  'pod/default/a': 'ekt-a',
  'pod/default/b': 'ekt-b',
  'pod/default/c': 'ekt-c',
  'pod/default/s': 'ekt-s',
  vpc: VPC,
};
const LISTENING = 8080;
const NODE = 'node/n1';

const ip = (words: string): string =>
  execFileSync(IP, words.split(' '), { encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
const within = (name: string, words: string, input = ''): string =>
  execFileSync(IP, ['netns', 'exec', name, ...words.split(' ')], {
    input,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
  });

function removeAll(): void {
  for (const name of Object.values(NETNS)) {
    try {
      ip(`netns del ${name}`);
    } catch {
      // It was not there.
    }
  }
}

/** Why the kernel cannot be asked here; '' where it can. */
function obstacle(): string {
  try {
    removeAll();
    ip(`netns add ${VPC}`);
    within(VPC, 'iptables-save');
    return '';
  } catch (error) {
    return `no iptables, iproute2 or right to make a network namespace here: ${error}`;
  } finally {
    removeAll();
  }
}

const WHY_NOT = obstacle();
if (WHY_NOT !== '') console.warn(`skipped: ${WHY_NOT}`);

/** Pods by name: their host link. `s` has a branch interface in strict mode. */
const PODS = [
  { name: 'a', address: '10.0.3.50', hostLink: 'eniaaa' },
  { name: 'b', address: '10.0.3.51', hostLink: 'enibbb' },
  { name: 'c', address: '10.0.3.60', hostLink: 'eniccc' },
  { name: 's', address: '10.0.3.70', hostLink: 'vlansss' },
] as const;

/** Addresses that the VPC has itself: another node's pod, a host of the internet. */
const FAR = ['10.0.4.50', '198.18.0.1'];
/** By which link the VPC hands over a packet for an address. */
const ENTRANCE: Readonly<Record<string, string>> = {
  '10.0.3.10': 'eth0',
  '10.0.3.20': 'eth1',
  '10.0.3.50': 'eth0',
  '10.0.3.51': 'eth0',
  '10.0.3.60': 'eth1',
  '10.0.3.70': 'vlan.eth.1',
};

interface Setting {
  readonly endpoints: readonly string[];
  readonly sysctls?: Readonly<Record<string, string>>;
}

/** The node of the fixture with a pod whose branch interface is strict. */
function describeNode({ endpoints, sysctls = {} }: Setting): NetworkNamespace {
  const plain = eksNode(endpoints);
  const strict = [
    { priority: 10, match: { kind: 'iif', value: 'vlan.eth.1' }, table: 101 },
    { priority: 10, match: { kind: 'iif', value: 'vlansss' }, table: 101 },
    { priority: 20, match: { kind: 'all' }, table: 255 },
  ] as const;
  return {
    ...plain,
    links: [...plain.links, link('vlan.eth.1', 'vlan'), link('vlansss', 'veth')].map((one) => ({
      ...one,
      mtu: one.kind === 'loopback' ? one.mtu : 1500,
    })),
    rules: [...strict, ...plain.rules.slice(1)],
    routes: [
      ...plain.routes,
      route('10.0.3.1/32', 'vlan.eth.1', { scope: 'link', table: 101 }),
      route('default', 'vlan.eth.1', { via: '10.0.3.1', table: 101 }),
      route('10.0.3.70/32', 'vlansss', { scope: 'link', table: 101 }),
    ],
    sysctls: { ...plain.sysctls, 'net.ipv4.tcp_early_demux': '0', ...sysctls },
  };
}

const podOf = (name: string, address: string): NetworkNamespace =>
  namespace(`pod/default/${name}`, {
    links: [link('lo', 'loopback', ['127.0.0.1/8']), link('eth0', 'veth', [`${address}/32`])],
    rules: KERNEL_RULES,
    routes: [
      route('169.254.1.1/32', 'eth0', { scope: 'link' }),
      route('default', 'eth0', { via: '169.254.1.1' }),
    ],
  });

const macOf = (name: string, device: string): string =>
  (JSON.parse(within(name, `ip -j link show ${device}`)) as { address: string }[])[0]!.address;

function installNode(node: NetworkNamespace): void {
  const name = NETNS[NODE]!;
  for (const [key, value] of Object.entries(node.sysctls)) {
    within(
      name,
      `sysctl -qw ${key.replaceAll('.', '/').replace('vlan/eth/1', 'vlan.eth.1')}=${value}`,
    );
  }
  within(name, 'ip rule flush');
  for (const line of ipRuleText(node).split('\n').filter(Boolean)) {
    const [priority, action] = line.split(':\t');
    within(name, `ip rule add ${action!.replace(/^from all (?!lookup)/, '')} prio ${priority}`);
  }
  // What the kernel keeps after a flush, and strict mode has no more.
  if (within(name, 'ip rule').startsWith('0:')) within(name, 'ip rule del prio 0');
  const routes = ipRouteText(node, 'all', 4).split('\n').filter(Boolean);
  // A gateway must be known to be on the link before a route goes through it.
  for (const isThrough of [false, true]) {
    for (const line of routes) {
      if (line.includes('table local') || line.includes(' via ') !== isThrough) continue;
      within(name, `ip route replace ${line}`);
    }
  }
  within(name, 'iptables-restore', iptablesSave(node.iptables.ipv4, 4));
}

function build(node: NetworkNamespace): void {
  for (const name of Object.values(NETNS)) {
    ip(`netns add ${name}`);
    within(name, 'ip link set lo up');
  }
  const host = NETNS[NODE]!;
  const vpc = VPC;
  for (const [device, address] of [
    ['eth0', '10.0.3.10/24'],
    ['eth1', '10.0.3.20/24'],
    ['vlan.eth.1', undefined],
  ] as const) {
    ip(`link add v-${device} netns ${vpc} type veth peer name ${device} netns ${host}`);
    within(vpc, `ip link set v-${device} up`);
    if (address !== undefined) within(host, `ip addr add ${address} dev ${device}`);
    within(host, `ip link set ${device} up`);
  }
  within(host, 'ip route del 10.0.3.0/24 dev eth1');
  for (const pod of PODS) {
    const inside = NETNS[`pod/default/${pod.name}`]!;
    ip(`link add ${pod.hostLink} netns ${host} type veth peer name eth0 netns ${inside}`);
    within(host, `ip link set ${pod.hostLink} up`);
    within(inside, `ip addr add ${pod.address}/32 dev eth0`);
    within(inside, 'ip link set eth0 up');
    within(inside, 'ip route add 169.254.1.1/32 dev eth0 scope link');
    within(inside, 'ip route add default via 169.254.1.1 dev eth0');
    const mac = macOf(host, pod.hostLink);
    within(inside, `ip neigh add 169.254.1.1 lladdr ${mac} dev eth0 nud permanent`);
  }
  // The VPC answers for its router on every interface and knows which one has which address.
  within(vpc, 'sysctl -qw net/ipv4/ip_forward=1');
  for (const device of ['all', 'default', 'v-eth0', 'v-eth1', 'v-vlan.eth.1']) {
    within(vpc, `sysctl -qw net/ipv4/conf/${device}/rp_filter=0`);
    within(host, `sysctl -qw net/ipv4/conf/${device.replace('v-', '')}/rp_filter=0`);
    within(vpc, `sysctl -qw net/ipv4/conf/${device}/send_redirects=0`);
    // A VPC answers ARP for every address of a subnet, at once.
    within(vpc, `sysctl -qw net/ipv4/conf/${device}/proxy_arp=1`);
    if (device.startsWith('v-')) within(vpc, `sysctl -qw net/ipv4/neigh/${device}/proxy_delay=0`);
  }
  for (const address of ['10.0.3.1', ...FAR]) within(vpc, `ip addr add ${address}/32 dev lo`);
  for (const [address, device] of Object.entries(ENTRANCE)) {
    within(vpc, `ip route add ${address}/32 dev v-${device}`);
    const mac = macOf(host, device);
    within(vpc, `ip neigh add ${address} lladdr ${mac} dev v-${device} nud permanent`);
  }
  installNode(node);
}

const SERVER = `require('net').createServer((s) => { s.on('error', () => {});
  s.end(s.remoteAddress.replace('::ffff:', '')) }).listen(${LISTENING}, '0.0.0.0',
  () => console.log('ready'))`;

const CLIENT = `const [h, p, l] = process.argv.slice(1);
const s = require('net').connect({ host: h, port: +p, ...(l ? { localAddress: l } : {}) });
let t = ''; s.setTimeout(1500, () => { console.log('silence'); process.exit() });
s.on('data', (d) => { t += d }); s.on('end', () => { console.log('from ' + t); process.exit() });
s.on('error', (e) => { console.log(e.code === 'ECONNREFUSED' ? 'refused' : 'silence');
  process.exit() })`;

interface Talk {
  readonly from: string;
  readonly to: string;
  readonly port: number;
  /** Another source than the first of its namespace. */
  readonly as?: string;
}

function inKernel({ from, to, port, as }: Talk): string {
  const words = ['netns', 'exec', NETNS[from]!, process.execPath, '-e', CLIENT, to, String(port)];
  return execFileSync(IP, [...words, ...(as === undefined ? [] : [as])], {
    encoding: 'utf8',
  }).trim();
}

/** The test's own fabric: where a packet is next, without opinion. */
class Fabric {
  readonly #hosts = new Map<string, LinuxHost>();
  readonly #links = new Map<string, { at: string; link: string }>();

  constructor(node: NetworkNamespace) {
    this.#hosts.set(NODE, new LinuxHost(node));
    for (const pod of PODS) {
      const at = `pod/default/${pod.name}`;
      this.#hosts.set(at, new LinuxHost(podOf(pod.name, pod.address)));
      this.#links.set(`${NODE} ${pod.hostLink}`, { at, link: 'eth0' });
      this.#links.set(`${at} eth0`, { at: NODE, link: pod.hostLink });
    }
  }

  host = (at: string): LinuxHost => this.#hosts.get(at)!;

  /** Where it ends: at a namespace, with an answer from where it was stopped, or nowhere. */
  carry(at: string, sent: Packet, part: Part): { at: string; packet: Packet; answer?: string } {
    const [recorder, chance] = [new Recorder(), new Chance()];
    let packet = sent;
    let place: { at: string; link: string | undefined } = { at, link: undefined };
    for (let hops = 0; hops < 16; hops++) {
      if (place.at === 'vpc') {
        const to = formatIp(packet.destination);
        if (FAR.includes(to)) return { at: 'vpc', packet };
        place = { at: NODE, link: ENTRANCE[to] ?? 'eth0' };
        continue;
      }
      const host = this.host(place.at);
      const out =
        place.link === undefined
          ? host.send(packet, recorder, chance, part)
          : host.receive(packet, place.link, recorder, chance, part);
      if (out.kind === 'local') return { at: place.at, packet: out.packet };
      if (out.kind === 'stopped') {
        return { at: '', packet: out.packet, ...(out.answer ? { answer: out.answer } : {}) };
      }
      packet = out.packet;
      place = this.#links.get(`${place.at} ${out.link.name}`) ?? { at: 'vpc', link: undefined };
    }
    return { at: '', packet };
  }
}

/** Refusals here are an ICMP error or a reset that the node sends; both reach their client. */
function interpreted(node: NetworkNamespace, { from, to, port, as }: Talk): string {
  const fabric = new Fabric(node);
  const source =
    as ??
    (from === 'vpc'
      ? FAR[1]!
      : formatIp(fabric.host(from).sourceFor(parseIp(to)!, 6) ?? parseIp('0.0.0.0')!));
  const there = fabric.carry(from, tcp(source, 40000, to, port), 'request');
  if (there.at === '') return there.answer === undefined ? 'silence' : 'refused';
  const isOpen = there.packet.destinationPort === LISTENING;
  const back = fabric.carry(there.at, replyTo(there.packet), isOpen ? 'answer' : 'reset');
  if (back.at !== from) return 'silence';
  return isOpen ? `from ${formatIp(there.packet.source)}` : 'refused';
}

describe.skipIf(WHY_NOT !== '')('the kernel and the interpreter agree', () => {
  const servers: ChildProcess[] = [];
  let node = describeNode({ endpoints: ['10.0.3.51'] });

  beforeAll(async () => {
    removeAll();
    build(node);
    const ready = [...Object.values(NETNS)].map(
      (name) =>
        new Promise<void>((resolve) => {
          const words = ['netns', 'exec', name, process.execPath, '-e', SERVER];
          const server = spawn(IP, words, { stdio: ['ignore', 'pipe', 'inherit'] });
          server.stdout.once('data', () => resolve());
          servers.push(server);
        }),
    );
    await Promise.all(ready);
  }, 60_000);

  afterAll(() => {
    for (const server of servers) server.kill('SIGKILL');
    removeAll();
  });

  const judge = (talks: readonly (Talk & { readonly is: string })[]): void => {
    for (const talk of talks) {
      const name = `${talk.from} -> ${talk.to}:${talk.port}${talk.as ? ` as ${talk.as}` : ''}`;
      const kernel = inKernel(talk);
      expect(`${name}: ${interpreted(node, talk)}`).toBe(`${name}: ${kernel}`);
      expect(`${name}: ${kernel}`).toBe(`${name}: ${talk.is}`);
    }
  };
  const change = (setting: Setting): void => {
    node = describeNode(setting);
    installNode(node);
  };
  const a = 'pod/default/a';
  const c = 'pod/default/c';
  const s = 'pod/default/s';

  test('pods reach pods and the VPC with their own address', () => {
    judge([
      { from: a, to: '10.0.3.51', port: 8080, is: 'from 10.0.3.50' },
      { from: a, to: '10.0.3.51', port: 9999, is: 'refused' },
      { from: a, to: '10.0.4.50', port: 8080, is: 'from 10.0.3.50' },
      { from: c, to: '10.0.4.50', port: 8080, is: 'from 10.0.3.60' },
      { from: NODE, to: '10.0.3.51', port: 8080, is: 'from 10.0.3.10' },
      { from: NODE, to: '10.0.3.60', port: 8080, is: 'from 10.0.3.10' },
      { from: 'vpc', to: '10.0.3.60', port: 8080, as: '10.0.4.50', is: 'from 10.0.4.50' },
    ]);
  }, 60_000);

  test("outside the VPC both interfaces' pods are the node, and the answer finds them", () => {
    judge([
      { from: a, to: '198.18.0.1', port: 8080, is: 'from 10.0.3.10' },
      { from: c, to: '198.18.0.1', port: 8080, is: 'from 10.0.3.10' },
      { from: c, to: '198.18.0.1', port: 9999, is: 'refused' },
    ]);
  }, 60_000);

  test('a Service from a pod, from the node, by its node port, and a hairpin', () => {
    judge([
      { from: a, to: '172.20.0.50', port: 80, is: 'from 10.0.3.50' },
      { from: NODE, to: '172.20.0.50', port: 80, is: 'from 10.0.3.10' },
      { from: 'pod/default/b', to: '172.20.0.50', port: 80, is: 'from 10.0.3.10' },
      { from: 'vpc', to: '10.0.3.10', port: 30080, as: '198.18.0.1', is: 'from 10.0.3.10' },
      { from: a, to: '10.0.3.10', port: 30080, is: 'from 10.0.3.10' },
    ]);
  }, 60_000);

  test('a Service without endpoints refuses', () => {
    change({ endpoints: [] });
    judge([{ from: a, to: '172.20.0.50', port: 80, is: 'refused' }]);
    change({ endpoints: ['10.0.3.51'] });
  }, 60_000);

  test('a strict pod on the same node answers, but its refusal is lost', () => {
    judge([
      { from: a, to: '10.0.3.70', port: 8080, is: 'from 10.0.3.50' },
      { from: a, to: '10.0.3.70', port: 9999, is: 'silence' },
      { from: s, to: '10.0.3.51', port: 8080, is: 'from 10.0.3.70' },
      { from: s, to: '198.18.0.1', port: 8080, is: 'from 10.0.3.70' },
    ]);
  }, 60_000);

  test('the node reaches a strict pod by TCP only without tcp_early_demux', () => {
    judge([{ from: NODE, to: '10.0.3.70', port: 8080, is: 'from 10.0.3.10' }]);
    change({ endpoints: ['10.0.3.51'], sysctls: { 'net.ipv4.tcp_early_demux': '1' } });
    judge([{ from: NODE, to: '10.0.3.70', port: 8080, is: 'silence' }]);
    change({ endpoints: ['10.0.3.51'] });
  }, 60_000);

  test('a Service whose endpoint is a strict pod on the same node', () => {
    change({ endpoints: ['10.0.3.70'] });
    judge([
      { from: a, to: '172.20.0.50', port: 80, is: 'from 10.0.3.50' },
      { from: 'vpc', to: '10.0.3.10', port: 30080, as: '198.18.0.1', is: 'from 10.0.3.10' },
    ]);
    change({ endpoints: ['10.0.3.51'] });
  }, 60_000);

  test('rp_filter: strict on the primary eats answers of the second interface, loose does not', () => {
    const eth1 = { from: 'vpc', to: '10.0.3.20', port: 8080, as: '198.18.0.1' } as const;
    judge([{ ...eth1, is: 'from 198.18.0.1' }]);
    change({ endpoints: ['10.0.3.51'], sysctls: { 'net.ipv4.conf.eth0.rp_filter': '1' } });
    judge([
      { from: c, to: '198.18.0.1', port: 8080, is: 'silence' },
      { from: a, to: '10.0.4.50', port: 8080, is: 'from 10.0.3.50' },
    ]);
    change({ endpoints: ['10.0.3.51'] });
    judge([{ from: c, to: '198.18.0.1', port: 8080, is: 'from 10.0.3.10' }]);
  }, 60_000);

  test('a pod cannot send as its neighbour where its veth has loose rp_filter', () => {
    within(NETNS[a]!, 'ip addr add 10.0.3.99/32 dev eth0');
    const forged = { from: a, to: '10.0.4.50', port: 8080, as: '10.0.3.99' } as const;
    change({ endpoints: ['10.0.3.51'], sysctls: { 'net.ipv4.conf.eniaaa.rp_filter': '2' } });
    judge([
      { ...forged, is: 'silence' },
      { from: a, to: '10.0.4.50', port: 8080, is: 'from 10.0.3.50' },
    ]);
  }, 60_000);
});
