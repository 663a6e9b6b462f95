/** analysis/load-balancer/lint/ingress-paths — an Ingress's paths and backends, each with its place. */
import type { Path } from '../../../formats/source.ts';
import type { Ingress, IngressBackend } from '../../../model/kubernetes/ingress.ts';

export interface BackendPort {
  readonly name?: string | undefined;
  readonly number?: number | undefined;
}

/** A backend of a Service; a resource is none that the controller knows. */
export interface LintedBackend {
  readonly serviceName?: string | undefined;
  readonly port: BackendPort;
  readonly place: Path;
}

export interface LintedPath {
  readonly host: string;
  readonly path: string | undefined;
  readonly pathType: string | undefined;
  readonly backend: LintedBackend;
  readonly place: Path;
}

/** The name of a port that stands for an annotation. */
export const USE_ANNOTATION = 'use-annotation';

/** All paths, in the order of the file. */
export function pathsOf({ spec }: Ingress): LintedPath[] {
  return (spec?.rules ?? []).flatMap((rule, i) =>
    (rule.http?.paths ?? []).map(({ path, pathType, backend }, j) => {
      const place = ['spec', 'rules', i, 'http', 'paths', j];
      return {
        host: rule.host ?? '',
        path,
        pathType,
        backend: backendOf(backend, [...place, 'backend']),
        place,
      };
    }),
  );
}

/** The backends of all paths, and the default one. */
export function backendsOf(ingress: Ingress): LintedBackend[] {
  const { defaultBackend } = ingress.spec ?? {};
  const ofPaths = pathsOf(ingress).map(({ backend }) => backend);
  return defaultBackend === undefined
    ? ofPaths
    : [backendOf(defaultBackend, ['spec', 'defaultBackend']), ...ofPaths];
}

function backendOf(backend: IngressBackend | undefined, place: Path): LintedBackend {
  const service = backend?.service;
  return { serviceName: service?.name, port: service?.port ?? {}, place };
}
