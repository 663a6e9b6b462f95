/**
 * load-balancer/ingress/rule-conditions — what a request must be for a rule: the paths of an
 * Ingress in the order they are asked, as patterns of an application load balancer, with the host
 * and what annotations add.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/model_build_listener_rules.go
 * sortIngressPaths, buildRuleConditions, buildPathPatterns.
 */
import type { IngressPath } from '../../../model/kubernetes/ingress.ts';
import { listText } from '../annotations/go-literals.ts';
import { BuildError } from '../build-error.ts';
import type { RuleConditionSpec } from '../stack/listener-spec.ts';
import { alb } from './alb-annotations.ts';
import { ownConditionSpec, type WrittenCondition } from './condition-annotation.ts';
import type { ClassifiedIngress } from './group.ts';
import { annotationsOf } from './group-build.ts';

/** Exact ones as written, then prefixes from the longest, then the rest as written. */
export function sortedPaths(paths: readonly IngressPath[]): readonly IngressPath[] {
  const exact: IngressPath[] = [];
  const prefix: IngressPath[] = [];
  const rest: IngressPath[] = [];
  for (const path of paths) {
    if (path.pathType === 'Exact') exact.push(path);
    else if (path.pathType === 'Prefix') prefix.push(path);
    else if (path.pathType === undefined || path.pathType === 'ImplementationSpecific') {
      rest.push(path);
    } else throw new BuildError(`unknown pathType for path ${path.path ?? ''}`);
  }
  prefix.sort((a, b) => (b.path ?? '').length - (a.path ?? '').length);
  return [...exact, ...prefix, ...rest];
}

/** Wildcard patterns, or regular expressions: never both in one rule. */
interface Patterns {
  readonly values: readonly string[];
  readonly regexValues: readonly string[];
}

/** @throws BuildError  where host or path would have patterns of both sorts */
export function ruleConditions(
  member: ClassifiedIngress,
  host: string | undefined,
  path: IngressPath,
  written: readonly WrittenCondition[],
): readonly RuleConditionSpec[] {
  const own = pathPatterns(member, path);
  const hosts = withWritten(
    { values: host ? [host] : [], regexValues: [] },
    written,
    'host-header',
  );
  const paths = withWritten(own, written, 'path-pattern');
  const conditions = written.flatMap((condition) => ownConditionSpec(condition) ?? []);
  refuseBoth('host', hosts);
  refuseBoth('path', paths);
  const isEmpty = ({ values, regexValues }: Patterns): boolean =>
    values.length === 0 && regexValues.length === 0;
  if (!isEmpty(hosts)) conditions.push({ field: 'host-header', hostHeaderConfig: hosts });
  if (!isEmpty(paths)) conditions.push({ field: 'path-pattern', pathPatternConfig: paths });
  if (conditions.length > 0) return conditions;
  return [{ field: 'path-pattern', pathPatternConfig: { values: ['/*'] } }];
}

function withWritten(
  own: Patterns,
  written: readonly WrittenCondition[],
  field: 'host-header' | 'path-pattern',
): Patterns {
  const configs = written
    .filter((condition) => condition.field === field)
    .map((it) => (field === 'host-header' ? it.hostHeaderConfig : it.pathPatternConfig) ?? {});
  return {
    values: [...own.values, ...configs.flatMap(({ values = [] }) => values)],
    regexValues: [...own.regexValues, ...configs.flatMap(({ regexValues = [] }) => regexValues)],
  };
}

function refuseBoth(what: string, { values, regexValues }: Patterns): void {
  if (values.length === 0 || regexValues.length === 0) return;
  throw new BuildError(
    `${what} condition must specify exactly one of Values and RegexValues, ` +
      `got both Values ${listText(values)} and RegexValues ${listText(regexValues)}`,
  );
}

const WILDCARDS = /[*?]/;

/** @throws BuildError  where wildcards stand in a path of a type that has none */
export function pathPatterns(
  member: ClassifiedIngress,
  { path, pathType = 'ImplementationSpecific' }: Pick<IngressPath, 'path' | 'pathType'>,
): Patterns {
  if (!path) return { values: [], regexValues: [] };
  const matching = (...values: string[]): Patterns => ({ values, regexValues: [] });
  switch (pathType) {
    case 'ImplementationSpecific':
      // Kubernetes wants a leading slash; the expression starts after it.
      return alb.bool('use-regex-path-match', annotationsOf(member)) === true
        ? { values: [], regexValues: [path.slice(1)] }
        : matching(path);
    case 'Exact':
      if (WILDCARDS.test(path)) {
        throw new BuildError(`exact path shouldn't contain wildcards: ${path}`);
      }
      return matching(path);
    case 'Prefix': {
      if (path === '/') return matching('/*');
      if (WILDCARDS.test(path)) {
        throw new BuildError(`prefix path shouldn't contain wildcards: ${path}`);
      }
      const directory = path.replace(/\/$/, '');
      return matching(directory, `${directory}/*`);
    }
    default:
      throw new BuildError(`unsupported pathType: ${pathType}`);
  }
}
