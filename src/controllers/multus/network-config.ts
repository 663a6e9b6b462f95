/**
 * controllers/multus/network-config — the CNI configuration inside a NetworkAttachmentDefinition.
 *
 * Upstream: containernetworking/plugins plugins/main/{ipvlan,macvlan,host-device},
 * plugins/ipam/{host-local,static}; k8snetworkplumbingwg/whereabouts pkg/types. Other plugin types
 * are told as unsupported, never guessed.
 */
import { type Cidr, cidrOf, formatCidr, parseCidr, parseIp } from '../../net/index.ts';

export interface AddressRange {
  /** The range's subnet, canonical. */
  readonly subnet: string;
  /** First and last address that may be given out; undefined = the subnet's. */
  readonly start: string | undefined;
  readonly end: string | undefined;
  readonly gateway: string | undefined;
  /** Blocks left out (whereabouts `exclude`). */
  readonly excluded: readonly string[];
}

export type Ipam =
  /** host-local counts per node, whereabouts over the cluster. */
  | {
      readonly kind: 'range';
      readonly scope: 'node' | 'cluster';
      readonly range: AddressRange;
      readonly routes: readonly IpamRoute[];
    }
  | {
      readonly kind: 'static';
      /** With their length, `10.0.1.9/24`. */
      readonly addresses: readonly string[];
      readonly routes: readonly IpamRoute[];
    }
  | { readonly kind: 'none' };

export interface IpamRoute {
  readonly destination: string;
  readonly gateway: string | undefined;
}

export interface NetworkConfig {
  readonly type: 'ipvlan' | 'macvlan' | 'host-device';
  /** The host link, `eth1`. */
  readonly master: string;
  readonly ipam: Ipam;
}

export interface BadConfig {
  readonly problem: string;
}

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function routesOf(ipam: Fields): readonly IpamRoute[] {
  return list(ipam.routes).flatMap((one) => {
    const destination = text(fieldsOf(one).dst);
    return destination === undefined ? [] : [{ destination, gateway: text(fieldsOf(one).gw) }];
  });
}

/** The block an address range lies in: whereabouts writes `10.0.1.8-10.0.1.15/24` too. */
function rangeOf(fields: Fields): AddressRange | undefined {
  const written = text(fields.subnet) ?? text(fields.range);
  if (written === undefined) return undefined;
  const [low, high] = written.includes('-') ? written.split('-') : [undefined, written];
  const block: Cidr | undefined = parseCidr(high ?? written);
  if (block === undefined) return undefined;
  const inline =
    low === undefined ? undefined : { start: low, end: written.split('-')[1]!.split('/')[0] };
  return {
    subnet: formatCidr(cidrOf(block.first as never, block.bits)),
    start: text(fields.rangeStart) ?? text(fields.range_start) ?? inline?.start,
    end: text(fields.rangeEnd) ?? text(fields.range_end) ?? inline?.end,
    gateway: text(fields.gateway),
    excluded: list(fields.exclude).flatMap((one) => text(one) ?? []),
  };
}

function ipamOf(value: unknown): Ipam | BadConfig {
  const ipam = fieldsOf(value);
  const type = text(ipam.type);
  const routes = routesOf(ipam);
  if (type === undefined) return { kind: 'none' };
  if (type === 'static') {
    const addresses = list(ipam.addresses).flatMap((one) => text(fieldsOf(one).address) ?? []);
    const bad = addresses.find((one) => parseCidr(one) === undefined);
    if (bad !== undefined) return { problem: `invalid CIDR address: ${bad}` };
    return { kind: 'static', addresses, routes };
  }
  if (type !== 'host-local' && type !== 'whereabouts')
    return { problem: `failed to find plugin "${type}" in path [/opt/cni/bin]` };
  // host-local: a list of lists of ranges; the first is the one IPv4 pods use.
  const first = list(list(ipam.ranges)[0])[0] ?? list(ipam.ipRanges)[0];
  const range = rangeOf(first === undefined ? ipam : fieldsOf(first));
  if (range === undefined) return { problem: 'no IP ranges specified' };
  const badEdge = [range.start, range.end].find(
    (edge) => edge !== undefined && parseIp(edge) === undefined,
  );
  if (badEdge !== undefined) return { problem: `invalid IP address: ${badEdge}` };
  return { kind: 'range', scope: type === 'host-local' ? 'node' : 'cluster', range, routes };
}

/** Reads `spec.config`; a configuration list's first plugin is the one that makes the interface. */
export function parseNetworkConfig(config: string | undefined): NetworkConfig | BadConfig {
  let json: unknown;
  try {
    json = JSON.parse(config ?? '');
  } catch {
    return { problem: 'error parsing configuration: invalid JSON' };
  }
  const whole = fieldsOf(json);
  const plugin = fieldsOf(list(whole.plugins)[0] ?? whole);
  const type = text(plugin.type);
  if (type !== 'ipvlan' && type !== 'macvlan' && type !== 'host-device')
    return { problem: `failed to find plugin "${type ?? ''}" in path [/opt/cni/bin]` };
  const master = text(plugin.master) ?? text(plugin.device) ?? 'eth0';
  const ipam = ipamOf(plugin.ipam);
  return 'problem' in ipam ? ipam : { type, master, ipam };
}
