/**
 * net/port-set — immutable sets of (protocol, port), what rules allow and reachability answers.
 *
 * Each of the 256 protocols has its own set of points 0..65535. For tcp, udp and sctp a point is
 * the destination port. For icmp and icmpv6 it is type * 256 + code. Any other protocol has no
 * finer structure, so rules give it every point or none.
 * Held as one answer for the rest plus the protocols that differ from it; the rest is by definition
 * what protocol 255 (IANA: reserved) has, which makes equal sets equal in form.
 */
import { IntervalSet } from './interval-set.ts';
import { formatProtocol, hasTypeAndCode, PROTOCOL_ALL, type Protocol } from './protocol.ts';

/** The highest port. */
export const PORT_MAX = 65535;

/** Every port 0..65535. */
export const ALL_PORTS: IntervalSet = IntervalSet.range(0, PORT_MAX);

const PROTOCOL_COUNT = 256;
const REST = 255;

/** The point that stands for an ICMP or ICMPv6 message. */
export function icmpPoint(type: number, code: number): number {
  return type * 256 + code;
}

/** The points of an ICMP rule: -1 for `type` means all messages, -1 for `code` all of one type. */
export function icmpPoints(type: number, code: number): IntervalSet {
  if (type < 0) return ALL_PORTS;
  if (code < 0) return IntervalSet.range(icmpPoint(type, 0), icmpPoint(type, 255));
  return IntervalSet.single(icmpPoint(type, code));
}

/** A set of (protocol, port). */
export class PortSet {
  // Made when first asked for; see IntervalSet.
  static #empty: PortSet | undefined;
  static #all: PortSet | undefined;

  /** The protocols whose points differ from the rest. */
  readonly #special: ReadonlyMap<Protocol, IntervalSet>;
  readonly #rest: IntervalSet;

  private constructor(special: ReadonlyMap<Protocol, IntervalSet>, rest: IntervalSet) {
    this.#special = special;
    this.#rest = rest;
  }

  /** The set with no member. */
  static get EMPTY(): PortSet {
    PortSet.#empty ??= new PortSet(new Map(), IntervalSet.EMPTY);
    return PortSet.#empty;
  }

  /** Every port of every protocol. */
  static get ALL(): PortSet {
    PortSet.#all ??= new PortSet(new Map(), ALL_PORTS);
    return PortSet.#all;
  }

  /**
   * The given points of one protocol, or of every protocol for -1.
   *
   * @param protocol  0..255 or {@link PROTOCOL_ALL}
   * @param ports     points 0..65535; every point when left out
   */
  static of(protocol: Protocol, ports: IntervalSet = ALL_PORTS): PortSet {
    if (ports.isEmpty) return PortSet.EMPTY;
    if (protocol === PROTOCOL_ALL) return new PortSet(new Map(), ports);
    return PortSet.#of((p) => (p === protocol ? ports : IntervalSet.EMPTY), [protocol]);
  }

  /** The ports first..last of one protocol. */
  static range(protocol: Protocol, first: number, last: number): PortSet {
    return PortSet.of(protocol, IntervalSet.range(first, last));
  }

  /** Builds the canonical form; only protocols in `candidates` may differ from protocol 255. */
  static #of(pointsOf: (p: Protocol) => IntervalSet, candidates: Iterable<Protocol>): PortSet {
    const rest = pointsOf(REST);
    const seen = new Set(candidates);
    // When 255 itself is listed it says nothing about the unlisted, so look at every protocol.
    if (seen.has(REST)) for (let p = 0; p < PROTOCOL_COUNT; p++) seen.add(p);
    const special = new Map<Protocol, IntervalSet>();
    for (const protocol of seen) {
      const points = pointsOf(protocol);
      if (!points.equals(rest)) special.set(protocol, points);
    }
    return new PortSet(special, rest);
  }

  /** True when the set has no member. */
  get isEmpty(): boolean {
    return this.#rest.isEmpty && this.#special.size === 0;
  }

  /** True when the set has every port of every protocol. */
  get isAll(): boolean {
    return this.equals(PortSet.ALL);
  }

  /** The points of one protocol 0..255. */
  portsOf(protocol: Protocol): IntervalSet {
    return this.#special.get(protocol) ?? this.#rest;
  }

  /** The protocols that have at least one point. */
  protocols(): IntervalSet {
    const present: { first: number; last: number }[] = [];
    for (let p = 0; p < PROTOCOL_COUNT; p++) {
      if (!this.portsOf(p).isEmpty) present.push({ first: p, last: p });
    }
    return IntervalSet.of(present);
  }

  /** True when the point of the protocol is a member. */
  contains(protocol: Protocol, port: number): boolean {
    return this.portsOf(protocol).contains(port);
  }

  /** Members of either set. */
  union(other: PortSet): PortSet {
    return this.#combine(other, (here, there) => here.union(there));
  }

  /** Members of both sets. */
  intersection(other: PortSet): PortSet {
    return this.#combine(other, (here, there) => here.intersection(there));
  }

  /** Members of this set that are not in the other. */
  difference(other: PortSet): PortSet {
    return this.#combine(other, (here, there) => here.difference(there));
  }

  /** True when every member of the other set is in this one. */
  includes(other: PortSet): boolean {
    return other.difference(this).isEmpty;
  }

  /** True when the sets share a member. */
  overlaps(other: PortSet): boolean {
    return !this.intersection(other).isEmpty;
  }

  /** True when both sets have the same members. */
  equals(other: PortSet): boolean {
    if (this.#special.size !== other.#special.size || !this.#rest.equals(other.#rest)) return false;
    for (const [protocol, points] of this.#special) {
      const there = other.#special.get(protocol);
      if (there === undefined || !points.equals(there)) return false;
    }
    return true;
  }

  /**
   * Writes `tcp 80,443; udp 53`, `all` for everything, `none` for nothing. A protocol with every
   * point is its name alone; `other` stands for the protocols not listed.
   */
  toString(): string {
    if (this.isEmpty) return 'none';
    if (this.isAll) return 'all';
    const parts = [...this.#special]
      .sort(([a], [b]) => a - b)
      .map(([protocol, points]) =>
        describe(formatProtocol(protocol), points, hasTypeAndCode(protocol)),
      );
    if (!this.#rest.isEmpty)
      parts.push(describe(parts.length > 0 ? 'other' : 'all', this.#rest, false));
    return parts.join('; ');
  }

  #combine(other: PortSet, op: (here: IntervalSet, there: IntervalSet) => IntervalSet): PortSet {
    return PortSet.#of(
      (p) => op(this.portsOf(p), other.portsOf(p)),
      [...this.#special.keys(), ...other.#special.keys()],
    );
  }
}

/** Writes one protocol: its name, then its ports, or ICMP messages as `type/code`. */
function describe(name: string, points: IntervalSet, messages: boolean): string {
  if (points.equals(ALL_PORTS)) return name;
  if (points.isEmpty) return `${name} none`;
  return `${name} ${messages ? describeMessages(points) : points.toString()}`;
}

/** Writes ICMP points: `8` for every code of a type, `3/4` for one message, `3/1-3/4` for a run. */
function describeMessages(points: IntervalSet): string {
  const typeOf = (point: number): number => Math.floor(point / 256);
  return points
    .intervals()
    .map(({ first, last }) => {
      const whole = first % 256 === 0 && last % 256 === 255;
      const low = whole ? `${typeOf(first)}` : `${typeOf(first)}/${first % 256}`;
      const high = whole ? `${typeOf(last)}` : `${typeOf(last)}/${last % 256}`;
      return low === high ? low : `${low}-${high}`;
    })
    .join(',');
}
