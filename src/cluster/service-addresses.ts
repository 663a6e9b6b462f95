/**
 * cluster/service-addresses — gives Services their ClusterIPs, node ports and health check ports,
 * and
 * takes them back.
 *
 * Upstream: kubernetes/kubernetes 1.30 pkg/registry/core/service/storage/alloc.go. Everything
 * here is
 * rebuilt from the stored Services, so a forked store needs no more than a new instance.
 */

import { invariant } from '../model/invariant.ts';
import type { Service, ServicePort, ServiceSpec } from '../model/kubernetes/core.ts';
import { formatIp, type Ip, parseCidr, parseIp } from '../net/index.ts';
import type { Random } from '../sim/random.ts';
import { type FieldError, goStrings, invalid } from './field-error.ts';
import { IpAllocator } from './ip-allocator.ts';
import { NODE_PORTS, PortAllocator, type PortRange } from './port-allocator.ts';
import { needsHealthCheck } from './service-defaults.ts';
import {
  type Family,
  familyOfAddress,
  isHeadless,
  needsClusterIp,
  needsNodePorts,
} from './service-families.ts';

export interface ServiceCidrs {
  readonly ipv4?: string | undefined;
  readonly ipv6?: string | undefined;
}

/** A failure upstream answers with 500. */
export interface InternalError {
  readonly internal: string;
}

type Draft = { -readonly [Field in keyof ServiceSpec]: ServiceSpec[Field] };

export class ServiceAddresses {
  /** The cluster's families, primary first: IPv4 where there is both, as on EKS. */
  readonly families: readonly Family[];
  readonly #ips = new Map<Family, IpAllocator>();
  readonly #ports: PortAllocator;

