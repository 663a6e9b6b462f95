/**
 * analysis/load-balancer/explain/explain-listeners — an ALB's listeners and rules, each with the
 * Ingress and the path it comes from.
 *
 * A rule of AWS does not say which path made it; it is found by what a path asks for: host, path
 * patterns and backend. Upstream: aws-load-balancer-controller@225f445
 * pkg/ingress/model_build_listener.go, model_build_listener_rules.go.
 */
import type { Listener, ListenerAction, ListenerRule } from '../../../model/elbv2/listener.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import type { IngressPath } from '../../../model/kubernetes/ingress.ts';
import { CERTIFICATE_ARN, LISTEN_PORTS, listenPorts, SSL_REDIRECT } from '../lint/listen-port.ts';
import { actionText, conditionValues } from '../words.ts';
import type { ExplainedResource, Mapping, Origin, Places } from './explanation.ts';
import { byDefault, type Member, ofField, ofGroup } from './origins.ts';

/** Listeners by port, each followed by its rules by priority. */
export function explainListeners(
  store: TwinStore,
  loadBalancerArn: string,
  members: readonly Member[],
  places: Places,
): ExplainedResource[] {
  const listeners = store
    .lookup('elbv2/listener', 'load-balancer', loadBalancerArn)
    .sort((a, b) => a.port - b.port);
  return listeners.flatMap((listener) => {
    const asking = members.filter(({ ingress, params }) =>
      listenPorts(ingress, params)?.some(({ port }) => port === listener.port),
    );
    const name = `${listener.protocol}:${listener.port}`;
    const rules = store
      .lookup('elbv2/rule', 'listener', listener.listenerArn)
      .sort((a, b) => a.priority - b.priority);
    const paths = asking.flatMap((member) => pathsOf(member));
    return [
      { name: `listener ${name}`, mappings: ofListener(store, listener, asking, places) },
      ...rules.map((rule) => ({
        name: `rule ${rule.priority} of ${name}`,
        mappings: ofRule(store, rule, paths, places),
      })),
    ];
  });
}

function ofListener(
  store: TwinStore,
  listener: Listener,
  asking: readonly Member[],
  places: Places,
): Mapping[] {
  const { protocol, port, certificateArns, sslPolicy, defaultActions } = listener;
  const isTls = certificateArns.length > 0;
  const certificates = ofGroup(asking, CERTIFICATE_ARN, places, 'found by the hosts of the rules');
  const ofPort = ofGroup(asking, LISTEN_PORTS, places);
  return [
    {
      field: 'Protocol, Port',
      value: `${protocol}, ${port}`,
      origin:
        ofPort.object !== undefined
          ? ofPort
          : byDefault(isTls ? 'default of an Ingress with a certificate' : 'default: HTTP 80'),
    },
    ...certificateArns.map((arn, i) => ({
      field: i === 0 ? 'Certificates (default)' : 'Certificates (by server name)',
      value: `${arn}${namesOf(store, arn)}`,
      origin: certificates,
    })),
    ...(sslPolicy === undefined
      ? []
      : [
          {
            field: 'SslPolicy',
            value: sslPolicy,
            origin: ofGroup(asking, 'alb.ingress.kubernetes.io/ssl-policy', places),
          },
        ]),
    {
      field: 'DefaultActions',
      value: defaultActions.map((action) => actionText(store, action)).join(', then '),
      origin: defaultActionOrigin(listener, asking, places),
    },
  ];
}

function namesOf(store: TwinStore, arn: string): string {
  const certificate = store.get('acm/certificate', arn);
  return certificate === undefined ? '' : ` (${certificate.subjectAlternativeNames.join(', ')})`;
}

function defaultActionOrigin(
  { defaultActions, protocol }: Listener,
  asking: readonly Member[],
  places: Places,
): Origin {
  if (defaultActions.some(({ type }) => type === 'redirect') && protocol === 'HTTP') {
    return ofGroup(asking, SSL_REDIRECT, places);
  }
  const own = asking.find(({ ingress }) => ingress.spec.defaultBackend !== undefined);
  if (own === undefined) return byDefault('no defaultBackend: the controller answers 404');
  return ofField(own.ingress, ['spec', 'defaultBackend'], undefined, places);
}

/** A path of a member, until a rule is found to be its. */
interface OpenPath {
  readonly member: Member;
  readonly host: string | undefined;
  readonly path: IngressPath;
  readonly place: readonly (string | number)[];
  isTaken: boolean;
}

const pathsOf = (member: Member): OpenPath[] =>
  (member.ingress.spec.rules ?? []).flatMap(({ host, http }, i) =>
    (http?.paths ?? []).map((path, j) => ({
      member,
      host,
      path,
      place: ['spec', 'rules', i, 'http', 'paths', j],
      isTaken: false,
    })),
  );

function ofRule(
  store: TwinStore,
  rule: ListenerRule,
  paths: readonly OpenPath[],
  places: Places,
): Mapping[] {
  const open = paths.find((path) => !path.isTaken && isOf(rule, path));
  if (open !== undefined) open.isTaken = true;
  const conditions = rule.conditions.map((condition) => {
    const { field } = condition;
    const origin = conditionOrigin(field, open, places);
    return { field, value: conditionValues(condition), origin };
  });
  const actions = rule.actions.map((action) => ({
    field: 'Actions',
    value: actionText(store, action),
    origin: actionOrigin(open, action, places),
  }));
  return [...conditions, ...actions];
}

/** Whether a path asks for what the rule has. */
function isOf({ conditions }: ListenerRule, { host, path }: OpenPath): boolean {
  const hosts = conditions.find(({ field }) => field === 'host-header');
  const patterns = conditions.find(({ field }) => field === 'path-pattern');
  const isHost =
    (host ?? '') === ''
      ? true
      : hosts !== undefined && JSON.stringify(hosts).includes(JSON.stringify(host));
  return isHost && JSON.stringify(patterns ?? {}).includes(JSON.stringify(patternOf(path)));
}

/** The first pattern that the controller makes of a path. */
function patternOf({ path = '/', pathType }: IngressPath): string {
  if (pathType !== 'Prefix') return path === '' ? '/*' : path;
  return path === '/' ? '/*' : path.replace(/\/$/, '');
}

function conditionOrigin(field: string, open: OpenPath | undefined, places: Places): Origin {
  if (open === undefined) return byDefault('no path of the members asks for just this');
  const { member, host, path, place } = open;
  if (field === 'path-pattern') {
    const said = `${path.path ?? ''} ${path.pathType ?? ''}`.trim();
    return ofField(member.ingress, [...place, 'path'], said, places);
  }
  if (field === 'host-header') {
    return ofField(member.ingress, ['spec', 'rules', place[2]!, 'host'], host, places);
  }
  const key = `alb.ingress.kubernetes.io/conditions.${path.backend.service?.name}`;
  return ofGroup([member], key, places);
}

function actionOrigin(
  open: OpenPath | undefined,
  { type }: ListenerAction,
  places: Places,
): Origin {
  if (open === undefined) return byDefault('no path of the members asks for just this');
  const { member, path, place } = open;
  const { name, port } = path.backend.service ?? {};
  if (type !== 'forward' && type !== 'redirect' && type !== 'fixed-response') {
    return ofGroup([member], `alb.ingress.kubernetes.io/auth-type`, places);
  }
  if (port?.name === 'use-annotation') {
    return ofGroup([member], `alb.ingress.kubernetes.io/actions.${name}`, places);
  }
  const said = `${name}:${port?.name ?? port?.number}`;
  return ofField(member.ingress, [...place, 'backend', 'service'], said, places);
}
