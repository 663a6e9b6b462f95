/**
 * controllers/vpc-cni/plugin — CNI ADD and DEL: the plugin binary and ipamd's answers to it.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd/rpc_handler.go:76-460 and
 * cmd/routed-eni-cni-plugin/cni.go.
 *
 * Reads: the pod, the datastores. Writes: the datastores, `node/pod-sandbox`, the pod's
 * `vpc.amazonaws.com/pod-ips` annotation when asked to.
 */
import type { Kubernetes } from '../../cluster/kubernetes.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import type { CniFailure, CniRequest, CniSuccess, PodInterface } from '../../model/linux/cni.ts';
import type { IpamKey } from './address.ts';
import type { Datastore } from './datastore.ts';
import { isDatastoreError } from './datastore-error.ts';
import { trunkEni } from './datastore-view.ts';
import { newEgress } from './egress-plugin.ts';
import { countUp, type Ipam } from './ipam.ts';
import { podEniOf, wantsPodEni } from './pod-eni-annotation.ts';
import { branchInterface, pooledInterface } from './pod-network.ts';
import { importedContainerId, NETWORK_NAME } from './pod-restore.ts';

export const NIC_CONFIG = 'k8s.amazonaws.com/nicConfig';
const MULTI_NIC = 'multi-nic-attachment';
const POD_IPS = 'vpc.amazonaws.com/pod-ips';

/** Upstream's text for every refusal of ipamd, whatever the cause. */
export const NO_ADDRESS_FOR_CONTAINER = 'add cmd: failed to assign an IP address to container';

export interface PluginParts {
  readonly ipam: Ipam;
  readonly store: TwinStore;
  readonly kubernetes: Kubernetes;
  readonly nodeName: string;
}

const failure = (message: string): CniFailure => ({ kind: 'cni-failure', message });

const podKey = (request: CniRequest): string => `${request.namespace}/${request.podName}`;

const keyFor = (request: CniRequest, index: number): IpamKey => ({
  networkName: NETWORK_NAME,
  containerId: request.containerId,
  ifName: index === 0 ? request.ifName : `mNicIf${index}`,
});

/** Gives the pod its interfaces, or says why not in the plugin's words. */
export function addNetwork(parts: PluginParts, request: CniRequest): CniSuccess | CniFailure {
  const { ipam, store } = parts;
  ipam.counters.adds++;
  const pod = store.get('Pod', podKey(request));
  const interfaces =
    ipam.env.podEni && pod !== undefined && wantsPodEni(pod)
      ? branchOf(parts, request, pod)
      : pooledOf(parts, request, pod);
  if (interfaces === undefined) return failure(NO_ADDRESS_FOR_CONTAINER);
  const egress = egressOf(parts, request);
  store.put('node/pod-sandbox', podKey(request), {
    namespace: request.namespace,
    podName: request.podName,
    podUid: pod?.metadata.uid ?? '',
    nodeName: parts.nodeName,
    containerId: request.containerId,
    interfaces,
    ...(egress === undefined ? {} : { egress }),
    createdAtMs: ipam.clock.now(),
  });
  if (ipam.env.annotatePodIp && pod !== undefined) annotateIps(parts, request, interfaces);
  return { kind: 'cni-success', interfaces };
}

/** The chained egress plugin's pair; a repeated ADD finds the one there is. */
function egressOf({ store, nodeName }: PluginParts, request: CniRequest) {
  const known = store.get('node/pod-sandbox', podKey(request));
  return known?.containerId === request.containerId && known.egress !== undefined
    ? known.egress
    : newEgress(store, nodeName, request);
}

/** A branch interface needs a trunk and the controller's annotation; the kubelet tries again. */
function branchOf(
  { ipam }: PluginParts,
  request: CniRequest,
  pod: Pod,
): readonly PodInterface[] | undefined {
  const first = ipam.stores.get(0)!;
  const trunk = trunkEni(first);
  const branch = podEniOf(pod);
  if (trunk === undefined || branch === undefined) {
    ipam.counters.podEniErrors++;
    return undefined;
  }
  const address = {
    eniId: branch.eniId,
    macAddress: branch.ifAddress,
    ip: ipam.env.ipv6 ? branch.ipv6Addr : branch.privateIp,
    vlanId: branch.vlanId,
    subnetCidr: ipam.env.ipv6 ? branch.subnetV6Cidr : branch.subnetCidr,
    trunkDeviceNumber: first.enis.get(trunk)!.deviceNumber,
  };
  return [branchInterface(request, ipam.env.enforcingMode, ipam.env.vethPrefix, address)];
}

