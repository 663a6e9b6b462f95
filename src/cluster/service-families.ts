/**
 * cluster/service-families — which address families a Service has, worked out from what its owner
 * wrote and what the cluster is configured for; and the fields that follow one another.
 *
 * Upstream: kubernetes/kubernetes 1.30 pkg/registry/core/service/storage/alloc.go
 * initIPFamilyFields; storage.go normalizeClusterIPs, patchAllocatedValues,
 * dropTypeDependentFields.
 */
import type { ServicePort, ServiceSpec } from '../model/kubernetes/core.ts';
import { parseIp } from '../net/index.ts';
import { type FieldError, invalid } from './field-error.ts';
import { needsHealthCheck } from './service-defaults.ts';

export type Family = 'IPv4' | 'IPv6';

export const familyOfAddress = (address: string): Family =>
  typeof parseIp(address) === 'bigint' ? 'IPv6' : 'IPv4';

export const isHeadless = ({ clusterIPs }: ServiceSpec): boolean =>
  clusterIPs?.length === 1 && clusterIPs[0] === 'None';

export const needsClusterIp = ({ type }: ServiceSpec): boolean => type !== 'ExternalName';

export const needsNodePorts = ({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean =>
  type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false);

const has = (text: string | undefined): text is string => text !== undefined && text !== '';

const same = (a: readonly string[] = [], b: readonly string[] = []): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i]);

/** Keeps clusterIP and clusterIPs telling the same, whichever of them was written. */
export function normalizedAddresses(spec: ServiceSpec, before?: ServiceSpec): ServiceSpec {
  const { clusterIP, clusterIPs = [] } = spec;
  if (before === undefined) {
    return has(clusterIP) && clusterIPs.length === 0 ? { ...spec, clusterIPs: [clusterIP] } : spec;
  }
  const kept = same(clusterIPs, before.clusterIPs);
  if (has(before.clusterIP) && !has(clusterIP) && kept) return without(spec, 'clusterIPs');
  if (!has(before.clusterIP) && has(clusterIP) && clusterIPs.length === 0) {
    return { ...spec, clusterIPs: [clusterIP] };
  }
  if (has(before.clusterIP) && has(clusterIP) && before.clusterIP !== clusterIP && kept) {
    return { ...spec, clusterIPs: [clusterIP] };
  }
  return spec;
}

/** The spec without a field. */
function without<Field extends keyof ServiceSpec>(spec: ServiceSpec, field: Field): ServiceSpec {
  if (spec[field] === undefined) return spec;
  const { [field]: _, ...rest } = spec;
  return rest as ServiceSpec;
}

/** What the cluster chose before and the writer left out, put back. */
export function withAllocated(spec: ServiceSpec, before: ServiceSpec): ServiceSpec {
  let it = spec;
  if (needsClusterIp(before) && needsClusterIp(it)) {
    if (!has(it.clusterIP) && has(before.clusterIP)) it = { ...it, clusterIP: before.clusterIP };
    if ((it.clusterIPs?.length ?? 0) === 0 && it.clusterIP === before.clusterIP) {
      it = { ...it, clusterIPs: before.clusterIPs };
    }
  }
  if (needsNodePorts(before) && needsNodePorts(it)) it = withNodePortsOf(it, before);
  if (needsHealthCheck(before) && needsHealthCheck(it) && !it.healthCheckNodePort) {
    it = { ...it, healthCheckNodePort: before.healthCheckNodePort };
  }
  return it;
}

function withNodePortsOf(spec: ServiceSpec, before: ServiceSpec): ServiceSpec {
  const of = ({ port, protocol }: ServicePort): string => `${protocol ?? 'TCP'}/${port}`;
  const known = new Map((before.ports ?? []).map((it) => [of(it), it.nodePort]));
  const taken = new Set((spec.ports ?? []).map((it) => it.nodePort));
  const ports = spec.ports?.map((port) => {
    const nodePort = known.get(of(port));
    return port.nodePort || !nodePort || taken.has(nodePort) ? port : { ...port, nodePort };
  });
  return ports === undefined ? spec : { ...spec, ports };
}

/** Fields that only the former type may have, dropped when the writer left them as they were. */
export function withoutFormerType(spec: ServiceSpec, before: ServiceSpec): ServiceSpec {
  let it = spec;
  if (needsClusterIp(before) && !needsClusterIp(it)) {
    if (it.clusterIP === before.clusterIP) it = without(it, 'clusterIP');
    if (same(it.clusterIPs, before.clusterIPs)) it = without(it, 'clusterIPs');
    if (same(it.ipFamilies, before.ipFamilies)) it = without(it, 'ipFamilies');
    if (it.ipFamilyPolicy === before.ipFamilyPolicy) it = without(it, 'ipFamilyPolicy');
  }
  const had = before.type === 'NodePort' || before.type === 'LoadBalancer';
  const has = it.type === 'NodePort' || it.type === 'LoadBalancer';
  const numbers = (of: ServiceSpec): string => (of.ports ?? []).map((p) => p.nodePort ?? 0).join();
  if (had && !has && numbers(it) === numbers(before)) {
    it = { ...it, ports: it.ports?.map(({ nodePort: _, ...port }) => port) };
  }
  if (needsHealthCheck(before) && !needsHealthCheck(it)) {
    if (it.healthCheckNodePort === before.healthCheckNodePort) {
      it = without(it, 'healthCheckNodePort');
    }
  }
  if (before.type === 'LoadBalancer' && it.type !== 'LoadBalancer') {
    const kept = it.allocateLoadBalancerNodePorts === before.allocateLoadBalancerNodePorts;
    if (kept) it = without(it, 'allocateLoadBalancerNodePorts');
    if (it.loadBalancerClass === before.loadBalancerClass) it = without(it, 'loadBalancerClass');
  }
  if (had && !has && (it.externalIPs?.length ?? 0) === 0) {
    if (it.externalTrafficPolicy === before.externalTrafficPolicy) {
      it = without(it, 'externalTrafficPolicy');
    }
  }
  return it;
}

