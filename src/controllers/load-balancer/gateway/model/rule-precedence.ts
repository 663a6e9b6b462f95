/**
 * load-balancer/gateway/model/rule-precedence — the rules of a port in the order of their priority:
 * the most specific first, whatever route and kind they are of. Every hostname is a rule of its
 * own.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/routeutils/
 * route_rule_precedence.go.
 */
import { keyOf } from '../../../../model/kubernetes/meta.ts';
import type {
  GrpcMatch,
  GrpcRule,
  HttpMatch,
  HttpRule,
} from '../../../../model/kubernetes/route.ts';
import type { LoadedRoute, LoadedRule } from '../attachment/loaded-route.ts';

export interface RankedRule {
  readonly route: LoadedRoute;
  readonly rule: LoadedRule;
  /** Empty: every host. */
  readonly hostname: string;
  /** An empty one where the rule has none. */
  readonly match: HttpMatch & GrpcMatch;
  /** Undefined where the rule has no match at all. */
  readonly matchIndex: number | undefined;
}

/** Less comes first; compared one after another. */
type Rank = readonly (number | string)[];

export function rankedRules(routes: readonly LoadedRoute[], port: number): readonly RankedRule[] {
  const ranked = routes.flatMap((route) =>
    route.rules.flatMap((rule, ruleIndex) => rulesOf(route, rule, ruleIndex, port)),
  );
  return ranked.sort((a, b) => compare(a.rank, b.rank)).map(({ rank: _rank, ...rule }) => rule);
}

function rulesOf(
  route: LoadedRoute,
  rule: LoadedRule,
  ruleIndex: number,
  port: number,
): (RankedRule & { readonly rank: Rank })[] {
  const matches = (rule.rule as HttpRule & GrpcRule).matches ?? [];
  const known: readonly (HttpMatch & GrpcMatch)[] = matches.length === 0 ? [{}] : matches;
  return known.flatMap((match, i) =>
    hostnamesAt(route, port).map((hostname) => {
      const matchIndex = matches.length === 0 ? undefined : i;
      const own = { route, rule, hostname, match, matchIndex };
      return { ...own, rank: rankOf(own, ruleIndex) };
    }),
  );
}

function hostnamesAt({ hostnames, route }: LoadedRoute, port: number): readonly string[] {
  const served = hostnames.get(port) ?? [];
  const all = served.length > 0 ? served : (route.spec.hostnames ?? []);
  return all.length > 0 ? all : [''];
}

function rankOf({ route, hostname, match, matchIndex }: RankedRule, ruleIndex: number): Rank {
  const { metadata } = route.route;
  return [
    ...hostnameRank(hostname),
    ...(route.route.kind === 'GRPCRoute' ? grpcRank(match) : httpRank(match)),
    metadata.creationTimestamp ?? '',
    keyOf(route.route),
    ruleIndex,
    matchIndex ?? Number.MAX_SAFE_INTEGER,
    hostname,
  ];
}

/** Exact before wildcard before every host; then by labels, then by length. */
function hostnameRank(hostname: string): Rank {
  if (hostname === '') return [2, 0, 0];
  const labels = hostname.split('.').length;
  return [hostname.startsWith('*.') ? 1 : 0, -labels, -hostname.length];
}

const PATH_RANK = { Exact: 0, PathPrefix: 1, RegularExpression: 2 } as const;
const NO_PATH = 3;

function httpRank({ headers = [], method, path, queryParams = [] }: HttpMatch): Rank {
  const { type = 'PathPrefix', value = '/' } = path ?? {};
  const [kind, length] = path === undefined ? [NO_PATH, 0] : [PATH_RANK[type], value.length];
  return [kind, -length, 0, method === undefined ? 1 : 0, -headers.length, -queryParams.length];
}

function grpcRank({ headers = [], method }: GrpcMatch): Rank {
  if (method === undefined) return [NO_PATH, 0, 0, 1, -headers.length, 0];
  const { type = 'Exact', service = '', method: name = '' } = method;
  return [PATH_RANK[type], -service.length, -name.length, 1, -headers.length, 0];
}

function compare(one: Rank, other: Rank): number {
  for (const [i, a] of one.entries()) {
    const b = other[i]!;
    if (a !== b) return a < b ? -1 : 1;
  }
  return 0;
}