/** One address, or one of every managed card for a pod that asks for all of them. */
function pooledOf(
  { ipam }: PluginParts,
  request: CniRequest,
  pod: Pod | undefined,
): readonly PodInterface[] | undefined {
  const everyCard = ipam.env.multiNic && pod?.metadata.annotations?.[NIC_CONFIG] === MULTI_NIC;
  const stores = [...ipam.stores.values()];
  const interfaces: PodInterface[] = [];
  const assigned: { readonly store: Datastore; readonly key: IpamKey }[] = [];
  for (const store of stores) {
    const index = interfaces.length;
    const key = keyFor(request, index);
    const metadata = {
      k8sPodNamespace: request.namespace,
      k8sPodName: request.podName,
      ...(everyCard ? { interfacesCount: stores.length } : {}),
    };
    const result = store.assign(key, metadata, ipam.env.ipv6 ? 6 : 4);
    if (isDatastoreError(result)) {
      if (!everyCard) continue;
      for (const done of assigned) done.store.unassign(done.key);
      ipam.counters.noAvailableAddresses++;
      return undefined;
    }
    assigned.push({ store, key });
    const networkCard = store.networkCard;
    interfaces.push(
      pooledInterface(request, ipam.env.vethPrefix, { ...result, networkCard, index }),
    );
    if (!everyCard) break;
  }
  // As long as it is: what was pushed has room for seventeen, and every pod keeps one.
  if (interfaces.length > 0) return interfaces.slice();
  ipam.counters.noAvailableAddresses++;
  countUp(ipam.counters.ipamdErrors, 'AssignPodIPAddress');
  return undefined;
}

function annotateIps(
  { kubernetes }: PluginParts,
  request: CniRequest,
  interfaces: readonly PodInterface[],
): void {
  const value = interfaces.map((one) => one.address).join(',');
  kubernetes.patch('Pod', podKey(request), 'merge', {
    metadata: { annotations: { [POD_IPS]: value } },
  });
}

/** Takes the pod's interfaces away; the addresses cool down. A pod nobody knows is fine. */
export function deleteNetwork(parts: PluginParts, request: CniRequest): CniFailure | undefined {
  const { ipam, store } = parts;
  ipam.counters.dels++;
  const sandbox = store.get('node/pod-sandbox', podKey(request));
  for (const datastore of ipam.stores.values()) {
    for (let index = 0; index < ipam.stores.size; index++) {
      const released = datastore.unassign(keyFor(request, index));
      if (!isDatastoreError(released)) scheduleCleanUp(ipam, datastore, released.eniId);
    }
  }
  releaseImported(parts, request, sandbox?.containerId);
  if (sandbox !== undefined && ownsSandbox(sandbox.containerId, request))
    store.delete('node/pod-sandbox', podKey(request));
  return undefined;
}

const ownsSandbox = (containerId: string, request: CniRequest): boolean =>
  containerId === request.containerId || containerId.startsWith('imported-');

/** A pod that was imported is known by an id of ours until it leaves. */
function releaseImported(
  { ipam, store }: PluginParts,
  request: CniRequest,
  sandboxId: string | undefined,
): void {
  const pod = store.get('Pod', podKey(request));
  const containerId = sandboxId ?? (pod === undefined ? undefined : importedContainerId(pod));
  if (containerId === undefined || !containerId.startsWith('imported-')) return;
  const key = { networkName: NETWORK_NAME, containerId, ifName: 'eth0' };
  for (const datastore of ipam.stores.values()) datastore.unassign(key);
}

/** Upstream looks at an excluded ENI's block five seconds after a pod left it. */
const EXCLUDED_CLEAN_UP_MS = 5_000;

function scheduleCleanUp(ipam: Ipam, datastore: Datastore, eniId: string): void {
  const eni = datastore.enis.get(eniId);
  if (eni === undefined || !eni.excluded) return;
  ipam.clock.after(EXCLUDED_CLEAN_UP_MS, () => {
    for (const cidr of [...eni.ipv4.keys(), ...eni.ipv6.keys()])
      datastore.dropEmptyCidr(eniId, cidr);
  });
}
