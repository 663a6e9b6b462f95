/**
 * cluster/installed-definitions — the CustomResourceDefinitions of EKS's network components as
 * objects, for who installs them.
 */
import type { KubernetesObject, Labels } from '../model/kubernetes/meta.ts';
import { DEFINITION_SPECS } from './installed-definitions.data.ts';

/** The definitions of these names: `eniconfigs.crd.k8s.amazonaws.com`. */
export const installedDefinitions = (
  names: readonly string[],
  labels?: Labels,
): KubernetesObject[] =>
  names.map((name) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name, ...(labels === undefined ? {} : { labels }) },
    spec: JSON.parse(DEFINITION_SPECS[name] ?? 'null') as unknown,
  }));
