/**
 * controllers/vpc-resource/vpc-resource — the VPC resource controller EKS runs in its control
 * plane: security groups for pods.
 *
 * Upstream: aws/amazon-vpc-resource-controller-k8s@b8d425119 main.go.
 */
import type { Ec2 } from '../../cloud/ec2/operations.ts';
import type { Kubernetes, Webhook } from '../../cluster/kubernetes.ts';
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import type { Clock } from '../../sim/clock.ts';
import type { Controller } from '../../sim/controller.ts';
import type { Random } from '../../sim/random.ts';
import { annotationWebhook } from './annotation-webhook.ts';
import { branchController } from './branch-controller.ts';
import { startBranchSweep } from './branch-sweep.ts';
import { cooldownController } from './cooldown-controller.ts';
import { nodeController } from './node-controller.ts';
import { podWebhook } from './pod-webhook.ts';
import type { ResourceParts, VpcResourceOptions } from './resource-parts.ts';

export interface VpcResource {
  readonly controllers: readonly Controller<Kinds>[];
  /** For `kubernetes.registerWebhook`, in this order. */
  readonly webhooks: readonly Webhook[];
  /** Starts the cluster-wide sweep of lost interfaces. */
  start(): void;
}

/** Makes the controllers and webhooks; they share what is known of trunks. */
export function createVpcResource(
  clock: Clock,
  random: Random,
  store: TwinStore,
  ec2: Ec2,
  kubernetes: Kubernetes,
  options: VpcResourceOptions,
): VpcResource {
  const parts: ResourceParts = {
    clock,
    random,
    store,
    ec2,
    kubernetes,
    options,
    trunks: new Map(),
    ownWrites: new Map(),
    waitingPods: new Map(),
    nodeOfPod: new Map(),
    stopped: false,
  };
  return {
    controllers: [nodeController(parts), branchController(parts), cooldownController(parts)],
    webhooks: [podWebhook(store), annotationWebhook(store, parts.ownWrites)],
    start: () => startBranchSweep(parts),
  };
}
