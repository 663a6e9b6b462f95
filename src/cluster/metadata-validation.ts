/**
 * cluster/metadata-validation — names, labels, annotations, finalizers, owners, selectors.
 *
 * Upstream: kubernetes/apimachinery 0.30 pkg/api/validation/objectmeta.go,
 * pkg/apis/meta/v1/validation/validation.go.
 */

import type { KubernetesObject, LabelSelector, Labels } from '../model/kubernetes/meta.ts';
import type { Resource } from '../model/kubernetes/resources.ts';
import { type FieldError, forbidden, invalid, required, tooLong } from './field-error.ts';
import {
  dns1035LabelProblems,
  dns1123LabelProblems,
  dns1123SubdomainProblems,
  labelValueProblems,
  pathSegmentProblems,
  qualifiedNameProblems,
} from './names.ts';

/** One complaint per problem of a text. */
export const complaints = (
  field: string,
  value: string,
  problems: readonly string[],
): FieldError[] => problems.map((problem) => invalid(field, value, problem));

/** Labels, keys and values. */
export function labelErrors(labels: Labels | undefined, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(labels ?? {})) {
    errors.push(...complaints(field, key, qualifiedNameProblems(key)));
    errors.push(...complaints(field, value, labelValueProblems(String(value))));
  }
  return errors;
}

/** objectmeta.go TotalAnnotationSizeLimitB. */
const ANNOTATIONS_BYTES_MAX = 256 * 1024;

function annotationErrors(annotations: Labels | undefined, field: string): FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    // Keys may be capital where a label's prefix may not.
    errors.push(...complaints(field, key, qualifiedNameProblems(key.toLowerCase())));
    bytes += key.length + String(value).length;
  }
  if (bytes > ANNOTATIONS_BYTES_MAX) errors.push(tooLong(field, ANNOTATIONS_BYTES_MAX));
  return errors;
}

/** Complaints about a label selector. */
export function selectorErrors(selector: LabelSelector | undefined, field: string): FieldError[] {
  if (selector === undefined || selector === null) return [];
  const errors = labelErrors(selector.matchLabels, `${field}.matchLabels`);
  for (const [i, { key = '', operator, values = [] }] of (
    selector.matchExpressions ?? []
  ).entries()) {
    const at = `${field}.matchExpressions[${i}]`;
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) {
        const detail = "must be specified when `operator` is 'In' or 'NotIn'";
        errors.push(required(`${at}.values`, detail));
      }
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0) {
        const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
        errors.push(forbidden(`${at}.values`, detail));
      }
    } else errors.push(invalid(`${at}.operator`, operator ?? '', 'not a valid selector operator'));
    errors.push(...complaints(`${at}.key`, key, qualifiedNameProblems(key)));
    values.forEach((value, j) => {
      errors.push(...complaints(`${at}.values[${j}]`, value, labelValueProblems(value)));
    });
  }
  return errors;
}

/** Kinds whose names are labels. */
const LABEL_NAMED: ReadonlySet<string> = new Set(['Namespace']);
const RBAC = 'rbac.authorization.k8s.io';

const nameProblems = (resource: Resource | undefined, kind: string, name: string): string[] => {
  // `v1.` is the core group's APIService.
  if (resource?.group === RBAC || resource?.kind === 'APIService') return pathSegmentProblems(name);
  if (resource?.kind === 'Service') return dns1035LabelProblems(name);
  if (LABEL_NAMED.has(kind)) return dns1123LabelProblems(name);
  return dns1123SubdomainProblems(name);
};

/** core/helper IsStandardFinalizerName: those without a domain. */
const STANDARD_FINALIZERS: ReadonlySet<string> = new Set([
  'kubernetes',
  'orphan',
  'foregroundDeletion',
]);

/** Custom resources may have unqualified finalizers; kinds of Kubernetes' own may not. */
function finalizerErrors(finalizers: readonly string[] = [], isBuiltIn: boolean): FieldError[] {
  const errors: FieldError[] = [];
  (finalizers ?? []).forEach((finalizer, i) => {
    const problems = qualifiedNameProblems(finalizer);
    errors.push(...complaints('metadata.finalizers', finalizer, problems));
    if (!isBuiltIn || finalizer.includes('/') || STANDARD_FINALIZERS.has(finalizer)) return;
    const detail = 'name is neither a standard finalizer name nor is it fully qualified';
    errors.push(invalid(`metadata.finalizers[${i}]`, finalizer, detail));
  });
  return errors;
}

/** Complaints about an object's metadata. */
export function metadataErrors(
  resource: Resource | undefined,
  { kind, metadata }: KubernetesObject,
): FieldError[] {
  const errors: FieldError[] = [];
  const { name, generateName } = metadata;
  if (generateName) {
    // objectmeta.go:171: a dash at the end is what generated names are made of.
    const base = generateName.endsWith('-') ? `${generateName.slice(0, -1)}a` : generateName;
    errors.push(
      ...complaints('metadata.generateName', generateName, nameProblems(resource, kind, base)),
    );
  }
  if (name === '') errors.push(required('metadata.name', 'name or generateName is required'));
  else errors.push(...complaints('metadata.name', name, nameProblems(resource, kind, name)));
  if (metadata.labels !== undefined)
    errors.push(...labelErrors(metadata.labels, 'metadata.labels'));
  if (metadata.annotations !== undefined) {
    errors.push(...annotationErrors(metadata.annotations, 'metadata.annotations'));
  }
  errors.push(...finalizerErrors(metadata.finalizers, resource !== undefined));
  errors.push(...ownerErrors(metadata.ownerReferences));
  return errors;
}

function ownerErrors(owners: KubernetesObject['metadata']['ownerReferences'] = []): FieldError[] {
  const errors: FieldError[] = [];
  const field = 'metadata.ownerReferences';
  let controller: string | undefined;
  for (const { apiVersion, kind, name, uid, controller: controls } of owners) {
    if (!apiVersion) errors.push(invalid(`${field}.apiVersion`, '', 'version must not be empty'));
    if (!kind) errors.push(invalid(`${field}.kind`, '', 'must not be empty'));
    if (!name) errors.push(invalid(`${field}.name`, '', 'must not be empty'));
    if (!uid) errors.push(invalid(`${field}.uid`, '', 'must not be empty'));
    if (controls !== true) continue;
    if (controller !== undefined) {
      const detail =
        'Only one reference can have Controller set to true. Found "true" in ' +
        `references for ${controller} and ${kind}/${name}`;
      errors.push(invalid(field, { go: JSON.stringify(owners) }, detail));
    }
    controller = `${kind}/${name}`;
  }
  return errors;
}
