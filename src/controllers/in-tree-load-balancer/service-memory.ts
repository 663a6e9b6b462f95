/**
 * controllers/in-tree-load-balancer/service-memory — what the controller last did for a Service,
 * so that only what concerns its load balancer makes it look again.
 *
 * Follows kubernetes/cloud-provider@4666611 controllers/service/controller.go:565-665,725-770.
 */
import type { Node, Service } from '../../model/kubernetes/core.ts';

export interface Synced {
  readonly service: Service;
  /** Of the Service's fields that a load balancer depends on. */
  readonly wanted: string;
  /** Of the nodes it was given. */
  readonly nodes: string;
}

/** One text for all fields that a load balancer depends on. */
export function wantedText({ metadata, spec }: Service): string {
  return JSON.stringify([
    metadata.uid,
    metadata.annotations,
    spec.type,
    spec.loadBalancerClass,
    spec.loadBalancerSourceRanges,
    spec.ports,
    spec.sessionAffinity,
    spec.sessionAffinityConfig,
    spec.loadBalancerIP,
    spec.externalIPs,
    spec.externalTrafficPolicy,
    spec.healthCheckNodePort,
    spec.ipFamilies?.length,
  ]);
}

/** One text for a set of nodes: their names and instances. */
export const nodesText = (nodes: readonly Node[]): string =>
  nodes
    .map(({ metadata, spec }) => `${metadata.name} ${spec.providerID ?? ''}`)
    .sort()
    .join('\n');
