/**
 * api/kubernetes/api-request — a request to a resource with everything the verbs need to know.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RunningTwin } from '../running-twin.ts';
import type { AcceptedForm } from './accept.ts';
import type { Collections } from './collection/collections.ts';
import type { Snapshots } from './collection/snapshots.ts';
import type { LogFollowers } from './logs/log-followers.ts';
import type { ServedKind, ServedKinds } from './objects/served-kind.ts';
import type { OpenApi } from './openapi/openapi.ts';
import type { RequestTarget } from './request-target.ts';
import type { OpenWatches } from './watch/open-watches.ts';

/** What lives as long as the service. */
export interface ServiceState {
  readonly running: RunningTwin;
  readonly kinds: ServedKinds;
  /** Made when first asked for: most clients never do. */
  openApi?: OpenApi | undefined;
  readonly collections: Collections;
  readonly snapshots: Snapshots;
  readonly watches: OpenWatches;
  readonly followers: LogFollowers;
}

export interface ApiRequest {
  readonly state: ServiceState;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: RequestTarget;
  readonly kind: ServedKind;
  readonly query: URLSearchParams;
  readonly form: AcceptedForm;
}

/** A query's flag as Go's conversion reads it: `1`, `true`, and the bare name are true. */
export const flagOf = (query: URLSearchParams, name: string): boolean => {
  const text = query.get(name);
  return text !== null && text !== '0' && text !== 'false';
};
