/**
 * twin/namespaces/exported-node — the network of a node or pod that no ipamd of the twin set up:
 * a cluster known from exports alone. It follows from the ENIs, as ipamd would make it with the
 * environment that aws-node has, or a new cluster's.
 */

import { connmarkBackend } from '../../controllers/vpc-cni/connmark-backend.ts';
import { egressInterface } from '../../controllers/vpc-cni/egress-plugin.ts';
import type { EniMetadata } from '../../controllers/vpc-cni/eni-api.ts';
import { type IpamdEnv, parseIpamdEnv } from '../../controllers/vpc-cni/env.ts';
import { MANIFEST_ENV } from '../../controllers/vpc-cni/env-variables.ts';
import { metadataOf } from '../../controllers/vpc-cni/instance-metadata.ts';
import { nodeNetwork } from '../../controllers/vpc-cni/node-network.ts';
import { podEniOf } from '../../controllers/vpc-cni/pod-eni-annotation.ts';
import { branchInterface, pooledInterface } from '../../controllers/vpc-cni/pod-network.ts';
import { routeTableOf } from '../../controllers/vpc-cni/route-table-id.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { isPodTerminal } from '../../model/kubernetes/condition.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { instanceIdOf } from '../../model/kubernetes/provider-id.ts';
import type { CniRequest, PodInterface, PodSandbox } from '../../model/linux/cni.ts';
import type { NodeNetwork } from '../../model/linux/node-network.ts';
import { cidrTextContains } from '../../net/index.ts';

/** The environment of the cluster's aws-node; a new cluster's where there is none. */
function environment(store: TwinStore): IpamdEnv {
  const containers =
    store.get('DaemonSet', 'kube-system/aws-node')?.spec.template.spec.containers ?? [];
  const container = containers.find(({ name }) => name === 'aws-node');
  const isIpv6 = store.list('eks/cluster')[0]?.ipFamily === 'ipv6';
  const env: Record<string, string> = {
    ...MANIFEST_ENV,
    ...(isIpv6
      ? { ENABLE_IPv4: 'false', ENABLE_IPv6: 'true', ENABLE_PREFIX_DELEGATION: 'true' }
      : {}),
  };
  for (const { name, value } of container?.env ?? []) if (value !== undefined) env[name] = value;
  return parseIpamdEnv(env);
}

const enisOf = (store: TwinStore, instanceId: string): readonly EniMetadata[] =>
  store
    .lookup('ec2/network-interface', 'instance', instanceId)
    .flatMap((eni) => metadataOf(store, eni) ?? [])
    .sort((a, b) => a.networkCard - b.networkCard || a.deviceNumber - b.deviceNumber);

/** The node's network from its ENIs; undefined where EC2 shows none. */
function exportedNetwork(
  store: TwinStore,
  nodeName: string,
  instanceId: string,
): NodeNetwork | undefined {
  const enis = enisOf(store, instanceId);
  const primary = enis.find((eni) => eni.deviceNumber === 0 && eni.networkCard === 0) ?? enis[0];
  const instance = store.get('ec2/instance', instanceId);
  if (primary === undefined) return undefined;
  const vpcId = instance?.vpcId ?? store.get('ec2/network-interface', primary.eniId)?.vpcId ?? '';
  const vpc = store.get('ec2/vpc', vpcId);
  const env = environment(store);
  const blocks = (env.ipv6 ? vpc?.ipv6CidrBlocks : vpc?.cidrBlocks) ?? [];
  const vpcCidrs = blocks.map(({ cidrBlock }) => cidrBlock);
  return nodeNetwork({
    nodeName,
    instanceId,
    env,
    primary,
    enis,
    vpcCidrs,
    connmarkBackend: connmarkBackend(store, nodeName),
  });
}

const holds = (eni: EniMetadata, ip: string): boolean =>
  eni.secondaryCidrs.includes(`${ip}/32`) ||
  [...eni.prefixes, ...eni.ipv6Prefixes].some((prefix) => cidrTextContains(prefix, ip));

function exportedInterface(
  store: TwinStore,
  pod: Pod,
  network: NodeNetwork,
  request: CniRequest,
): PodInterface | undefined {
  const ip = pod.status?.podIP ?? '';
  const enis = enisOf(store, network.instanceId);
  const branch = podEniOf(pod);
  if (branch !== undefined) {
    const isIpv6 = network.family === 6;
    return branchInterface(request, network.podEniMode ?? 'strict', network.vethPrefix, {
      eniId: branch.eniId,
      macAddress: branch.ifAddress,
      ip: isIpv6 ? branch.ipv6Addr : branch.privateIp,
      vlanId: branch.vlanId,
      subnetCidr: isIpv6 ? branch.subnetV6Cidr : branch.subnetCidr,
      trunkDeviceNumber: enis.find(({ isTrunk }) => isTrunk)?.deviceNumber ?? 1,
    });
  }
  const eni = enis.find((one) => holds(one, ip));
  if (eni === undefined) return undefined;
  return pooledInterface(request, network.vethPrefix, {
    ip,
    eniId: eni.eniId,
    deviceNumber: eni.deviceNumber,
    networkCard: eni.networkCard,
    routeTableId: routeTableOf(eni.deviceNumber, eni.networkCard),
    index: 0,
  });
}

