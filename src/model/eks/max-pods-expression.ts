/**
 * model/eks/max-pods-expression — nodeadm's `maxPodsExpression`: CEL that answers a pod limit.
 *
 * Upstream: awslabs/amazon-eks-ami@81fec2e8 nodeadm/internal/kubelet/eni_max_pods.go:92
 * evaluateCustomMaxPodsExpression, whose three variables are ints and whose reasons are kept.
 */

import { compileCel } from './cel-expression.ts';
import { convert } from './cel-value.ts';

/** What the expression may name: `default_enis`, `ips_per_eni` and `max_pods` (the formula's). */
export interface MaxPodsVariables {
  readonly defaultEnis: number;
  readonly ipsPerEni: number;
  readonly maxPods: number;
}

export type MaxPodsOutcome =
  | { readonly kind: 'value'; readonly maxPods: number }
  | { readonly kind: 'refused'; readonly reason: string };

const VARIABLE_NAMES = ['default_enis', 'ips_per_eni', 'max_pods'];

/** Go's math.MaxInt32, which nodeadm still accepts although its message says "less than". */
const INT32_MAX = 2_147_483_647n;

const refused = (reason: string): MaxPodsOutcome => ({ kind: 'refused', reason });

/**
 * The expression's value as an integer (a double is cut, a string of digits is read), or nodeadm's
 * reason for ignoring it: it does not compile, it fails, or it is not in 1…2147483647.
 */
export const evaluateMaxPodsExpression = (
  expression: string,
  { defaultEnis, ipsPerEni, maxPods }: MaxPodsVariables,
): MaxPodsOutcome => {
  const program = compileCel(expression, VARIABLE_NAMES);
  if (program.kind === 'refused') {
    return refused(`failed to compile custom max pods expression: ${program.problem}`);
  }
  const result = program.evaluate({
    default_enis: BigInt(defaultEnis),
    ips_per_eni: BigInt(ipsPerEni),
    max_pods: BigInt(maxPods),
  });
  const converted = result.type === 'error' ? result : convert(result, 'int');
  if (converted.type !== 'int') {
    const shown = result.type === 'error' ? result.message : String(result.value);
    const why = converted.type === 'error' ? converted.message : 'not an integer';
    return refused(
      `could not interpret result "${shown}" from evaluation of custom max pods expression ` +
        `as an integer: ${why}`,
    );
  }
  if (converted.value <= 0n || converted.value > INT32_MAX) {
    return refused(
      `max pods value ${converted.value} from custom expression evaluation is invalid: ` +
        `value must be a positive integer less than ${INT32_MAX}`,
    );
  }
  return { kind: 'value', maxPods: Number(converted.value) };
};
