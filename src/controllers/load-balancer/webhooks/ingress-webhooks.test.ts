import { expect, test } from 'vitest';
import { declareIndexes, type Kinds } from '../../../model/kinds.ts';
import type { Ingress } from '../../../model/kubernetes/ingress.ts';
import { Store } from '../../../sim/store.ts';
import { declareIngressIndexes } from '../ingress/store-lookups.ts';
import { classParamsComplaint } from './class-params-validator.ts';
import { type IngressRules, ingressValidator } from './ingress-validator.ts';

const RULES: IngressRules = {
  ingressClass: 'alb',
  disableIngressClassAnnotation: false,
  disableIngressGroupNameAnnotation: false,
};

function admission(rules: Partial<IngressRules> = {}) {
  const store = new Store<Kinds>();
  declareIndexes(store);
  declareIngressIndexes(store);
  store.put('IngressClass', 'alb', {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'alb' },
    spec: { controller: 'ingress.k8s.aws/alb' },
  });
  const webhook = ingressValidator(store, () => ({ ...RULES, ...rules }));
  const said = (ingress: Ingress, operation: 'CREATE' | 'UPDATE' = 'CREATE'): string => {
    const answer = webhook.mutate(ingress, operation);
    return 'denied' in answer ? String(answer.denied) : 'taken';
  };
  return { store, said };
}

const ingress = (
  annotations: Record<string, string>,
  ingressClassName: string | undefined = 'alb',
): Ingress => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { namespace: 'shop', name: 'web', annotations },
  spec: {
    ingressClassName,
    rules: [{ http: { paths: [{ backend: { service: { name: 'api', port: { number: 80 } } } }] } }],
  },
});

const CONDITIONS = 'alb.ingress.kubernetes.io/conditions.api';
const GROUP = 'alb.ingress.kubernetes.io/group.name';

test('an Ingress of a class that is not there is refused, one of another controller is let be', () => {
  const { said } = admission();
  expect(said(ingress({}))).toBe('taken');
  expect(said(ingress({}, 'nginx'))).toBe(
    'invalid ingress class: IngressClass.networking.k8s.io "nginx" not found',
  );
  const annotation = { 'kubernetes.io/ingress.class': 'nginx', [CONDITIONS]: '[{' };
  expect(said(ingress(annotation, undefined))).toBe('taken');
});

test('conditions that make no sense are refused with the backend they stand for', () => {
  const { said } = admission();
  expect(said(ingress({ [CONDITIONS]: '[{"field":"host-header"}]' }))).toBe(
    'ignoring Ingress shop/web since invalid alb.ingress.kubernetes.io/conditions.api annotation: ' +
      'missing hostHeaderConfig',
  );
  expect(said(ingress({ [CONDITIONS]: '[{' }))).toBe(
    `failed to parse json annotation, ${CONDITIONS}: [{: unexpected end of JSON input`,
  );
  const resource = { backend: { resource: { kind: 'Bucket', name: 'b' } } };
  const upstreamPanics = { ...ingress({}), spec: { rules: [{ http: { paths: [resource] } }] } };
  const named = { ...upstreamPanics, spec: { ...upstreamPanics.spec, ingressClassName: 'alb' } };
  expect(said(named)).toContain('nil pointer dereference');
});

test('with the class annotation switched off nobody begins to use it, who has it keeps it', () => {
  const { store, said } = admission({ disableIngressClassAnnotation: true });
  const annotated = ingress({ 'kubernetes.io/ingress.class': 'alb' }, undefined);
  expect(said(annotated)).toBe(
    'new usage of `kubernetes.io/ingress.class` annotation is forbidden',
  );
  store.put('Ingress', 'shop/web', annotated);
  expect(said(annotated, 'UPDATE')).toBe('taken');
});

test('with group names switched off nobody begins to use one, nor another one', () => {
  const { store, said } = admission({ disableIngressGroupNameAnnotation: true });
  const forbidden = 'new usage of `alb.ingress.kubernetes.io/group.name` annotation is forbidden';
  expect(said(ingress({ [GROUP]: 'a' }))).toBe(forbidden);
  store.put('Ingress', 'shop/web', ingress({ [GROUP]: 'a' }));
  expect(said(ingress({ [GROUP]: 'a' }), 'UPDATE')).toBe('taken');
  expect(said(ingress({ [GROUP]: 'b' }), 'UPDATE')).toBe(forbidden);
});

test('parameters of a class are asked for what their CRD cannot tell, all at once', () => {
  const complaint = (spec: object) =>
    classParamsComplaint({
      apiVersion: 'elbv2.k8s.aws/v1beta1',
      kind: 'IngressClassParams',
      metadata: { name: 'a' },
      spec,
    });
  expect(complaint({ inboundCIDRs: ['10.0.0.0/8'], subnets: { ids: ['subnet-1'] } })).toBe(
    undefined,
  );
  expect(complaint({ inboundCIDRs: ['10.128.0.0/8'], subnets: {} })).toBe(
    '[spec.inboundCIDRs[0]: Invalid value: "10.128.0.0/8": Network contains bits outside prefix ' +
      '(did you mean "10.0.0.0/8"), spec.subnets: Required value: must have either `ids` or `tags`]',
  );
  expect(complaint({ subnets: { tags: {} } })).toBe(
    'spec.subnets.tags: Required value: must have at least one tag key',
  );
});
