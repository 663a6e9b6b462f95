/**
 * datapath/trace — what a trace says: flow -> hops -> steps, each step with the object, the rule
 * and the field that decided it; forward and return. Deterministic: nothing here counts, times or
 * numbers things that do not bear on the packet.
 *
 * AWS's explanation codes (Reachability Analyzer) are used unchanged where they exist; ours extend
 * them with `K8S_`, `CNI_`, `NODE_`, `DNS_` codes.
 */
import type { Packet } from '../net/index.ts';

/** The eight layers people troubleshoot by. */
export const LAYERS = [
  'vpc',
  'subnet',
  'cni',
  'service',
  'kube-proxy',
  'load-balancer',
  'dns',
  'security',
] as const;

export type Layer = (typeof LAYERS)[number];

/** What kind of thing decided. `object` and `rule` of the evidence say which one. */
export type ElementKind =
  | 'security-group-rule'
  | 'network-acl-entry'
  | 'network-acl-association'
  | 'route'
  | 'route-table-association'
  | 'transit-gateway-route'
  | 'transit-gateway-association'
  | 'vpc-peering-connection'
  | 'gateway'
  | 'vpc-endpoint'
  | 'prefix-list'
  | 'network-interface'
  | 'ip-rule'
  | 'ip-route'
  | 'iptables-rule'
  | 'nftables-rule'
  | 'sysctl'
  | 'socket'
  | 'neighbour'
  | 'network-policy'
  | 'policy-endpoint'
  | 'service'
  | 'endpoint'
  | 'dns-record'
  | 'config-map'
  | 'vpc'
  | 'cluster'
  | 'pod'
  | 'node'
  | 'link'
  | 'load-balancer'
  | 'listener'
  | 'listener-rule'
  | 'target-group'
  | 'target'
  | 'certificate'
  | 'hosted-zone';

/** One thing that bore on a decision, named so that a person can go and look at it. */
export interface Element {
  readonly kind: ElementKind;
  /** The object: `sg-0a…`, `rtb-0b…`, `networkpolicy default/api`, `node ip-10-0-3-10…`. */
  readonly object: string;
  /** Which of its rules: an id, `100`, `10.0.0.0/16`, an iptables rule as text. */
  readonly rule?: string | undefined;
  /** The field that decided, with its value: `fromPort 5432`. */
  readonly field?: string | undefined;
}

export interface Evidence {
  /** What decided; take it away and the answer changes. */
  readonly decisive: readonly Element[];
  /** What was looked at and did not match, where nothing did. */
  readonly considered?: readonly Element[] | undefined;
  /** An AWS explanation code, or one of ours. */
  readonly code?: string | undefined;
}

export type StepAction =
  | 'forward'
  | 'allow'
  | 'deny'
  | 'rewrite'
  | 'resolve'
  | 'choose'
  | 'deliver'
  | 'drop'
  | 'note';

export interface Step {
  readonly layer: Layer;
  /** What was asked: `security-group-egress`, `ip-rule`, `dnat`, `rp-filter`, … */
  readonly kind: string;
  readonly action: StepAction;
  /** One line that a tired person understands. */
  readonly text: string;
  readonly evidence: Evidence;
  /** The header after a rewrite. */
  readonly rewritten?: { readonly before: Packet; readonly after: Packet } | undefined;
}

/** A place the packet was at: a pod, a node, an ENI, a subnet's router, a gateway. */
export interface Hop {
  readonly node: string;
  readonly layer: Layer;
  readonly steps: readonly Step[];
}

export type Disposition =
  | 'delivered'
  /** Got there; the answer does not come back. */
  | 'reply-blocked'
  | 'denied-by-security-group'
  | 'denied-by-network-acl'
  | 'denied-by-network-policy'
  | 'denied-by-netfilter'
  | 'denied-by-source-dest-check'
  | 'denied-by-rp-filter'
  | 'denied-by-endpoint-access'
  | 'no-route'
  | 'blackholed'
  /** Something answered with a reset or an ICMP error: nothing listens, or REJECT. */
  | 'refused'
  /** Nobody answers, and nothing says so. */
  | 'timed-out'
  | 'too-big'
  | 'no-such-name'
  | 'no-endpoints'
  /** A load balancer answers in place of a target: a redirect, a fixed response, an error. */
  | `http-${number}`
  | 'not-simulated';

/** What would be the least to change, in words and where there is one, as a command. */
export interface Remedy {
  readonly text: string;
  readonly command?: string | undefined;
}

/** Where a walk ended and why. */
export interface Verdict {
  readonly disposition: Disposition;
  /** One sentence. */
  readonly text: string;
  readonly code?: string | undefined;
  readonly remedy?: Remedy | undefined;
}
