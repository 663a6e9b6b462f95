/**
 * controllers/vpc-resource/cooldown-controller — tells nodes when the branch cooldown is changed.
 *
 * Upstream: aws/amazon-vpc-resource-controller-k8s@b8d425119
 * controllers/core/configmap_controller.go.  Reads: ConfigMap kube-system/amazon-vpc-cni.
 */
import type { Kinds } from '../../model/kinds.ts';
import { type Controller, done, watch } from '../../sim/controller.ts';
import { branchCooldownMs } from './branch-cooldown.ts';
import { COMPONENT, type ResourceParts } from './resource-parts.ts';

const CONFIG_KEY = 'kube-system/amazon-vpc-cni';

export function cooldownController(parts: ResourceParts): Controller<Kinds> {
  const { store, kubernetes } = parts;
  let known = branchCooldownMs(store.get('ConfigMap', CONFIG_KEY));
  return {
    name: 'vpc-resource-cooldown',
    watches: [
      watch<Kinds, 'ConfigMap'>('ConfigMap', ({ key }) => (key === CONFIG_KEY ? [key] : [])),
    ],
    reconcile() {
      const now = branchCooldownMs(store.get('ConfigMap', CONFIG_KEY));
      if (now === known) return done;
      known = now;
      for (const nodeName of parts.trunks.keys()) {
        const node = store.get('Node', nodeName);
        if (node === undefined) continue;
        kubernetes.recordEvent(node, {
          type: 'Normal',
          reason: 'BranchENICoolDownPeriodUpdated',
          message: `Branch ENI cool down period has been updated to ${now / 1_000}s`,
          component: COMPONENT,
        });
      }
      return done;
    },
  };
}
