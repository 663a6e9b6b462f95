/**
 * cluster/custom-definition — a CustomResourceDefinition as the API server reads it: what it fills
 * in, what its naming controller says of it, and the resource it serves.
 *
 * Upstream: kubernetes/apiextensions-apiserver pkg/apis/apiextensions/v1/defaults.go,
 * pkg/controller/status/naming_controller.go calculateNamesAndConditions;
 * kubernetes/apimachinery pkg/version/helpers.go CompareKubeAwareVersionStrings.
 */
import type { Condition, KubernetesObject } from '../model/kubernetes/meta.ts';
import type { Resource } from '../model/kubernetes/resources.ts';

export interface DefinitionNames {
  readonly plural: string;
  readonly singular?: string | undefined;
  readonly shortNames?: readonly string[] | undefined;
  readonly kind: string;
  readonly listKind?: string | undefined;
  readonly categories?: readonly string[] | undefined;
}

export interface DefinitionVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly deprecated?: boolean | undefined;
  readonly deprecationWarning?: string | undefined;
  readonly schema?: { readonly openAPIV3Schema?: Readonly<Record<string, unknown>> } | undefined;
  readonly subresources?:
    | {
        readonly status?: object | undefined;
        readonly scale?:
          | {
              readonly specReplicasPath: string;
              readonly statusReplicasPath: string;
              readonly labelSelectorPath?: string | undefined;
            }
          | undefined;
      }
    | undefined;
  readonly additionalPrinterColumns?: readonly PrinterColumn[] | undefined;
}

/** A column of `kubectl get`, as a CRD declares it. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly format?: string | undefined;
  readonly description?: string | undefined;
  readonly priority?: number | undefined;
  readonly jsonPath: string;
}

export interface CustomDefinition extends KubernetesObject {
  readonly spec: {
    readonly group: string;
    readonly scope: 'Cluster' | 'Namespaced';
    readonly names: DefinitionNames;
    readonly versions: readonly DefinitionVersion[];
    readonly preserveUnknownFields?: boolean | undefined;
  };
}

/** Does it say enough to serve something? What a user adopted may not. */
export function isComplete(object: KubernetesObject): object is CustomDefinition {
  const spec = object.spec as Partial<CustomDefinition['spec']> | undefined;
  return (
    typeof spec?.group === 'string' &&
    typeof spec.names?.kind === 'string' &&
    typeof spec.names.plural === 'string' &&
    Array.isArray(spec.versions)
  );
}

/** With the names nobody wrote (defaults.go SetDefaults_CustomResourceDefinitionSpec). */
export function definitionWithDefaults(object: KubernetesObject): KubernetesObject {
  if (!isComplete(object)) return object;
  const { spec } = object;
  const { names } = spec;
  return {
    ...object,
    spec: {
      conversion: { strategy: 'None' },
      ...spec,
      names: {
        ...names,
        singular: names.singular || names.kind.toLowerCase(),
        listKind: names.listKind || `${names.kind}List`,
      },
    },
  };
}

const conflicts = (
  names: DefinitionNames,
  others: readonly DefinitionNames[],
): { reason: string; message: string } | undefined => {
  const taken = new Set(
    others.flatMap((it) => [it.plural, it.singular ?? '', ...(it.shortNames ?? [])]),
  );
  const kinds = new Set(others.flatMap((it) => [it.kind, it.listKind ?? '']));
  const inUse = (name: string): string => `${JSON.stringify(name)} is already in use`;
  if (taken.has(names.plural)) return { reason: 'PluralConflict', message: inUse(names.plural) };
  if (taken.has(names.singular ?? '')) {
    return { reason: 'SingularConflict', message: inUse(names.singular ?? '') };
  }
  const short = (names.shortNames ?? []).filter((it) => taken.has(it));
  if (short.length > 0) {
    return { reason: 'ShortNamesConflict', message: short.map(inUse).join(', ') };
  }
  if (kinds.has(names.kind)) return { reason: 'KindConflict', message: inUse(names.kind) };
  if (kinds.has(names.listKind ?? '')) {
    return { reason: 'ListKindConflict', message: inUse(names.listKind ?? '') };
  }
  return undefined;
};

