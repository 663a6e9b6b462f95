/** A load balancer's own group refuses: what to change is what its controller reads. */
import { expect, test } from 'vitest';
import { PROTOCOL_TCP } from '../../net/index.ts';
import { buildTwin } from '../../twin/build.ts';
import { traceAnswer } from './question.ts';

const CLUSTER = `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: shop, region: us-west-2, version: "1.33"}
managedNodeGroups: [{name: ng, instanceType: m5.large, desiredCapacity: 1, privateNetworking: true}]
`;
const APP = `apiVersion: v1
kind: Pod
metadata: {name: web, namespace: default, labels: {app: web}}
spec: {containers: [{name: web, image: x, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: default
  annotations: {service.beta.kubernetes.io/aws-load-balancer-scheme: internet-facing}
spec:
  type: LoadBalancer
  loadBalancerSourceRanges: [203.0.113.0/24]
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: default
  annotations:
    alb.ingress.kubernetes.io/scheme: internet-facing
    alb.ingress.kubernetes.io/inbound-cidrs: 203.0.113.0/24
spec:
  ingressClassName: alb
  defaultBackend: {service: {name: web, port: {number: 80}}}
`;

const twinWith = async (components: readonly 'aws-load-balancer-controller'[]) => {
  const files = [
    { path: 'cluster.yaml', text: CLUSTER },
    { path: 'app.yaml', text: APP },
  ];
  const twin = await buildTwin(files, { seed: 1, with: components });
  await twin.settle();
  return (to: string) =>
    traceAnswer(twin.datapath, {
      from: 'internet',
      to,
      protocol: PROTOCOL_TCP,
      withReturn: true,
      namespace: 'default',
    });
};

const BY_SERVICE =
  'kubectl patch service web -n default --type merge -p ' +
  `'{"spec":{"loadBalancerSourceRanges":["203.0.113.0/24","0.0.0.0/0"]}}'`;

test('of the load balancer controller: the annotation or the Service’s ranges, not the group', async () => {
  const ask = await twinWith(['aws-load-balancer-controller']);
  const { disposition, remedy } = ask('ing/web');
  expect(disposition).toBe('denied-by-security-group');
  expect(remedy?.text).toMatch(/is its controller's, which takes other rules away/);
  expect(remedy?.command).toBe(
    'kubectl annotate ingress web -n default --overwrite ' +
      'alb.ingress.kubernetes.io/inbound-cidrs=203.0.113.0/24,0.0.0.0/0',
  );
  expect(ask('svc/web:80').remedy?.command).toBe(BY_SERVICE);
});

test('of the in-tree controller: the Service’s ranges', async () => {
  const ask = await twinWith([]);
  const { disposition, remedy } = ask('svc/web:80');
  expect(disposition).toBe('denied-by-security-group');
  expect(remedy?.command).toBe(BY_SERVICE);
});
