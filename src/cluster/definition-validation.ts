/**
 * cluster/definition-validation — complaints about a CustomResourceDefinition: its name, its
 * versions, and whether its schemas are structural.
 *
 * Upstream: kubernetes/apiextensions-apiserver v0.34.1 pkg/apis/apiextensions/validation/
 * validation.go, pkg/apiserver/schema/validation.go. Not asked: the approval annotation of
 * *.k8s.io groups, conversion webhooks, the cost of rules.
 */
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import type { CustomDefinition, DefinitionVersion } from './custom-definition.ts';
import { duplicate, type FieldError, invalid, notSupported, required } from './field-error.ts';
import { complaints } from './metadata-validation.ts';
import { dns1035LabelProblems, dns1123SubdomainProblems } from './names.ts';
import type { StructuralSchema } from './structural-schema.ts';

type Spec = Partial<Omit<CustomDefinition['spec'], 'names'>> & {
  readonly names?: Partial<CustomDefinition['spec']['names']>;
};

/** Complaints about a definition. */
export function definitionErrors(object: KubernetesObject): FieldError[] {
  const { group = '', scope = '', names = {}, versions = [] } = (object.spec ?? {}) as Spec;
  const { plural = '', kind = '', singular = '', listKind = '' } = names;
  const errors: FieldError[] = [];
  if (object.metadata.name !== `${plural}.${group}`) {
    const detail = 'must be spec.names.plural+"."+spec.group';
    errors.push(invalid('metadata.name', object.metadata.name, detail));
  }
  if (group === '') errors.push(required('spec.group'));
  else {
    errors.push(...complaints('spec.group', group, dns1123SubdomainProblems(group)));
    if (!group.includes('.')) {
      errors.push(invalid('spec.group', group, 'should be a domain with at least one dot'));
    }
  }
  if (scope === ('' as string)) errors.push(required('spec.scope'));
  else if (scope !== 'Cluster' && scope !== 'Namespaced') {
    errors.push(notSupported('spec.scope', scope, ['Cluster', 'Namespaced']));
  }
  for (const [field, name] of Object.entries({ plural, singular, kind, listKind })) {
    const at = `spec.names.${field}`;
    if (name === '') errors.push(required(at));
    else errors.push(...complaints(at, name, dns1035LabelProblems(name.toLowerCase())));
  }
  if (kind !== '' && kind === listKind) {
    errors.push(invalid('spec.names.listKind', listKind, 'kind and listKind may not be the same'));
  }
  return [...errors, ...versionErrors(versions)];
}

function versionErrors(versions: readonly DefinitionVersion[]): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  versions.forEach(({ name, schema }, i) => {
    const at = `spec.versions[${i}]`;
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    errors.push(...complaints(`${at}.name`, name, dns1035LabelProblems(name)));
    const own = schema?.openAPIV3Schema;
    const place = `${at}.schema.openAPIV3Schema`;
    if (own === undefined) errors.push(required(place, 'schemas are required'));
    else if (own.type !== 'object') {
      if (own.type === undefined || own.type === '') {
        errors.push(required(`${place}.type`, 'must not be empty at the root'));
      } else errors.push(invalid(`${place}.type`, own.type, 'must be object at the root'));
    } else errors.push(...structureErrors(own as StructuralSchema, place));
  });
  if (versions.filter((it) => it.storage).length !== 1) {
    const detail = 'must have exactly one version marked as storage version';
    errors.push(invalid('spec.versions', { go: JSON.stringify(versions) }, detail));
  }
  return errors;
}

/** Every field says its type, or that it may be anything. */
function structureErrors(schema: StructuralSchema, place: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, of] of Object.entries(schema.properties ?? {})) {
    const at = `${place}.properties[${name}]`;
    errors.push(...typeErrors(of, at, 'specified object fields'), ...structureErrors(of, at));
  }
  const { items, additionalProperties: others } = schema;
  if (items !== undefined) {
    const at = `${place}.items`;
    errors.push(...typeErrors(items, at, 'specified array items'), ...structureErrors(items, at));
  } else if (schema.type === 'array') errors.push(required(`${place}.items`, 'must be specified'));
  if (typeof others === 'object') {
    const at = `${place}.additionalProperties`;
    errors.push(...typeErrors(others, at, 'specified object fields'));
    errors.push(...structureErrors(others, at));
  }
  return errors;
}

const typeErrors = (schema: StructuralSchema, at: string, what: string): FieldError[] =>
  (schema.type ?? '') === '' &&
  schema['x-kubernetes-int-or-string'] !== true &&
  schema['x-kubernetes-preserve-unknown-fields'] !== true
    ? [required(`${at}.type`, `must not be empty for ${what}`)]
    : [];
