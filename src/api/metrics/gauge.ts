/** api/metrics/gauge — a value that goes up and down. */
import type { Metric } from '../../model/prometheus.ts';

export const gauge = (
  name: string,
  value: number,
  labels: Readonly<Record<string, string>> = {},
): Metric => ({ name, type: 'gauge', labels, value });
