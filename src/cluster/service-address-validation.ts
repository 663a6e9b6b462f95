/**
 * cluster/service-address-validation — clusterIP(s), ipFamilies and ipFamilyPolicy, alone and
 * against
 * what they were.
 *
 * Upstream: kubernetes/kubernetes 1.30.5 pkg/apis/core/validation/validation.go:7752
 * ValidateServiceClusterIPsRelatedFields, 7872 validateUpgradeDowngradeClusterIPs, 7930
 * validateUpgradeDowngradeIPFamilies.
 */
import type { ServiceSpec } from '../model/kubernetes/core.ts';
import { parseIp } from '../net/index.ts';
import {
  duplicate,
  type FieldError,
  goStrings,
  invalid,
  notSupported,
  required,
} from './field-error.ts';
import { familyOfAddress, isHeadless } from './service-families.ts';

const FAMILIES = ['IPv4', 'IPv6'];
const POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
const FIELD = 'spec.clusterIPs';
const UNCHANGED = 'may not change once set';

/** Complaints about the addresses and families a Service asks for. */
export function addressErrors(spec: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName') return [];
  const { clusterIP = '', clusterIPs = [], ipFamilies = [] } = spec;
  const errors: FieldError[] = [];
  if (clusterIP !== '') {
    if (clusterIPs.length === 0) errors.push(required(FIELD));
    else if (clusterIPs[0] !== clusterIP) {
      errors.push(invalid(FIELD, clusterIPs, 'first value must match `clusterIP`'));
    }
  } else if (clusterIPs.length > 0) {
    errors.push(invalid(FIELD, clusterIPs, 'must be empty when `clusterIP` is not specified'));
  }
  errors.push(...familyErrors(spec));
  const bad = textErrors(clusterIPs);
  errors.push(...bad);
  if (clusterIPs.length > 2)
    errors.push(invalid(FIELD, clusterIPs, 'may only hold up to 2 values'));
  if (bad.length > 0) return errors;
  if (clusterIPs.length > 1 && new Set(clusterIPs.map(familyOfAddress)).size < 2) {
    const detail = 'may specify no more than one IP for each IP family';
    errors.push(invalid(FIELD, clusterIPs, detail));
  }
  if (isHeadless(spec)) return errors;
  clusterIPs.forEach((address, i) => {
    const family = ipFamilies[i];
    if (family === undefined || family === familyOfAddress(address)) return;
    if (!FAMILIES.includes(family)) return;
    const detail = `expected an ${family} value as indicated by \`ipFamilies[${i}]\``;
    errors.push(invalid(`${FIELD}[${i}]`, address, detail));
  });
  return errors;
}

function familyErrors({ ipFamilies = [], ipFamilyPolicy }: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  ipFamilies.forEach((family, i) => {
    const field = `spec.ipFamilies[${i}]`;
    if (!FAMILIES.includes(family)) errors.push(notSupported(field, family, FAMILIES));
    if (seen.has(family)) errors.push(duplicate(field, family));
    seen.add(family);
  });
  if (ipFamilyPolicy !== undefined && !POLICIES.includes(ipFamilyPolicy)) {
    errors.push(notSupported('spec.ipFamilyPolicy', ipFamilyPolicy, POLICIES));
  }
  return errors;
}

function textErrors(clusterIPs: readonly string[]): FieldError[] {
  const errors: FieldError[] = [];
  clusterIPs.forEach((address, i) => {
    if (i === 0 && address === 'None') {
      if (clusterIPs.length > 1) {
        errors.push(invalid(FIELD, clusterIPs, "'None' must be the first and only value"));
      }
    } else if (parseIp(address) === undefined) {
      const detail = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
      errors.push(invalid(`${FIELD}[${i}]`, address, detail));
    }
  });
  return errors;
}

/** Complaints about how addresses and families change: secondaries come and go, primaries stay. */
export function addressChangeErrors(spec: ServiceSpec, before: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName' || before.type === 'ExternalName') return [];
  const wasHeadless = isHeadless(before);
  const headless = isHeadless(spec);
  if (wasHeadless && headless) return [];
  const errors = primaryErrors(spec, before);
  if (wasHeadless === headless) errors.push(...familyChangeErrors(spec, before));
  return errors;
}

function primaryErrors(spec: ServiceSpec, before: ServiceSpec): FieldError[] {
  const { clusterIPs: after = [] } = spec;
  const { clusterIPs: was = [] } = before;
  const errors: FieldError[] = [];
  if (after.length === was.length) {
    was.forEach((address, i) => {
      if (address !== after[i]) errors.push(invalid(`${FIELD}[${i}]`, after, UNCHANGED));
    });
    return errors;
  }
  if (was.length > after.length && after.length === 0) {
    errors.push(invalid(`${FIELD}[0]`, after, 'primary clusterIP can not be unset'));
  }
  if (was.length > 0 && after.length > 0 && was[0] !== after[0]) {
    errors.push(invalid(`${FIELD}[0]`, after, UNCHANGED));
  }
  if (was.length > after.length && after.length === 1 && spec.ipFamilyPolicy !== 'SingleStack') {
    const detail = "must be set to 'SingleStack' when releasing the secondary clusterIP";
    errors.push(invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy ?? null, detail));
  }
  return errors;
}

function familyChangeErrors(spec: ServiceSpec, before: ServiceSpec): FieldError[] {
  const { ipFamilies: after = [] } = spec;
  const { ipFamilies: was = [] } = before;
  const value = { go: goStrings('core.IPFamily', after) };
  const field = 'spec.ipFamilies[0]';
  if (was.length > after.length && after.length === 0) {
    return [invalid(field, value, 'primary ipFamily can not be unset')];
  }
  if (was.length > 0 && after.length > 0 && was[0] !== after[0]) {
    return [invalid(field, value, UNCHANGED)];
  }
  if (was.length === 2 && after.length === 2 && was[1] !== after[1]) {
    return [invalid(field, value, UNCHANGED)];
  }
  return [];
}
