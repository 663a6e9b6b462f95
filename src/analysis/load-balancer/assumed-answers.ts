/**
 * analysis/load-balancer/assumed-answers — health checks whose answer nobody has written down: what
 * a container says to a path is taken to be what the check asks for, unless a probe of its own asks
 * for the same path, or kube-proxy answers.
 */

import type { Target, TargetGroup } from '../../model/elbv2/target-group.ts';
import type { Note } from '../../model/input-error.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { type ProbedPath, probedPaths } from '../../model/kubernetes/probed-path.ts';

/** A note for every target group that is checked by HTTP and used. */
export const assumedAnswers = (store: TwinStore): readonly Note[] =>
  store.list('elbv2/target-group').flatMap((group) => {
    const { protocol, path = '/' } = group.healthCheck;
    if (protocol === 'TCP' || isAnsweredByProxy(store, group)) return [];
    const targets = store
      .lookup('elbv2/target', 'target-group', group.targetGroupArn)
      .filter(({ health }) => health.state === 'healthy');
    const open = targets.filter((target) => !isProbed(store, group, target, path));
    if (open.length === 0) return [];
    const asked = [...new Set(open.flatMap((it) => probesOf(store, it).map(probeText)))];
    const own = asked.length === 0 ? 'nothing' : asked.sort().join(', ');
    const whose = group.targetType === 'ip' ? `; the pods' own probes ask for ${own}` : '';
    const said = `answers GET ${path} on ${portText(group)} as the health check wants it`;
    const text = `assumed: what is behind it ${said} (${group.healthCheck.matcher ?? '200'})${whose}`;
    return [{ where: `target group ${group.targetGroupName}`, text }];
  });

const portText = ({ healthCheck }: TargetGroup): string =>
  healthCheck.port === 'traffic-port' ? "the target's port" : `port ${healthCheck.port}`;

const probeText = ({ path, port }: ProbedPath): string => `${path} on ${port}`;

const probesOf = (store: TwinStore, { id }: Target): readonly ProbedPath[] =>
  store.lookup('Pod', 'address', id).flatMap(probedPaths);

function isProbed(
  store: TwinStore,
  { healthCheck }: TargetGroup,
  target: Target,
  path: string,
): boolean {
  const port = healthCheck.port === 'traffic-port' ? target.port : Number(healthCheck.port);
  return probesOf(store, target).some((it) => it.port === port && it.path === path);
}

/** A Service's healthCheckNodePort: whether a node has endpoints is known. */
function isAnsweredByProxy(store: TwinStore, { targetType, healthCheck }: TargetGroup): boolean {
  if (targetType !== 'instance' || healthCheck.port === 'traffic-port') return false;
  return store
    .list('Service')
    .some(({ spec }) => String(spec.healthCheckNodePort ?? '') === healthCheck.port);
}
