/**
 * api/kubernetes/objects/deprecation — versions that are going: a request that uses one is told.
 *
 * Upstream: kubernetes/apiserver pkg/endpoints/deprecation/deprecation.go WarningMessage;
 * kubernetes/api zz_generated.prerelease-lifecycle.go; a CRD's spec.versions[].deprecated.
 */
import type { ServerResponse } from 'node:http';
import { warn } from '../write/strictness.ts';
import { apiVersionOf, type ServedKind } from './served-kind.ts';

/** What is said of a kind in a version, from a minor version of Kubernetes on. */
const OLD: Readonly<Record<string, readonly [minor: number, text: string]>> = {
  'v1 Endpoints': [33, 'is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'],
  'v1 ComponentStatus': [19, 'is deprecated in v1.19+'],
  'policy/v1beta1 PodDisruptionBudget': [
    21,
    'is deprecated in v1.21+, unavailable in v1.25+; use policy/v1 PodDisruptionBudget',
  ],
  'batch/v1beta1 CronJob': [
    21,
    'is deprecated in v1.21+, unavailable in v1.25+; use batch/v1 CronJob',
  ],
};

/**
 * Puts the warning on the answer, where there is one.
 *
 * @param minor  of the cluster's version: 33 of 1.33
 */
export function tellDeprecated(response: ServerResponse, kind: ServedKind, minor: number): void {
  const { resource, version } = kind;
  const named = `${apiVersionOf(kind)} ${resource.kind}`;
  const [from = Number.POSITIVE_INFINITY, text = ''] = OLD[named] ?? [];
  if (minor >= from) warn(response, `${named} ${text}`);
  const declared = resource.definition?.spec.versions.find((it) => it.name === version);
  if (declared?.deprecated !== true) return;
  warn(response, declared.deprecationWarning ?? `${named} is deprecated`);
}
