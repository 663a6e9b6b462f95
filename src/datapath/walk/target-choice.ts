/**
 * datapath/walk/target-choice — the group and the target that a load balancer's node takes for one
 * connection: by weight, then among the candidates; each is a way of its own.
 */
import type { ListenerAction } from '../../model/elbv2/listener.ts';
import { type Candidates, candidatesOf } from '../elb/candidates.ts';
import type { ReadyGroup, ReadyTarget } from '../elb/ready-group.ts';
import type { Element } from '../trace.ts';
import type { Balanced } from './balanced.ts';

type Forward = Extract<ListenerAction, { type: 'forward' }>;

/** One of the groups a rule forwards to, by its weight; its ARN where no document has it. */
export function chooseGroup(balanced: Balanced, forward: Forward): ReadyGroup | string {
  const { exchange } = balanced;
  const { targetGroups } = forward;
  const weightOf = (at: number): number => targetGroups[at]!.weight ?? 1;
  const total = targetGroups.reduce((sum, _, at) => sum + weightOf(at), 0);
  const isOne = targetGroups.length === 1;
  const taken = isOne
    ? 0
    : exchange.chance.choose(
        targetGroups.map(({ targetGroupArn }, at) => ({
          label: exchange.world.balancers.group(targetGroupArn)?.name ?? targetGroupArn,
          probability: total === 0 ? 1 / targetGroups.length : weightOf(at) / total,
        })),
      );
  const arn = targetGroups[taken]?.targetGroupArn ?? '';
  const group = exchange.world.balancers.group(arn);
  if (group === undefined) return arn;
  if (!isOne) {
    exchange.there.step({
      layer: 'load-balancer',
      kind: 'weights',
      action: 'choose',
      text: `target group ${group.name} has weight ${weightOf(taken)} of ${total}`,
      evidence: { decisive: [group.element] },
    });
  }
  if (forward.stickiness?.enabled === true) {
    const seconds = forward.stickiness.durationSeconds ?? 86_400;
    note(balanced, `a client keeps its target group for ${seconds} s (stickiness of the rule)`, []);
  }
  return group;
}

const note = ({ exchange }: Balanced, text: string, decisive: readonly Element[]): void =>
  exchange.there.step({
    layer: 'load-balancer',
    kind: 'stickiness',
    action: 'note',
    text,
    evidence: { decisive },
  });

/** The candidates of the node, and the one it takes; undefined: there is none. */
export function chooseTarget(
  balanced: Balanced,
  group: ReadyGroup,
): { readonly candidates: Candidates; readonly target: ReadyTarget | undefined } {
  const { exchange, node } = balanced;
  const candidates = candidatesOf(node.balancer, group, node.zone.zoneName);
  const { targets, options, considered } = candidates;
  if (targets.length === 0) return { candidates, target: undefined };
  const taken = targets.length === 1 ? 0 : exchange.chance.choose(options);
  const target = targets[taken]!;
  exchange.there.step({
    layer: 'load-balancer',
    kind: 'target',
    action: 'choose',
    text: choiceText(balanced, group, candidates, target),
    evidence: {
      decisive: [group.element, target.element],
      considered: considered.length === 0 ? undefined : considered,
    },
  });
  sayStickiness(balanced, group);
  return { candidates, target };
}

function choiceText(
  { node }: Balanced,
  group: ReadyGroup,
  { targets, options, isFailOpen, isZonal }: Candidates,
  target: ReadyTarget,
): string {
  const at = targets.indexOf(target);
  const zone = target.zone === undefined ? '' : ` in ${target.zone}`;
  const name = `target ${options[at]!.label}${zone}`;
  const of = targets.length === 1 ? 'the only one' : `one of ${targets.length}`;
  const which = isFailOpen ? 'none is healthy, so all are used' : 'healthy';
  const where = isZonal ? `, of ${node.zone.zoneName} only: cross-zone load balancing is off` : '';
  return `${name}: ${of} of target group ${group.name} (${which}${where})`;
}

const STICKY_WORDS: Readonly<Record<string, string>> = {
  lb_cookie: 'a client that returns the cookie AWSALB keeps its target',
  app_cookie: "a client that returns the application's cookie keeps its target",
  source_ip: 'a client keeps its target, by its address',
  source_ip_dest_ip: 'a client keeps its target, by both addresses',
  source_ip_dest_ip_proto: 'a client keeps its target, by both addresses and the protocol',
};

function sayStickiness(balanced: Balanced, { attributes, element }: ReadyGroup): void {
  if (attributes['stickiness.enabled'] !== 'true') return;
  const type = attributes['stickiness.type'] ?? 'lb_cookie';
  const text = STICKY_WORDS[type] ?? `a client keeps its target (stickiness ${type})`;
  note(balanced, text, [{ ...element, field: 'stickiness.enabled true' }]);
}

/** What a client should know of a group that nobody passes the health check of. */
export function failOpenNotes(group: ReadyGroup, { isFailOpen }: Candidates): readonly string[] {
  if (!isFailOpen) return [];
  const { protocol, port, path = '' } = group.healthCheck;
  return [
    `no target of ${group.name} is healthy (${healthText(group)}), so it sends to all of them; ` +
      `the health check is ${protocol} ${port}${protocol === 'TCP' ? '' : ` ${path}`}`,
  ];
}

/** What the health checks of the registered targets say, one of each: the cause of trouble. */
export function healthText({ targets }: ReadyGroup): string {
  const said = new Map<string, number>();
  for (const { health } of targets) {
    if (health.state === 'healthy') continue;
    const why = health.description ?? health.reason;
    const code = health.reason === undefined || health.reason === why ? '' : `${health.reason}: `;
    const text = why === undefined ? health.state : `${health.state}: ${code}${why}`;
    said.set(text, (said.get(text) ?? 0) + 1);
  }
  return [...said].map(([text, count]) => `${count} ${text}`).join('; ');
}
