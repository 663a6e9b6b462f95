/**
 * load-balancer/webhooks/binding-validator — may this TargetGroupBinding be, and may it change so?
 *
 * Upstream: aws-load-balancer-controller@225f4456 webhooks/elbv2/targetgroupbinding_validator.go.
 */
import type { Webhook } from '../../../cluster/kubernetes.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import type { TargetGroupBinding } from '../../../model/kubernetes/load-balancer.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import { DeployError } from '../deploy/deploy-error.ts';
import {
  groupByArn,
  groupByName,
  onceAsked,
  orDenied,
  type TargetGroupReads,
} from './bound-target-group.ts';

const VPC_ID = /^vpc-(?:[0-9a-f]{8}|[0-9a-f]{17}|[0-9a-f]{32})$/;
const QUIC: ReadonlySet<string> = new Set(['QUIC', 'TCP_QUIC']);

type Spec = TargetGroupBinding['spec'];

/** @param vpcId  the controller's own */
export const bindingValidator = (
  store: TwinStore,
  reads: TargetGroupReads,
  vpcId: string,
): Webhook => ({
  name: 'vtargetgroupbinding.elbv2.k8s.aws',
  kinds: ['TargetGroupBinding'],
  failurePolicy: 'Fail',
  phase: 'validating',
  mutate: (object, operation) =>
    orDenied(() => {
      const binding = object as unknown as TargetGroupBinding;
      if (operation === 'CREATE') checkNew(store, reads, binding);
      else {
        const before = store.get('TargetGroupBinding', keyOf(binding));
        checkChange(store, reads, vpcId, binding, before ?? binding);
      }
      return object;
    }),
});

/** Throws a DeployError where a new binding is refused. */
export function checkNew(
  store: TwinStore,
  reads: TargetGroupReads,
  binding: TargetGroupBinding,
): void {
  const spec = requiredFields(reads, binding.spec ?? {});
  checkNodeSelector(spec);
  checkUnique(store, binding, spec);
  const group = onceAsked(() => groupByArn(reads, spec));
  const { ipAddressType } = group('unable to get target group IP address type');
  if ((spec.ipAddressType ?? 'ipv4') !== ipAddressType) {
    throw new DeployError(
      `invalid IP address type ${ipAddressType} for TargetGroup ${spec.targetGroupARN}`,
    );
  }
  checkVpc(spec, () => group('unable to get target group VpcID').vpcId);
  checkRole(spec);
  checkProtocol(spec, () => group('unable to get target group VpcID').protocol);
}

/** Throws a DeployError where a change is refused. */
export function checkChange(
  store: TwinStore,
  reads: TargetGroupReads,
  vpcId: string,
  binding: TargetGroupBinding,
  before: TargetGroupBinding,
): void {
  const spec = requiredFields(reads, binding.spec ?? {});
  const changed = changedFields(spec, before.spec, vpcId);
  if (changed.length > 0) {
    const fields = changed.join(',');
    throw new DeployError(
      `TargetGroupBinding update may not change these immutable fields: ${fields}`,
    );
  }
  checkNodeSelector(spec);
  checkRole(spec);
  checkUnique(store, binding, spec);
}

/** The spec with its ARN; the ARN may have to be looked up by name. */
export function requiredFields(reads: TargetGroupReads, given: Spec): Spec {
  const absent: string[] = [];
  let spec = given;
  if (!given.targetGroupARN) {
    if (!given.targetGroupName) absent.push('either TargetGroupARN or TargetGroupName');
    else spec = { ...given, targetGroupARN: arnOfName(reads, given) };
  }
  if (spec.targetType === undefined) absent.push('spec.targetType');
  if (absent.length === 0) return spec;
  throw new DeployError(`TargetGroupBinding must specify these fields: ${absent.join(',')}`);
}

function arnOfName(reads: TargetGroupReads, spec: Spec): string {
  try {
    return groupByName(reads, spec).targetGroupArn;
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    const { targetGroupName } = spec;
    throw new DeployError(`searching TargetGroup with name ${targetGroupName}: ${error.message}`);
  }
}

/** Fields that changed and may not. */
export function changedFields(now: Spec, before: Spec, vpcId: string): readonly string[] {
  const changed: string[] = [];
  if ((now.targetGroupARN ?? '') !== (before.targetGroupARN ?? '')) {
    changed.push('spec.targetGroupARN');
  }
  if (now.targetType !== before.targetType) changed.push('spec.targetType');
  // Bindings from before the field was there are IPv4, and of the controller's own VPC.
  const [type, formerType] = [now.ipAddressType, before.ipAddressType];
  const isType = formerType === undefined ? (type ?? 'ipv4') === 'ipv4' : type === formerType;
  if (!isType) changed.push('spec.ipAddressType');
  const [vpc, formerVpc] = [now.vpcID ?? '', before.vpcID ?? ''];
  const isVpc = formerVpc === '' ? vpc === '' || vpc === vpcId : vpc === formerVpc;
  if (!isVpc) changed.push('spec.vpcID');
  return changed;
}

/** One binding for a group, unless every one of its bindings says that clusters share it. */
export function checkUnique(store: TwinStore, { metadata }: TargetGroupBinding, spec: Spec): void {
  const { targetGroupARN: arn = '' } = spec;
  const others = store
    .lookup('TargetGroupBinding', 'target-group', arn)
    .filter((other) => other.metadata.uid !== metadata.uid);
  if (others.length === 0) return;
  const isShared = [{ spec }, ...others].every((it) => it.spec.multiClusterTargetGroup === true);
  if (isShared) return;
  throw new DeployError(
    `TargetGroup ${arn} is already bound to following TargetGroupBindings ` +
      `[${others.map(keyOf).join(' ')}]. Please enable MultiCluster mode on all ` +
      `TargetGroupBindings referencing ${arn} or choose a different Target Group ARN.`,
  );
}

export function checkNodeSelector({ targetType, nodeSelector }: Spec): void {
  if (targetType !== 'ip' || nodeSelector == null) return;
  throw new DeployError('TargetGroupBinding cannot set NodeSelector when TargetType is ip');
}

export function checkVpc({ vpcID = '', targetGroupARN }: Spec, vpcIdOfGroup: () => string): void {
  if (vpcID === '') return;
  if (!VPC_ID.test(vpcID)) {
    throw new DeployError(
      `ValidationError: vpcID ${vpcID} failed to satisfy constraint: VPC Id must begin with ` +
        "'vpc-' followed by 8, 17 or 32 lowercase letters (a-f) or numbers.",
    );
  }
  if (vpcIdOfGroup() === vpcID) return;
  throw new DeployError(
    `invalid VpcID ${vpcID} doesnt match VpcID from TargetGroup ${targetGroupARN}`,
  );
}

export function checkRole({ iamRoleArnToAssume, targetType }: Spec): void {
  if (!iamRoleArnToAssume || targetType !== 'instance') return;
  throw new DeployError('Unable to use instance target type while using assume role');
}

function checkProtocol(
  { targetGroupProtocol, targetGroupARN, targetType }: Spec,
  protocolOfGroup: () => string,
): void {
  if (targetGroupProtocol === undefined) return;
  const protocol = protocolOfGroup();
  if (protocol !== targetGroupProtocol) {
    throw new DeployError(
      `TargetGroup ${targetGroupARN} protocol differs (got ${targetGroupProtocol}, ` +
        `expected ${protocol})`,
    );
  }
  if (QUIC.has(protocol) && targetType === 'instance') {
    throw new DeployError('QUIC protocol is not supported for Instance target types.');
  }
}
