/**
 * twin/node-plugins — runs the VPC CNI of every node: an ipamd lives as long as the node's aws-node
 * pod, with that pod's environment; the node's disk outlives it.
 */
import { createNodeDisk, type NodeDisk } from '../controllers/vpc-cni/checkpoint.ts';
import { type Ipamd, startIpamd } from '../controllers/vpc-cni/ipamd.ts';
import type { IpamdState } from '../controllers/vpc-cni/ipamd-state.ts';
import type { Pod } from '../model/kubernetes/core.ts';
import { instanceIdOf } from '../model/kubernetes/provider-id.ts';
import type { Cni } from '../model/linux/cni.ts';
import type { AwsAccess } from './aws-access.ts';
import { type NodeAgent, nodeAgent } from './node-agent.ts';
import { NodeCni } from './node-cni.ts';
import type { Twin } from './twin.ts';

interface NodePlugin {
  readonly slot: NodeCni;
  readonly disk: NodeDisk;
  /** What kubelets see: the slot, or Multus in front of it. */
  readonly cni: Cni;
  ipamd?: Ipamd | undefined;
  /** Uid of the aws-node pod the ipamd belongs to. */
  podUid?: string | undefined;
}

const isAwsNode = (pod: Pod): boolean => pod.metadata.labels?.['k8s-app'] === 'aws-node';

export class NodePlugins {
  readonly #twin: Twin;
  readonly #aws: AwsAccess;
  readonly #nodes = new Map<string, NodePlugin>();
  /** Nodes that were there when this began. */
  readonly #found: ReadonlySet<string>;
  readonly #unfollow: () => void;
  /** Puts Multus in front of a node's plugin where the cluster has it. */
  readonly #wrap: (cni: Cni, nodeName: string, instanceId: string) => Cni;

  constructor(
    twin: Twin,
    aws: AwsAccess,
    wrap: (cni: Cni, nodeName: string, instanceId: string) => Cni,
  ) {
    this.#twin = twin;
    this.#aws = aws;
    this.#wrap = wrap;
    this.#found = new Set(twin.store.list('Node').map(({ metadata }) => metadata.name));
    this.#unfollow = twin.reach.onChange(() => {
      for (const { ipamd } of this.#nodes.values()) ipamd?.networkChanged();
    });
  }

  cniOf(nodeName: string): Cni {
    return this.#node(nodeName).cni;
  }

  stateOf(nodeName: string): IpamdState | undefined {
    return this.#nodes.get(nodeName)?.ipamd?.state();
  }

  /** The node's own view of its plugin; undefined where no ipamd runs. */
  agentOf(nodeName: string): NodeAgent | undefined {
    const node = this.#nodes.get(nodeName);
    if (node?.ipamd === undefined) return undefined;
    const instance = this.#twin.store.get('ec2/instance', this.#instanceOf(nodeName) ?? '');
    const addresses = { ipv4: instance?.privateIpAddress ?? '', ipv6: instance?.ipv6Address };
    return nodeAgent(node.ipamd, node.disk, node.slot.isReady(), addresses);
  }

  /** A host-network DaemonSet pod of kube-system started on the node. */
  started(pod: Pod, nodeName: string): void {
    if (!isAwsNode(pod)) return;
    const instanceId = this.#instanceOf(nodeName);
    if (instanceId === undefined) return;
    const node = this.#node(nodeName);
    node.ipamd?.stop();
    node.podUid = pod.metadata.uid;
    const { clock, store, cloud, kubernetes } = this.#twin;
    node.ipamd = startIpamd({
      clock,
      random: clock.random.split('vpc-cni'),
      store,
      ec2: this.#aws.for(`aws-node on ${nodeName}`, (action) =>
        this.#reachesEc2(nodeName, instanceId, action),
      ).ec2,
      signals: cloud.signals,
      kubernetes,
      nodeName,
      instanceId,
      env: environmentOf(pod),
      clusterName: store.list('eks/cluster')[0]!.name,
      disk: node.disk,
    });
    node.slot.plug(node.ipamd.cni);
  }

  stopped(pod: Pod, nodeName: string): void {
    const node = this.#nodes.get(nodeName);
    // A rollout may have started the next one already.
    if (node === undefined || node.podUid !== pod.metadata.uid) return;
    node.ipamd?.stop();
    // The binary stays: it refuses ADD without its daemon, and cleans up at DEL by itself.
    node.ipamd = undefined;
    node.slot.touch();
    if (this.#twin.store.get('Node', nodeName) === undefined) this.#nodes.delete(nodeName);
  }

  /** An ipamd that ran before this twin asked EC2 then what it is: only what it changes is new. */
  #reachesEc2(nodeName: string, instanceId: string, action: string): boolean {
    if (this.#found.has(nodeName) && action.startsWith('describe')) return true;
    return this.#twin.reach.ec2(instanceId) === undefined;
  }

  stop(): void {
    this.#unfollow();
    for (const { ipamd } of this.#nodes.values()) ipamd?.stop();
  }

  #instanceOf(nodeName: string): string | undefined {
    const node = this.#twin.store.get('Node', nodeName);
    return node && instanceIdOf(node);
  }

  #node(nodeName: string): NodePlugin {
    let node = this.#nodes.get(nodeName);
    if (node === undefined) {
      const slot = new NodeCni(this.#twin.clock);
      node = {
        slot,
        disk: createNodeDisk(),
        cni: this.#wrap(slot, nodeName, this.#instanceOf(nodeName) ?? ''),
      };
      this.#nodes.set(nodeName, node);
    }
    return node;
  }
}

/** The aws-node container's variables; values taken from elsewhere (valueFrom) are the twin's own. */
function environmentOf(pod: Pod): Record<string, string> {
  const container =
    pod.spec.containers.find(({ name }) => name === 'aws-node') ?? pod.spec.containers[0];
  const env: Record<string, string> = {};
  for (const { name, value } of container?.env ?? []) if (value !== undefined) env[name] = value;
  return env;
}
