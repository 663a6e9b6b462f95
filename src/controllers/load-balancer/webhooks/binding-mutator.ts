/**
 * load-balancer/webhooks/binding-mutator — fills in what a new TargetGroupBinding leaves out, from
 * the target group itself: ARN, target type, address type, VPC, protocol.
 *
 * Upstream: aws-load-balancer-controller@225f4456 webhooks/elbv2/targetgroupbinding_mutator.go.
 */
import type { Webhook } from '../../../cluster/kubernetes.ts';
import type { TargetGroupBinding } from '../../../model/kubernetes/load-balancer.ts';
import { DeployError } from '../deploy/deploy-error.ts';
import {
  groupByArn,
  groupByName,
  onceAsked,
  orDenied,
  type TargetGroupReads,
} from './bound-target-group.ts';

export const bindingMutator = (reads: TargetGroupReads): Webhook => ({
  name: 'mtargetgroupbinding.elbv2.k8s.aws',
  kinds: ['TargetGroupBinding'],
  failurePolicy: 'Fail',
  mutate: (object, operation) =>
    operation === 'UPDATE'
      ? object
      : orDenied(() => filledIn(reads, object as unknown as TargetGroupBinding)),
});

type Writable<T> = { -readonly [Field in keyof T]: T[Field] };

/** A new binding with all that its target group says. Throws a DeployError. */
export function filledIn(reads: TargetGroupReads, binding: TargetGroupBinding): TargetGroupBinding {
  const spec: Writable<TargetGroupBinding['spec']> = { ...binding.spec };
  if (!spec.targetGroupARN) {
    if (!spec.targetGroupName) {
      throw new DeployError('must provide either TargetGroupARN or TargetGroupName');
    }
    spec.targetGroupARN = groupByName(reads, spec).targetGroupArn;
  }
  const group = onceAsked(() => groupByArn(reads, spec));
  if (spec.targetType === undefined) {
    const { targetType } = group("couldn't determine TargetType");
    if (targetType !== 'instance' && targetType !== 'ip') {
      throw new DeployError(`unsupported TargetType: ${targetType}`);
    }
    spec.targetType = targetType;
  }
  spec.ipAddressType ??= group('unable to get target group IP address type').ipAddressType;
  if (!spec.vpcID) spec.vpcID = group('unable to get target group VpcID').vpcId;
  spec.targetGroupProtocol ??= group("couldn't determine TargetGroup protocol").protocol;
  return { ...binding, spec };
}
