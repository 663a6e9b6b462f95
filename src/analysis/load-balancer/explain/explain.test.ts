import { expect, test } from 'vitest';
import { buildTwin } from '../../../twin/build.ts';
import type { Twin } from '../../../twin/twin.ts';
import { loadBalancers, priceBasis } from '../summary.ts';
import { withoutBalancer } from '../without.ts';
import { explainIngress } from './explain-ingress.ts';
import { explainService } from './explain-service.ts';

const CLUSTER = `
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: shop, region: eu-west-1}
managedNodeGroups: [{name: a, instanceType: m5.large, desiredCapacity: 2, privateNetworking: true}]
`;

const service = (annotations: string, spec = ''): string => `
apiVersion: v1
kind: Service
metadata:
  name: api
  annotations: {${annotations}}
spec:
  type: LoadBalancer
  selector: {app: api}
  ports: [{port: 80, targetPort: 8080}]
${spec}
`;

async function twinOf(...texts: string[]): Promise<Twin> {
  const files = [CLUSTER, ...texts].map((text, i) => ({ path: `${i}.yaml`, text }));
  const twin = await buildTwin(files, { seed: 1, with: ['aws-load-balancer-controller'] });
  await twin.settle();
  return twin;
}

const nowhere = () => undefined;

test('a Service of type LoadBalancer is explained by its annotations, and by defaults without', async () => {
  const twin = await twinOf(
    service('service.beta.kubernetes.io/aws-load-balancer-scheme: internal'),
  );
  const told = await explainService(
    twin.cloud,
    twin.store,
    twin.store.get('Service', 'default/api')!,
    nowhere,
  );
  expect(told.claim).toContain('its loadBalancerClass is service.k8s.aws/nlb');
  const lines = told.resources.flatMap(({ mappings }) => mappings);
  const scheme = lines.find(({ field }) => field === 'Scheme');
  expect(scheme).toMatchObject({
    value: 'internal',
    origin: { field: 'service.beta.kubernetes.io/aws-load-balancer-scheme', said: 'internal' },
  });
  const { nodePort } = twin.store.get('Service', 'default/api')!.spec.ports![0]!;
  const port = lines.find(({ field }) => field === 'Port');
  expect(port).toMatchObject({ value: `${nodePort}`, origin: { field: 'spec.ports[0].nodePort' } });
});

test('a load balancer costs its hours and its public addresses', async () => {
  const twin = await twinOf(
    service('service.beta.kubernetes.io/aws-load-balancer-scheme: internet-facing'),
  );
  const [only] = loadBalancers(twin.store, 'eu-west-1');
  // eksctl makes public subnets in three zones: 0.0252 × 730, and three addresses of 0.005 × 730.
  expect(only).toMatchObject({ type: 'network', addresses: 3, publicAddresses: 3 });
  expect(only?.perMonth?.hours).toBeCloseTo(18.396, 3);
  expect(only?.perMonth?.publicAddresses).toBeCloseTo(10.95, 3);
  expect(priceBasis('mars-north-1').isKnown).toBe(false);
  expect(loadBalancers(twin.store, 'mars-north-1')[0]?.perMonth).toBeUndefined();
});

test('a Service whose class is another’s says so, and has nothing', async () => {
  const twin = await twinOf(service('', '  loadBalancerClass: example.com/lb'));
  const api = twin.store.get('Service', 'default/api')!;
  const told = await explainService(twin.cloud, twin.store, api, nowhere);
  expect([told.loadBalancer, told.resources]).toEqual([undefined, []]);
  expect(told.reasons[0]).toContain('its loadBalancerClass is example.com/lb');
});

test('an Ingress without a class is left alone, and told why', async () => {
  const twin = await twinOf(`
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}]}}]}
`);
  const web = twin.store.get('Ingress', 'default/web')!;
  const told = await explainIngress(twin.cloud, twin.store, web, nowhere);
  expect(told.reasons[0]).toContain('it names no class (spec.ingressClassName)');
});

test('an Ingress that the controller refuses is told what to write instead, of its group too', async () => {
  const ingress = (name: string, host: string, annotations: string) => `
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ${name}, namespace: default, annotations: {${annotations}}}
spec:
  ingressClassName: alb
  rules:
    - host: ${host}
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
`;
  const group = 'alb.ingress.kubernetes.io/group.name: g1';
  const app = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {selector: {app: web}, ports: [{port: 80}]}
${ingress('bad', 'a.example.com', group)}
${ingress('good', 'b.example.com', `${group}, alb.ingress.kubernetes.io/target-type: ip`)}
${ingress('tls', 'c.example.com', `alb.ingress.kubernetes.io/listen-ports: '[{"HTTPS":443}]', alb.ingress.kubernetes.io/target-type: ip`)}
`;
  const { store, cloud } = await twinOf(app);
  const told = async (name: string) =>
    explainIngress(cloud, store, store.get('Ingress', `default/${name}`)!, nowhere);
  const good = await told('good');
  expect(good.reasons).toHaveLength(1);
  expect(good.remedies?.map(({ object, check }) => `${object} ${check}`)).toEqual([
    'ingress/default/bad instance-needs-node-port',
  ]);
  const tls = await told('tls');
  expect(tls.remedies?.map(({ text }) => text)).toEqual([
    'no issued certificate of ACM in this region is for c.example.com, and none is named',
  ]);
  expect(withoutBalancer(store).map(({ object }) => object)).toEqual([
    'ing/default/bad',
    'ing/default/good',
    'ing/default/tls',
  ]);
});
