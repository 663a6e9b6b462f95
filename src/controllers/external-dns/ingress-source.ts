/**
 * controllers/external-dns/ingress-source — the names of Ingresses: hosts of their rules and of
 * their TLS sections, and those of the annotation, at the load balancer of their status.
 *
 * Upstream: kubernetes-sigs/external-dns@2bf1bf8a source/ingress.go.
 */
import type { TwinStore } from '../../model/kinds.ts';
import type { Ingress } from '../../model/kubernetes/ingress.ts';
import { type Endpoint, endpointsForHostname, mergeEndpoints } from './endpoint.ts';
import type { ExternalDnsSettings } from './settings.ts';
import { seenBy } from './source-object.ts';

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

/** The endpoints of every Ingress that is looked at. */
export const ingressEndpoints = (
  store: TwinStore,
  settings: ExternalDnsSettings,
): readonly Endpoint[] =>
  mergeEndpoints(store.list('Ingress').flatMap((ingress) => endpointsOf(ingress, settings)));

function endpointsOf(ingress: Ingress, settings: ExternalDnsSettings): readonly Endpoint[] {
  const said = seenBy(settings, ingress);
  if (said === undefined || !isOfClass(ingress, settings.ingressClasses)) return [];
  const { metadata, spec } = ingress;
  const targets = said.targets.length > 0 ? said.targets : statusTargets(ingress);
  const details = said.details(`ingress/${metadata.namespace}/${metadata.name}`);
  const hosts = [
    ...(settings.ignoresIngressRules ? [] : (spec.rules ?? []).map(({ host }) => host ?? '')),
    ...(settings.ignoresIngressTls ? [] : (spec.tls ?? []).flatMap((tls) => tls.hosts ?? [])),
  ].filter((host) => host !== '');
  const annotated = settings.ignoresHostnameAnnotation ? [] : said.names('hostname');
  const source = said.get('ingress-hostname-source')?.toLowerCase();
  const names =
    source === undefined
      ? [...hosts, ...annotated]
      : source === 'defined-hosts-only'
        ? hosts
        : source === 'annotation-only'
          ? annotated
          : [];
  return names.flatMap((name) => endpointsForHostname(name, targets, details));
}

/** Any class where none is asked for. The field decides before the annotation. */
function isOfClass({ metadata, spec }: Ingress, classes: readonly string[]): boolean {
  if (classes.length === 0) return true;
  const field = spec.ingressClassName ?? '';
  return classes.includes(field !== '' ? field : (metadata.annotations?.[CLASS_ANNOTATION] ?? ''));
}

const statusTargets = ({ status }: Ingress): readonly string[] =>
  (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) =>
    [ip ?? '', hostname ?? ''].filter((it) => it !== ''),
  );
