/**
 * analysis/load-balancer/maker — which Kubernetes object a load balancer was made of, told by the
 * tags that its controller puts on it.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/deploy/tracking/provider.go;
 * kubernetes/cloud-provider-aws@63ec440 pkg/providers/v1/tags.go (kubernetes.io/service-name).
 */
import type { Tags } from '../../model/ec2/tags.ts';

export interface Maker {
  /** `group`: Ingresses that share it; `ing`, `svc`, `gateway`: one object. */
  readonly kind: 'ing' | 'group' | 'svc' | 'gateway';
  /** `namespace/name`, or the group's name. */
  readonly key: string;
  readonly by: 'aws-load-balancer-controller' | 'in-tree';
}

const STACK_TAGS = [
  ['ingress.k8s.aws/stack', 'ing'],
  ['service.k8s.aws/stack', 'svc'],
  ['gateway.k8s.aws.alb/stack', 'gateway'],
  ['gateway.k8s.aws.nlb/stack', 'gateway'],
] as const;

/** Undefined for a load balancer that no controller of Kubernetes made. */
export function makerOf(tags: Tags): Maker | undefined {
  const by = 'aws-load-balancer-controller';
  for (const [tag, kind] of STACK_TAGS) {
    const key = tags[tag];
    if (key === undefined) continue;
    return { kind: kind === 'ing' && !key.includes('/') ? 'group' : kind, key, by };
  }
  const service = tags['kubernetes.io/service-name'];
  return service === undefined ? undefined : { kind: 'svc', key: service, by: 'in-tree' };
}

/** `ing/shop/web`, `group shop`, `svc/shop/api`. */
export const makerText = ({ kind, key }: Maker): string =>
  kind === 'group' ? `group ${key}` : `${kind}/${key}`;
