import { describe, expect, it } from 'vitest';
import type { Service } from './core.ts';
import { serviceClaim } from './service-claim.ts';

const TYPE = 'service.beta.kubernetes.io/aws-load-balancer-type';
const TARGET_TYPE = 'service.beta.kubernetes.io/aws-load-balancer-nlb-target-type';

const service = (
  spec: Service['spec'],
  annotations: Record<string, string> = {},
  deletionTimestamp?: string,
): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop', annotations, deletionTimestamp },
  spec,
});

const balancer = { type: 'LoadBalancer' } as const;

describe('whose a Service is', () => {
  it('a plain LoadBalancer is the in-tree controller’s, which makes a Classic one', () => {
    expect(serviceClaim(service(balancer))).toEqual({
      by: 'in-tree',
      reason: `it has no loadBalancerClass and no ${TYPE}`,
    });
    expect(serviceClaim(service(balancer, { [TYPE]: 'nlb' })).by).toBe('in-tree');
  });

  it('the class decides before every annotation', () => {
    const own = { ...balancer, loadBalancerClass: 'service.k8s.aws/nlb' };
    expect(serviceClaim(service(own, { [TYPE]: 'nlb' })).by).toBe('load-balancer-controller');
    const auto = { ...balancer, loadBalancerClass: 'eks.amazonaws.com/nlb' };
    expect(serviceClaim(service(auto, { [TYPE]: 'nlb-ip' }))).toEqual({
      by: 'another',
      reason: 'its loadBalancerClass is eks.amazonaws.com/nlb',
    });
  });

  it('external without a target type is nobody’s: no load balancer ever comes', () => {
    expect(serviceClaim(service(balancer, { [TYPE]: 'external' }))).toEqual({
      by: 'nobody',
      reason: `${TYPE} is external, but ${TARGET_TYPE} is missing`,
    });
    const asNode = { [TYPE]: 'external', [TARGET_TYPE]: 'node' };
    expect(serviceClaim(service(balancer, asNode)).by).toBe('nobody');
    const asPods = { [TYPE]: 'external', [TARGET_TYPE]: 'ip' };
    expect(serviceClaim(service(balancer, asPods)).by).toBe('load-balancer-controller');
  });

  it('a NodePort Service with the annotations gets one too, unless the gate says otherwise', () => {
    const nodePort = service({ type: 'NodePort' }, { [TYPE]: 'nlb-ip' });
    expect(serviceClaim(nodePort).by).toBe('load-balancer-controller');
    const rules = { loadBalancerClass: 'service.k8s.aws/nlb', isTypeLoadBalancerOnly: true };
    expect(serviceClaim(nodePort, rules)).toEqual({
      by: 'nobody',
      reason: 'its type is NodePort and the gate ServiceTypeLoadBalancerOnly is on',
    });
  });

  it('one that is being deleted is nobody’s to build', () => {
    expect(serviceClaim(service(balancer, {}, '2026-01-01T00:00:00Z')).by).toBe('nobody');
  });
});
