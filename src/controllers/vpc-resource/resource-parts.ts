/** controllers/vpc-resource/resource-parts — what this folder's controllers share. */
import type { Ec2 } from '../../cloud/ec2/operations.ts';
import type { Kubernetes } from '../../cluster/kubernetes.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Clock } from '../../sim/clock.ts';
import type { Random } from '../../sim/random.ts';
import type { Trunk } from './trunk.ts';

export const COMPONENT = 'vpc-resource-controller';
/** What the controller names itself in the tag `eks:eni:owner`. */
export const OWNER = 'eks-vpc-resource-controller';

export interface VpcResourceOptions {
  readonly clusterName: string;
}

export interface ResourceParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: TwinStore;
  readonly ec2: Ec2;
  readonly kubernetes: Kubernetes;
  readonly options: VpcResourceOptions;
  /** By node name. */
  readonly trunks: Map<string, Trunk>;
  /** Annotations this controller is writing, by pod key. */
  readonly ownWrites: Map<string, string>;
  /** Pods that wait for a trunk or for room on it, by node name. */
  readonly waitingPods: Map<string, Set<string>>;
  /** Which node a pod with a branch interface is on. */
  readonly nodeOfPod: Map<string, string>;
  /** Set when the controllers stop: no timer of theirs does anything any more. */
  stopped: boolean;
}

/** The tags of every interface the controller makes. */
export const ownerTags = (clusterName: string): Readonly<Record<string, string>> => ({
  'eks:eni:owner': OWNER,
  [`kubernetes.io/cluster/${clusterName}`]: 'owned',
});

/** Lets a pod wait until its node's trunk changes. */
export function wait(parts: ResourceParts, nodeName: string, podKey: string): void {
  const waiting = parts.waitingPods.get(nodeName) ?? new Set();
  waiting.add(podKey);
  parts.waitingPods.set(nodeName, waiting);
}

/** The pods that waited on the node; they wait no more. */
export function wakeWaiting(parts: ResourceParts, nodeName: string): readonly string[] {
  const waiting = [...(parts.waitingPods.get(nodeName) ?? [])];
  parts.waitingPods.delete(nodeName);
  return waiting;
}
