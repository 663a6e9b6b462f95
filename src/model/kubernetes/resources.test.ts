import { describe, expect, it } from 'vitest';
import { resourceCalled, resourceOf, storeKeyOf, storeKindOf } from './resources.ts';

describe('the registry of kinds', () => {
  it('knows what people type', () => {
    const typed = [
      'po',
      'pods',
      'Pod',
      'deploy',
      'deployments.apps',
      'netpol',
      'svc',
      'sgp',
      'cnd',
    ];
    expect(typed.map((it) => resourceCalled(it)?.kind)).toEqual([
      'Pod',
      'Pod',
      'Pod',
      'Deployment',
      'Deployment',
      'NetworkPolicy',
      'Service',
      'SecurityGroupPolicy',
      'CNINode',
    ]);
    expect(resourceCalled('ingresses.v1.networking.k8s.io')?.kind).toBe('Ingress');
    expect(resourceCalled('nonsense')).toBeUndefined();
  });

  it('tells kinds of one name apart by their group', () => {
    const service = { kind: 'Service', metadata: { name: 'a', namespace: 'b' } };
    expect(storeKindOf({ ...service, apiVersion: 'v1' })).toBe('Service');
    expect(storeKeyOf({ ...service, apiVersion: 'v1' })).toBe('b/a');
    const knative = { ...service, apiVersion: 'serving.knative.dev/v1' };
    expect(resourceOf(knative)).toBeUndefined();
    expect(storeKeyOf(knative)).toBe('serving.knative.dev/Service:b/a');
  });

  it('keeps what it serves but nothing reads under Unknown', () => {
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };
    expect(storeKindOf(lease)).toBe('Unknown');
    expect(storeKeyOf({ ...lease, metadata: { name: 'n', namespace: 'kube-node-lease' } })).toBe(
      'coordination.k8s.io/Lease:kube-node-lease/n',
    );
  });
});
