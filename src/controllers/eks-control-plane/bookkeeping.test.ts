import { describe, expect, test } from 'vitest';
import { buildTwin } from '../../twin/build.ts';
import { smallCluster } from '../../twin/small-cluster.fixture.ts';

describe('what kubectl finds in a new cluster', () => {
  test('leases, API services, webhooks and RBAC are there, as on EKS', async () => {
    const config = { path: 'cluster.yaml', text: smallCluster(1) };
    const twin = await buildTwin([config], { seed: 1 });
    await twin.settle();
    const { store } = twin;
    const names = (kind: string): string[] =>
      store
        .list('Unknown')
        .filter((it) => it.kind === kind)
        .map(({ metadata }) => metadata.name);
    expect(names('ClusterRole')).toContain('aws-node');
    expect(names('ClusterRoleBinding')).toContain('eks:node-bootstrapper');
    expect(names('Role')).toContain('extension-apiserver-authentication-reader');
    expect(names('Lease')).toContain('kube-scheduler');
    expect(names('CSIDriver')).toEqual(['efs.csi.aws.com']);
    expect(names('MutatingWebhookConfiguration')).toContain('pod-identity-webhook');
    const services = store.list('Unknown').filter((it) => it.kind === 'APIService');
    expect(services.map(({ metadata }) => metadata.name)).toContain('v1beta1.metrics.k8s.io');
    expect(services.map(({ metadata }) => metadata.name)).toContain('v1.apps');
    const [condition] = (services[0]!.status as { conditions: { status: string }[] }).conditions;
    expect(condition!.status).toBe('True');
  });
});
