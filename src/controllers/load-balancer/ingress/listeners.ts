/**
 * load-balancer/ingress/listeners — a listener for every port of a group, with the rules of the
 * members that listen there.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/model_build_listener.go,
 * model_build_listener_rules.go.
 */
import type { IngressRule } from '../../../model/kubernetes/ingress.ts';
import { mergeStringMaps } from '../annotations/parser.ts';
import { BuildError, withinSoon } from '../build-error.ts';
import type { ActionSpec } from '../stack/action-spec.ts';
import { fieldOf } from '../stack/token.ts';
import { alb } from './alb-annotations.ts';
import { type EnhancedBackend, enhancedBackend } from './enhanced-backend.ts';
import { type ClassifiedIngress, memberKey } from './group.ts';
import { annotationsOf, type GroupBuild, LOAD_BALANCER_ARN, paramsOf } from './group-build.ts';
import { tagsOfMember, tagsOfMembers } from './group-tags.ts';
import type { AlbProtocol, ListenPort } from './listen-ports.ts';
import { NOT_FOUND, type RuleActions } from './rule-actions.ts';
import { ruleConditions, sortedPaths } from './rule-conditions.ts';
import { optimizedRules, type WantedRule } from './rule-optimizer.ts';
import { sslRedirectAction } from './ssl-redirect.ts';

const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';

/** A port with everyone who listens there, in the order of the group. */
export interface GroupPort extends ListenPort {
  readonly port: number;
  readonly members: readonly ClassifiedIngress[];
}

/** @param redirectPort  where plain listeners send their clients */
export async function addListener(
  build: GroupBuild,
  actions: RuleActions,
  port: GroupPort,
  redirectPort: number | undefined,
): Promise<void> {
  const { settings, stack } = build;
  const id = String(port.port);
  const defaultActions = await defaultActionsOf(build, actions, port, redirectPort);
  const tags = tagsOfMembers(port.members, settings);
  const listenerAttributes = attributesOfListener(port);
  stack.add(LISTENER, id, {
    loadBalancerARN: LOAD_BALANCER_ARN,
    port: port.port,
    protocol: port.protocol,
    defaultActions,
    certificates: port.certificates.map((certificateARN) => ({ certificateARN })),
    sslPolicy: port.sslPolicy,
    mutualAuthentication: port.mutualAuthentication,
    tags,
    listenerAttributes,
  });
  if (redirectPort !== undefined && port.protocol === 'HTTP') return;
  const rules = await rulesOf(build, actions, port);
  optimizedRules(port.port, port.protocol, rules).forEach((rule, i) => {
    const priority = i + 1;
    stack.add('AWS::ElasticLoadBalancingV2::ListenerRule', `${id}:${priority}`, {
      listenerARN: fieldOf(LISTENER, id, 'listenerARN'),
      priority,
      actions: rule.actions,
      conditions: rule.conditions,
      transforms: rule.transforms,
      tags: rule.tags,
    });
  });
}

async function defaultActionsOf(
  build: GroupBuild,
  actions: RuleActions,
  { protocol, members }: GroupPort,
  redirectPort: number | undefined,
): Promise<readonly ActionSpec[]> {
  if (redirectPort !== undefined && protocol === 'HTTP') return [sslRedirectAction(redirectPort)];
  const withDefault = members.filter(({ ingress }) => ingress.spec.defaultBackend !== undefined);
  const [member] = withDefault;
  const backend = member?.ingress.spec.defaultBackend;
  if (member === undefined || backend === undefined) return [NOT_FOUND];
  if (withDefault.length > 1) {
    const keys = withDefault.map(memberKey).join(' ');
    throw new BuildError(`multiple ingress defined default backend: [${keys}]`);
  }
  const enhanced = enhancedBackend(member.ingress, backend, build.settings, build.reads.service);
  return actions.of(protocol, member, enhanced);
}

/** Rules as the members have them, none left out yet. */
async function rulesOf(
  build: GroupBuild,
  actions: RuleActions,
  { protocol, members }: GroupPort,
): Promise<readonly WantedRule[]> {
  const rules: WantedRule[] = [];
  for (const member of members) {
    for (const rule of member.ingress.spec.rules ?? []) {
      rules.push(...(await rulesOfMember(build, actions, protocol, member, rule)));
    }
  }
  return rules;
}

async function rulesOfMember(
  { settings, reads }: GroupBuild,
  actions: RuleActions,
  protocol: AlbProtocol,
  member: ClassifiedIngress,
  { host, http }: IngressRule,
): Promise<readonly WantedRule[]> {
  const paths = sortedPaths(http?.paths ?? []);
  return withinSoon(`ingress: ${memberKey(member)}`, async () => {
    const rules: WantedRule[] = [];
    for (const path of paths) {
      const backend: EnhancedBackend = enhancedBackend(
        member.ingress,
        path.backend,
        settings,
        reads.service,
      );
      const conditions = ruleConditions(member, host, path, backend.conditions);
      const wanted = await actions.of(protocol, member, backend);
      const { transforms } = backend;
      rules.push({ conditions, actions: wanted, transforms, tags: tagsOfMember(member, settings) });
    }
    return rules;
  });
}

/** Attributes of one listener; the first member's class wins, and ends what others disagree on. */
export function attributesOfListener({
  port,
  protocol,
  members,
}: Pick<GroupPort, 'port' | 'protocol' | 'members'>): readonly { Key: string; Value: string }[] {
  const ofClass: Record<string, string> = {};
  const listener = (members[0] === undefined ? [] : (paramsOf(members[0]).listeners ?? [])).find(
    (it) => it.protocol === protocol && it.port === port,
  );
  for (const { key, value } of listener?.listenerAttributes ?? []) ofClass[key] = value;
  const merged: Record<string, string> = {};
  for (const member of members) {
    const suffix = `listener-attributes.${protocol}-${port}`;
    for (const [key, value] of Object.entries(alb.stringMap(suffix, annotationsOf(member)) ?? {})) {
      const before = merged[key];
      if (before !== undefined && before !== value && ofClass[key] === undefined) {
        throw new BuildError(
          `conflicting listener attributes ${key}: ${before} | ${value} ` +
            `for ingress ${memberKey(member)}`,
        );
      }
      merged[key] = value;
    }
  }
  const all = mergeStringMaps(ofClass, merged);
  return Object.keys(all)
    .sort()
    .map((key) => ({ Key: key, Value: all[key]! }));
}
