import { describe, expect, test } from 'vitest';
import type { Pod } from '../../model/kubernetes/core.ts';
import type { PodSandbox } from '../../model/linux/cni.ts';
import { iptablesRuleText } from '../../model/linux/iptables-text.ts';
import { addEgressSnat, egressInterface } from './egress-plugin.ts';
import { IptablesState } from './iptables-state.ts';
import { pooledInterface } from './pod-network.ts';
import { addPortMappings, cniChainName, portMappings } from './portmap.ts';
import { sha512 } from './sha512.ts';

const request = { containerId: 'c0ffee', ifName: 'eth0', namespace: 'default', podName: 'web' };
const eth0 = pooledInterface(request, 'eni', {
  ip: '10.0.3.50',
  eniId: 'eni-1',
  deviceNumber: 0,
  networkCard: 0,
  routeTableId: 254,
  index: 0,
});
const SANDBOX: PodSandbox = {
  namespace: 'default',
  podName: 'web',
  podUid: '',
  nodeName: 'node-1',
  containerId: 'c0ffee',
  interfaces: [eth0],
  createdAtMs: 0,
};

const podWith = (ports: Pod['spec']['containers'][number]['ports']): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default' },
  spec: { containers: [{ name: 'web', ports }] },
});

const rulesOf = (state: IptablesState, chain: string): readonly string[] =>
  (state.chain('nat', chain) ?? []).map((rule) => iptablesRuleText(rule));

describe('a hostPort', () => {
  const chain = cniChainName('DN-', 'c0ffee');
  const state = new IptablesState();
  addPortMappings(
    state,
    SANDBOX,
    portMappings(podWith([{ containerPort: 80, hostPort: 8080 }, { containerPort: 443 }])),
  );

  test('is destination NAT for packets to the node, from outside and from the node itself', () => {
    const entry = '-m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT';
    expect(rulesOf(state, 'PREROUTING')).toEqual([entry]);
    expect(rulesOf(state, 'OUTPUT')).toEqual([entry]);
    expect(rulesOf(state, 'CNI-HOSTPORT-DNAT')).toEqual([
      '-p tcp -m comment --comment "dnat name: \\"aws-cni\\" id: \\"c0ffee\\"" ' +
        `-m multiport --dports 8080 -j ${chain}`,
    ]);
    expect(rulesOf(state, chain)).toEqual([
      '-s 10.0.3.50/32 -p tcp -m tcp --dport 8080 -j CNI-HOSTPORT-SETMARK',
      '-s 127.0.0.1/32 -p tcp -m tcp --dport 8080 -j CNI-HOSTPORT-SETMARK',
      '-p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.0.3.50:80',
    ]);
  });

  test('masquerades a pod that reaches itself through the node', () => {
    expect(rulesOf(state, 'POSTROUTING')[0]).toMatch(/-j CNI-HOSTPORT-MASQ$/);
    expect(rulesOf(state, 'CNI-HOSTPORT-SETMARK')[0]).toMatch(/--set-xmark 0x2000\/0x2000$/);
    expect(rulesOf(state, 'CNI-HOSTPORT-MASQ')).toEqual([
      '-m mark --mark 0x2000/0x2000 -j MASQUERADE',
    ]);
  });

  test('names its chain by the plugin’s hash, 28 characters', () => {
    expect(chain).toBe(`CNI-DN-${sha512('aws-cnic0ffee').slice(0, 21)}`);
    expect(sha512('abc')).toMatch(/^ddaf35a193617abacc417349ae204131/);
  });

  test('with a hostIP asks for that address only', () => {
    const own = new IptablesState();
    const ports = [{ containerPort: 80, hostPort: 80, hostIP: '10.0.3.10' }];
    addPortMappings(own, SANDBOX, portMappings(podWith(ports)));
    expect(rulesOf(own, chain).at(-1)).toBe(
      '-d 10.0.3.10/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.3.50:80',
    );
  });

  test('more than 15 ports take a second entry', () => {
    const own = new IptablesState();
    const ports = Array.from({ length: 16 }, (_, i) => ({ containerPort: 80, hostPort: 9000 + i }));
    addPortMappings(own, SANDBOX, portMappings(podWith(ports)));
    expect(rulesOf(own, 'CNI-HOSTPORT-DNAT')).toHaveLength(2);
  });

  test('of a hostNetwork pod is nobody’s to map', () => {
    const pod = podWith([{ containerPort: 80, hostPort: 80 }]);
    expect(portMappings({ ...pod, spec: { ...pod.spec, hostNetwork: true } })).toEqual([]);
  });
});

describe('the egress plugin', () => {
  test('gives pods of an IPv6 cluster an IPv4 address their node alone knows', () => {
    const first = egressInterface(request, { ipv4: true, ipv6: false }, [])!;
    expect(first).toMatchObject({
      name: 'v4if0',
      address: '169.254.172.2/22',
      gateway: '169.254.172.1',
    });
    const next = egressInterface(request, { ipv4: true, ipv6: false }, [first.address])!;
    expect(next.address).toBe('169.254.172.3/22');
  });

  test('goes round: an address just given back is not the next one given out', () => {
    const held = ['169.254.172.2/22', '169.254.175.254/22'];
    expect(egressInterface(request, { ipv4: true, ipv6: false }, held)?.address).toBe(
      '169.254.172.3/22',
    );
  });

  test('writes the node’s address as source of what leaves by it', () => {
    const egress = egressInterface(request, { ipv4: true, ipv6: false }, [])!;
    const state = new IptablesState();
    addEgressSnat(state, { ...SANDBOX, egress }, '10.0.3.10', 'prng');
    const chain = cniChainName('E4-', 'c0ffee');
    const said = '-m comment --comment "name: \\"aws-cni\\" id: \\"c0ffee\\""';
    expect(rulesOf(state, chain)).toEqual([
      `-d 224.0.0.0/4 ${said} -j ACCEPT`,
      `${said} -j SNAT --to-source 10.0.3.10 --random-fully`,
    ]);
    expect(rulesOf(state, 'POSTROUTING')).toEqual([`-s 169.254.172.2/32 ${said} -j ${chain}`]);
  });

  test('gives pods of an IPv4 cluster a gateway that is the host link’s own fe80 address', () => {
    const made = egressInterface(request, { ipv4: false, ipv6: true }, [])!;
    expect(made.address).toBe('fd00::ac:2/118');
    expect(made.gateway).toMatch(/^fe80::/);
    expect(made.podRoutes).toEqual([
      { destination: '::/0', via: made.gateway, device: 'v6if0', table: 254 },
    ]);
  });

  test('is off where the cluster does not ask for it', () => {
    expect(egressInterface(request, { ipv4: false, ipv6: false }, [])).toBeUndefined();
  });
});
