/**
 * load-balancer/gateway/model/rule-actions — what a rule of a route does: log in first where its
 * configuration asks for that, then forward, redirect or answer.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/routeutils/
 * route_rule_action.go, pkg/gateway/model/model_build_listener.go.
 */
import type { ConfiguredAction } from '../../../../model/kubernetes/gateway-configuration.ts';
import type { HttpRule, RequestRedirect, RouteFilter } from '../../../../model/kubernetes/route.ts';
import { BuildError } from '../../build-error.ts';
import { oidcCredentials } from '../../ingress/oidc-credentials.ts';
import type { ActionSpec, ForwardConfig } from '../../stack/action-spec.ts';
import type { GatewayBuild } from './gateway-build.ts';
import type { RankedRule } from './rule-precedence.ts';

/** What a rule answers whose backends cannot be had. */
const NO_BACKEND: ActionSpec = {
  type: 'fixed-response',
  fixedResponseConfig: { contentType: 'text/plain', statusCode: '500' },
};

const HEADERS_ELSEWHERE =
  'To specify header modification, please configure it through LoadBalancerConfiguration.';

type Tuples = ForwardConfig['targetGroups'];

/** @param isSecure  plain listeners know no log-in and leave it out, silently */
export function actionsOf(
  build: GatewayBuild,
  ranked: RankedRule,
  isSecure: boolean,
  targetGroups: Tuples,
): readonly ActionSpec[] {
  const configured = ranked.rule.configuration?.spec?.actions ?? [];
  const namespace = ranked.route.route.metadata.namespace ?? '';
  const before = isSecure ? configured.flatMap((it) => admission(build, namespace, it) ?? []) : [];
  const routing = configured.find(({ type }) => ROUTING.includes(type));
  return [...before.slice(0, 1), routingAction(ranked, routing, targetGroups) ?? NO_BACKEND];
}

const ROUTING: readonly ConfiguredAction['type'][] = ['forward', 'fixed-response', 'redirect'];

function admission(
  build: GatewayBuild,
  namespace: string,
  { authenticateCognitoConfig: cognito, authenticateOIDCConfig: oidc, ...action }: ConfiguredAction,
): ActionSpec | undefined {
  if (action.type === 'authenticate-cognito' && cognito !== undefined) {
    const { userPoolArn: userPoolARN, userPoolClientId: userPoolClientID, ...rest } = cognito;
    const authenticateCognitoConfig = { ...rest, userPoolARN, userPoolClientID };
    return { type: 'authenticate-cognito', authenticateCognitoConfig };
  }
  if (action.type === 'authenticate-oidc' && oidc !== undefined) {
    const { secret, ...rest } = oidc;
    const credentials = oidcCredentials(build, namespace, secret.name);
    return { type: 'authenticate-oidc', authenticateOIDCConfig: { ...rest, ...credentials } };
  }
  const jwt = action.jwtValidationConfig;
  return action.type === 'jwt-validation' && jwt !== undefined
    ? { type: 'jwt-validation', jwtValidationConfig: jwt }
    : undefined;
}

/** Undefined where nobody is there to forward to. */
function routingAction(
  { route, rule }: RankedRule,
  configured: ConfiguredAction | undefined,
  targetGroups: Tuples,
): ActionSpec | undefined {
  const fixed = configured?.fixedResponseConfig;
  if (configured?.type === 'fixed-response' && fixed !== undefined) {
    const { contentType, messageBody, statusCode } = fixed;
    const fixedResponseConfig = { contentType, messageBody, statusCode: String(statusCode) };
    return { type: 'fixed-response', fixedResponseConfig };
  }
  const filters = (rule.rule as HttpRule).filters ?? [];
  if (route.route.kind === 'GRPCRoute') checkGrpcFilters(filters);
  else {
    const redirect = redirectAction(filters, configured?.redirectConfig);
    if (redirect !== undefined) return redirect;
  }
  if (targetGroups.every(({ weight }) => weight === 0)) return undefined;
  const stickiness = configured?.forwardConfig?.targetGroupStickinessConfig;
  const targetGroupStickinessConfig = configured?.forwardConfig && {
    enabled: stickiness?.enabled,
    durationSeconds: stickiness?.durationSeconds,
  };
  return { type: 'forward', forwardConfig: { targetGroups, targetGroupStickinessConfig } };
}

function checkGrpcFilters(filters: readonly RouteFilter[]): void {
  const wrong = filters.find(({ type }) => type !== 'ExtensionRef');
  if (wrong === undefined) return;
  throw new BuildError(`Unsupported filter type: ${wrong.type}. ${HEADERS_ELSEWHERE}`);
}

function redirectAction(
  filters: readonly RouteFilter[],
  configured: ConfiguredAction['redirectConfig'],
): ActionSpec | undefined {
  if (filters.length === 1 && filters[0]?.type === 'ExtensionRef' && configured !== undefined) {
    throw new BuildError(
      'HTTPRouteFilterRequestRedirect must be provided if RedirectActionConfig in ' +
        'ListenerRuleConfiguration is provided',
    );
  }
  for (const { requestRedirect, type } of filters) {
    if (type === 'RequestRedirect') return redirectTo(requestRedirect ?? {}, configured?.query);
    if (type === 'ExtensionRef' || type === 'URLRewrite') continue;
    const only = 'Only request redirect is supported.';
    throw new BuildError(`Unsupported filter type: ${type}. ${only} ${HEADERS_ELSEWHERE}`);
  }
  return undefined;
}

const PORT_OF_SCHEME: Readonly<Record<string, string>> = { HTTP: '80', HTTPS: '443' };

function redirectTo(filter: RequestRedirect, query: string | undefined): ActionSpec {
  const protocol = filter.scheme?.toUpperCase();
  const ownPort = protocol && PORT_OF_SCHEME[protocol];
  if (protocol !== undefined && ownPort === undefined) {
    throw new BuildError(`unsupported redirect scheme: ${protocol}`);
  }
  const { replaceFullPath, replacePrefixMatch } = filter.path ?? {};
  const [field, path] =
    replaceFullPath === undefined
      ? ['ReplacePrefixMatch', replacePrefixMatch]
      : ['ReplaceFullPath', replaceFullPath];
  if (path !== undefined && /[*?]/.test(path)) {
    throw new BuildError(`${field} shouldn't contain wildcards: ${path}`);
  }
  const redirectConfig = {
    host: filter.hostname,
    path: replaceFullPath,
    port: filter.port === undefined ? ownPort : String(filter.port),
    protocol,
    query,
    statusCode: filter.statusCode === undefined ? '' : `HTTP_${filter.statusCode}`,
  };
  return { type: 'redirect', redirectConfig };
}
