/**
 * load-balancer/ingress/enhanced-backend — a path's backend with all that annotations say of it:
 * its action, more conditions, transforms, who has to log in.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/enhanced_backend_builder.go.
 */
import type { Service } from '../../../model/kubernetes/core.ts';
import type { Ingress, IngressBackend } from '../../../model/kubernetes/ingress.ts';
import { type Annotations, mergeStringMaps } from '../annotations/parser.ts';
import { BuildError } from '../build-error.ts';
import type { ControllerSettings } from '../settings/settings.ts';
import type { JwtValidationConfig } from '../stack/action-spec.ts';
import type { TransformSpec } from '../stack/listener-spec.ts';
import { type Authentication, authenticationOf, jwtValidationOf } from './authentication.ts';
import { annotatedAction, type BackendAction, forwardTo, unavailable } from './backend-action.ts';
import {
  annotatedConditions,
  annotatedTransforms,
  type WrittenCondition,
} from './condition-annotation.ts';
import { notFoundText } from './ingress-class.ts';

/** The port name that stands for `actions.NAME`. */
const USE_ANNOTATION = 'use-annotation';

export interface EnhancedBackend {
  readonly action: BackendAction;
  readonly conditions: readonly WrittenCondition[];
  readonly transforms: readonly TransformSpec[];
  readonly authentication: Authentication;
  readonly jwtValidation?: JwtValidationConfig | undefined;
}

export type ServiceLookup = (namespace: string, name: string) => Service | undefined;

type Tolerance = Pick<
  ControllerSettings,
  'tolerateNonExistentBackendService' | 'tolerateNonExistentBackendAction'
>;

/** @throws BuildError  in upstream's words, where an annotation is wrong or a Service missing */
export function enhancedBackend(
  ingress: Ingress,
  backend: IngressBackend,
  settings: Tolerance,
  serviceOf: ServiceLookup,
): EnhancedBackend {
  const { annotations, namespace = '' } = ingress.metadata;
  const name = serviceNameOf(backend);
  const conditions = annotatedConditions(name, annotations);
  const transforms = annotatedTransforms(name, annotations);
  const asked = askedAction(ingress, backend, settings.tolerateNonExistentBackendAction);
  const tolerant = settings.tolerateNonExistentBackendService;
  const action = servedAction(asked, namespace, serviceOf, tolerant);
  const authentication = authenticationFor(action, namespace, annotations, serviceOf);
  const jwtValidation = jwtValidationOf(annotations);
  return { action, conditions, transforms, authentication, jwtValidation };
}

function serviceNameOf({ service }: IngressBackend): string {
  if (service === undefined) throw new BuildError('missing required "service" field');
  return service.name;
}

/** What the backend asks for, whether its Services exist or not. */
export function askedAction(
  { metadata }: Ingress,
  backend: IngressBackend,
  toleratesMissingAction: boolean,
): BackendAction {
  const name = serviceNameOf(backend);
  const port = backend.service?.port ?? {};
  if (port.name === USE_ANNOTATION) {
    return annotatedAction(name, metadata.annotations, toleratesMissingAction);
  }
  return forwardTo(name, port.name || (port.number ?? 0));
}

/** Names of Services an action forwards to, each once. */
export const servicesOf = (action: BackendAction): readonly string[] =>
  action.type === 'forward'
    ? [...new Set(action.forwardConfig.targetGroups.flatMap((it) => it.serviceName ?? []))]
    : [];

/** The action, or 503 where the only Service it forwards to does not exist. */
export function servedAction(
  action: BackendAction,
  namespace: string,
  serviceOf: ServiceLookup,
  toleratesMissing: boolean,
): BackendAction {
  const names = servicesOf(action);
  for (const name of names) {
    if (serviceOf(namespace, name) !== undefined) continue;
    const isOnly =
      names.length === 1 &&
      action.type === 'forward' &&
      action.forwardConfig.targetGroups.length === 1;
    if (toleratesMissing && isOnly) return unavailable('Backend service does not exist');
    throw new BuildError(notFoundText('Service', name));
  }
  return action;
}

/** Who has to log in: what the one Service says that the action forwards to wins. */
export function authenticationFor(
  action: BackendAction,
  namespace: string,
  annotations: Annotations,
  serviceOf: ServiceLookup,
): Authentication {
  const targets = action.type === 'forward' ? action.forwardConfig.targetGroups : [];
  const name = targets.length === 1 ? targets[0]?.serviceName : undefined;
  const service = name === undefined ? undefined : serviceOf(namespace, name);
  return authenticationOf(
    service === undefined
      ? annotations
      : mergeStringMaps(service.metadata.annotations, annotations),
  );
}