/**
 * What CNI ADD must have left for a running pod of an export; undefined where its address is not
 * of an ENI of its node, as with another CNI.
 */
function exportedSandbox(
  store: TwinStore,
  pod: Pod,
  network: NodeNetwork,
  egressHeld: readonly string[],
): PodSandbox | undefined {
  const { namespace = 'default', name: podName, uid = '' } = pod.metadata;
  const containerId = `imported-${uid}`;
  const request = { containerId, ifName: 'eth0', namespace, podName };
  const made = exportedInterface(store, pod, network, request);
  if (made === undefined) return undefined;
  const egress = egressInterface(request, network.egress, egressHeld);
  return {
    namespace,
    podName,
    podUid: uid,
    nodeName: network.nodeName,
    containerId,
    interfaces: [made],
    ...(egress === undefined ? {} : { egress }),
    createdAtMs: 0,
  };
}

/** A running pod with an address that is not its node's. */
const hasOwnAddress = (pod: Pod): boolean =>
  pod.spec.hostNetwork !== true && pod.status?.podIP !== undefined && !isPodTerminal(pod);

interface Exported {
  readonly network: NodeNetwork | undefined;
  /** By pod, `namespace/name`. */
  sandboxes?: ReadonlyMap<string, PodSandbox> | undefined;
}

/** Networks and sandboxes as they are written, and where nobody wrote any, as they must be. */
export class NodeNetworks {
  readonly #store: TwinStore;
  readonly #exported = new Map<string, Exported>();

  constructor(store: TwinStore) {
    this.#store = store;
  }

  /** The network of a node; undefined where EC2 shows no interface of it. */
  networkOf(nodeName: string): NodeNetwork | undefined {
    return this.#store.get('node/network', nodeName) ?? this.#exportedOf(nodeName).network;
  }

  /** Sandboxes of a node's pods. */
  sandboxesOn(nodeName: string): readonly PodSandbox[] {
    const written = this.#store.lookup('node/pod-sandbox', 'node', nodeName);
    const pods = this.#store.lookup('Pod', 'node', nodeName);
    const isWhole = pods.every(
      (pod) => !hasOwnAddress(pod) || this.#store.get('node/pod-sandbox', keyOf(pod)) !== undefined,
    );
    return isWhole ? written : [...written, ...this.#exportedSandboxes(nodeName).values()];
  }

  /** The sandbox of one pod. */
  sandboxOf(pod: Pod): PodSandbox | undefined {
    const key = keyOf(pod);
    const { nodeName } = pod.spec;
    return (
      this.#store.get('node/pod-sandbox', key) ??
      (nodeName === undefined ? undefined : this.#exportedSandboxes(nodeName).get(key))
    );
  }

  /** Something of the node changed. */
  drop(nodeName: string): void {
    this.#exported.delete(nodeName);
  }

  clear(): void {
    this.#exported.clear();
  }

  #exportedOf(nodeName: string): Exported {
    const known = this.#exported.get(nodeName);
    if (known !== undefined) return known;
    const node = this.#store.get('Node', nodeName);
    const instanceId = node && instanceIdOf(node);
    const network =
      instanceId === undefined ? undefined : exportedNetwork(this.#store, nodeName, instanceId);
    const made: Exported = { network };
    this.#exported.set(nodeName, made);
    return made;
  }

  /** Of pods without a written one. */
  #exportedSandboxes(nodeName: string): ReadonlyMap<string, PodSandbox> {
    const exported = this.#exportedOf(nodeName);
    if (exported.sandboxes !== undefined) return exported.sandboxes;
    const made = new Map<string, PodSandbox>();
    const network = this.networkOf(nodeName);
    const held: string[] = [];
    for (const pod of this.#store.lookup('Pod', 'node', nodeName)) {
      if (network === undefined || !hasOwnAddress(pod)) continue;
      if (this.#store.get('node/pod-sandbox', keyOf(pod)) !== undefined) continue;
      const sandbox = exportedSandbox(this.#store, pod, network, held);
      if (sandbox === undefined) continue;
      made.set(keyOf(pod), sandbox);
      if (sandbox.egress !== undefined) held.push(sandbox.egress.address);
    }
    exported.sandboxes = made;
    return made;
  }
}
