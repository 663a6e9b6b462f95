/**
 * load-balancer/ingress/references — Services and Secrets that an Ingress speaks of: whose change
 * is a change of its group.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/reference_indexer.go. An annotation
 * that cannot be read refers to nothing.
 */
import type { Ingress } from '../../../model/kubernetes/ingress.ts';
import type { Annotations } from '../annotations/parser.ts';
import { BuildError, built } from '../build-error.ts';
import { authenticationOf } from './authentication.ts';
import { askedAction, servicesOf } from './enhanced-backend.ts';

/** Names of Services in the Ingress's namespace, sorted. */
export function serviceNamesOf(ingress: Ingress): readonly string[] {
  const { defaultBackend, rules = [] } = ingress.spec;
  const backends = [
    ...(defaultBackend === undefined ? [] : [defaultBackend]),
    ...rules.flatMap(({ http }) => (http?.paths ?? []).map((path) => path.backend)),
  ];
  const names = built(
    () => new Set(backends.flatMap((it) => servicesOf(askedAction(ingress, it, true)))),
  );
  return names instanceof BuildError ? [] : [...names].sort();
}

/** The Secret of the OIDC provider, by name. @param annotations  of an Ingress or a Service */
export function secretNamesOf(annotations: Annotations): readonly string[] {
  const authentication = built(() => authenticationOf(annotations));
  if (authentication instanceof BuildError || authentication.oidc === undefined) return [];
  return [authentication.oidc.secretName ?? ''];
}
