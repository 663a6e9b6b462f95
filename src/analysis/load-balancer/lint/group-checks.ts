/**
 * analysis/load-balancer/lint/group-checks — what members of an IngressGroup do to each other: one
 * of them in conflict stops the load balancer of all.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/ingress/group_loader.go,
 * pkg/ingress/model_builder.go:297-440.
 */

import type { Ingress, IngressClassParams } from '../../../model/kubernetes/ingress.ts';
import { knownAnnotation } from '../../../model/kubernetes/known-annotation.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import type { Finding } from './finding.ts';
import { GROUP_ORDER, groupNameOf, membersInOrder } from './group-members.ts';
import { type IngressClaim, ingressClaim, isAlb } from './ingress-claim.ts';
import {
  annotationsOf,
  error,
  type Linted,
  type LintInput,
  placeOfAnnotation,
  warning,
} from './linted.ts';
import {
  LISTEN_PORTS,
  type ListenPort,
  listenPorts,
  redirectPort,
  SSL_REDIRECT,
} from './listen-port.ts';

const PREFIX = 'alb.ingress.kubernetes.io/';

interface Member {
  readonly it: Linted<Ingress>;
  readonly ingress: Ingress;
  readonly key: string;
  readonly params: IngressClassParams | undefined;
  readonly ports: readonly ListenPort[];
}

/** What is wrong within groups; an Ingress without a group is a group of one. */
export function groupChecks(input: LintInput): Finding[] {
  const groups = new Map<string, Member[]>();
  for (const it of input.ingresses) {
    const claim = ingressClaim(input, it.object);
    if (!isAlb(claim)) continue;
    const params = paramsOfClaim(claim);
    const name = groupNameOf(it.object, params) ?? keyOf(it.object);
    const ports = listenPorts(it.object, params) ?? [];
    const member = { it, ingress: it.object, key: keyOf(it.object), params, ports };
    groups.set(name, [...(groups.get(name) ?? []), member]);
  }
  return [...groups.values()].flatMap((members) => {
    const ordered = membersInOrder(members);
    return [
      ...conflicts(ordered),
      ...protocolConflicts(ordered),
      ...redirects(ordered),
      ...defaultBackends(ordered),
      ...sameOrders(ordered),
    ];
  });
}

const paramsOfClaim = (claim: IngressClaim): IngressClassParams | undefined =>
  claim.by === 'class' ? claim.params : undefined;

/** Annotations that all members must agree on, as texts. */
function conflicts(members: readonly Member[]): Finding[] {
  const first = new Map<string, { readonly value: string; readonly key: string }>();
  return members.flatMap(({ it, key: member, params }) =>
    Object.entries(annotationsOf(it.object)).flatMap(([key, value]) => {
      const known = knownAnnotation(key);
      if (known?.merge !== 'exclusive' || isOfClass(params, known.classField)) return [];
      const before = first.get(key);
      if (before === undefined) first.set(key, { value, key: member });
      if (before === undefined || same(before.value, value)) return [];
      const text = `conflicting ${key.slice(PREFIX.length)} within the group: ${before.key} has ${before.value}, ${member} ${value}; none of the ${members.length} members gets its load balancer brought up to date`;
      const hint = 'write it once, on one member, or the same on all';
      const place = placeOfAnnotation(it, key);
      return [error(it, place, { check: 'group-conflict', text, hint })];
    }),
  );
}

/** The class decides, and the annotation is not read. */
const isOfClass = (params: IngressClassParams | undefined, field: string | undefined): boolean =>
  field !== undefined && Object.hasOwn(params?.spec ?? {}, field.split('.')[0]!);

const same = (a: string, b: string): boolean => a.trim() === b.trim();

function protocolConflicts(members: readonly Member[]): Finding[] {
  const first = new Map<number, { readonly protocol: string; readonly key: string }>();
  return members.flatMap(({ it, key, ports }) =>
    ports.flatMap(({ port, protocol }) => {
      const before = first.get(port) ?? { protocol, key };
      first.set(port, before);
      if (before.protocol === protocol || before.key === key) return [];
      const text = `conflicting protocol for port ${port}, ${before.key}: ${before.protocol} | ${key}: ${protocol}`;
      const hint = 'one port of a load balancer has one protocol';
      const place = placeOfAnnotation(it, LISTEN_PORTS);
      return [error(it, place, { check: 'group-conflict', text, hint })];
    }),
  );
}

