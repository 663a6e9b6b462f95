import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import { refused, taken, testCluster } from './cluster.fixture.ts';

const policy = (peer: object): KubernetesObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'api', namespace: 'default' },
  spec: { podSelector: {}, ingress: [{ from: [peer] }], policyTypes: ['Ingress'] },
});

const clusterPolicy = (spec: object): KubernetesObject => ({
  apiVersion: 'networking.k8s.aws/v1alpha1',
  kind: 'ClusterNetworkPolicy',
  metadata: { name: 'deny' },
  spec: { tier: 'Admin', priority: 10, subject: { namespaces: {} }, ...spec },
});

const server = () => {
  const { kubernetes, store } = testCluster();
  if (store.get('Namespace', 'default') === undefined) {
    kubernetes.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
  }
  return kubernetes;
};

describe('a security group in a NetworkPolicy', () => {
  it.each([
    ['a field of its own', { securityGroups: { groupIds: ['sg-0123456789abcdef0'] } }],
    ['a label', { podSelector: { matchLabels: { group: 'sg-0123456789abcdef0' } } }],
    ['a block', { ipBlock: { cidr: 'sg-0123456789abcdef0' } }],
  ])('is refused with the reason, as %s', (_, peer) => {
    const { message } = refused(server().create(policy(peer)));
    expect(message).toContain('a network policy cannot name a security group');
    expect(message).toContain('SecurityGroupPolicy');
  });
});

describe('a ClusterNetworkPolicy', () => {
  it('is taken when it is well formed', () => {
    const egress = [{ action: 'Deny', to: [{ networks: ['0.0.0.0/0'] }] }];
    taken(server().create(clusterPolicy({ egress })));
  });

  it.each([
    ['a priority above 1000', { priority: 1001 }, 'from 0 to 1000'],
    ['a tier nobody knows', { tier: 'Middle' }, 'supported values: "Admin", "Baseline"'],
    ['a rule without peers', { ingress: [{ action: 'Deny' }] }, 'spec.ingress[0].from'],
    [
      'domains that are denied',
      { egress: [{ action: 'Deny', to: [{ domainNames: ['example.com'] }] }] },
      'domainNames peer can only be used with Accept action',
    ],
  ])('is refused with %s', (_, spec, said) => {
    expect(refused(server().create(clusterPolicy(spec))).message).toContain(said);
  });
});
