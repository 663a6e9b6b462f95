/**
 * load-balancer/ingress/backend-action — the action a backend asks for, in the words of its user:
 * `actions.NAME` on the Ingress, or just a Service and its port.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/config_types.go (Action and below),
 * enhanced_backend_builder.go buildActionViaAnnotation.
 */
import { parseIntOrString } from '../annotations/go-literals.ts';
import { BOOL, INT_OR_STRING, INT32, listOf, struct, TEXT } from '../annotations/go-shape.ts';
import type { Annotations } from '../annotations/parser.ts';
import { BuildError, within } from '../build-error.ts';
import type { FixedResponseConfig, RedirectConfig } from '../stack/action-spec.ts';
import { alb } from './alb-annotations.ts';

/** A target group that exists, by ARN or name, or a Service's. */
export interface BackendTarget {
  readonly targetGroupARN?: string | undefined;
  readonly targetGroupName?: string | undefined;
  readonly serviceName?: string | undefined;
  readonly servicePort?: number | string | undefined;
  readonly weight?: number | undefined;
}

export interface BackendForward {
  readonly targetGroups: readonly BackendTarget[];
  readonly targetGroupStickinessConfig?:
    | { readonly enabled?: boolean | undefined; readonly durationSeconds?: number | undefined }
    | undefined;
}

export type BackendAction =
  | { readonly type: 'fixed-response'; readonly fixedResponseConfig: FixedResponseConfig }
  | { readonly type: 'redirect'; readonly redirectConfig: RedirectConfig }
  | { readonly type: 'forward'; readonly forwardConfig: BackendForward };

/** As the annotation has it, before it is known to be whole. */
interface WrittenAction {
  readonly type?: string;
  readonly targetGroupARN?: string;
  readonly targetGroupName?: string;
  readonly fixedResponseConfig?: Partial<FixedResponseConfig>;
  readonly redirectConfig?: Partial<RedirectConfig>;
  readonly forwardConfig?: Partial<BackendForward>;
}

const TARGET = struct('TargetGroupTuple', {
  targetGroupARN: TEXT,
  targetGroupName: TEXT,
  serviceName: TEXT,
  servicePort: INT_OR_STRING,
  weight: INT32,
});

const ACTION = struct('Action', {
  type: { kind: 'string', go: 'ActionType' },
  targetGroupARN: TEXT,
  targetGroupName: TEXT,
  fixedResponseConfig: struct('FixedResponseActionConfig', {
    contentType: TEXT,
    messageBody: TEXT,
    statusCode: TEXT,
  }),
  redirectConfig: struct('RedirectActionConfig', {
    host: TEXT,
    path: TEXT,
    port: TEXT,
    protocol: TEXT,
    query: TEXT,
    statusCode: TEXT,
  }),
  forwardConfig: struct('ForwardActionConfig', {
    targetGroups: listOf(TARGET),
    targetGroupStickinessConfig: struct('TargetGroupStickinessConfig', {
      enabled: BOOL,
      durationSeconds: INT32,
    }),
  }),
});

/** Forwards to a Service's port, by number or by name. */
export const forwardTo = (serviceName: string, servicePort: number | string): BackendAction => ({
  type: 'forward',
  forwardConfig: { targetGroups: [{ serviceName, servicePort }] },
});

/** What a backend answers that does not exist. */
export const unavailable = (messageBody: string): BackendAction => ({
  type: 'fixed-response',
  fixedResponseConfig: { contentType: 'text/plain', messageBody, statusCode: '503' },
});

/**
 * The action that `actions.NAME` describes.
 *
 * @param toleratesMissing  answer 503 where there is no such annotation
 */
export function annotatedAction(
  name: string,
  annotations: Annotations,
  toleratesMissing: boolean,
): BackendAction {
  const key = `actions.${name}`;
  const action = alb.json(key, annotations, ACTION, 'ingress') as WrittenAction | undefined;
  if (action !== undefined) return checked(action);
  if (toleratesMissing) return unavailable('Backend action does not exist');
  throw new BuildError(`missing ${key} configuration`);
}

function checked(action: WrittenAction): BackendAction {
  switch (action.type) {
    case 'fixed-response': {
      const fixedResponseConfig = withStatus(action.fixedResponseConfig, 'FixedResponseConfig');
      return { type: 'fixed-response', fixedResponseConfig };
    }
    case 'redirect': {
      const redirectConfig = withStatus(action.redirectConfig, 'RedirectConfig');
      return { type: 'redirect', redirectConfig };
    }
    case 'forward':
      return { type: 'forward', forwardConfig: checkedForward(action) };
    default:
      throw new BuildError(`unknown action type: ${action.type ?? ''}`);
  }
}

function withStatus<Config extends { readonly statusCode?: string }>(
  config: Config | undefined,
  name: string,
): Config & { readonly statusCode: string } {
  if (config === undefined) throw new BuildError(`missing ${name}`);
  const { statusCode = '' } = config;
  if (statusCode === '') throw new BuildError(`invalid ${name}: statusCode is required`);
  return { ...config, statusCode };
}

/** A single group may be named without a forwardConfig. */
function checkedForward({
  targetGroupARN,
  targetGroupName,
  forwardConfig,
}: WrittenAction): BackendForward {
  const isNamed = targetGroupARN !== undefined || targetGroupName !== undefined;
  if (forwardConfig === undefined) {
    if (!isNamed) throw new BuildError('missing ForwardConfig or TargetGroupARN/TargetGroupName');
    return { targetGroups: [{ targetGroupARN, targetGroupName }] };
  }
  if (isNamed) {
    throw new BuildError('either ForwardConfig or TargetGroupARN/TargetGroupName can be specified');
  }
  const targetGroups = (forwardConfig.targetGroups ?? []).map((it) => it ?? {});
  within('invalid ForwardConfig', () => checkTargets(targetGroups));
  return { ...forwardConfig, targetGroups: targetGroups.map(withNumericPort) };
}

function checkTargets(targets: readonly BackendTarget[]): void {
  for (const target of targets) within('invalid TargetGroupTuple', () => checkTarget(target));
  if (targets.length > 1 && targets.some(({ weight }) => weight === undefined)) {
    throw new BuildError('weight must be set when route to multiple target groups');
  }
}

function checkTarget(target: BackendTarget): void {
  const { targetGroupARN, targetGroupName, serviceName, servicePort } = target;
  const isNamed = targetGroupARN !== undefined || targetGroupName !== undefined;
  if (!isNamed && serviceName === undefined) {
    throw new BuildError('missing serviceName or targetGroupARN/targetGroupName');
  }
  if (isNamed && serviceName !== undefined) {
    throw new BuildError('either serviceName or targetGroupARN/targetGroupName can be specified');
  }
  if (serviceName !== undefined && servicePort === undefined) {
    throw new BuildError('missing servicePort');
  }
}

/** Version 1 of the controller had ports as texts: `"80"` is the number. */
const withNumericPort = (target: BackendTarget): BackendTarget =>
  target.servicePort === undefined
    ? target
    : { ...target, servicePort: parseIntOrString(String(target.servicePort)) };
