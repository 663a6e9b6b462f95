/**
 * load-balancer/deploy/actions — actions, conditions and transforms of a stack as AWS takes them,
 * and when AWS's are the same as those wanted.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * pkg/deploy/elbv2/listener_utils.go, pkg/equality/elbv2/*.go.
 */
import type {
  ListenerAction,
  RedirectConfig,
  RuleCondition,
  RuleTransform,
} from '../../../model/elbv2/listener.ts';
import type { FeatureGate } from '../config/controller-config.ts';
import type { ActionSpec } from '../stack/action-spec.ts';
import type { RuleConditionSpec, TransformSpec } from '../stack/listener-spec.ts';
import type { Token } from '../stack/token.ts';
import { DeployError } from './deploy-error.ts';

/** What a spec's action needs to become AWS's. */
export interface ActionTerms {
  readonly resolve: (token: Token) => string;
  readonly gates: Readonly<Record<FeatureGate, boolean>>;
}

/** @throws DeployError for weighted groups while their gate is closed */
export const actionsOf = (
  specs: readonly ActionSpec[] = [],
  terms: ActionTerms,
): readonly ListenerAction[] => specs.map((spec) => actionOf(spec, terms));

function actionOf(spec: ActionSpec, { resolve, gates }: ActionTerms): ListenerAction {
  switch (spec.type) {
    case 'forward': {
      const { targetGroups, targetGroupStickinessConfig: stickiness } = spec.forwardConfig;
      if (!gates.WeightedTargetGroups && targetGroups.length !== 1)
        throw new DeployError('weighted target groups feature is disabled');
      return {
        type: 'forward',
        targetGroups: targetGroups.map(({ targetGroupARN, weight }) => ({
          targetGroupArn: resolve(targetGroupARN),
          weight,
        })),
        ...(stickiness === undefined
          ? {}
          : {
              stickiness: {
                enabled: stickiness.enabled ?? false,
                durationSeconds: stickiness.durationSeconds,
              },
            }),
      };
    }
    case 'redirect':
      return { type: 'redirect', redirect: spec.redirectConfig as RedirectConfig };
    case 'fixed-response':
      return { type: 'fixed-response', fixedResponse: spec.fixedResponseConfig };
    case 'authenticate-oidc': {
      const { clientSecret: _, ...config } = spec.authenticateOIDCConfig;
      return { type: 'authenticate-oidc', config };
    }
    case 'authenticate-cognito':
      return { type: 'authenticate-cognito', config: { ...spec.authenticateCognitoConfig } };
    case 'jwt-validation':
      return { type: 'jwt-validation', config: { ...spec.jwtValidationConfig } };
  }
}

export const conditionsOf = (specs: readonly RuleConditionSpec[]): readonly RuleCondition[] =>
  specs.map(conditionOf);

function conditionOf(spec: RuleConditionSpec): RuleCondition {
  switch (spec.field) {
    case 'host-header':
      return { field: spec.field, ...filled(spec.hostHeaderConfig) };
    case 'path-pattern':
      return { field: spec.field, ...filled(spec.pathPatternConfig) };
    case 'http-header':
      return { field: spec.field, ...filled(spec.httpHeaderConfig) };
    case 'http-request-method':
      return { field: spec.field, values: spec.httpRequestMethodConfig.values };
    case 'query-string':
      return { field: spec.field, values: spec.queryStringConfig.values };
    case 'source-ip':
      return { field: spec.field, values: spec.sourceIPConfig.values };
  }
}

/** Without its empty lists. */
const filled = <Config extends object>(config: Config): Config =>
  Object.fromEntries(
    Object.entries(config).filter(([, it]) => !(Array.isArray(it) && it.length === 0)),
  ) as Config;

export const transformsOf = (specs: readonly TransformSpec[] = []): readonly RuleTransform[] =>
  specs.map((spec) => ({
    type: spec.type,
    rewrites:
      spec.type === 'url-rewrite'
        ? spec.urlRewriteConfig.rewrites
        : spec.hostHeaderRewriteConfig.rewrites,
  }));

/** Do both do the same? Only what the wanted ones say of stickiness is looked at. */
export const sameActions = (
  wanted: readonly ListenerAction[],
  current: readonly ListenerAction[],
): boolean =>
  wanted.length === current.length &&
  wanted.every((action, at) => {
    const other = current[at]!;
    const asksStickiness = action.type === 'forward' && action.stickiness !== undefined;
    return actionText(action, true) === actionText(other, asksStickiness);
  });

export const sameConditions = (
  wanted: readonly RuleCondition[],
  current: readonly RuleCondition[],
): boolean => sortedTexts(wanted, 'field') === sortedTexts(current, 'field');

export const sameTransforms = (
  wanted: readonly RuleTransform[],
  current: readonly RuleTransform[] = [],
): boolean => sortedTexts(wanted, 'type') === sortedTexts(current, 'type');

function actionText(action: ListenerAction, withStickiness: boolean): string {
  if (action.type === 'forward') {
    const groups = [...action.targetGroups].sort((a, b) =>
      a.targetGroupArn < b.targetGroupArn ? -1 : 1,
    );
    // AWS gives a lone group a weight of its own.
    const targetGroups =
      groups.length === 1 ? [{ targetGroupArn: groups[0]!.targetGroupArn }] : groups;
    const stickiness = withStickiness ? action.stickiness : undefined;
    return canonical({ type: action.type, targetGroups, stickiness });
  }
  if (action.type !== 'redirect') return canonical(action);
  return canonical({
    type: action.type,
    redirect: {
      ...action.redirect,
      host: action.redirect.host ?? '#{host}',
      path: action.redirect.path ?? '/#{path}',
      port: action.redirect.port ?? '#{port}',
      protocol: action.redirect.protocol ?? '#{protocol}',
      query: action.redirect.query ?? '#{query}',
    },
  });
}

const sortedTexts = <It extends object>(items: readonly It[], field: keyof It): string =>
  [...items]
    .sort((a, b) => (String(a[field]) < String(b[field]) ? -1 : 1))
    .map(canonical)
    .join('\n');

/** JSON with its keys in order and without what is not set: equal texts are equal values. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const fields = Object.entries(value)
    .filter(([, it]) => it !== undefined && !(Array.isArray(it) && it.length === 0))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, it]) => `${JSON.stringify(key)}:${canonical(it)}`).join(',')}}`;
}
