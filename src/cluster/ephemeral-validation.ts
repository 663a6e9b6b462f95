/**
 * cluster/ephemeral-validation — may a pod have these ephemeral containers?
 *
 * Upstream: kubernetes/kubernetes pkg/apis/core/validation/validation.go
 * validateEphemeralContainers, allowedEphemeralContainerFields.
 */
import type { EphemeralContainer, PodSpec } from '../model/kubernetes/core.ts';
import { duplicate, type FieldError, forbidden, notFound } from './field-error.ts';
import { containerErrors } from './pod-validation.ts';

/** What an ephemeral container has of a container's fields is what is not listed here. */
const NEVER = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
];
const NOT_FOR_EPHEMERAL = 'cannot be set for an Ephemeral Container';

const isUnset = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/** Complaints about the ephemeral containers of a defaulted spec. */
export function ephemeralErrors(spec: PodSpec): FieldError[] {
  const others = new Set([...spec.containers, ...(spec.initContainers ?? [])].map(nameOf));
  const names = new Set(others);
  const volumes = new Set(((spec.volumes ?? []) as readonly { name: string }[]).map(nameOf));
  const errors: FieldError[] = [];
  (spec.ephemeralContainers ?? []).forEach((container, i) => {
    const at = `spec.ephemeralContainers[${i}]`;
    const { name, targetContainerName = '' } = container;
    // Ports are not looked at twice: there may be none.
    errors.push(...containerErrors({ ...container, ports: undefined }, volumes, at));
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    if (targetContainerName !== '' && !others.has(targetContainerName)) {
      errors.push(notFound(`${at}.targetContainerName`, targetContainerName));
    }
    for (const field of NEVER) {
      if (!isUnset(container[field])) errors.push(forbidden(`${at}.${field}`, NOT_FOR_EPHEMERAL));
    }
    errors.push(...subPathErrors(container, at));
  });
  return errors;
}

const nameOf = ({ name }: { readonly name: string }): string => name;

function subPathErrors({ volumeMounts = [] }: EphemeralContainer, at: string): FieldError[] {
  const mounts = volumeMounts as readonly Readonly<Record<string, unknown>>[];
  return mounts.flatMap((mount, i) =>
    ['subPath', 'subPathExpr']
      .filter((field) => !isUnset(mount[field]))
      .map((field) => forbidden(`${at}.volumeMounts[${i}].${field}`, NOT_FOR_EPHEMERAL)),
  );
}
