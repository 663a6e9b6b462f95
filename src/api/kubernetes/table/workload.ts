/**
 * api/kubernetes/table/workload — what makes pods, as `kubectl get` shows it.
 *
 * Upstream: kubernetes/kubernetes@59882936 pkg/printers/internalversion/printers.go
 * printDeployment, printReplicaSet, printStatefulSet, printDaemonSet, printJob, printCronJob,
 * printControllerRevision, printReplicationController, printPodTemplate.
 */
import type {
  CronJob,
  DaemonSet,
  Deployment,
  Job,
  ReplicaSet,
  StatefulSet,
} from '../../../model/kubernetes/apps.ts';
import type { PodTemplateSpec } from '../../../model/kubernetes/core.ts';
import {
  type Condition,
  controllerOf,
  type KubernetesObject,
  type Labels,
} from '../../../model/kubernetes/meta.ts';
import { groupOf } from '../../../model/kubernetes/resources.ts';
import { parseTimestamp } from '../../../model/time.ts';
import { labelsText, NONE, selectorText, templateCells } from './cell-text.ts';
import {
  AGE,
  ageOf,
  column,
  count,
  flag,
  NAME,
  type RowPrinter,
  SELECTOR,
  since,
  TEMPLATE_COLUMNS,
} from './column.ts';
import { humanDuration } from './human-duration.ts';

export const deploymentRows: RowPrinter<Deployment> = {
  columns: [
    NAME,
    column('Ready', 'How many of the wanted pods are ready.'),
    column('Up-to-date', 'How many pods have the newest template.'),
    column('Available', 'How many pods have been ready for long enough.'),
    AGE,
    ...TEMPLATE_COLUMNS,
    SELECTOR,
  ],
  cells: ({ metadata, spec, status }, nowMs) => [
    metadata.name,
    `${status?.readyReplicas ?? 0}/${spec.replicas ?? 1}`,
    status?.updatedReplicas ?? 0,
    status?.availableReplicas ?? 0,
    ageOf(metadata, nowMs),
    ...templateCells(spec.template),
    selectorText(spec.selector),
  ],
};

const REPLICA_COLUMNS = [
  NAME,
  count('Desired', 'How many pods are wanted.'),
  count('Current', 'How many pods there are.'),
  count('Ready', 'How many pods are ready.'),
  AGE,
  ...TEMPLATE_COLUMNS,
  SELECTOR,
];

export const replicaSetRows: RowPrinter<ReplicaSet> = {
  columns: REPLICA_COLUMNS,
  cells: ({ metadata, spec, status }, nowMs) => [
    metadata.name,
    spec.replicas ?? 1,
    status?.replicas ?? 0,
    status?.readyReplicas ?? 0,
    ageOf(metadata, nowMs),
    ...templateCells(spec.template),
    selectorText(spec.selector),
  ],
};

interface ReplicationController extends KubernetesObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly selector?: Labels;
    readonly template?: PodTemplateSpec;
  };
  readonly status?: { readonly replicas?: number; readonly readyReplicas?: number };
}

export const replicationControllerRows: RowPrinter<ReplicationController> = {
  columns: REPLICA_COLUMNS,
  cells: ({ metadata, spec, status }, nowMs) => [
    metadata.name,
    spec?.replicas ?? 1,
    status?.replicas ?? 0,
    status?.readyReplicas ?? 0,
    ageOf(metadata, nowMs),
    ...templateCells(spec?.template),
    labelsText(spec?.selector),
  ],
};

export const statefulSetRows: RowPrinter<StatefulSet> = {
  columns: [
    NAME,
    column('Ready', 'How many of the wanted pods are ready.'),
    AGE,
    ...TEMPLATE_COLUMNS,
  ],
  cells: ({ metadata, spec, status }, nowMs) => [
    metadata.name,
    `${status?.readyReplicas ?? 0}/${spec.replicas ?? 1}`,
    ageOf(metadata, nowMs),
    ...templateCells(spec.template),
  ],
};

export const daemonSetRows: RowPrinter<DaemonSet> = {
  columns: [
    NAME,
    count('Desired', 'How many nodes should run its pod.'),
    count('Current', 'How many of those nodes have it.'),
    count('Ready', 'How many nodes have it ready.'),
    count('Up-to-date', 'How many nodes have it from the newest template.'),
    count('Available', 'How many nodes have had it ready for long enough.'),
    column('Node Selector', 'The labels of the nodes it runs on.'),
    AGE,
    ...TEMPLATE_COLUMNS,
    SELECTOR,
  ],
  cells: ({ metadata, spec, status }, nowMs) => [
    metadata.name,
    status?.desiredNumberScheduled ?? 0,
    status?.currentNumberScheduled ?? 0,
    status?.numberReady ?? 0,
    status?.updatedNumberScheduled ?? 0,
    status?.numberAvailable ?? 0,
    labelsText(spec.template.spec.nodeSelector),
    ageOf(metadata, nowMs),
    ...templateCells(spec.template),
    selectorText(spec.selector),
  ],
};