const POLICY = 'spec.ipFamilyPolicy';

/**
 * Fills in ipFamilies and ipFamilyPolicy.
 *
 * @param configured  the cluster's families, primary first
 * @returns the spec, or why the wish cannot be met
 */
export function withFamilies(
  spec: ServiceSpec,
  configured: readonly Family[],
  before?: ServiceSpec,
): ServiceSpec | readonly FieldError[] {
  if (spec.type === 'ExternalName') return spec;
  if (before !== undefined && isPreferAsBefore(spec, before)) {
    return { ...spec, ipFamilies: before.ipFamilies, clusterIPs: before.clusterIPs };
  }
  const headless = spec.clusterIP === 'None' && Object.keys(spec.selector ?? {}).length === 0;
  const ipFamilyPolicy =
    spec.ipFamilyPolicy ??
    before?.ipFamilyPolicy ??
    // Endpoints of a Service without selector are written by hand, in whichever family.
    (headless ? 'RequireDualStack' : 'SingleStack');
  const wish = before === undefined ? spec : downgraded(spec, before, ipFamilyPolicy);
  const errors = before === undefined ? [] : releaseErrors(wish, before, ipFamilyPolicy);
  const { clusterIPs = [] } = wish;
  let families: readonly Family[] = wish.ipFamilies ?? [];
  if (ipFamilyPolicy === 'SingleStack') errors.push(...multipleErrors(clusterIPs, families));
  for (const [i, address] of clusterIPs.entries()) {
    if (address === 'None') break;
    if (i < families.length) continue;
    const family = familyOfAddress(address);
    if (configured.includes(family)) families = [...families, family];
    else {
      const detail = `${family} is not configured on this cluster`;
      errors.push(invalid(`spec.clusterIPs[${i}]`, clusterIPs, detail));
    }
  }
  if (errors.length > 0) return errors;
  const isSingle = ipFamilyPolicy === 'SingleStack';
  if (headless) {
    if (families.length === 0) families = [configured[0]!];
    if (families.length === 1 && !isSingle) families = [families[0]!, other(families[0]!)];
    return { ...wish, ipFamilies: families, ipFamilyPolicy };
  }
  errors.push(...unconfiguredErrors(families, ipFamilyPolicy, configured));
  if (errors.length > 0) return errors;
  if (families.length === 0) families = [configured[0]!];
  if (families.length === 1 && !isSingle && configured.length === 2) {
    families = [families[0]!, other(families[0]!)];
  }
  return { ...wish, ipFamilies: families, ipFamilyPolicy };
}

const other = (family: Family): Family => (family === 'IPv4' ? 'IPv6' : 'IPv4');

/**
 * A PreferDualStack Service is neither up- nor downgraded because the cluster's families changed.
 */
const isPreferAsBefore = (spec: ServiceSpec, before: ServiceSpec): boolean =>
  spec.ipFamilyPolicy === 'PreferDualStack' &&
  before.ipFamilyPolicy === 'PreferDualStack' &&
  before.type !== 'ExternalName' &&
  same(spec.clusterIPs, before.clusterIPs) &&
  same(spec.ipFamilies ?? before.ipFamilies, before.ipFamilies);

/** Setting SingleStack and nothing else is intent enough to give the secondary up. */
function downgraded(spec: ServiceSpec, before: ServiceSpec, policy: string): ServiceSpec {
  if (policy !== 'SingleStack') return spec;
  const clusterIPs = same(spec.clusterIPs, before.clusterIPs)
    ? spec.clusterIPs?.slice(0, 1)
    : spec.clusterIPs;
  const ipFamilies = same(spec.ipFamilies, before.ipFamilies)
    ? spec.ipFamilies?.slice(0, 1)
    : spec.ipFamilies;
  return { ...spec, clusterIPs, ipFamilies };
}

function multipleErrors(addresses: readonly string[], families: readonly string[]): FieldError[] {
  const errors: FieldError[] = [];
  const when = (what: string): string =>
    `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`;
  if (addresses.length === 2) errors.push(invalid(POLICY, 'SingleStack', when('cluster IPs')));
  if (families.length === 2) errors.push(invalid(POLICY, 'SingleStack', when('IP families')));
  return errors;
}

function unconfiguredErrors(
  families: readonly Family[],
  policy: string,
  configured: readonly Family[],
): FieldError[] {
  const errors: FieldError[] = [];
  if (policy === 'RequireDualStack' && configured.length < 2) {
    errors.push(invalid(POLICY, policy, 'this cluster is not configured for dual-stack services'));
  }
  families.forEach((family, i) => {
    if (configured.includes(family)) return;
    errors.push(invalid(`spec.ipFamilies[${i}]`, family, 'not configured on this cluster'));
  });
  return errors;
}

function releaseErrors(spec: ServiceSpec, before: ServiceSpec, policy: string): FieldError[] {
  if (policy === 'SingleStack' || before.type === 'ExternalName') return [];
  const errors: FieldError[] = [];
  const fewer = (a: readonly string[] = [], b: readonly string[] = []): boolean =>
    a.length !== 0 && a.length < b.length;
  const detail = (what: string): string => `must be 'SingleStack' to release the secondary ${what}`;
  if (fewer(spec.clusterIPs, before.clusterIPs)) {
    errors.push(invalid(POLICY, policy, detail('cluster IP')));
  }
  if (fewer(spec.ipFamilies, before.ipFamilies)) {
    errors.push(invalid(POLICY, policy, detail('IP family')));
  }
  return errors;
}
