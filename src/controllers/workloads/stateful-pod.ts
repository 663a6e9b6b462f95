/**
 * controllers/workloads/stateful-pod — the pod and the claims of one ordinal.
 *
 * Upstream: kubernetes/kubernetes pkg/controller/statefulset/stateful_set_utils.go
 * newStatefulSetPod, initIdentity, updateStorage, getPersistentVolumeClaims.
 */
import type { StatefulSet } from '../../model/kubernetes/apps.ts';
import type { Pod, PodTemplateSpec } from '../../model/kubernetes/core.ts';
import type { KubernetesObject } from '../../model/kubernetes/meta.ts';
import { podFromTemplate } from './pod-from-template.ts';
import { REVISION_LABEL } from './template-hash.ts';

interface ClaimTemplate extends KubernetesObject {
  readonly spec?: unknown;
}

const claimTemplates = ({ spec }: StatefulSet): readonly ClaimTemplate[] =>
  (spec.volumeClaimTemplates as readonly ClaimTemplate[] | undefined) ?? [];

const claimName = (template: ClaimTemplate, set: StatefulSet, ordinal: number): string =>
  `${template.metadata.name}-${set.metadata.name}-${ordinal}`;

/** The ordinal in a pod's name; undefined when the name is not one of the set's. */
export function ordinalOf(set: StatefulSet, { metadata }: Pod): number | undefined {
  const prefix = `${set.metadata.name}-`;
  if (!metadata.name.startsWith(prefix)) return undefined;
  const text = metadata.name.slice(prefix.length);
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** The claims one ordinal's pod mounts; they outlive the pod. */
export function claimsOf(set: StatefulSet, ordinal: number): KubernetesObject[] {
  return claimTemplates(set).map((template) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: claimName(template, set, ordinal),
      namespace: set.metadata.namespace,
      labels: { ...template.metadata.labels, ...set.spec.selector.matchLabels },
    },
    spec: template.spec,
  }));
}

/** The pod of an ordinal: its name, host name and claims are its own. */
export function statefulPod(
  set: StatefulSet,
  template: PodTemplateSpec,
  ordinal: number,
  revision: string,
): Pod {
  const name = `${set.metadata.name}-${ordinal}`;
  const claims = claimTemplates(set).map((it) => ({
    name: it.metadata.name,
    persistentVolumeClaim: { claimName: claimName(it, set, ordinal) },
  }));
  const named = new Set(claims.map((it) => it.name));
  const volumes = (template.spec.volumes as readonly { name: string }[] | undefined) ?? [];
  const others = volumes.filter((it) => !named.has(it.name));
  const { serviceName } = set.spec;
  return podFromTemplate(set, template, {
    name,
    labels: {
      'statefulset.kubernetes.io/pod-name': name,
      'apps.kubernetes.io/pod-index': String(ordinal),
      [REVISION_LABEL]: revision,
    },
    spec: {
      ...template.spec,
      hostname: name,
      ...(serviceName === undefined || serviceName === '' ? {} : { subdomain: serviceName }),
      ...(claims.length === 0 ? {} : { volumes: [...claims, ...others] }),
    },
  });
}
