/**
 * controllers/vpc-cni/portmap — the chained portmap plugin: a pod's hostPort as destination NAT on
 * the node, and the masquerade of what would otherwise not find its way back.
 *
 * Upstream: containernetworking/plugins@3d27709 plugins/meta/portmap/portmap_iptables.go, with the
 * conflist's `snat: true`. Which ports: kubernetes/kubernetes pkg/kubelet/container/helpers.go
 * MakePortMappings.
 */
import type { Container, Pod } from '../../model/kubernetes/core.ts';
import type { PodSandbox } from '../../model/linux/cni.ts';
import { commentOf, jumpTo, localAddress } from '../../model/linux/iptables-words.ts';
import type { IptablesMatch, IptablesRule } from '../../model/linux/netfilter.ts';
import {
  PROTOCOL_SCTP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  type Protocol,
  parseIp,
} from '../../net/index.ts';
import { addressMatch, rule } from './iptables-rule.ts';
import type { IptablesState } from './iptables-state.ts';
import { sha512 } from './sha512.ts';

const DNAT_CHAIN = 'CNI-HOSTPORT-DNAT';
const SET_MARK_CHAIN = 'CNI-HOSTPORT-SETMARK';
const MASQUERADE_CHAIN = 'CNI-HOSTPORT-MASQ';
/** Bit 13, DefaultMarkBit. */
const MARK = 0x2000;
/** One multiport match takes this many. */
const PORTS_MAX = 15;
const CHAIN_NAME_LENGTH = 28;
const COMMENT_MAX = 255;
const NETWORK = 'aws-cni';

const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  TCP: PROTOCOL_TCP,
  UDP: PROTOCOL_UDP,
  SCTP: PROTOCOL_SCTP,
};

export interface PortMapping {
  readonly protocol: Protocol;
  readonly hostPort: number;
  readonly containerPort: number;
  readonly hostIp?: string | undefined;
}

/** `CNI-DN-4a1c…`: 28 characters, the digits of the network's and the container's name. */
export const cniChainName = (prefix: string, containerId: string): string =>
  `CNI-${prefix}${sha512(NETWORK + containerId)}`.slice(0, CHAIN_NAME_LENGTH);

/** What a pod asks of its node's ports: containers and native sidecars. */
export function portMappings({ spec }: Pod): readonly PortMapping[] {
  if (spec.hostNetwork === true) return [];
  const sidecars = (spec.initContainers ?? []).filter((one) => one.restartPolicy === 'Always');
  return [...spec.containers, ...sidecars].flatMap(mappingsOf);
}

const mappingsOf = ({ ports }: Container): readonly PortMapping[] =>
  (ports ?? []).flatMap(({ protocol = 'TCP', hostPort = 0, hostIP, containerPort }) =>
    hostPort === 0
      ? []
      : [
          {
            protocol: PROTOCOLS[protocol] ?? PROTOCOL_TCP,
            hostPort,
            containerPort,
            ...(hostIP ? { hostIp: hostIP } : {}),
          },
        ],
  );

const ofProtocol = (protocol: Protocol): IptablesMatch => ({
  kind: 'protocol',
  protocol,
  negated: false,
});

/** The chains every mapping shares; made with the first one and never taken away. */
function setUpShared(state: IptablesState): void {
  const nat = 'nat';
  state.newChain(nat, SET_MARK_CHAIN);
  state.appendUnique(
    nat,
    SET_MARK_CHAIN,
    rule([commentOf('CNI portfwd masquerade mark')], { kind: 'mark', value: MARK, mask: MARK }),
  );
  state.newChain(nat, MASQUERADE_CHAIN);
  state.appendUnique(
    nat,
    MASQUERADE_CHAIN,
    rule([{ kind: 'mark', value: MARK, mask: MARK, negated: false }], {
      kind: 'masquerade',
      random: 'none',
    }),
  );
  // In front of everybody else's rules there.
  const masquerade = rule(
    [commentOf('CNI portfwd requiring masquerade')],
    jumpTo(MASQUERADE_CHAIN),
  );
  if (!state.has(nat, 'POSTROUTING', masquerade)) state.prepend(nat, 'POSTROUTING', masquerade);
  state.newChain(nat, DNAT_CHAIN);
  for (const chain of ['PREROUTING', 'OUTPUT'])
    state.appendUnique(nat, chain, rule([localAddress('destination', false)], jumpTo(DNAT_CHAIN)));
}

/** Rules of CNI-HOSTPORT-DNAT that lead to a pod's chain, by protocol name, 15 ports each. */
function entryRules(chain: string, id: string, mappings: readonly PortMapping[]): IptablesRule[] {
  const text = `dnat name: "${NETWORK}" id: "${id}"`;
  const shown = text.length > COMMENT_MAX ? `${text.slice(0, COMMENT_MAX - 2)}...` : text;
  const rules: IptablesRule[] = [];
  for (const protocol of [PROTOCOL_SCTP, PROTOCOL_TCP, PROTOCOL_UDP]) {
    const ports = mappings.filter((one) => one.protocol === protocol);
    for (let at = 0; at < ports.length; at += PORTS_MAX)
      rules.push(
        rule(
          [
            ofProtocol(protocol),
            commentOf(shown),
            {
              kind: 'destination-ports',
              ports: ports
                .slice(at, at + PORTS_MAX)
                .map(({ hostPort }) => ({ from: hostPort, to: hostPort })),
              negated: false,
            },
          ],
          jumpTo(chain),
        ),
      );
  }
  return rules;
}

/** Marks for a pod that reaches itself and for the node's own loopback, then the rewrite. */
function mappingRules(mapping: PortMapping, podAddress: string): readonly IptablesRule[] {
  const address = parseIp(podAddress);
  if (address === undefined) return [];
  const isIpv4 = typeof address === 'number';
  const host = mapping.hostIp === undefined ? undefined : parseIp(mapping.hostIp);
  if (host !== undefined && (typeof host === 'number') !== isIpv4) return [];
  const base = (source: string | undefined): readonly IptablesMatch[] => [
    ...(source === undefined ? [] : addressMatch('source', source)),
    // 0.0.0.0 and :: ask for every address of the node.
    ...(host === undefined || BigInt(host) === 0n
      ? []
      : addressMatch('destination', mapping.hostIp!)),
    ofProtocol(mapping.protocol),
    {
      kind: 'destination-port',
      from: mapping.hostPort,
      to: mapping.hostPort,
      negated: false,
    },
  ];
  return [
    rule(base(podAddress), jumpTo(SET_MARK_CHAIN)),
    ...(isIpv4 ? [rule(base('127.0.0.1'), jumpTo(SET_MARK_CHAIN))] : []),
    rule(base(undefined), { kind: 'dnat', address, port: mapping.containerPort }),
  ];
}

/** What the plugin does at ADD of a pod with hostPorts. `state` is of the family of its eth0. */
export function addPortMappings(
  state: IptablesState,
  sandbox: PodSandbox,
  mappings: readonly PortMapping[],
): void {
  const eth0 = sandbox.interfaces[0];
  if (eth0 === undefined || mappings.length === 0) return;
  setUpShared(state);
  const chain = cniChainName('DN-', sandbox.containerId);
  state.newChain('nat', chain);
  for (const mapping of mappings)
    for (const made of mappingRules(mapping, eth0.address)) state.appendUnique('nat', chain, made);
  for (const made of entryRules(chain, sandbox.containerId, mappings))
    state.appendUnique('nat', DNAT_CHAIN, made);
}
