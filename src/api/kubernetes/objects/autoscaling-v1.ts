/**
 * api/kubernetes/objects/autoscaling-v1 — a HorizontalPodAutoscaler as autoscaling/v1 tells it: one
 * number for the CPU, and everything v1 has no field for in annotations.
 *
 * Upstream: kubernetes/kubernetes pkg/apis/autoscaling/v1/conversion.go.
 */
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';

type Plain = Readonly<Record<string, unknown>>;

const METRICS = 'autoscaling.alpha.kubernetes.io/metrics';
const CURRENT_METRICS = 'autoscaling.alpha.kubernetes.io/current-metrics';
const CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions';
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior';

interface Metric {
  readonly type?: string | undefined;
  readonly resource?:
    | {
        readonly name?: string | undefined;
        readonly target?: { readonly averageUtilization?: number | undefined } | undefined;
        readonly current?: { readonly averageUtilization?: number | undefined } | undefined;
      }
    | undefined;
}

const isCpu = ({ type, resource }: Metric): boolean =>
  type === 'Resource' &&
  resource?.name === 'cpu' &&
  (resource.target ?? resource.current)?.averageUtilization !== undefined;

const metricsIn = (value: unknown): readonly Metric[] =>
  Array.isArray(value) ? (value as readonly Metric[]) : [];

/** An annotation where there is something to say. */
const noted = (name: string, value: unknown): Readonly<Record<string, string>> =>
  value === undefined || (Array.isArray(value) && value.length === 0)
    ? {}
    : { [name]: JSON.stringify(value) };

/** v2 → v1. */
export function toAutoscalingV1(object: KubernetesObject): KubernetesObject {
  const { metrics, behavior, ...spec } = (object.spec ?? {}) as Plain;
  const { conditions, currentMetrics, ...status } = (object.status ?? {}) as Plain;
  const all = metricsIn(metrics);
  const current = metricsIn(currentMetrics);
  const cpu = all.find(isCpu)?.resource?.target?.averageUtilization;
  const used = current.find(isCpu)?.resource?.current?.averageUtilization;
  const annotations = {
    ...object.metadata.annotations,
    ...noted(
      METRICS,
      all.filter((it) => !isCpu(it)),
    ),
    ...noted(
      CURRENT_METRICS,
      current.filter((it) => !isCpu(it)),
    ),
    ...noted(CONDITIONS, conditions),
    ...noted(BEHAVIOR, behavior),
  };
  const metadata =
    Object.keys(annotations).length === 0 ? object.metadata : { ...object.metadata, annotations };
  return {
    ...object,
    apiVersion: 'autoscaling/v1',
    metadata,
    spec: { ...spec, ...(cpu === undefined ? {} : { targetCPUUtilizationPercentage: cpu }) },
    status: {
      currentReplicas: 0,
      desiredReplicas: 0,
      ...status,
      ...(used === undefined ? {} : { currentCPUUtilizationPercentage: used }),
    },
  };
}

const read = (text: string | undefined): unknown => {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined; // Upstream too goes on without what it cannot read.
  }
};

/** v1 → v2. Status is not a client's to write, so its annotations are only taken away. */
export function fromAutoscalingV1(object: KubernetesObject): KubernetesObject {
  const { targetCPUUtilizationPercentage: cpu, ...spec } = (object.spec ?? {}) as Plain;
  const {
    [METRICS]: metrics,
    [BEHAVIOR]: behavior,
    [CONDITIONS]: _,
    [CURRENT_METRICS]: __,
    ...annotations
  } = object.metadata.annotations ?? {};
  const target = { type: 'Utilization', averageUtilization: cpu };
  const all = [
    ...metricsIn(read(metrics)),
    ...(cpu === undefined ? [] : [{ type: 'Resource', resource: { name: 'cpu', target } }]),
  ];
  const { annotations: ___, ...bare } = object.metadata;
  const kept = Object.keys(annotations).length === 0 ? bare : { ...bare, annotations };
  const behaves = read(behavior);
  return {
    ...object,
    apiVersion: 'autoscaling/v2',
    metadata: kept,
    spec: {
      ...spec,
      ...(all.length === 0 ? {} : { metrics: all }),
      ...(behaves === undefined ? {} : { behavior: behaves }),
    },
  };
}
