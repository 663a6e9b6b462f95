/**
 * analysis/load-balancer/lint/backend-checks — what an Ingress's backends name: Services and their
 * ports, or actions in annotations; and annotations that no backend names.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * pkg/ingress/enhanced_backend_builder.go:107.
 */
import type { Service } from '../../../model/kubernetes/core.ts';
import type { Ingress } from '../../../model/kubernetes/ingress.ts';
import { nearestWords } from '../../../model/nearest.ts';
import type { Finding } from './finding.ts';
import { ingressClaim, isAlb } from './ingress-claim.ts';
import {
  type BackendPort,
  backendsOf,
  type LintedBackend,
  USE_ANNOTATION,
} from './ingress-paths.ts';
import {
  annotationsOf,
  error,
  isWhole,
  type Linted,
  type LintInput,
  placeOfAnnotation,
  referred,
  warning,
} from './linted.ts';

const PREFIX = 'alb.ingress.kubernetes.io/';

/** What is wrong between Ingresses of the ALB and what they send requests to. */
export const backendChecks = (input: LintInput): Finding[] =>
  input.ingresses.flatMap((it) => {
    if (!isAlb(ingressClaim(input, it.object))) return [];
    return [
      ...backendsOf(it.object).flatMap((backend) => ofBackend(input, it, backend)),
      ...unused(it),
    ];
  });

function ofBackend(input: LintInput, it: Linted<Ingress>, backend: LintedBackend): Finding[] {
  const { serviceName, port, place } = backend;
  if (serviceName === undefined) {
    const text = 'missing required "service" field: the controller knows no other backend';
    const said = {
      check: 'backend-resource',
      text,
      hint: 'write backend: {service: {name, port}}',
    };
    return [error(it, it.at(place), said)];
  }
  if (port.name === USE_ANNOTATION) return ofAction(it, serviceName, backend);
  const actionKey = `${PREFIX}actions.${serviceName}`;
  const action = annotationsOf(it.object)[actionKey];
  const service = serviceOf(input, it.object, serviceName);
  if (service === undefined) return missingService(input, it, backend, action !== undefined);
  const hint = portHint(service, port);
  if (hint === undefined) return [];
  const wanted = port.name ?? port.number ?? '';
  const text = `unable to find port ${wanted} on service ${it.object.metadata.namespace}/${serviceName}`;
  const where = it.at([...place, 'service', 'port']);
  return [error(it, where, { check: 'service-port', text, hint })];
}

/** The Service an Ingress names, which is in its own namespace. */
export const serviceOf = (input: LintInput, ingress: Ingress, name: string): Service | undefined =>
  referred<Service>(input, 'Service', `${ingress.metadata.namespace}/${name}`);

function ofAction(it: Linted<Ingress>, name: string, { place }: LintedBackend): Finding[] {
  const annotations = annotationsOf(it.object);
  if (annotations[`${PREFIX}actions.${name}`] !== undefined) return [];
  const actions = actionNames(it.object);
  const near = nearestWords(name, actions, 1);
  const text = `missing actions.${name} configuration: the rule answers 503 "Backend action does not exist"`;
  const hint =
    near.length > 0
      ? `did you mean ${near[0]}?`
      : `add ${PREFIX}actions.${name}, or write the Service's port instead of ${USE_ANNOTATION}`;
  return [error(it, it.at([...place, 'service']), { check: 'no-such-action', text, hint })];
}

const actionNames = (ingress: Ingress): string[] =>
  Object.keys(annotationsOf(ingress)).flatMap((key) =>
    key.startsWith(`${PREFIX}actions.`) ? [key.slice(`${PREFIX}actions.`.length)] : [],
  );

function missingService(
  input: LintInput,
  it: Linted<Ingress>,
  { serviceName, place }: LintedBackend,
  hasAction: boolean,
): Finding[] {
  const where = it.at([...place, 'service']);
  if (hasAction) {
    const text = `actions.${serviceName} is read only where the backend's port is named ${USE_ANNOTATION}`;
    const hint = `write port: {name: ${USE_ANNOTATION}}`;
    return [error(it, where, { check: 'action-port', text, hint })];
  }
  const { namespace } = it.object.metadata;
  const text = `no Service ${namespace}/${serviceName}`;
  const known = input.services.flatMap(({ object: { metadata } }) =>
    metadata.namespace === namespace ? [metadata.name] : [],
  );
  const near = nearestWords(serviceName!, known, 1);
  const hint = `${near.length > 0 ? `did you mean ${near[0]}? ` : ''}an Ingress reaches Services of its own namespace only`;
  const check = 'no-such-service';
  const answer = 'the rule answers 503 "Backend service does not exist"';
  if (isWhole(input, 'Service'))
    return [error(it, where, { check, text: `${text}: ${answer}`, hint })];
  // Without any Service in the files nothing can be said of one.
  if (input.services.length === 0) return [];
  return [
    warning(it, where, { check, text: `${text} in these files: without it ${answer}`, hint }),
  ];
}

/** What to write instead of a port that the Service does not have; undefined where it has it. */
function portHint({ spec }: Service, port: BackendPort): string | undefined {
  const ports = spec.ports ?? [];
  const hit = ports.some(({ name, port: number }) =>
    port.name === undefined ? number === port.number : name === port.name,
  );
  if (hit) return undefined;
  const byTarget = ports.find(
    ({ targetPort, nodePort }) => targetPort === port.number || nodePort === port.number,
  );
  const all = ports.map(({ name, port: number }) =>
    name === undefined ? number : `${number} (${name})`,
  );
  const list = `its ports are ${all.join(', ') || 'none'}`;
  return byTarget === undefined || port.number === undefined
    ? list
    : `${port.number} is the pod's or the node's port; the Service's is ${byTarget.port}: ${list}`;
}

/** Actions, conditions and transforms that no backend of the Ingress is called by. */
function unused(it: Linted<Ingress>): Finding[] {
  const backends = backendsOf(it.object);
  const names = new Set(backends.map(({ serviceName }) => serviceName));
  return Object.keys(annotationsOf(it.object)).flatMap((key) => {
    const match = /^alb\.ingress\.kubernetes\.io\/(actions|conditions|transforms)\.(.+)$/.exec(key);
    if (match === null || names.has(match[2]!)) return [];
    const near = nearestWords(
      match[2]!,
      [...names].filter((name) => name !== undefined),
      1,
    );
    const text = `${key}: no backend of this Ingress is called ${match[2]}, so it is not read`;
    const hint =
      near.length > 0
        ? `did you mean ${match[1]}.${near[0]}?`
        : 'name a backend so, or leave it out';
    const place = placeOfAnnotation(it, key);
    return [warning(it, place, { check: 'unused-annotation', text, hint })];
  });
}
