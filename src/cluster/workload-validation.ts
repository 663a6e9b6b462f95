/**
 * cluster/workload-validation — are Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs and
 * CronJobs well formed?
 *
 * Upstream: kubernetes/kubernetes 1.30 pkg/apis/apps/validation/validation.go,
 * pkg/apis/batch/validation/validation.go.
 */
import type { KubernetesKind } from '../model/kinds.ts';
import type { PodTemplateSpec } from '../model/kubernetes/core.ts';
import type { KubernetesObject, LabelSelector } from '../model/kubernetes/meta.ts';
import { matchesSelector } from '../model/kubernetes/selectors.ts';
import { isEqual } from './equal.ts';
import {
  type FieldError,
  forbidden,
  goQuoted,
  goStrings,
  invalid,
  notSupported,
  required,
} from './field-error.ts';
import { complaints, labelErrors, selectorErrors } from './metadata-validation.ts';
import { dns1123LabelProblems } from './names.ts';
import { podSpecErrors } from './pod-validation.ts';

interface WorkloadSpec {
  readonly selector?: LabelSelector | undefined;
  readonly template?: PodTemplateSpec | undefined;
  readonly [field: string]: unknown;
}

type Labels = Readonly<Record<string, string>>;

/** Go's `%#v` of a map prints its keys in order. */
const goLabels = (labels: Labels | undefined): { readonly go: string } => ({
  go:
    labels === undefined
      ? 'map[string]string(nil)'
      : `map[string]string{${Object.keys(labels)
          .sort()
          .map((key) => `${goQuoted(key)}:${goQuoted(labels[key]!)}`)
          .join(', ')}}`,
});

const goSelector = (selector: LabelSelector | undefined): { readonly go: string } => {
  const expressions = selector?.matchExpressions?.map(
    ({ key, operator, values }) =>
      `v1.LabelSelectorRequirement{Key:${goQuoted(key)}, ` +
      `Operator:${goQuoted(operator)}, Values:${goStrings('string', values)}}`,
  );
  const list =
    expressions === undefined
      ? '[]v1.LabelSelectorRequirement(nil)'
      : `[]v1.LabelSelectorRequirement{${expressions.join(', ')}}`;
  const labels = goLabels(selector?.matchLabels).go;
  return { go: `v1.LabelSelector{MatchLabels:${labels}, MatchExpressions:${list}}` };
};

/** Fields that count something. */
const COUNTS = [
  'replicas',
  'minReadySeconds',
  'revisionHistoryLimit',
  'progressDeadlineSeconds',
  'parallelism',
  'completions',
  'backoffLimit',
  'activeDeadlineSeconds',
  'ttlSecondsAfterFinished',
];

/** Complaints about a defaulted workload. */
export function workloadErrors(kind: KubernetesKind, object: KubernetesObject): FieldError[] {
  const spec = (object.spec ?? {}) as WorkloadSpec;
  if (kind === 'CronJob') return cronJobErrors(object, spec);
  const errors: FieldError[] = [];
  for (const field of COUNTS) errors.push(...countErrors(spec[field], `spec.${field}`));
  errors.push(...strategyErrors(kind, spec));
  if (kind === 'Job' || kind === 'StatefulSet') {
    // Their pods carry the object's name as a label value.
    const { name } = object.metadata;
    errors.push(...complaints('metadata.name', name, dns1123LabelProblems(name)));
  }
  errors.push(...selectionErrors(spec));
  errors.push(...templateErrors(kind, spec.template, 'spec.template'));
  return errors;
}

const countErrors = (value: unknown, field: string): FieldError[] =>
  typeof value === 'number' && value < 0
    ? [invalid(field, value, 'must be greater than or equal to 0')]
    : [];

function selectionErrors({ selector, template }: WorkloadSpec): FieldError[] {
  const field = 'spec.selector';
  if (selector === undefined) return [required(field)];
  const errors = selectorErrors(selector, field);
  const requirements = (selector.matchExpressions ?? []).length;
  if (Object.keys(selector.matchLabels ?? {}).length + requirements === 0) {
    const detail = 'empty selector is invalid for deployment';
    return [...errors, invalid(field, goSelector(selector), detail)];
  }
  if (errors.length > 0) return errors;
  const labels = template?.metadata?.labels;
  if (matchesSelector(selector, labels)) return [];
  const detail = '`selector` does not match template `labels`';
  return [invalid('spec.template.metadata.labels', goLabels(labels), detail)];
}

function templateErrors(
  kind: KubernetesKind,
  template: PodTemplateSpec | undefined,
  field: string,
): readonly FieldError[] {
  const errors = [
    ...labelErrors(template?.metadata?.labels, `${field}.labels`),
    ...podSpecErrors(template?.spec ?? { containers: [] }, `${field}.spec`),
  ];
  if ((template?.spec?.ephemeralContainers?.length ?? 0) > 0) {
    const detail = 'ephemeral containers not allowed in pod template';
    errors.push(forbidden(`${field}.spec.ephemeralContainers`, detail));
  }
  const policy = template?.spec?.restartPolicy;
  const isJob = kind === 'Job' || kind === 'CronJob';
  const allowed = isJob ? ['OnFailure', 'Never'] : ['Always'];
  if (policy !== undefined && !allowed.includes(policy)) {
    // batch lists its values sorted: `"OnFailure", "Never"` is upstream's own order.
    errors.push(notSupported(`${field}.spec.restartPolicy`, policy, allowed));
  }
  return errors;
}

