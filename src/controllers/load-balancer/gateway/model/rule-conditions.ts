/**
 * load-balancer/gateway/model/rule-conditions — a match of a route as the conditions of a rule, all
 * of which must hold.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/routeutils/
 * route_rule_condition.go.
 */
import type { GrpcMatch, HttpMatch } from '../../../../model/kubernetes/route.ts';
import { BuildError } from '../../build-error.ts';
import type { RuleConditionSpec } from '../../stack/listener-spec.ts';
import type { RankedRule } from './rule-precedence.ts';

/** @throws BuildError  where a path cannot be had */
export function conditionsOf(ranked: RankedRule): readonly RuleConditionSpec[] {
  const { hostname, match, route } = ranked;
  const host: readonly RuleConditionSpec[] =
    hostname === '' ? [] : [{ field: 'host-header', hostHeaderConfig: { values: [hostname] } }];
  const isGrpc = route.route.kind === 'GRPCRoute';
  const own = isGrpc ? grpcConditions(match) : httpConditions(match);
  return [...host, ...own, ...sourceConditions(ranked)];
}

const pathCondition = (values: readonly string[]): RuleConditionSpec => ({
  field: 'path-pattern',
  pathPatternConfig: { values },
});

function httpConditions(match: HttpMatch): readonly RuleConditionSpec[] {
  const { headers = [], method, path, queryParams = [] } = match;
  return [
    ...(path === undefined ? [] : [httpPathCondition(path)]),
    ...headers.map(headerCondition),
    ...queryParams.map(({ name: key, value }): RuleConditionSpec => {
      return { field: 'query-string', queryStringConfig: { values: [{ key, value }] } };
    }),
    ...(method === undefined
      ? []
      : [
          {
            field: 'http-request-method' as const,
            httpRequestMethodConfig: { values: [method] },
          },
        ]),
  ];
}

/** An exact path may hold wildcards: upstream passes it on as it is. */
function httpPathCondition({
  type = 'PathPrefix',
  value = '/',
}: NonNullable<HttpMatch['path']>): RuleConditionSpec {
  if (type === 'RegularExpression') {
    return { field: 'path-pattern', pathPatternConfig: { regexValues: [value] } };
  }
  if (type === 'Exact') return pathCondition([value]);
  if (/[*?]/.test(value)) {
    throw new BuildError(`prefix path shouldn't contain wildcards: ${value}`);
  }
  if (value === '/') return pathCondition(['/*']);
  const path = value.replace(/\/$/, '');
  return pathCondition([path, `${path}/*`]);
}

type Header = NonNullable<HttpMatch['headers']>[number];

function headerCondition({ name: httpHeaderName, type, value }: Header): RuleConditionSpec {
  const matched =
    type === 'RegularExpression' ? { regexValues: [value] } : { values: headerValues(value) };
  return { field: 'http-header', httpHeaderConfig: { httpHeaderName, ...matched } };
}

/** Commas part the values, `\` keeps what follows it. */
function headerValues(text: string): readonly string[] {
  const values = [''];
  for (const [part] of text.matchAll(/\\.|./gs)) {
    if (part === ',') values.push('');
    else values[values.length - 1] += part.length > 1 ? part.slice(1) : part;
  }
  return values;
}

function grpcConditions({ headers = [], method }: GrpcMatch): readonly RuleConditionSpec[] {
  const path = method === undefined ? '/*' : grpcPath(method);
  // Regular expressions of headers are not told from values here.
  const own = headers.map(({ name, value }) => headerCondition({ name, value }));
  return [pathCondition([path]), ...own];
}

/** A regular expression goes on as it is: `*` and `?` work. */
function grpcPath({ method, service }: NonNullable<GrpcMatch['method']>): string {
  if (service === undefined && method === undefined) {
    throw new BuildError('Invalid grpc method match: neither service nor method');
  }
  return `/${service ?? '*'}/${method ?? '*'}`;
}

function sourceConditions({ rule, matchIndex }: RankedRule): readonly RuleConditionSpec[] {
  return (rule.configuration?.spec?.conditions ?? []).flatMap(
    ({ matchIndexes, sourceIPConfig }): RuleConditionSpec[] => {
      const times =
        matchIndexes === undefined ? 1 : matchIndexes.filter((it) => it === matchIndex).length;
      const values = sourceIPConfig?.values ?? [];
      return Array.from({ length: times }, () => ({
        field: 'source-ip',
        sourceIPConfig: { values },
      }));
    },
  );
}
