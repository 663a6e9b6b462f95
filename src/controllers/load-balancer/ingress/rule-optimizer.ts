/**
 * load-balancer/ingress/rule-optimizer — leaves out redirects that would lead a request to itself,
 * and rules that a redirect before them takes everything from. It is what makes the old
 * `actions.ssl-redirect` work on a pair of listeners.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/rule_optimizer.go.
 */
import type { Tags } from '../../../model/ec2/tags.ts';
import type { ActionSpec, RedirectConfig } from '../stack/action-spec.ts';
import type { RuleConditionSpec, TransformSpec } from '../stack/listener-spec.ts';

/** A rule that has no priority yet. */
export interface WantedRule {
  readonly conditions: readonly RuleConditionSpec[];
  readonly actions: readonly ActionSpec[];
  readonly transforms?: readonly TransformSpec[] | undefined;
  readonly tags?: Tags | undefined;
}

/** The rules that count on a listener, in their order. */
export function optimizedRules(
  port: number,
  protocol: string,
  rules: readonly WantedRule[],
): readonly WantedRule[] {
  const kept: WantedRule[] = [];
  const redirects: WantedRule[] = [];
  for (const rule of rules) {
    if (isInfiniteRedirect(port, protocol, rule)) continue;
    if (redirects.some((earlier) => isSuperset(earlier.conditions, rule.conditions))) continue;
    kept.push(rule);
    if (redirectOf(rule.actions) !== undefined) redirects.push(rule);
  }
  return kept;
}

/** The first redirect among the actions. */
export const redirectOf = (actions: readonly ActionSpec[]): RedirectConfig | undefined =>
  actions.find((action) => action.type === 'redirect')?.redirectConfig;

/** Would a request that the rule takes come back to it? */
export function isInfiniteRedirect(port: number, protocol: string, rule: WantedRule): boolean {
  const redirect = redirectOf(rule.actions);
  if (redirect === undefined) return false;
  const hosts: string[] = [];
  const paths: string[] = [];
  for (const condition of rule.conditions) {
    if (condition.field === 'host-header') hosts.push(...(condition.hostHeaderConfig.values ?? []));
    if (condition.field !== 'path-pattern') continue;
    // Nobody tells what a regular expression takes.
    if ((condition.pathPatternConfig.regexValues ?? []).length > 0) return false;
    paths.push(...(condition.pathPatternConfig.values ?? []));
  }
  const keeps = (value: string | undefined, ...same: readonly string[]): boolean =>
    value === undefined || same.includes(value);
  return (
    keeps(redirect.host, '#{host}', ...hosts) &&
    keeps(redirect.path, '/#{path}', ...paths) &&
    keeps(redirect.port, '#{port}', String(port)) &&
    keeps(redirect.protocol, '#{protocol}', protocol) &&
    keeps(redirect.query, '#{query}')
  );
}

/** Does the first take every request the second takes? With other conditions than these: no. */
export function isSuperset(
  first: readonly RuleConditionSpec[],
  second: readonly RuleConditionSpec[],
): boolean {
  if (first.some(({ field }) => field !== 'host-header' && field !== 'path-pattern')) return false;
  const [hosts, paths] = [hostsOf(first), pathsOf(first)];
  const [otherHosts, otherPaths] = [hostsOf(second), pathsOf(second)];
  const holds = (all: readonly string[], some: readonly string[]): boolean =>
    all.length === 0 || (some.length > 0 && some.every((it) => all.includes(it)));
  return holds(hosts, otherHosts) && (paths.includes('/*') || holds(paths, otherPaths));
}

const hostsOf = (conditions: readonly RuleConditionSpec[]): readonly string[] =>
  conditions.flatMap((it) =>
    it.field === 'host-header' ? (it.hostHeaderConfig.values ?? []) : [],
  );

const pathsOf = (conditions: readonly RuleConditionSpec[]): readonly string[] =>
  conditions.flatMap((it) => {
    if (it.field !== 'path-pattern') return [];
    const { regexValues = [], values = [] } = it.pathPatternConfig;
    return regexValues.length > 0 ? regexValues : values;
  });
