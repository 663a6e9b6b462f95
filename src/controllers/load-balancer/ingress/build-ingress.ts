/**
 * load-balancer/ingress/build-ingress — a group of Ingresses and what AWS answers, made into the
 * stack of its load balancer. Nothing is written anywhere; the work grows with the members.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/model_builder.go. Where upstream goes
 * through a Go map of ports, ports go up here.
 */
import { parseBool } from '../annotations/go-literals.ts';
import { BuildError, builtSoon, within, withinSoon } from '../build-error.ts';
import type { ControllerSettings } from '../settings/settings.ts';
import { Stack } from '../stack/stack.ts';
import { addAddOns } from './add-ons.ts';
import { alb } from './alb-annotations.ts';
import { createdCertificate } from './certificates.ts';
import { addFrontendNlb, wantsFrontendNlb } from './frontend-nlb.ts';
import { addFrontendListeners } from './frontend-nlb-listeners.ts';
import { type IngressGroup, memberKey } from './group.ts';
import type { GroupBuild } from './group-build.ts';
import type { IngressReads } from './ingress-reads.ts';
import { type MemberListenPort, mergedListenPort } from './listen-port-merge.ts';
import { type ListenPorts, listenPortsOf } from './listen-ports.ts';
import { addListener, type GroupPort } from './listeners.ts';
import { addLoadBalancer } from './load-balancer.ts';
import { RuleActions } from './rule-actions.ts';
import { sslRedirectPort } from './ssl-redirect.ts';

/** A group's stack, with what its controller has to know of it. */
export interface IngressStack {
  readonly stack: Stack;
  /** Ports of the load balancer, sorted: they go into the members' status. */
  readonly listenerPorts: readonly number[];
  /** `namespace/name` of Secrets whose change is a change of the group. */
  readonly secretKeys: readonly string[];
  /** True where the load balancer carries the shared backend security group. */
  readonly usesBackendSecurityGroup: boolean;
}

/** The group's stack; empty where it has no members, so that what there was is deleted. */
export const buildIngressGroup = (
  group: IngressGroup,
  settings: ControllerSettings,
  reads: IngressReads,
): Promise<IngressStack | BuildError> =>
  builtSoon(async () => {
    refuseProtected(group);
    const stack = new Stack(group.id);
    const build: GroupBuild = { group, settings, reads, stack };
    if (group.members.length === 0) {
      stack.add('FrontendNLBTargetGroup', 'FrontendNLBTargetGroup', { TargetGroups: {} });
      return { stack, listenerPorts: [], secretKeys: [], usesBackendSecurityGroup: false };
    }
    const byMember = await listenPortsByMember(build);
    const ports = groupPorts(build, byMember);
    const balancer = await addLoadBalancer(build, ports);
    const redirectPort = sslRedirectPort(group.members, ports);
    const actions = new RuleActions(build, balancer);
    for (const port of ports.values()) await addListener(build, actions, port, redirectPort);
    await addAddOns(build);
    let targets = {};
    if (wantsFrontendNlb(group.members)) {
      await addFrontendNlb(build, balancer);
      targets = addFrontendListeners(build, byMember);
    }
    stack.add('FrontendNLBTargetGroup', 'FrontendNLBTargetGroup', { TargetGroups: targets });
    return {
      stack,
      listenerPorts: [...ports.keys()],
      secretKeys: [...actions.secretKeys],
      usesBackendSecurityGroup: balancer.usesBackendSecurityGroup,
    };
  });

/** A load balancer that is protected is not taken down with its Ingress. */
function refuseProtected({ inactiveMembers }: IngressGroup): void {
  for (const { metadata } of inactiveMembers) {
    if (metadata.deletionTimestamp === undefined) continue;
    const attributes = alb.stringMap('load-balancer-attributes', metadata.annotations);
    const isProtected = attributes?.['deletion_protection.enabled'];
    if (isProtected === undefined || !parseBool(isProtected)) continue;
    const { name } = metadata;
    throw new BuildError(`deletion_protection is enabled, cannot delete the ingress: ${name}`);
  }
}

/** What each member listens on, by its key, in the order of the group. */
async function listenPortsByMember(build: GroupBuild): Promise<ReadonlyMap<string, ListenPorts>> {
  const byMember = new Map<string, ListenPorts>();
  for (const member of build.group.members) {
    const created = createdCertificate(build, member);
    const key = memberKey(member);
    const ports = await withinSoon(`ingress: ${key}`, () => listenPortsOf(build, member, created));
    byMember.set(key, ports);
  }
  return byMember;
}

/** The group's ports, lowest first, each merged of those who listen there. */
function groupPorts(
  { group, settings }: GroupBuild,
  byMember: ReadonlyMap<string, ListenPorts>,
): ReadonlyMap<number, GroupPort> {
  const wishes = new Map<number, (MemberListenPort & { member: GroupPort['members'][number] })[]>();
  for (const member of group.members) {
    const key = memberKey(member);
    for (const [port, listenPort] of byMember.get(key) ?? []) {
      const ofPort = wishes.get(port);
      const wish = { key, listenPort, member };
      if (ofPort === undefined) wishes.set(port, [wish]);
      else ofPort.push(wish);
    }
  }
  const ports = new Map<number, GroupPort>();
  for (const port of [...wishes.keys()].sort((a, b) => a - b)) {
    const ofPort = wishes.get(port)!;
    const merged = within(`failed to merge listenPort config for port: ${port}`, () =>
      mergedListenPort(ofPort, settings.defaultSslPolicy),
    );
    ports.set(port, { ...merged, port, members: ofPort.map(({ member }) => member) });
  }
  return ports;
}
