import { expect, test } from 'vitest';
import { refused, taken, testCluster } from './cluster.fixture.ts';

const params = (spec: object) => ({
  apiVersion: 'elbv2.k8s.aws/v1beta1',
  kind: 'IngressClassParams',
  metadata: { name: 'internal' },
  spec,
});

test('parameters of a class are taken with what their CRD knows', () => {
  const { kubernetes, store } = testCluster();
  taken(kubernetes.create(params({ scheme: 'internal', subnets: { ids: ['subnet-0a'] } })));
  expect(store.get('IngressClassParams', 'internal')?.spec?.scheme).toBe('internal');
});

test('parameters of a class are refused where their CRD knows other words', () => {
  const { kubernetes } = testCluster();
  const said = (spec: object) => refused(kubernetes.create(params(spec))).message;
  expect(said({ scheme: 'public' })).toContain(
    'spec.scheme: Unsupported value: "public": supported values: "internal", "internet-facing"',
  );
  expect(said({ group: {} })).toContain('spec.group.name: Required value');
  expect(said({ prefixListsIDs: ['pl-1'], PrefixListsIDs: ['pl-1'] })).toContain(
    `spec: Invalid value: "object": cannot specify both 'prefixListsIDs' and 'PrefixListsIDs' fields`,
  );
});

test('a class says whose it is by a domain and a path, and stays whose it is', () => {
  const { kubernetes } = testCluster();
  const ingressClass = (controller: string) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'alb' },
    spec: { controller },
  });
  expect(refused(kubernetes.create(ingressClass(''))).message).toContain(
    'spec.controller: Required value',
  );
  expect(refused(kubernetes.create(ingressClass('alb'))).message).toContain(
    'spec.controller: Invalid value: "alb": must be a domain-prefixed path (such as "acme.io/foo")',
  );
  taken(kubernetes.create(ingressClass('ingress.k8s.aws/alb')));
  expect(refused(kubernetes.update(ingressClass('k8s.io/nginx'))).message).toContain(
    'spec.controller: Invalid value: "k8s.io/nginx": field is immutable',
  );
});
