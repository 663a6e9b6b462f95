/** formats/cni-settings — what of the vpc-cni add-on EKS reads when it works out max pods. */
import type { TwinStore } from '../model/kinds.ts';
import { documentsOf } from './documents.ts';
import { isRecord } from './source.ts';

export interface CniSettings {
  readonly prefixDelegation: boolean;
  readonly customNetworking: boolean;
}

/** The settings in the cluster's add-on as it is now; the defaults when it has none. */
export function cniSettingsOf(store: TwinStore, clusterName: string): CniSettings {
  const text = store.get('eks/addon', `${clusterName}/vpc-cni`)?.configurationValues ?? '';
  const values = documentsOf({ path: 'vpc-cni configurationValues', text })[0]?.value;
  const env = isRecord(values) && isRecord(values.env) ? values.env : {};
  const isOn = (name: string): boolean => String(env[name] ?? '').toLowerCase() === 'true';
  return {
    // An IPv6 cluster always hands out prefixes.
    prefixDelegation:
      isOn('ENABLE_PREFIX_DELEGATION') ||
      store.get('eks/cluster', clusterName)?.ipFamily === 'ipv6',
    customNetworking: isOn('AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG'),
  };
}
