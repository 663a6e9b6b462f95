/**
 * api/kubernetes/table/autoscaler — HorizontalPodAutoscalers as `kubectl get hpa` shows them.
 *
 * Upstream: kubernetes/kubernetes@59882936 pkg/printers/internalversion/printers.go
 * printHorizontalPodAutoscaler, formatHPAMetrics. Objects of autoscaling/v1 are read as v2.
 */
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import { listText, NONE, UNSET } from './cell-text.ts';
import { AGE, ageOf, column, NAME, type RowPrinter } from './column.ts';

/** How many metrics the cell names. */
const SHOWN_MAX = 2;
const UNKNOWN = '<unknown>';

interface Value {
  readonly averageUtilization?: number;
  readonly averageValue?: string;
  readonly value?: string;
}
interface Source {
  readonly name?: string;
  readonly target?: Value;
  readonly current?: Value;
}
type Metric = { readonly type: string } & Readonly<Record<string, Source | string | undefined>>;

interface Autoscaler extends KubernetesObject {
  readonly spec?: {
    readonly scaleTargetRef?: { readonly kind: string; readonly name: string };
    readonly minReplicas?: number;
    readonly maxReplicas?: number;
    readonly metrics?: readonly Metric[];
    readonly targetCPUUtilizationPercentage?: number;
  };
  readonly status?: {
    readonly currentReplicas?: number;
    readonly currentMetrics?: readonly Metric[];
    readonly currentCPUUtilizationPercentage?: number;
  };
}

const sourceOf = (metric: Metric | undefined): Source | undefined => {
  if (metric === undefined) return undefined;
  const field = `${metric.type.charAt(0).toLowerCase()}${metric.type.slice(1)}`;
  return metric[field] as Source | undefined;
};

const percent = (value: number | undefined, otherwise: string): string =>
  value === undefined ? otherwise : `${value}%`;

function metricText(metric: Metric, status: Metric | undefined): string {
  const source = sourceOf(metric);
  const current = sourceOf(status)?.current;
  const average = source?.target?.averageValue;
  switch (metric.type) {
    case 'Resource':
    case 'ContainerResource': {
      const now =
        average === undefined
          ? percent(current?.averageUtilization, UNKNOWN)
          : (current?.averageValue ?? UNKNOWN);
      const wanted = average ?? percent(source?.target?.averageUtilization, '<auto>');
      return `${source?.name ?? ''}: ${now}/${wanted}`;
    }
    case 'Pods':
      return `${current?.averageValue ?? UNKNOWN}/${average ?? ''}`;
    case 'Object':
    case 'External':
      return average === undefined
        ? `${current?.value ?? UNKNOWN}/${source?.target?.value ?? ''}`
        : `${current?.averageValue ?? UNKNOWN}/${average} (avg)`;
    default:
      return '<unknown type>';
  }
}

function targetsText({ spec, status }: Autoscaler): string {
  const cpu = spec?.targetCPUUtilizationPercentage;
  if (spec?.metrics === undefined && cpu !== undefined)
    return `cpu: ${percent(status?.currentCPUUtilizationPercentage, UNKNOWN)}/${cpu}%`;
  const texts = (spec?.metrics ?? []).map((it, i) => metricText(it, status?.currentMetrics?.[i]));
  return listText(texts, SHOWN_MAX, ', ') || NONE;
}

export const autoscalerRows: RowPrinter<Autoscaler> = {
  columns: [
    NAME,
    column('Reference', 'What it scales.'),
    column('Targets', 'What it measures, of what it aims at.'),
    column('MinPods', 'How many pods it keeps at least.'),
    column('MaxPods', 'How many pods it makes at most.'),
    column('Replicas', 'How many pods there are.'),
    AGE,
  ],
  cells: (it, nowMs) => [
    it.metadata.name,
    `${it.spec?.scaleTargetRef?.kind ?? ''}/${it.spec?.scaleTargetRef?.name ?? ''}`,
    targetsText(it),
    it.spec?.minReplicas === undefined ? UNSET : String(it.spec.minReplicas),
    it.spec?.maxReplicas ?? 0,
    it.status?.currentReplicas ?? 0,
    ageOf(it.metadata, nowMs),
  ],
};