  constructor(cidrs: ServiceCidrs, ports: PortRange | undefined, random: Random) {
    const add = (family: Family, text: string | undefined): void => {
      if (text === undefined) return;
      const cidr = parseCidr(text);
      invariant(cidr !== undefined, `service CIDR ${text} reads as a CIDR`);
      this.#ips.set(family, new IpAllocator(cidr, random.split(`service-${family}`)));
    };
    add('IPv4', cidrs.ipv4);
    add('IPv6', cidrs.ipv6);
    this.families = [...this.#ips.keys()];
    invariant(this.families.length > 0, 'a cluster has at least one service CIDR');
    this.#ports = new PortAllocator(ports ?? NODE_PORTS, random.split('node-port'));
  }

  /** Ports that stand in for allocated ones while a Service is validated. */
  get anyPort(): number {
    return this.#ports.range.first;
  }

  /** Counts what a stored Service has as taken; what lies outside is left alone. */
  reserve({ spec }: Service): void {
    for (const { ip, allocator } of this.#addressesOf(spec)) allocator?.take(ip);
    for (const port of portsOf(spec)) this.#ports.take(port);
  }

  release({ spec }: Service): void {
    for (const { ip, allocator } of this.#addressesOf(spec)) allocator?.release(ip);
    for (const port of portsOf(spec)) this.#ports.release(port);
  }

  /**
   * Allocates what a Service needs and `before` did not have, and releases what it no longer has.
   * When anything fails, nothing was taken.
   */
  allocate(spec: ServiceSpec, before?: ServiceSpec): ServiceSpec | FieldError | InternalError {
    const undo: (() => void)[] = [];
    const draft: Draft = { ...spec };
    const error =
      this.#allocateAddresses(draft, before, undo) ??
      this.#allocatePorts(draft, before, undo) ??
      this.#allocateHealthCheck(draft, before, undo);
    if (error !== undefined) {
      for (const back of undo) back();
      return error;
    }
    if (before !== undefined) this.#releaseFormer(before, draft);
    return draft;
  }

  #allocateAddresses(
    draft: Draft,
    before: ServiceSpec | undefined,
    undo: (() => void)[],
  ): FieldError | InternalError | undefined {
    if (!needsClusterIp(draft) || isHeadless(draft)) return undefined;
    const had = new Set(before?.clusterIPs ?? []);
    const addresses: string[] = [];
    for (const [i, family] of (draft.ipFamilies ?? []).entries()) {
      const allocator = this.#ips.get(family)!;
      const wanted = draft.clusterIPs?.[i];
      if (wanted !== undefined && had.has(wanted)) {
        addresses.push(wanted);
        continue;
      }
      const ip = wanted === undefined ? allocator.next() : parseIp(wanted);
      const outcome =
        ip === undefined ? 'full' : wanted === undefined ? 'taken' : allocator.take(ip);
      if (outcome !== 'taken')
        return addressError(allocator, draft.clusterIPs ?? [], wanted, outcome);
      undo.push(() => allocator.release(ip!));
      addresses.push(formatIp(ip!));
    }
    draft.clusterIPs = addresses;
    draft.clusterIP = addresses[0];
    return undefined;
  }

  #allocatePorts(
    draft: Draft,
    before: ServiceSpec | undefined,
    undo: (() => void)[],
  ): FieldError | InternalError | undefined {
    if (draft.type !== 'NodePort' && draft.type !== 'LoadBalancer') return undefined;
    const given = draft.ports ?? [];
    const had = new Set((before?.ports ?? []).map(({ nodePort }) => nodePort));
    const automatic = needsNodePorts(draft);
    /** One service port number on several protocols shares its node port (alloc.go:511). */
    const byPort = new Map<number, number>();
    const ports: ServicePort[] = [];
    for (const [i, port] of given.entries()) {
      if (!port.nodePort && !automatic) {
        ports.push(port);
        continue;
      }
      const shared = byPort.get(port.port);
      const requested =
        port.nodePort ||
        shared ||
        given.find((it) => it.port === port.port && it.nodePort)?.nodePort;
      const isNew = requested === undefined || (requested !== shared && !had.has(requested));
      const nodePort = requested ?? this.#ports.next();
      const outcome =
        nodePort === undefined
          ? 'full'
          : requested === undefined || !isNew
            ? 'taken'
            : this.#ports.take(nodePort);
      if (outcome !== 'taken')
        return this.#portError(`spec.ports[${i}].nodePort`, requested, outcome);
      if (isNew) undo.push(() => this.#ports.release(nodePort!));
      if (shared === undefined) byPort.set(port.port, nodePort!);
      ports.push(port.nodePort === nodePort ? port : { ...port, nodePort });
    }
    if (draft.ports !== undefined) draft.ports = ports;
    return undefined;
  }

  #allocateHealthCheck(
    draft: Draft,
    before: ServiceSpec | undefined,
    undo: (() => void)[],
  ): InternalError | undefined {
    if (!needsHealthCheck(draft)) return undefined;
    const wanted = draft.healthCheckNodePort;
    if (wanted && wanted === before?.healthCheckNodePort) return undefined;
    const port = wanted || this.#ports.next();
    const outcome = port === undefined ? 'full' : wanted ? this.#ports.take(port) : 'taken';
    if (outcome !== 'taken') {
      // alloc.go allocHealthCheckNodePort: upstream makes this a 500.
      const why = this.#portWords(outcome);
      const which = wanted ? `requested HealthCheck NodePort ${wanted}` : 'a HealthCheck NodePort';
      return { internal: `failed to allocate ${which}: ${why}` };
    }
    undo.push(() => this.#ports.release(port!));
    draft.healthCheckNodePort = port;
    return undefined;
  }

  #portError(field: string, port: number | undefined, outcome: string): FieldError | InternalError {
    const why = this.#portWords(outcome);
    if (port === undefined) return { internal: `failed to allocate a nodePort: ${why}` };
    return invalid(field, port, why);
  }

  #portWords(outcome: string): string {
    const { first, last } = this.#ports.range;
    if (outcome === 'full') return 'range is full';
    if (outcome === 'already allocated') return 'provided port is already allocated';
    return `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
  }

  #releaseFormer(before: ServiceSpec, after: ServiceSpec): void {
    const kept = new Set(isHeadless(after) ? [] : after.clusterIPs);
    for (const { text, ip, allocator } of this.#addressesOf(before)) {
      if (!kept.has(text)) allocator?.release(ip);
    }
    const ports = new Set(portsOf(after));
    for (const port of portsOf(before)) if (!ports.has(port)) this.#ports.release(port);
  }

  #addressesOf(spec: ServiceSpec): { text: string; ip: Ip; allocator: IpAllocator | undefined }[] {
    const texts = spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : []);
    return texts.flatMap((text) => {
      const ip = parseIp(text);
      if (ip === undefined) return [];
      return [{ text, ip, allocator: this.#ips.get(familyOfAddress(text)) }];
    });
  }
}

const portsOf = (spec: ServiceSpec): number[] => [
  ...new Set(
    [...(spec.ports ?? []).map((it) => it.nodePort), spec.healthCheckNodePort].filter(
      (port): port is number => port !== undefined && port > 0,
    ),
  ),
];

/** alloc.go:283: the field is the list, its value the one address. */
function addressError(
  allocator: IpAllocator,
  addresses: readonly string[],
  wanted: string | undefined,
  outcome: string,
): FieldError | InternalError {
  const value = { go: goStrings('string', addresses) };
  if (wanted === undefined) return { internal: 'failed to allocate a serviceIP: range is full' };
  const why =
    outcome === 'not in range'
      ? `the provided IP (${wanted}) is not in the valid range. ${allocator.rangeText}`
      : 'provided IP is already allocated';
  return invalid('spec.clusterIPs', value, `failed to allocate IP ${wanted}: ${why}`);
}
