/**
 * load-balancer/ingress/group-loading — which group an Ingress is in, and who is in a group, in
 * which order.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/group_loader.go. It looks at every
 * Ingress for every group; here only those are looked at that an index connects with the group.
 */
import type { Ingress, IngressClass } from '../../../model/kubernetes/ingress.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import { BuildError, within } from '../build-error.ts';
import { stackIdText } from '../stack/stack.ts';
import { alb, CLASS_ANNOTATION } from './alb-annotations.ts';
import {
  type ClassifiedIngress,
  explicitGroup,
  type GroupId,
  holdsGroupFinalizer,
  type IngressGroup,
  implicitGroup,
  isExplicit,
  isSameGroup,
  memberKey,
} from './group.ts';
import {
  type ClassLookups,
  classified,
  InvalidIngressClass,
  isDefaultClass,
} from './ingress-class.ts';

const ORDER_MIN = -1000;
const ORDER_MAX = 1000;
const NAME_MAX = 63;

export interface GroupLookups extends ClassLookups {
  ingress(key: string): Ingress | undefined;
  /** Ingresses whose group.name annotation or whose finalizer names the group. */
  ingressesNaming(group: string): readonly Ingress[];
  /** Classes whose parameters put their Ingresses into the group. */
  classesOfGroup(group: string): readonly IngressClass[];
  /** Ingresses with this spec.ingressClassName; `''`: with none. */
  ingressesOfClass(className: string): readonly Ingress[];
}

/** A group's name that cannot be one: the Ingress is in no group then. */
export class InvalidIngressGroup extends BuildError {
  constructor(text: string) {
    super(`invalid ingress group: ${text}`);
  }
}

/** @throws InvalidIngressGroup */
export function checkGroupName(name: string): void {
  if (!/^([a-z0-9][-a-z0-9.]*)?[a-z0-9]$/.test(name)) {
    throw new InvalidIngressGroup(
      "groupName must consist of lower case alphanumeric characters, '-' or '.', and must start " +
        'and end with an alphanumeric character',
    );
  }
  if (name.length > NAME_MAX) {
    throw new InvalidIngressGroup(`groupName must be no more than ${NAME_MAX} characters`);
  }
}

/** The group of an Ingress of ours: its class's, or the annotation's, or its own. */
export function groupIdOf({ ingress, params }: ClassifiedIngress): GroupId {
  const name = params?.spec?.group?.name ?? alb.string('group.name', ingress.metadata.annotations);
  if (name === undefined) return implicitGroup(ingress);
  checkGroupName(name);
  return explicitGroup(name);
}

interface Membership {
  readonly id: GroupId;
  readonly member: ClassifiedIngress;
}

/**
 * The group an Ingress belongs to; undefined for one that is being deleted or not ours.
 *
 * @param flag  `--ingress-class`
 * @throws InvalidIngressClass, InvalidIngressGroup, BuildError
 */
export function membershipOf(
  ingress: Ingress,
  lookups: ClassLookups,
  flag: string,
): Membership | undefined {
  if (ingress.metadata.deletionTimestamp !== undefined) return undefined;
  const member = classified(ingress, lookups, flag);
  return member === undefined ? undefined : { id: groupIdOf(member), member };
}

type Standing = ClassifiedIngress | 'inactive' | undefined;

/**
 * How an Ingress stands to a group: a member, one that still holds its finalizer, or a stranger.
 *
 * @throws BuildError  where a class that went wrong would take a member's load balancer away
 */
export function standingOf(
  ingress: Ingress,
  id: GroupId,
  lookups: ClassLookups,
  flag: string,
): Standing {
  const holds = holdsGroupFinalizer(ingress, id);
  try {
    const membership = membershipOf(ingress, lookups, flag);
    if (membership !== undefined && isSameGroup(membership.id, id)) return membership.member;
  } catch (error) {
    if (error instanceof InvalidIngressClass) {
      if (!holds) return undefined;
      throw new BuildError(`Ingress has invalid IngressClass configuration: ${error.message}`);
    }
    if (!(error instanceof InvalidIngressGroup)) throw error;
  }
  return holds ? 'inactive' : undefined;
}

/** @throws BuildError  where a member cannot be classified or ordered */
export function loadGroup(id: GroupId, lookups: GroupLookups, flag: string): IngressGroup {
  const members: ClassifiedIngress[] = [];
  const inactiveMembers: Ingress[] = [];
  for (const ingress of candidates(id, lookups)) {
    const standing = within(`Ingress: ${keyOf(ingress)}`, () =>
      standingOf(ingress, id, lookups, flag),
    );
    if (standing === 'inactive') inactiveMembers.push(ingress);
    else if (standing !== undefined) members.push(standing);
  }
  return { id, members: ordered(members), inactiveMembers };
}

/** Who may stand to the group in any way, by key. */
function candidates(id: GroupId, lookups: GroupLookups): readonly Ingress[] {
  const found = new Map<string, Ingress>();
  const add = (ingress: Ingress): void => void found.set(keyOf(ingress), ingress);
  const classless = () => lookups.ingressesOfClass('');
  if (!isExplicit(id)) {
    const own = lookups.ingress(stackIdText(id));
    if (own !== undefined) add(own);
  } else {
    for (const ingress of lookups.ingressesNaming(id.name)) add(ingress);
    for (const ingressClass of lookups.classesOfGroup(id.name)) {
      for (const ingress of lookups.ingressesOfClass(ingressClass.metadata.name)) add(ingress);
      if (isDefaultClass(ingressClass)) for (const ingress of classless()) add(ingress);
    }
  }
  // With two default classes nobody's class can be told, and upstream's loading fails at the first
  // Ingress without one, whatever its group.
  if (lookups.defaultIngressClasses().length > 1) {
    const stranded = classless().find(
      ({ metadata }) =>
        metadata.deletionTimestamp === undefined &&
        metadata.annotations?.[CLASS_ANNOTATION] === undefined,
    );
    if (stranded !== undefined) add(stranded);
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, ingress]) => ingress);
}

/** Members by group.order, then by name. @throws BuildError */
export function ordered(members: readonly ClassifiedIngress[]): readonly ClassifiedIngress[] {
  const withOrder = members.map((member) => ({ member, order: orderOf(member) }));
  withOrder.sort((a, b) =>
    a.order === b.order ? (memberKey(a.member) < memberKey(b.member) ? -1 : 1) : a.order - b.order,
  );
  return withOrder.map(({ member }) => member);
}

function orderOf(member: ClassifiedIngress): number {
  const key = memberKey(member);
  const order = within(`failed to load Ingress group order for ingress: ${key}`, () =>
    alb.int32('group.order', member.ingress.metadata.annotations),
  );
  if (order === undefined) return 0;
  if (order < ORDER_MIN || order > ORDER_MAX) {
    throw new BuildError(
      `explicit Ingress group order must be within [${ORDER_MIN}:${ORDER_MAX}], Ingress: ${key}, ` +
        `order: ${order}`,
    );
  }
  return order;
}
