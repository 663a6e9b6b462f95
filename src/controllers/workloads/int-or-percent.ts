/**
 * controllers/workloads/int-or-percent — `1` or `25%` of so many.
 *
 * Upstream: kubernetes/apimachinery pkg/util/intstr/intstr.go GetScaledValueFromIntOrPercent;
 * kubernetes/kubernetes pkg/controller/deployment/util/deployment_util.go ResolveFenceposts.
 */

/** A count, or a share of `total` rounded as asked. Unreadable texts were refused by admission. */
export function scaledValue(
  value: number | string | undefined,
  total: number,
  rounding: 'up' | 'down',
): number {
  if (value === undefined) return 0;
  if (typeof value === 'number') return value;
  const percent = Number.parseInt(value, 10);
  if (Number.isNaN(percent)) return 0;
  if (!value.endsWith('%')) return percent;
  const share = (percent * total) / 100;
  return rounding === 'up' ? Math.ceil(share) : Math.floor(share);
}

/** Surge rounds up, unavailable down; both 0 would never move, so one may then be unavailable. */
export function fenceposts(
  maxSurge: number | string | undefined,
  maxUnavailable: number | string | undefined,
  replicas: number,
): { readonly surge: number; readonly unavailable: number } {
  const surge = scaledValue(maxSurge, replicas, 'up');
  const unavailable = scaledValue(maxUnavailable, replicas, 'down');
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
}
