/**
 * analysis/load-balancer/lint/group-members — which IngressGroup an Ingress is in, and the order of
 * its members.
 */
import type { Ingress, IngressClassParams } from '../../../model/kubernetes/ingress.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import { annotationsOf } from './linted.ts';

export const GROUP_NAME = 'alb.ingress.kubernetes.io/group.name';
export const GROUP_ORDER = 'alb.ingress.kubernetes.io/group.order';

/** Undefined for an Ingress that is a group by itself. */
export const groupNameOf = (
  ingress: Ingress,
  params: IngressClassParams | undefined,
): string | undefined => params?.spec?.group?.name ?? annotationsOf(ingress)[GROUP_NAME];

const orderOf = (ingress: Ingress): number => Number(annotationsOf(ingress)[GROUP_ORDER] ?? 0) || 0;

/** As rules are ordered: `group.order`, then `namespace/name`. */
export const membersInOrder = <Member extends { readonly ingress: Ingress }>(
  members: readonly Member[],
): readonly Member[] =>
  [...members].sort(
    (a, b) =>
      orderOf(a.ingress) - orderOf(b.ingress) || (keyOf(a.ingress) < keyOf(b.ingress) ? -1 : 1),
  );
