/**
 * controllers/vpc-cni/cni-node — what ipamd tells the resource controller about its node.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd/ipamd.go:600-660, 2390-2450.
 * Writes: the node's CNINode features.
 */
import type { CniNode } from '../../model/kubernetes/networking.ts';
import { trunkEni } from './datastore-view.ts';
import { eniConfigName } from './eni-config.ts';
import type { PluginParts } from './plugin.ts';

const SECURITY_GROUPS_FOR_PODS = 'SecurityGroupsForPods';
const CUSTOM_NETWORKING = 'CustomNetworking';

/**
 * Adds the features the environment asks for, once the CNINode is there. A trunk is asked for only
 * while the instance has a slot for it.
 */
export function addCniNodeFeatures({ ipam, store, kubernetes, nodeName }: PluginParts): void {
  const { env } = ipam;
  if (!env.podEni) return;
  const cniNode = store.get('CNINode', nodeName);
  if (cniNode === undefined) return;
  const wanted: { readonly name: string; readonly value?: string }[] = [];
  if (env.customNetworking)
    wanted.push({ name: CUSTOM_NETWORKING, value: eniConfigName(env, ipam.node()) });
  const first = ipam.stores.get(0)!;
  const settings = ipam.settings(0);
  const room = first.enis.size < settings.maxEnis - settings.unmanagedEnis;
  if (trunkEni(first) === undefined && room) wanted.push({ name: SECURITY_GROUPS_FOR_PODS });
  const changed = withFeatures(cniNode, wanted);
  if (changed !== undefined) kubernetes.update(changed);
}

/** The CNINode with the features; undefined when it has them all. */
function withFeatures(
  cniNode: CniNode,
  wanted: readonly { readonly name: string; readonly value?: string }[],
): CniNode | undefined {
  const held = cniNode.spec.features ?? [];
  const missing = wanted.filter(
    ({ name, value }) =>
      !held.some((one) => one.name === name && (value === undefined || one.value === value)),
  );
  if (missing.length === 0) return undefined;
  const names = new Set(missing.map(({ name }) => name));
  return {
    ...cniNode,
    spec: {
      ...cniNode.spec,
      features: [...held.filter((one) => !names.has(one.name)), ...missing],
    },
  };
}
