/**
 * controllers/multus/range-addresses — who has which address of a NetworkAttachmentDefinition's
 * range: per node for host-local, over the cluster for whereabouts.
 *
 * Upstream: containernetworking/plugins plugins/ipam/host-local/backend/allocator (round robin from
 * the last address), k8snetworkplumbingwg/whereabouts pkg/allocate (lowest free).
 */

import type { TwinStore } from '../../model/kinds.ts';
import type { PodSandbox } from '../../model/linux/cni.ts';
import {
  cidrTextContains,
  contains,
  firstAddress,
  formatIp,
  type Ip,
  lastAddress,
  parseCidr,
  parseIp,
} from '../../net/index.ts';
import type { AddressRange } from './network-config.ts';

/** A range is looked through to this many addresses; a /64 has no end worth reaching. */
const LOOKED_AT_MAX = 65_536;

type Sandbox = Pick<PodSandbox, 'namespace' | 'podName' | 'containerId'>;

/** Who has an address: one interface of one sandbox, not of whatever pod has the name. */
export const holderOf = (sandbox: Sandbox, interfaceName: string): string =>
  `${sandbox.namespace}/${sandbox.podName} ${interfaceName} ${sandbox.containerId}`;

export class RangeAddresses {
  /** Holder by scope and address. */
  readonly #holders = new Map<string, string>();
  /** Address by scope and holder. */
  readonly #held = new Map<string, string>();
  readonly #last = new Map<string, string>();

  /** Takes over what pods already have: theirs are the interfaces that are not eth0. */
  constructor(store: TwinStore) {
    for (const sandbox of store.list('node/pod-sandbox')) {
      for (const one of sandbox.interfaces) {
        if (one.name === 'eth0' || one.name.startsWith('mNicIf')) continue;
        const holder = holderOf(sandbox, one.name);
        for (const scope of ['cluster', sandbox.nodeName]) this.#hold(scope, holder, one.address);
      }
    }
  }

  /**
   * An address for the holder: the one it has, or a free one. ADD comes twice for a sandbox that a
   * twin opened again finds.
   *
   * @param scope  a node's name, or `cluster`
   * @param holder  from `holderOf`
   */
  take(range: AddressRange, scope: string, holder: string): string | undefined {
    const block = parseCidr(range.subnet);
    if (block === undefined) return undefined;
    const known = this.#held.get(`${scope} ${holder}`);
    if (known !== undefined && cidrTextContains(range.subnet, known)) return known;
    const first = edge(range.start) ?? next(firstAddress(block), 1);
    const last = edge(range.end) ?? next(lastAddress(block), -1);
    const size = Math.min(Number(BigInt(last) - BigInt(first)) + 1, LOOKED_AT_MAX);
    const resume = this.#resumeAt(range, scope, first, size);
    for (let i = 0; i < size; i++) {
      const ip = next(first, (resume + i) % size);
      if (!contains(block, ip)) continue;
      const address = formatIp(ip);
      if (address === range.gateway || this.#holders.has(`${scope} ${address}`)) continue;
      if (range.excluded.some((cidr) => cidrTextContains(cidr, address))) continue;
      this.#hold(scope, holder, address);
      this.#last.set(`${scope} ${range.subnet}`, address);
      return address;
    }
    return undefined;
  }

  release(scope: string, address: string): void {
    const holder = this.#holders.get(`${scope} ${address}`);
    this.#holders.delete(`${scope} ${address}`);
    this.#held.delete(`${scope} ${holder}`);
  }

  #hold(scope: string, holder: string, address: string): void {
    this.#holders.set(`${scope} ${address}`, holder);
    this.#held.set(`${scope} ${holder}`, address);
  }

  /** host-local goes on after the last address it gave; whereabouts starts over. */
  #resumeAt(range: AddressRange, scope: string, first: Ip, size: number): number {
    const last = scope === 'cluster' ? undefined : this.#last.get(`${scope} ${range.subnet}`);
    const ip = last === undefined ? undefined : parseIp(last);
    if (ip === undefined) return 0;
    const offset = Number(BigInt(ip) - BigInt(first)) + 1;
    return offset >= 0 && offset < size ? offset : 0;
  }
}

const edge = (text: string | undefined): Ip | undefined =>
  text === undefined ? undefined : parseIp(text);

const next = (ip: Ip, by: number): Ip => (typeof ip === 'number' ? ip + by : ip + BigInt(by));
