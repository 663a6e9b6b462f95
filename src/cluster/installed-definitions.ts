/**
 * cluster/installed-definitions — the CustomResourceDefinitions of EKS's network components as
 * objects, for who installs them.
 */
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import { DEFINITION_SPECS } from './installed-definitions.data.ts';

/**
 * Definitions that no controller of the twin needs: their uids are drawn apart, so that everything
 * else of a cluster is as it would be without them.
 */
const BESIDES: ReadonlySet<string> = new Set([
  'applicationnetworkpolicies.networking.k8s.aws',
  'clusternetworkpolicies.networking.k8s.aws',
  'clusterpolicyendpoints.networking.k8s.aws',
  'albtargetcontrolconfigs.elbv2.k8s.aws',
  'globalaccelerators.aga.k8s.aws',
  'listenerruleconfigurations.gateway.k8s.aws',
  'loadbalancerconfigurations.gateway.k8s.aws',
  'targetgroupconfigurations.gateway.k8s.aws',
]);

/** Is it a definition that is there only to be listed and explained? */
export const isBesides = ({ kind, metadata }: KubernetesObject): boolean =>
  kind === 'CustomResourceDefinition' && BESIDES.has(metadata?.name ?? '');

/** A definition as its component installs it. */
export const definitionOf = (
  name: string,
  spec: unknown,
  annotations?: Readonly<Record<string, string>>,
): KubernetesObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name, ...(annotations === undefined ? {} : { annotations }) },
  spec,
});

/** The definitions of these names: `eniconfigs.crd.k8s.amazonaws.com`. */
export const installedDefinitions = (
  names: readonly string[],
  annotations?: Readonly<Record<string, string>>,
): KubernetesObject[] =>
  names.map((name) => {
    const spec = JSON.parse(DEFINITION_SPECS[name] ?? 'null') as unknown;
    return definitionOf(name, spec, annotations);
  });
