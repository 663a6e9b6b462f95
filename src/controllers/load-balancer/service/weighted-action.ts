/**
 * load-balancer/service/weighted-action — the annotation `actions.PROTOCOL-PORT`: other Services
 * and target groups behind the same listener, by weight.
 *
 * Follows aws-load-balancer-controller@225f4456 pkg/service/config_types.go,
 * model_build_listener.go:225-245.
 */
import type { Labels } from '../../../model/kubernetes/meta.ts';
import { BOOL, INT_OR_STRING, INT32, listOf, struct, TEXT } from '../annotations/go-shape.ts';
import { BuildError } from '../build-error.ts';
import { annotated } from './service-build.ts';

export interface WeightedTarget {
  readonly targetGroupARN?: string;
  readonly serviceName?: string;
  readonly servicePort?: number | string;
  /** Behind a TLS listener: the targets get TCP. */
  readonly decrypt?: boolean;
  readonly weight?: number;
}

export interface WeightedAction {
  /** Of the Service itself. */
  readonly baseServiceWeight?: number;
  readonly targetGroups: readonly WeightedTarget[];
  readonly targetGroupStickinessConfig?: { readonly enabled?: boolean };
}

const ACTION = struct('Action', {
  type: { kind: 'string', go: 'ActionType' },
  forwardConfig: struct('ForwardActionConfig', {
    baseServiceWeight: INT32,
    targetGroups: listOf(
      struct('TargetGroupTuple', {
        targetGroupARN: TEXT,
        serviceName: TEXT,
        servicePort: INT_OR_STRING,
        decrypt: BOOL,
        weight: INT32,
      }),
    ),
    targetGroupStickinessConfig: struct('TargetGroupStickinessConfig', { enabled: BOOL }),
  }),
});

/** The action of a listener, where the Service has one for it. */
export function weightedAction(
  annotations: Labels,
  protocol: string,
  port: number,
): WeightedAction | undefined {
  const action = annotated.json(`actions.${protocol}-${port}`, annotations, ACTION, 'service') as
    | { readonly type?: string; readonly forwardConfig?: Partial<WeightedAction> }
    | undefined;
  if (action === undefined) return undefined;
  if (action.type !== 'forward') {
    throw new BuildError(`unknown action type: ${action.type ?? ''}`);
  }
  const forward = action.forwardConfig;
  // Upstream reads it unseen; controller-runtime turns Go's panic into an error.
  if (forward === undefined) {
    const panic = 'runtime error: invalid memory address or nil pointer dereference';
    throw new BuildError(`panic: ${panic} [recovered]`);
  }
  const targetGroups = forward.targetGroups ?? [];
  for (const target of targetGroups) {
    const problem = problemOf(target);
    if (problem !== undefined) {
      throw new BuildError(`invalid ForwardConfig: invalid TargetGroupTuple: ${problem}`);
    }
  }
  if (targetGroups.length > 1 && targetGroups.some(({ weight }) => weight === undefined)) {
    const problem = 'weight must be set when routing to multiple target groups';
    throw new BuildError(`invalid ForwardConfig: ${problem}`);
  }
  return { ...forward, targetGroups };
}

function problemOf(target: WeightedTarget): string | undefined {
  const { targetGroupARN, serviceName, servicePort, weight } = target;
  if ((targetGroupARN === undefined) === (serviceName === undefined)) {
    return 'precisely one of targetGroupARN and serviceName can be specified';
  }
  if (serviceName !== undefined && servicePort === undefined) return 'missing servicePort';
  if (weight !== undefined && (weight < 0 || weight > 999)) {
    return 'target group weight must be between 0 and 999';
  }
  return undefined;
}