/** `ssl-redirect` of one member takes the rules of all others off HTTP. */
function redirects(members: readonly Member[]): Finding[] {
  const asking = members.find(({ it, params }) => redirectPort(it.object, params) !== undefined);
  if (asking === undefined) return [];
  const target = redirectPort(asking.it.object, asking.params)!;
  const place = placeOfAnnotation(asking.it, SSL_REDIRECT);
  const listeners = members.flatMap(({ ports }) => ports);
  const hit = listeners.find(({ port }) => port === target);
  if (hit === undefined) {
    const text = `listener does not exist for SSLRedirect port: ${target}`;
    const hint = `write ${LISTEN_PORTS}: '[{"HTTP":80},{"HTTPS":${target}}]'`;
    return [error(asking.it, place, { check: 'ssl-redirect', text, hint })];
  }
  if (hit.protocol !== 'HTTPS') {
    const text = `listener protocol non-SSL for SSLRedirect port: ${target}`;
    const hint = `make ${target} an HTTPS port in ${LISTEN_PORTS}`;
    return [error(asking.it, place, { check: 'ssl-redirect', text, hint })];
  }
  if (!listeners.some(({ protocol }) => protocol === 'HTTP')) {
    const text = `${SSL_REDIRECT} without any HTTP listener: there is nothing to redirect`;
    const hint = `write ${LISTEN_PORTS}: '[{"HTTP":80},{"HTTPS":${target}}]'`;
    return [warning(asking.it, place, { check: 'ssl-redirect', text, hint })];
  }
  return members.flatMap((other) => hijacked(asking, other, place));
}

function hijacked(asking: Member, other: Member, place: string): Finding[] {
  if (redirectPort(other.it.object, other.params) !== undefined) return [];
  const plain = other.ports.filter(({ protocol }) => protocol === 'HTTP').map(({ port }) => port);
  if (plain.length === 0) return [];
  const isServed = other.ports.some(({ protocol }) => protocol === 'HTTPS');
  const text = `${SSL_REDIRECT} holds for the whole group: the rules of ${other.key} on port ${plain.join(', ')} are not made${isServed ? '' : ', and it has no HTTPS port, so that nobody reaches it'}`;
  const hint = `give ${other.key} an HTTPS port, or a group of its own`;
  return [warning(asking.it, place, { check: 'ssl-redirect-hijacks', text, hint })];
}

function defaultBackends(members: readonly Member[]): Finding[] {
  const first = new Map<number, string>();
  return members.flatMap(({ it, key, ports }) => {
    if (it.object.spec.defaultBackend === undefined) return [];
    const shared = ports.find(({ port }) => first.has(port));
    const before = shared && first.get(shared.port);
    for (const { port } of ports) if (!first.has(port)) first.set(port, key);
    if (shared === undefined) return [];
    const text = `multiple ingress defined default backend: [${before}, ${key}] on port ${shared.port}`;
    const hint = 'keep spec.defaultBackend on one member of the group';
    const place = it.at(['spec', 'defaultBackend']);
    return [error(it, place, { check: 'group-conflict', text, hint })];
  });
}

/** Rules of members with the same order follow each other by name, which nobody thinks of. */
function sameOrders(members: readonly Member[]): Finding[] {
  if (members.length < 2) return [];
  const wide = members.slice(0, -1).find((member) => hasCatchAll(member));
  if (wide === undefined) return [];
  const after = members
    .slice(members.indexOf(wide) + 1)
    .filter(({ ports }) =>
      ports.some(({ port }) => wide.ports.some((other) => other.port === port)),
    );
  if (after.length === 0) return [];
  const hasOrder = annotationsOf(wide.it.object)[GROUP_ORDER] !== undefined;
  const text = `${wide.key} takes every path of every host, and its rules come before those of ${after.map(({ key }) => key).join(', ')}${hasOrder ? '' : ': without group.order members are ordered by name'}`;
  const hint = `give ${wide.key} a larger ${GROUP_ORDER} than the others, such as "100"`;
  return [warning(wide.it, wide.it.where, { check: 'group-order', text, hint })];
}

const hasCatchAll = ({ it }: Member): boolean =>
  (it.object.spec.rules ?? []).some(
    ({ host, http }) =>
      (host ?? '') === '' &&
      (http?.paths ?? []).some(
        ({ path, pathType }) => (pathType === 'Prefix' && path === '/') || path === '/*',
      ),
  );
