/**
 * api/kubernetes/subresources/account-token — tokens of ServiceAccounts: made on request, and known
 * again by this server until they end.
 *
 * Upstream: kubernetes/kubernetes pkg/registry/core/serviceaccount/storage/token.go,
 * pkg/apis/authentication/validation; the claims of pkg/serviceaccount/claims.go. Signed with the
 * served token, so that nobody else can make one.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { isApiStatus } from '../../../cluster/kubernetes.ts';
import { preciseTimestamp, unixSeconds } from '../../../model/time.ts';
import type { Served } from '../../running-twin.ts';
import type { Outcome } from '../answer.ts';
import type { ApiRequest } from '../api-request.ts';
import { storedAt } from '../objects/get.ts';
import { failure, statusMethodNotAllowed } from '../rest-status.ts';
import { postedBody } from './subresource-body.ts';

const LASTS_SECONDS = 3_600;
const LASTS_AT_LEAST_SECONDS = 600;
const AUDIENCE = 'https://kubernetes.default.svc';

const encoded = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url');

const signatureOf = (text: string, { token }: Served): string =>
  createHmac('sha256', token).update(text).digest('base64url');

/** POST serviceaccounts/NAME/token. */
export async function accountToken(given: ApiRequest): Promise<Outcome> {
  if (given.request.method !== 'POST') return statusMethodNotAllowed();
  const account = storedAt(given);
  if (isApiStatus(account)) return account;
  const body = await postedBody(given, 'TokenRequest', ['authentication.k8s.io/v1']);
  if (body === 'gone') return 'taken';
  if (isApiStatus(body)) return body;
  const seconds = Number(body.spec.expirationSeconds ?? LASTS_SECONDS);
  const { name, namespace = '', uid } = account.value.metadata;
  if (!(seconds >= LASTS_AT_LEAST_SECONDS)) return tooShort(name, seconds);
  const { served, twin } = given.state.running;
  const now = twin.clock.now();
  const asked = body.spec.audiences;
  const audiences = Array.isArray(asked) && asked.length > 0 ? asked : [AUDIENCE];
  const claims = {
    aud: audiences,
    exp: unixSeconds(now) + seconds,
    iat: unixSeconds(now),
    iss: AUDIENCE,
    'kubernetes.io': { namespace, serviceaccount: { name, uid } },
    nbf: unixSeconds(now),
    sub: `system:serviceaccount:${namespace}:${name}`,
  };
  const head = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded(claims)}`;
  const expirationTimestamp = `${preciseTimestamp(now + seconds * 1000).slice(0, 19)}Z`;
  return {
    code: 201,
    body: {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name, namespace, creationTimestamp: null },
      spec: { audiences, expirationSeconds: seconds, boundObjectRef: null },
      status: { token: `${head}.${signatureOf(head, served)}`, expirationTimestamp },
    },
  };
}

function tooShort(name: string, seconds: number) {
  const message = `Invalid value: ${seconds}: may not specify a duration less than 10 minutes`;
  const field = 'spec.expirationSeconds';
  return failure(
    422,
    'Invalid',
    `TokenRequest.authentication.k8s.io "${name}" is invalid: ${field}: ${message}`,
    {
      name,
      group: 'authentication.k8s.io',
      kind: 'TokenRequest',
      causes: [{ reason: 'FieldValueInvalid', message, field }],
    },
  );
}

/** Whose token it is (`system:serviceaccount:NAMESPACE:NAME`); undefined for no token of ours. */
export function accountOf(token: string, served: Served): string | undefined {
  const [head = '', claims = '', signature = ''] = token.split('.');
  const expected = Buffer.from(signatureOf(`${head}.${claims}`, served));
  const given = Buffer.from(signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const { sub } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sub?: string };
  return sub;
}
