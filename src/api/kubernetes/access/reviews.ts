/**
 * api/kubernetes/access/reviews — may I, who am I, whose token is this. RBAC objects are kept and
 * not enforced, and the answers say so.
 *
 * Upstream: kubernetes/kubernetes pkg/registry/{authorization,authentication}.
 */
import type { IncomingMessage } from 'node:http';
import { type ApiStatus, isApiStatus } from '../../../cluster/kubernetes.ts';
import type { Outcome } from '../answer.ts';
import type { ServiceState } from '../api-request.ts';
import { REVIEWS } from '../discovery/subresources.data.ts';
import type { RequestTarget } from '../request-target.ts';
import { failure, statusMethodNotAllowed } from '../rest-status.ts';
import { type PostedBody, postedBody } from '../subresources/subresource-body.ts';
import { userOf, userOfToken } from './bearer-token.ts';
import { impersonatedUser } from './impersonation.ts';

const NOT_ENFORCED =
  'RBAC is not enforced by ekstwin: every user that has a token may do everything';

/** The answer of a review; undefined when the target is none. */
export function reviewAt(
  state: ServiceState,
  request: IncomingMessage,
  { group, version, plural, name }: RequestTarget,
): Promise<Outcome> | undefined {
  const review = REVIEWS.find(
    (it) => it.group === group && it.version === version && it.plural === plural,
  );
  if (review === undefined || name !== undefined) return undefined;
  return answered(state, request, review.kind, `${group}/${version}`);
}

async function answered(
  state: ServiceState,
  request: IncomingMessage,
  kind: string,
  apiVersion: string,
): Promise<Outcome> {
  if (request.method !== 'POST') return statusMethodNotAllowed();
  const body = await postedBody({ request }, kind, [apiVersion]);
  if (body === 'gone') return 'taken';
  if (isApiStatus(body)) return body;
  const status = statusOf(state, request, kind, body);
  if (isApiStatus(status)) return status;
  const { apiVersion: _, kind: __, metadata: ___, ...rest } = body;
  const spec = kind === 'SelfSubjectReview' ? {} : { spec: rest.spec };
  const metadata = { creationTimestamp: null };
  return { code: 201, body: { kind, apiVersion, metadata, ...spec, status } };
}

function statusOf(
  { running }: ServiceState,
  request: IncomingMessage,
  kind: string,
  { spec }: PostedBody,
): object | ApiStatus {
  switch (kind) {
    case 'SelfSubjectReview':
      return { userInfo: impersonatedUser(request) ?? userOf(request, running.served) };
    case 'TokenReview': {
      const token = typeof spec.token === 'string' ? spec.token : '';
      const user = userOfToken(token, running.served);
      if (user !== undefined) return { authenticated: true, user };
      return { authenticated: false, error: '[invalid bearer token]' };
    }
    case 'SelfSubjectRulesReview':
      return {
        resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
        nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
        incomplete: false,
        evaluationError: NOT_ENFORCED,
      };
    default:
      return accessOf(kind, spec);
  }
}

function accessOf(kind: string, spec: PostedBody['spec']): object | ApiStatus {
  const { resourceAttributes, nonResourceAttributes } = spec;
  if ((resourceAttributes === undefined) !== (nonResourceAttributes === undefined)) {
    return { allowed: true, reason: NOT_ENFORCED };
  }
  const message =
    'Invalid value: exactly one of nonResourceAttributes or resourceAttributes must be specified';
  const causes = [{ reason: 'FieldValueInvalid', message, field: 'spec.resourceAttributes' }];
  return failure(
    422,
    'Invalid',
    `${kind}.authorization.k8s.io "" is invalid: spec.resourceAttributes: ${message}`,
    { group: 'authorization.k8s.io', kind, causes },
  );
}
