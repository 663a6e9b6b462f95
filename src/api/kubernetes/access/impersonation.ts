/**
 * api/kubernetes/access/impersonation — `kubectl --as`: who a request says that it is for. Everybody
 * with a token may be anybody, because everybody may do everything; a Warning says so.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/filters/impersonation.go WithImpersonation.
 */
import type { IncomingMessage } from 'node:http';
import type { ApiStatus } from '../../../cluster/kubernetes.ts';
import { failure } from '../rest-status.ts';
import { groupsOfAccount, type User } from './bearer-token.ts';

export const IMPERSONATED =
  'ekstwin: RBAC is not enforced: whoever is impersonated may do everything, too';

const EXTRA = 'impersonate-extra-';
const ANONYMOUS = 'system:anonymous';
const AUTHENTICATED = 'system:authenticated';
const UNAUTHENTICATED = 'system:unauthenticated';

/** The user that a request is for; undefined when it impersonates nobody. */
export function impersonatedUser({
  headersDistinct,
}: IncomingMessage): User | ApiStatus | undefined {
  const [username = ''] = headersDistinct['impersonate-user'] ?? [];
  const groups = headersDistinct['impersonate-group'] ?? [];
  const [uid = ''] = headersDistinct['impersonate-uid'] ?? [];
  const extra = extraOf(headersDistinct);
  if (username === '') {
    if (groups.length === 0 && uid === '' && extra === undefined) return undefined;
    const message = 'Internal error occurred: requested groups, uid or extra fields';
    return failure(500, 'InternalError', `${message} without impersonating a user`);
  }
  return {
    username,
    ...(uid === '' ? {} : { uid }),
    groups: allGroups(username, groups),
    ...(extra === undefined ? {} : { extra }),
  };
}

/** With those that the server adds. */
function allGroups(username: string, given: readonly string[]): readonly string[] {
  const isAccount = /^system:serviceaccount:[^:]+:[^:]+$/.test(username);
  const groups = given.length === 0 && isAccount ? groupsOfAccount(username) : [...given];
  const sort = username === ANONYMOUS ? UNAUTHENTICATED : AUTHENTICATED;
  const isSorted = groups.includes(AUTHENTICATED) || groups.includes(UNAUTHENTICATED);
  return isSorted ? groups : [...groups, sort];
}

function extraOf(
  headers: IncomingMessage['headersDistinct'],
): Readonly<Record<string, readonly string[]>> | undefined {
  const found = Object.entries(headers).filter(([name]) => name.startsWith(EXTRA));
  if (found.length === 0) return undefined;
  return Object.fromEntries(found.map(([name, values]) => [decoded(name), values ?? []]));
}

/** Keys are escaped, for a header's name cannot hold every character. */
function decoded(name: string): string {
  const key = name.slice(EXTRA.length);
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
