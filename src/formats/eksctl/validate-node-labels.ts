/**
 * formats/eksctl/validate-node-labels — labels and taints of a node group.
 *
 * Follows: eksctl-io/eksctl@99984adb6 pkg/apis/eksctl.io/v1alpha5/validation.go:1264
 * validateLabels, :1836 validateTaints.
 */
import { nearestWords } from '../../model/nearest.ts';
import type { Path } from '../source.ts';
import type { NodeGroupSpec, Taint } from './cluster-config.ts';
import type { Refuse } from './refuse.ts';

const TAINT_EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** Refuses a taint without key or with an effect Kubernetes does not know. */
export function validateTaint(taint: Taint, path: Path, refuse: Refuse): void {
  const { key = '', effect = '' } = taint;
  if (key === '') refuse(path, 'invalid taint key: name part must be non-empty', 'Add a key:.');
  if (TAINT_EFFECTS.includes(effect)) return;
  refuse(
    path,
    effect === ''
      ? 'invalid taint effect: must be one of NoSchedule, PreferNoSchedule, NoExecute'
      : `invalid taint effect: ${effect}`,
    `Did you mean "${nearestWords(effect, TAINT_EFFECTS, 1)[0] ?? 'NoSchedule'}"?`,
  );
}

/** Labels under kubernetes.io and k8s.io that a kubelet may set on its own node. */
const KUBELET_LABELS: readonly RegExp[] = [
  /^([^/]+\.)?(kubelet|node)\.kubernetes\.io\//,
  /^(beta\.)?kubernetes\.io\/(hostname|os|arch|instance-type)$/,
  /^(topology|failure-domain\.beta)\.kubernetes\.io\/(zone|region)$/,
];

/** Refuses labels Kubernetes or eksctl would refuse. */
export function validateLabels(group: NodeGroupSpec, path: Path, refuse: Refuse): void {
  for (const [label, value] of Object.entries(group.labels ?? {})) {
    const at: Path = [...path, 'labels', label];
    const parts = label.split('/');
    if (parts.length > 2) {
      refuse(
        at,
        `node label key "${label}" is of invalid format, can only use one '/' separator`,
        'Write prefix/name: value.',
      );
    }
    if (!/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/.test(value)) {
      refuse(
        at,
        `label "${label}" has invalid value "${value}"`,
        'A label value is at most 63 letters, digits, dashes, dots and underscores.',
      );
    }
    const prefix = parts.length === 2 ? parts[0]! : '';
    if (!/(^|\.)(kubernetes|k8s)\.io$/.test(prefix)) continue;
    if (KUBELET_LABELS.some((allowed) => allowed.test(label))) continue;
    refuse(
      at,
      `the following nodegroup labels are disallowed as they have reserved prefixes [kubernetes.io/, k8s.io/]: [${label}]`,
      'Use a prefix of your own, e.g. example.com/role.',
    );
  }
}
