/**
 * load-balancer/ingress/group — Ingresses that share a load balancer: a group somebody named, or
 * one Ingress by itself.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/group.go, class.go, finalizer.go.
 */
import type {
  Ingress,
  IngressClass,
  IngressClassParams,
} from '../../../model/kubernetes/ingress.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import type { StackId } from '../stack/stack.ts';

/** An explicit group has no namespace; the group of one Ingress has its key. */
export type GroupId = StackId;

/** An Ingress with what its class says; neither where the class annotation decides. */
export interface ClassifiedIngress {
  readonly ingress: Ingress;
  readonly ingressClass?: IngressClass | undefined;
  readonly params?: IngressClassParams | undefined;
}

export interface IngressGroup {
  readonly id: GroupId;
  /** By group.order, then by name. */
  readonly members: readonly ClassifiedIngress[];
  /** They hold the group's finalizer and belong to it no more. */
  readonly inactiveMembers: readonly Ingress[];
}

export const isExplicit = ({ namespace }: GroupId): boolean =>
  namespace === undefined || namespace === '';

export const explicitGroup = (name: string): GroupId => ({ namespace: '', name });

/** The group of an Ingress by itself. */
export const implicitGroup = ({ metadata }: Ingress): GroupId => ({
  namespace: metadata.namespace ?? '',
  name: metadata.name,
});

/** The group that `stackIdText` calls so: a namespace never holds a slash, nor does a name. */
export function groupOfText(text: string): GroupId {
  const slash = text.indexOf('/');
  return slash < 0
    ? explicitGroup(text)
    : { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}

export const isSameGroup = (a: GroupId, b: GroupId): boolean =>
  a.name === b.name && (a.namespace ?? '') === (b.namespace ?? '');

const IMPLICIT_FINALIZER = 'ingress.k8s.aws/resources';
const EXPLICIT_FINALIZER = 'group.ingress.k8s.aws/';

/** What keeps members until their load balancer knows of their end. */
export const groupFinalizer = (id: GroupId): string =>
  isExplicit(id) ? `${EXPLICIT_FINALIZER}${id.name}` : IMPLICIT_FINALIZER;

/** Groups whose finalizers the Ingress holds. */
export const groupsOfFinalizers = (ingress: Ingress): readonly GroupId[] =>
  (ingress.metadata.finalizers ?? []).flatMap((finalizer) => {
    if (finalizer === IMPLICIT_FINALIZER) return [implicitGroup(ingress)];
    return finalizer.startsWith(EXPLICIT_FINALIZER)
      ? [explicitGroup(finalizer.slice(EXPLICIT_FINALIZER.length))]
      : [];
  });

/** True when the Ingress holds this group's finalizer; an implicit one is its own only. */
export const holdsGroupFinalizer = (ingress: Ingress, id: GroupId): boolean =>
  (ingress.metadata.finalizers ?? []).includes(groupFinalizer(id)) &&
  (isExplicit(id) || isSameGroup(implicitGroup(ingress), id));

/** `namespace/name` of a member, as messages have it. */
export const memberKey = ({ ingress }: ClassifiedIngress): string => keyOf(ingress);
