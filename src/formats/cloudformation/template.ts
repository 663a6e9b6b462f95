/**
 * formats/cloudformation/template — a template's sections, and the order its resources are made
 * in: what a resource references or depends on comes first, otherwise as written.
 */
import { InputError, type Where } from '../../model/input-error.ts';
import { isRecord, type Path, type SourceDocument } from '../source.ts';

export interface TemplateResource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly condition: string | undefined;
  readonly dependsOn: readonly string[];
}

export interface Template {
  readonly file: string;
  readonly parameters: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly mappings: Readonly<Record<string, unknown>>;
  readonly conditions: Readonly<Record<string, unknown>>;
  readonly resources: ReadonlyMap<string, TemplateResource>;
  where(path: Path): Where;
}

/** True for a document that has CloudFormation's look: typed Resources. */
export function isTemplate(value: unknown): boolean {
  if (!isRecord(value)) return false;
  if ('AWSTemplateFormatVersion' in value) return true;
  const { Resources: resources } = value;
  return (
    isRecord(resources) &&
    !('kind' in value) &&
    Object.values(resources).some((it) => isRecord(it) && /^(AWS|Custom)::/.test(String(it.Type)))
  );
}

const section = (document: SourceDocument, name: string): Readonly<Record<string, unknown>> => {
  const value = (document.value as Readonly<Record<string, unknown>>)[name] ?? {};
  if (isRecord(value)) return value;
  throw new InputError(
    document.where([name]),
    `${name} is not a map`,
    `write ${name}: and its members below it`,
  );
};

/** Reads a template's shape. Values are resolved later, when what they refer to exists. */
export function readTemplate(document: SourceDocument): Template {
  const resources = new Map<string, TemplateResource>();
  for (const [logicalId, value] of Object.entries(section(document, 'Resources'))) {
    const where = document.where(['Resources', logicalId]);
    if (!isRecord(value) || typeof value.Type !== 'string') {
      throw new InputError(
        where,
        `resource ${logicalId} has no Type`,
        'write for example Type: AWS::EC2::Subnet',
      );
    }
    const { DependsOn: after, Condition: condition, Properties: properties } = value;
    resources.set(logicalId, {
      logicalId,
      type: value.Type,
      properties: isRecord(properties) ? properties : {},
      condition: typeof condition === 'string' ? condition : undefined,
      dependsOn: (Array.isArray(after) ? after : after === undefined ? [] : [after]).map(String),
    });
  }
  if (resources.size === 0) {
    throw new InputError(
      document.where(['Resources']),
      'the template has no Resources',
      'add Resources: with at least one',
    );
  }
  return {
    file: document.file,
    parameters: section(document, 'Parameters') as Template['parameters'],
    mappings: section(document, 'Mappings'),
    conditions: section(document, 'Conditions'),
    resources,
    where: (path) => document.where(path),
  };
}

/** Logical ids a value refers to, through Ref, GetAtt and Sub. */
function referenced(value: unknown, found: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) referenced(item, found);
    return;
  }
  if (!isRecord(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'Ref') found.add(String(inner));
    else if (key === 'Fn::GetAtt')
      found.add(String(Array.isArray(inner) ? inner[0] : inner).split('.')[0]!);
    else if (key === 'Fn::Sub') {
      const text = Array.isArray(inner) ? inner[0] : inner;
      for (const [, name] of String(text).matchAll(/\$\{([^!}][^}]*)\}/g)) {
        found.add(name!.trim().split('.')[0]!);
      }
      if (Array.isArray(inner)) referenced(inner[1], found);
    } else referenced(inner, found);
  }
}

/**
 * EKS works out a node group's max pods from the vpc-cni settings of that moment, so an add-on that
 * the template does not order otherwise comes first.
 */
function comesBefore(resource: TemplateResource, template: Template): string[] {
  if (resource.type !== 'AWS::EKS::Nodegroup') return [];
  const addons = [...template.resources.values()].filter((it) => it.type === 'AWS::EKS::Addon');
  return addons
    .filter((addon) => !dependsOn(addon, template, new Set()).has(resource.logicalId))
    .map((addon) => addon.logicalId);
}

function dependsOn(resource: TemplateResource, template: Template, seen: Set<string>): Set<string> {
  const direct = new Set(resource.dependsOn);
  referenced(resource.properties, direct);
  for (const id of direct) {
    const next = template.resources.get(id);
    if (next === undefined || seen.has(id)) continue;
    seen.add(id);
    dependsOn(next, template, seen);
  }
  return seen;
}

/** The order of creation. Throws InputError on a circle and on a DependsOn that names nothing. */
export function creationOrder(template: Template): TemplateResource[] {
  const order: TemplateResource[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (resource: TemplateResource, from: readonly string[]): void => {
    const { logicalId } = resource;
    if (state.get(logicalId) === 'done') return;
    if (state.get(logicalId) === 'open') {
      const circle = [...from.slice(from.indexOf(logicalId)), logicalId].join(' → ');
      throw new InputError(
        template.where(['Resources', logicalId]),
        `Circular dependency between resources: ${circle}`,
        'break the circle, e.g. with a separate SecurityGroupIngress resource',
      );
    }
    state.set(logicalId, 'open');
    const before = new Set([...resource.dependsOn, ...comesBefore(resource, template)]);
    for (const id of resource.dependsOn) {
      if (template.resources.has(id)) continue;
      throw new InputError(
        template.where(['Resources', logicalId, 'DependsOn']),
        `Unresolved resource dependencies [${id}] in the Resources block of the template`,
        'name a resource of this template',
      );
    }
    referenced(resource.properties, before);
    for (const id of before) {
      const next = template.resources.get(id);
      if (next !== undefined && id !== logicalId) visit(next, [...from, logicalId]);
    }
    state.set(logicalId, 'done');
    order.push(resource);
  };
  for (const resource of template.resources.values()) visit(resource, []);
  return order;
}