/**
 * With the status the naming and the establishing controller give it: at once, so that
 * `kubectl wait --for condition=established` has nothing to wait for.
 *
 * @param others  the definitions of the same group
 */
export function definitionWithStatus(
  object: KubernetesObject,
  others: readonly KubernetesObject[],
  now: string,
): KubernetesObject {
  if (!isComplete(object)) return object;
  const { names, group, versions } = object.spec;
  const same = others.filter(isComplete).filter((it) => it.spec.group === group);
  const conflict = conflicts(
    names,
    same.map((it) => it.spec.names),
  );
  const before = object.status as
    | { conditions?: readonly Condition[]; storedVersions?: readonly string[] }
    | undefined;
  const storage = versions.filter((it) => it.storage).map((it) => it.name);
  const conditions: Condition[] = [
    conflict === undefined
      ? condition('NamesAccepted', 'True', 'NoConflicts', 'no conflicts found', now)
      : condition('NamesAccepted', 'False', conflict.reason, conflict.message, now),
    conflict === undefined
      ? condition(
          'Established',
          'True',
          'InitialNamesAccepted',
          'the initial names have been accepted',
          now,
        )
      : condition('Established', 'False', 'NotAccepted', 'not all names are accepted', now),
  ];
  return {
    ...object,
    status: {
      acceptedNames: conflict === undefined ? names : { plural: '', kind: '' },
      conditions: conditions.map((it) => kept(before?.conditions, it)),
      storedVersions: [...new Set([...(before?.storedVersions ?? []), ...storage])],
    },
  };
}

const condition = (
  type: string,
  status: 'True' | 'False',
  reason: string,
  message: string,
  lastTransitionTime: string,
): Condition => ({ lastTransitionTime, message, reason, status, type });

/** A condition that says what it said keeps its time. */
const kept = (before: readonly Condition[] | undefined, it: Condition): Condition => {
  const was = before?.find((other) => other.type === it.type);
  return was?.status === it.status && was.reason === it.reason ? was : it;
};

const KUBE_VERSION = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/;
const STABILITY: readonly (string | undefined)[] = ['alpha', 'beta', undefined];

/** Stable before beta before alpha, later before earlier, other names last by the alphabet. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [KUBE_VERSION.exec(a), KUBE_VERSION.exec(b)];
  if (left === null || right === null) {
    if (left === right) return a < b ? -1 : a > b ? 1 : 0;
    return left === null ? 1 : -1;
  }
  return (
    STABILITY.indexOf(right[2]) - STABILITY.indexOf(left[2]) ||
    Number(right[1]) - Number(left[1]) ||
    Number(right[3] ?? 0) - Number(left[3] ?? 0)
  );
}

/** Served versions, preferred first. */
export const servedVersions = ({ spec }: CustomDefinition): readonly string[] =>
  spec.versions
    .filter((it) => it.served)
    .map((it) => it.name)
    .sort(compareVersions);

const AGE: PrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
};

/** The columns of `kubectl get` after NAME; Age alone where the definition declares none. */
export function printerColumnsOf(
  definition: CustomDefinition,
  version: string,
): readonly PrinterColumn[] {
  const declared = definition.spec.versions.find((it) => it.name === version);
  return declared?.additionalPrinterColumns ?? [AGE];
}

/** What the definition serves, stored where custom resources nobody reads are. */
export function resourceDefinedBy(definition: CustomDefinition): Resource {
  const { group, names, scope, versions } = definition.spec;
  return {
    kind: names.kind,
    group,
    versions: servedVersions(definition),
    plural: names.plural,
    singular: names.singular || names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    namespaced: scope === 'Namespaced',
    keepsGeneration: true,
    hasStatus: versions.some((it) => it.subresources?.status !== undefined),
    storeKind: 'Unknown',
  };
}
