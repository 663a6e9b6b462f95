/**
 * analysis/capacity/cni-environment — the settings the CNI runs with, and the same with changes.
 */
import { type IpamdEnv, parseIpamdEnv } from '../../controllers/vpc-cni/env.ts';
import type { DaemonSet } from '../../model/kubernetes/apps.ts';
import type { CapacitySource } from './question.ts';

export type CniVariables = Readonly<Record<string, string>>;

/** What the manifest of a new cluster sets, as far as it counts: charts/aws-vpc-cni/values.yaml. */
export const MANIFEST_VARIABLES: CniVariables = {
  ENABLE_IPv4: 'true',
  ENABLE_IPv6: 'false',
  WARM_ENI_TARGET: '1',
  WARM_PREFIX_TARGET: '1',
  ENABLE_SUBNET_DISCOVERY: 'true',
};

export interface CniEnvironment {
  readonly variables: CniVariables;
  readonly env: IpamdEnv;
}

/** Reads variables. Units and meaning: controllers/vpc-cni/env. */
export const cniEnvironment = (variables: CniVariables): CniEnvironment => ({
  variables,
  env: parseIpamdEnv(variables),
});

/** The same settings with some set otherwise; an empty text unsets. */
export function withVariables(base: CniEnvironment, changes: CniVariables): CniEnvironment {
  const merged = Object.entries({ ...base.variables, ...changes }).filter(([, it]) => it !== '');
  return cniEnvironment(Object.fromEntries(merged));
}

const literalEnv = (daemonSet: DaemonSet): CniVariables => {
  const container = daemonSet.spec.template.spec.containers.find(({ name }) => name === 'aws-node');
  const set = (container?.env ?? []).filter((variable) => variable.value !== undefined);
  return Object.fromEntries(set.map(({ name, value }) => [name, value!]));
};

/** Of DaemonSet kube-system/aws-node; the manifest's defaults when there is none. */
export function clusterCniEnvironment(source: CapacitySource): CniEnvironment {
  const daemonSet = source.store.get('DaemonSet', 'kube-system/aws-node');
  return cniEnvironment(daemonSet === undefined ? MANIFEST_VARIABLES : literalEnv(daemonSet));
}