function strategyErrors(kind: KubernetesKind, spec: WorkloadSpec): FieldError[] {
  const name = kind === 'Deployment' ? 'strategy' : 'updateStrategy';
  const strategy = spec[name] as
    | { readonly type?: string; readonly rollingUpdate?: Readonly<Record<string, unknown>> }
    | undefined;
  const field = `spec.${name}`;
  if (strategy === undefined) return [];
  const types =
    kind === 'Deployment' ? ['Recreate', 'RollingUpdate'] : ['RollingUpdate', 'OnDelete'];
  const { type = '', rollingUpdate } = strategy;
  if (!types.includes(type)) return [notSupported(`${field}.type`, type, types)];
  if (type === 'Recreate' && rollingUpdate != null) {
    const detail = "may not be specified when strategy `type` is 'Recreate'";
    return [forbidden(`${field}.rollingUpdate`, detail)];
  }
  if (type !== 'RollingUpdate' || kind === 'StatefulSet') return [];
  const errors: FieldError[] = [];
  for (const part of ['maxUnavailable', 'maxSurge']) {
    errors.push(...amountErrors(rollingUpdate?.[part], `${field}.rollingUpdate.${part}`));
  }
  const zero = (value: unknown): boolean => value === 0 || value === '0%' || value === '0';
  if (errors.length === 0 && zero(rollingUpdate?.maxUnavailable)) {
    if (zero(rollingUpdate?.maxSurge)) {
      const detail = 'may not be 0 when `maxSurge` is 0';
      const value = { go: goAmount(rollingUpdate?.maxUnavailable) };
      errors.push(invalid(`${field}.rollingUpdate.maxUnavailable`, value, detail));
    }
  }
  return errors;
}

const goAmount = (value: unknown): string =>
  typeof value === 'number'
    ? `intstr.IntOrString{Type:0, IntVal:${value}, StrVal:""}`
    : `intstr.IntOrString{Type:1, IntVal:0, StrVal:${goQuoted(String(value))}}`;

function amountErrors(value: unknown, field: string): FieldError[] {
  if (typeof value === 'number') return countErrors(value, field);
  if (typeof value !== 'string' || /^[0-9]+%$/.test(value)) return [];
  const detail =
    "a valid percent string must be a numeric string followed by an ending '%' " +
    "(e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
  return [invalid(field, { go: goAmount(value) }, detail)];
}

const CONCURRENCY = ['Allow', 'Forbid', 'Replace'];

function cronJobErrors(object: KubernetesObject, spec: WorkloadSpec): FieldError[] {
  const errors: FieldError[] = [];
  const schedule = (spec.schedule ?? '') as string;
  if (schedule === '') errors.push(required('spec.schedule'));
  else if (!schedule.startsWith('@') && schedule.trim().split(/\s+/).length !== 5) {
    const fields = schedule.trim().split(/\s+/).length;
    const detail =
      `expected exactly 5 fields, found ${fields}: ` +
      `[${schedule.trim().split(/\s+/).join(' ')}]`;
    errors.push(invalid('spec.schedule', schedule, detail));
  }
  const policy = spec.concurrencyPolicy as string;
  if (!CONCURRENCY.includes(policy)) {
    errors.push(notSupported('spec.concurrencyPolicy', policy, CONCURRENCY));
  }
  // cronjob names leave room for the eleven characters of a Job's suffix.
  if (object.metadata.name.length > 52) {
    errors.push(
      invalid('metadata.name', object.metadata.name, 'must be no more than 52 characters'),
    );
  }
  const template = (spec.jobTemplate as { readonly spec?: WorkloadSpec } | undefined)?.spec;
  errors.push(...templateErrors('CronJob', template?.template, 'spec.jobTemplate.spec.template'));
  return errors;
}

/** Fields that may change in a StatefulSet (apps/validation ValidateStatefulSetUpdate). */
const STATEFUL_FREE = new Set([
  'replicas',
  'template',
  'updateStrategy',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
  'ordinals',
  'revisionHistoryLimit',
]);

const STATEFUL_TEXT =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', " +
  "'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and " +
  "'minReadySeconds' are forbidden";

/** Complaints about what a workload may not change. */
export function workloadChangeErrors(
  kind: KubernetesKind,
  object: KubernetesObject,
  before: KubernetesObject,
): FieldError[] {
  const spec = (object.spec ?? {}) as WorkloadSpec;
  const was = (before.spec ?? {}) as WorkloadSpec;
  if (kind === 'CronJob') return [];
  if (kind === 'StatefulSet') {
    const fields = new Set([...Object.keys(spec), ...Object.keys(was)]);
    const changed = [...fields].some((it) => !STATEFUL_FREE.has(it) && !isEqual(spec[it], was[it]));
    return changed ? [forbidden('spec', STATEFUL_TEXT)] : [];
  }
  const errors: FieldError[] = [];
  if (!isEqual(spec.selector, was.selector)) {
    errors.push(invalid('spec.selector', goSelector(spec.selector), 'field is immutable'));
  }
  if (kind === 'Job') {
    if (!isEqual(spec.template, was.template)) {
      const go = `core.PodTemplateSpec${JSON.stringify(spec.template)}`;
      errors.push(invalid('spec.template', { go }, 'field is immutable'));
    }
    if (spec.completions !== was.completions && spec.completionMode !== 'Indexed') {
      errors.push(invalid('spec.completions', spec.completions ?? null, 'field is immutable'));
    }
  }
  return errors;
}
