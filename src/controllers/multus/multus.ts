/**
 * controllers/multus/multus — the meta plugin: the node's own CNI makes eth0, then every
 * NetworkAttachmentDefinition the pod names adds an interface.
 *
 * Upstream: k8snetworkplumbingwg/multus-cni pkg/multus/multus.go CmdAdd, CmdDel; on EKS it
 * delegates to 10-aws.conflist (aws/amazon-vpc-cni-k8s@b52188387 config/multus).
 *
 * Reads: the pod, NetworkAttachmentDefinitions. Writes: `node/pod-sandbox`, the pod's
 * network-status annotation.
 */
import type { Kubernetes } from '../../cluster/kubernetes.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import type {
  Cni,
  CniFailure,
  CniRequest,
  CniSuccess,
  PodInterface,
} from '../../model/linux/cni.ts';
import { attachInterface } from './attached-interface.ts';
import { parseNetworkConfig } from './network-config.ts';
import { NETWORKS, type NetworkSelection, parseNetworks } from './network-selection.ts';
import type { RangeAddresses } from './range-addresses.ts';

export const NETWORK_STATUS = 'k8s.v1.cni.cncf.io/network-status';
const DAEMON_SET = 'kube-system/kube-multus-ds';

export interface MultusParts {
  readonly store: TwinStore;
  readonly kubernetes: Kubernetes;
  readonly nodeName: string;
  readonly instanceId: string;
  /** The node's own plugin. */
  readonly cni: Cni;
  /** One for the cluster. */
  readonly addresses: RangeAddresses;
}

const failure = (message: string): CniFailure => ({ kind: 'cni-failure', message });

const podKey = (request: CniRequest): string => `${request.namespace}/${request.podName}`;

/** The networks of a pod, when there is a Multus to read them or a definition they name. */
function selectionsOf(
  { store }: MultusParts,
  pod: Pod | undefined,
): readonly NetworkSelection[] | CniFailure {
  const annotation = pod?.metadata.annotations?.[NETWORKS];
  if (pod === undefined || annotation === undefined || annotation.trim() === '') return [];
  const selections = parseNetworks(annotation, pod.metadata.namespace ?? 'default');
  const isInstalled = store.get('DaemonSet', DAEMON_SET) !== undefined;
  if ('problem' in selections) return isInstalled ? failure(selections.problem) : [];
  if (isInstalled) return selections;
  const isUsed = selections.some(
    ({ namespace, name }) =>
      store.get('NetworkAttachmentDefinition', `${namespace}/${name}`) !== undefined,
  );
  return isUsed ? selections : [];
}

/** Adds the interfaces in order; on a failure gives back what was taken. */
function attachAll(
  parts: MultusParts,
  request: CniRequest,
  selections: readonly NetworkSelection[],
): readonly PodInterface[] | CniFailure {
  const made: PodInterface[] = [];
  for (const [index, selection] of selections.entries()) {
    const { namespace, name } = selection;
    const definition = parts.store.get('NetworkAttachmentDefinition', `${namespace}/${name}`);
    const where = `[${podKey(request)}:${name}]: error adding container to network "${name}"`;
    const refuse = (problem: string): CniFailure => {
      for (const one of made) releaseAddress(parts, one);
      return failure(problem);
    };
    if (definition === undefined)
      return refuse(
        `cannot find a network-attachment-definition (${name}) in namespace (${namespace}): ` +
          `network-attachment-definitions.k8s.cni.cncf.io "${name}" not found`,
      );
    const config = parseNetworkConfig(definition.spec?.config);
    if ('problem' in config) return refuse(`${where}: ${config.problem}`);
    const interfaceName = selection.interfaceName ?? `net${index + 1}`;
    const attached = attachInterface(parts, request, interfaceName, selection, config);
    if ('problem' in attached) return refuse(`${where}: ${attached.problem}`);
    made.push(attached);
  }
  return made;
}

function releaseAddress({ addresses, nodeName }: MultusParts, one: PodInterface): void {
  addresses.release(nodeName, one.address);
  addresses.release('cluster', one.address);
}

/** What `kubectl describe pod` shows of the networks. */
function networkStatus(
  own: readonly PodInterface[],
  added: readonly PodInterface[],
  selections: readonly NetworkSelection[],
): string {
  const status = [
    ...own.map((one, index) => ({
      name: 'aws-cni',
      interface: one.name,
      ips: [one.address],
      mac: one.macAddress,
      ...(index === 0 ? { default: true } : {}),
      dns: {},
    })),
    ...added.map((one, index) => ({
      name: `${selections[index]!.namespace}/${selections[index]!.name}`,
      interface: one.name,
      ...(one.address === '' ? {} : { ips: [one.address] }),
      mac: one.macAddress,
      dns: {},
    })),
  ];
  return JSON.stringify(status, undefined, 4);
}

/** Puts Multus in front of a node's plugin. A pod that asks for nothing passes through. */
export function multusCni(parts: MultusParts): Cni {
  const { cni, store, kubernetes } = parts;
  return {
    isReady: () => cni.isReady(),
    changed: () => cni.changed(),
    add: async (request) => {
      const selections = selectionsOf(parts, store.get('Pod', podKey(request)));
      if ('kind' in selections) return selections;
      const own = await cni.add(request);
      if (own.kind === 'cni-failure' || selections.length === 0) return own;
      const added = attachAll(parts, request, selections);
      if ('kind' in added) {
        await cni.del(request);
        return added;
      }
      const interfaces = [...own.interfaces, ...added];
      const sandbox = store.get('node/pod-sandbox', podKey(request));
      if (sandbox !== undefined)
        store.put('node/pod-sandbox', podKey(request), { ...sandbox, interfaces });
      kubernetes.patch('Pod', podKey(request), 'merge', {
        metadata: {
          annotations: { [NETWORK_STATUS]: networkStatus(own.interfaces, added, selections) },
        },
      });
      const success: CniSuccess = { kind: 'cni-success', interfaces };
      return success;
    },
    del: (request) => {
      const sandbox = store.get('node/pod-sandbox', podKey(request));
      for (const one of sandbox?.interfaces ?? [])
        if (one.name !== 'eth0' && !one.name.startsWith('mNicIf')) releaseAddress(parts, one);
      return cni.del(request);
    },
  };
}
