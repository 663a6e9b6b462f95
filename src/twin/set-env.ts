/** twin/set-env — `kubectl set env` on a workload of kube-system: what rolls it out with a variable. */
import { isApiStatus, type Kubernetes } from '../cluster/kubernetes.ts';
import { InputError } from '../model/input-error.ts';
import type { TwinStore } from '../model/kinds.ts';
import type { DaemonSet } from '../model/kubernetes/apps.ts';
import { resourceCalled } from '../model/kubernetes/resources.ts';
import { nearestWords } from '../model/nearest.ts';
import type { SetEnv } from './cni-settings.ts';

const KINDS = ['DaemonSet', 'Deployment', 'StatefulSet'] as const;

/** Sets the variable in every container, or in the one named like the workload, as for aws-node. */
export function setWorkloadEnv(kubernetes: Kubernetes, store: TwinStore, setting: SetEnv): void {
  const { kind: word, name, key, value } = setting;
  const flag = `--set-env ${word}/${name}:${key}=${value}`;
  const kind = KINDS.find((it) => it === resourceCalled(word)?.kind);
  if (kind === undefined) {
    throw new InputError(
      flag,
      `"${word}" has no containers to set`,
      'daemonset, deployment or statefulset',
    );
  }
  const workload = store.get(kind, `kube-system/${name}`) as DaemonSet | undefined;
  if (workload === undefined) {
    const known = store.list(kind).map(({ metadata }) => metadata.name);
    const near = nearestWords(name, known);
    throw new InputError(
      flag,
      `no ${kind} kube-system/${name}`,
      near.length > 0
        ? `did you mean ${near.join(' or ')}?`
        : `there are: ${known.join(', ') || 'none'}`,
    );
  }
  const containers = workload.spec.template.spec.containers.map((it) => it.name);
  const chosen = containers.includes(name) ? [name] : containers;
  const patch = {
    spec: {
      template: {
        spec: { containers: chosen.map((it) => ({ name: it, env: [{ name: key, value }] })) },
      },
    },
  };
  const result = kubernetes.patch(kind, `kube-system/${name}`, 'strategic', patch);
  if (isApiStatus(result)) throw new InputError(flag, result.message, 'use a valid variable name');
}
