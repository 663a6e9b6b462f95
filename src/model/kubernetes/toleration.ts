/**
 * model/kubernetes/toleration — which taints a pod puts up with.
 *
 * Upstream: kubernetes/api core/v1/toleration.go ToleratesTaint; kubernetes/component-helpers
 * scheduling/corev1/helpers.go FindMatchingUntoleratedTaint.
 */
import type { Taint, Toleration } from './core.ts';

type Effect = Taint['effect'];

/** True when the toleration matches the taint: effect, key, then operator. */
export function toleratesTaint(toleration: Toleration, taint: Taint): boolean {
  const { key = '', operator = 'Equal', effect } = toleration;
  if (effect !== undefined && (effect as string) !== '' && effect !== taint.effect) return false;
  if (key !== '' && key !== taint.key) return false;
  if (operator === 'Exists') return true;
  return key !== '' && (toleration.value ?? '') === (taint.value ?? '');
}

/** True when any of the tolerations matches the taint. */
export function isTolerated(tolerations: readonly Toleration[] | undefined, taint: Taint): boolean {
  for (const it of tolerations ?? []) if (toleratesTaint(it, taint)) return true;
  return false;
}

/** The first taint with one of the effects that no toleration matches. */
export function untoleratedTaint(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly Effect[],
): Taint | undefined {
  for (const taint of taints ?? []) {
    if (effects.includes(taint.effect) && !isTolerated(tolerations, taint)) return taint;
  }
  return undefined;
}