const holds = (conditions: readonly Condition[] | undefined, type: string): boolean =>
  conditions?.some((it) => it.type === type && it.status === 'True') === true;

function jobStatus({ metadata, status }: Job): string {
  if (holds(status?.conditions, 'Complete')) return 'Complete';
  if (holds(status?.conditions, 'Failed')) return 'Failed';
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (holds(status?.conditions, 'Suspended')) return 'Suspended';
  return holds(status?.conditions, 'FailureTarget') ? 'FailureTarget' : 'Running';
}

function completions({ spec, status }: Job): string {
  const done = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${done}/${spec.completions}`;
  const parallelism = spec.parallelism ?? 0;
  return parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`;
}

function jobDuration({ status }: Job, nowMs: number): string {
  const from = status?.startTime === undefined ? undefined : parseTimestamp(status.startTime);
  if (from === undefined) return '';
  const end = status?.completionTime;
  return humanDuration((end === undefined ? nowMs : parseTimestamp(end)!) - from);
}

export const jobRows: RowPrinter<Job> = {
  columns: [
    NAME,
    column('Status', 'How far the job is, in one word.'),
    column('Completions', 'How many pods succeeded, of how many.'),
    column('Duration', 'How long the job took, or takes.'),
    AGE,
    ...TEMPLATE_COLUMNS,
    SELECTOR,
  ],
  cells: (job, nowMs) => [
    job.metadata.name,
    jobStatus(job),
    completions(job),
    jobDuration(job, nowMs),
    ageOf(job.metadata, nowMs),
    ...templateCells(job.spec.template),
    selectorText(job.spec.selector),
  ],
};

const booleanText = (value: boolean | undefined): string =>
  value === undefined ? UNSET_BOOLEAN : value ? 'True' : 'False';
const UNSET_BOOLEAN = '<unset>';

export const cronJobRows: RowPrinter<CronJob> = {
  columns: [
    NAME,
    column('Schedule', 'When its jobs start, in cron format.'),
    column('Timezone', 'The time zone of the schedule.'),
    flag('Suspend', 'Whether no further jobs start.'),
    count('Active', 'How many of its jobs run now.'),
    column('Last Schedule', 'When a job was started last.'),
    AGE,
    ...TEMPLATE_COLUMNS,
    SELECTOR,
  ],
  cells: ({ metadata, spec, status }, nowMs) => [
    metadata.name,
    spec.schedule,
    spec.timeZone ?? NONE,
    booleanText(spec.suspend),
    status?.active?.length ?? 0,
    status?.lastScheduleTime === undefined ? NONE : since(status.lastScheduleTime, nowMs),
    ageOf(metadata, nowMs),
    ...templateCells(spec.jobTemplate.spec.template),
    selectorText(spec.jobTemplate.spec.selector),
  ],
};

export const controllerRevisionRows: RowPrinter<KubernetesObject & { readonly revision?: number }> =
  {
    columns: [
      NAME,
      column('Controller', 'What it is a revision of.'),
      column('Revision', 'The number of the revision.'),
      AGE,
    ],
    cells: (object, nowMs) => {
      const owner = controllerOf(object);
      const group = owner === undefined ? '' : groupOf(owner.apiVersion);
      const kind = `${owner?.kind.toLowerCase()}${group === '' ? '' : `.${group}`}`;
      return [
        object.metadata.name,
        owner === undefined ? NONE : `${kind}/${owner.name}`,
        object.revision ?? 0,
        ageOf(object.metadata, nowMs),
      ];
    },
  };

export const podTemplateRows: RowPrinter<
  KubernetesObject & { readonly template?: PodTemplateSpec }
> = {
  columns: [
    NAME,
    column('Containers', 'The names of the containers of the pod template.'),
    column('Images', 'The images of the containers of the pod template.'),
    column('Pod Labels', 'The labels of the pod template.'),
  ],
  cells: ({ metadata, template }) => [
    metadata.name,
    ...templateCells(template),
    labelsText(template?.metadata?.labels),
  ],
};
