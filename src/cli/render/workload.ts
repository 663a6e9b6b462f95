/**
 * cli/render/workload — Deployments, ReplicaSets, StatefulSets, DaemonSets and Jobs as kubectl
 * shows them.
 *
 * Upstream: kubernetes/kubernetes pkg/printers/internalversion/printers.go.
 */
import type {
  CronJob,
  DaemonSet,
  Deployment,
  Job,
  ReplicaSet,
  StatefulSet,
} from '../../model/kubernetes/apps.ts';
import type { PodTemplateSpec } from '../../model/kubernetes/core.ts';
import type { LabelSelector } from '../../model/kubernetes/meta.ts';
import { parseTimestamp } from '../../model/time.ts';
import { humanDuration } from './age.ts';
import { ageColumn, ageOf, labelsText, nameColumn, type Printer } from './printer.ts';
import type { Column } from './table.ts';

interface HasTemplate {
  readonly spec: { readonly template: PodTemplateSpec };
}

const containerColumns: readonly Column<HasTemplate>[] = [
  {
    head: 'CONTAINERS',
    wide: true,
    cell: ({ spec }) => spec.template.spec.containers.map(({ name }) => name).join(','),
  },
  {
    head: 'IMAGES',
    wide: true,
    cell: ({ spec }) => spec.template.spec.containers.map(({ image }) => image).join(','),
  },
];

/** A selector as kubectl prints it: `a=1,b in (x,y),!c`. */
export function selectorText(selector: LabelSelector | undefined): string {
  const labels = Object.entries(selector?.matchLabels ?? {}).map(([k, v]) => `${k}=${v}`);
  const expressions = (selector?.matchExpressions ?? []).map(({ key, operator, values }) => {
    if (operator === 'Exists') return key;
    if (operator === 'DoesNotExist') return `!${key}`;
    return `${key} ${operator === 'In' ? 'in' : 'notin'} (${(values ?? []).join(',')})`;
  });
  return [...labels, ...expressions].join(',') || '<none>';
}

const selectorColumn: Column<{ readonly spec: { readonly selector?: LabelSelector | undefined } }> =
  {
    head: 'SELECTOR',
    wide: true,
    cell: ({ spec }) => selectorText(spec.selector),
  };

export const deploymentColumns: Printer<Deployment> = (view) => [
  nameColumn,
  {
    head: 'READY',
    cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 1}`,
  },
  { head: 'UP-TO-DATE', cell: ({ status }) => status?.updatedReplicas ?? 0 },
  { head: 'AVAILABLE', cell: ({ status }) => status?.availableReplicas ?? 0 },
  ageColumn(view),
  ...containerColumns,
  selectorColumn,
];

export const replicaSetColumns: Printer<ReplicaSet> = (view) => [
  nameColumn,
  { head: 'DESIRED', cell: ({ spec }) => spec.replicas ?? 1 },
  { head: 'CURRENT', cell: ({ status }) => status?.replicas ?? 0 },
  { head: 'READY', cell: ({ status }) => status?.readyReplicas ?? 0 },
  ageColumn(view),
  ...containerColumns,
  selectorColumn,
];

export const statefulSetColumns: Printer<StatefulSet> = (view) => [
  nameColumn,
  {
    head: 'READY',
    cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 1}`,
  },
  ageColumn(view),
  ...containerColumns,
];

export const daemonSetColumns: Printer<DaemonSet> = (view) => [
  nameColumn,
  { head: 'DESIRED', cell: ({ status }) => status?.desiredNumberScheduled ?? 0 },
  { head: 'CURRENT', cell: ({ status }) => status?.currentNumberScheduled ?? 0 },
  { head: 'READY', cell: ({ status }) => status?.numberReady ?? 0 },
  { head: 'UP-TO-DATE', cell: ({ status }) => status?.updatedNumberScheduled ?? 0 },
  { head: 'AVAILABLE', cell: ({ status }) => status?.numberAvailable ?? 0 },
  { head: 'NODE SELECTOR', cell: ({ spec }) => labelsText(spec.template.spec.nodeSelector) },
  ageColumn(view),
  ...containerColumns,
  selectorColumn,
];

export const jobColumns: Printer<Job> = (view) => [
  nameColumn,
  { head: 'STATUS', cell: jobStatus },
  {
    head: 'COMPLETIONS',
    cell: ({ spec, status }) => `${status?.succeeded ?? 0}/${spec.completions ?? 1}`,
  },
  {
    head: 'DURATION',
    cell: ({ status }) => {
      const from = status?.startTime === undefined ? undefined : parseTimestamp(status.startTime);
      if (from === undefined) return '';
      const end = status?.completionTime;
      return humanDuration((end === undefined ? view.nowMs : parseTimestamp(end)!) - from);
    },
  },
  ageColumn(view),
  ...containerColumns,
  selectorColumn,
];

function jobStatus({ spec, status }: Job): string {
  const holds = (type: string): boolean =>
    (status?.conditions ?? []).some((it) => it.type === type && it.status === 'True');
  if (holds('Complete')) return 'Complete';
  if (holds('Failed')) return 'Failed';
  return spec.suspend === true || holds('Suspended') ? 'Suspended' : 'Running';
}

export const cronJobColumns: Printer<CronJob> = (view) => [
  nameColumn,
  { head: 'SCHEDULE', cell: ({ spec }) => spec.schedule },
  { head: 'TIMEZONE', cell: ({ spec }) => spec.timeZone },
  { head: 'SUSPEND', cell: ({ spec }) => (spec.suspend === true ? 'True' : 'False') },
  { head: 'ACTIVE', cell: ({ status }) => status?.active?.length ?? 0 },
  {
    head: 'LAST SCHEDULE',
    cell: ({ status }) =>
      status?.lastScheduleTime === undefined ? undefined : ageOf(view, status.lastScheduleTime),
  },
  ageColumn(view),
];
