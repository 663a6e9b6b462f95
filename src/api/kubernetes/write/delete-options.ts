/**
 * api/kubernetes/write/delete-options — how a client wants something deleted: metav1.DeleteOptions
 * of a body, or of the query where there is no body.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/handlers/delete.go; kubernetes/apimachinery
 * pkg/apis/meta/v1/validation/validation.go ValidateDeleteOptions.
 */
import { statusBadRequest } from '../../../cluster/api-status.ts';
import type { ApiStatus, DeleteOptions } from '../../../cluster/kubernetes.ts';
import { optionRefusal } from './write-options.ts';

export interface DeleteRequest {
  readonly options: DeleteOptions;
  readonly isDryRun: boolean;
}

const PROPAGATIONS = ['Background', 'Foreground', 'Orphan'] as const;

/** @param body  the decoded DeleteOptions; empty when none was sent */
export function deleteRequestIn(
  body: Readonly<Record<string, unknown>>,
  query: URLSearchParams,
): DeleteRequest | ApiStatus {
  const text = (name: string): unknown => body[name] ?? query.get(name) ?? undefined;
  const dryRun = [body.dryRun ?? query.getAll('dryRun')].flat();
  for (const value of dryRun) {
    if (value !== 'All') return optionRefusal('DeleteOptions', 'dryRun', String(value), ['All']);
  }
  const policy = text('propagationPolicy');
  const propagation = PROPAGATIONS.find((it) => it === policy);
  if (policy !== undefined && policy !== '' && propagation === undefined) {
    return optionRefusal('DeleteOptions', 'propagationPolicy', String(policy), [
      ...PROPAGATIONS,
      'nil',
    ]);
  }
  const grace = text('gracePeriodSeconds');
  const seconds = grace === undefined ? undefined : Number(grace);
  if (seconds !== undefined && !Number.isInteger(seconds)) {
    return statusBadRequest(
      `strconv.ParseInt: parsing ${JSON.stringify(String(grace))}: invalid syntax`,
    );
  }
  return {
    isDryRun: dryRun.length > 0,
    options: {
      gracePeriodSeconds: seconds,
      propagation: propagation ?? propagationOf(text('orphanDependents')),
      preconditions: preconditionsOf(body.preconditions),
    },
  };
}

/** The flag that propagationPolicy has replaced. */
const propagationOf = (orphans: unknown): DeleteOptions['propagation'] => {
  if (orphans === undefined) return undefined;
  return String(orphans) === 'true' ? 'Orphan' : 'Background';
};

function preconditionsOf(given: unknown): DeleteOptions['preconditions'] {
  if (typeof given !== 'object' || given === null) return undefined;
  const { uid, resourceVersion } = given as { uid?: string; resourceVersion?: string };
  return {
    uid,
    revision: resourceVersion === undefined ? undefined : Number(resourceVersion),
  };
}
