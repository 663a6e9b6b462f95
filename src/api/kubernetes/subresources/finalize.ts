/**
 * api/kubernetes/subresources/finalize — PUT namespaces/NAME/finalize: the finalizers of a
 * namespace's spec.
 *
 * Upstream: kubernetes/kubernetes pkg/registry/core/namespace/storage FinalizeREST.
 */
import { isApiStatus } from '../../../cluster/kubernetes.ts';
import type { Outcome } from '../answer.ts';
import type { ApiRequest } from '../api-request.ts';
import { storedAt } from '../objects/get.ts';
import { statusMethodNotAllowed } from '../rest-status.ts';
import { answerOf } from '../write/written.ts';
import { postedBody } from './subresource-body.ts';

/** Taking `kubernetes` off a namespace that is going lets it go at once. */
export async function finalize(given: ApiRequest): Promise<Outcome> {
  if (given.request.method !== 'PUT') return statusMethodNotAllowed();
  const body = await postedBody(given, 'Namespace', ['v1']);
  if (body === 'gone') return 'taken';
  if (isApiStatus(body)) return body;
  const { running } = given.state;
  const { kubernetes } = running.twin;
  const entry = await running.commit(() => {
    const before = storedAt(given);
    if (isApiStatus(before)) return before;
    const finalizers = body.spec.finalizers;
    const isEmpty = !Array.isArray(finalizers) || finalizers.length === 0;
    if (isEmpty) kubernetes.finalizeNamespace(given.target.name!);
    const after = storedAt(given);
    return isApiStatus(after) ? before : after;
  });
  return answerOf(given, entry);
}
