/**
 * twin/cni-settings — "what if the VPC CNI were configured so": `--set-env daemonset/aws-node:…`
 * reaches the add-on's configuration before it is made, so that everything that reads it (the
 * DaemonSet, EKS's own max pods of managed groups) sees the setting as if it had always been there.
 */
import { parse } from 'yaml';
import type { Cloud } from '../cloud/cloud.ts';
import type { EksOperations } from '../cloud/eks/operations.ts';

export interface SetEnv {
  readonly kind: string;
  readonly name: string;
  readonly key: string;
  readonly value: string;
}

/** True for the one workload whose settings EKS itself reads. */
export const isCniSetting = ({ kind, name }: SetEnv): boolean =>
  ['daemonset', 'daemonsets', 'ds'].includes(kind.toLowerCase()) && name === 'aws-node';

/** A cloud in which the vpc-cni add-on is always made with these environment values. */
export function withCniSettings(cloud: Cloud, env: Readonly<Record<string, string>>): Cloud {
  if (Object.keys(env).length === 0) return cloud;
  const isOn = (key: string): boolean | undefined =>
    env[key] === undefined ? undefined : env[key].toLowerCase() === 'true';
  const changed: Partial<EksOperations> = {
    createAddon: (input) =>
      cloud.eks.createAddon(
        input.addonName === 'vpc-cni'
          ? { ...input, configurationValues: mergeEnv(input.configurationValues, env) }
          : input,
      ),
    createNodegroup: (input) =>
      cloud.eks.createNodegroup({
        ...input,
        cni: {
          prefixDelegation: isOn('ENABLE_PREFIX_DELEGATION') ?? input.cni?.prefixDelegation,
          customNetworking:
            isOn('AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG') ?? input.cni?.customNetworking,
        },
      }),
  };
  // Whatever is not changed answers as before, with its own object.
  const eks = new Proxy(cloud.eks, {
    get: (operations, action: keyof EksOperations) =>
      changed[action] ?? (operations[action] as (input: never) => unknown).bind(operations),
  });
  return { ...cloud, eks };
}

interface Configuration {
  readonly env?: Readonly<Record<string, string>>;
}

/** The add-on's values (JSON or YAML text) with `env` laid over theirs. */
function mergeEnv(values: string | undefined, env: Readonly<Record<string, string>>): string {
  const before = (parse(values ?? '') ?? {}) as Configuration;
  return JSON.stringify({ ...before, env: { ...before.env, ...env } });
}
