/** analysis/trace/trace.fixture — a small real cluster to ask: two nodes, a shop, a policy engine. */
import { PROTOCOL_TCP } from '../../net/index.ts';
import { buildTwin, type Twin } from '../../twin/index.ts';
import { deploymentText } from '../../twin/small-cluster.fixture.ts';
import { type TraceAnswer, type TraceQuestion, traceAnswer } from './question.ts';

const CLUSTER = `
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: shop, region: us-west-2, version: "1.33"}
availabilityZones: [us-west-2a, us-west-2b]
managedNodeGroups:
  - {name: workers, instanceType: m5.large, desiredCapacity: 2, privateNetworking: true}
addons:
  - {name: vpc-cni, configurationValues: '{"enableNetworkPolicy": "true"}'}
  - {name: kube-proxy}
  - {name: coredns}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
`;

const deployment = (name: string, replicas: number, ports: string): string =>
  `\n---\n${deploymentText('shop', name, replicas, `{name: main, image: shop, ports: [${ports}]}`)}`;

const SHOP =
  deployment('web', 1, '{containerPort: 8080}') +
  deployment('api', 3, '{name: http, containerPort: 9000}') +
  deployment('quiet', 1, '') +
  `
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {selector: {app: api}, ports: [{name: http, port: 80, targetPort: http}]}
---
apiVersion: v1
kind: Service
metadata: {name: wrong, namespace: shop}
spec: {selector: {app: api}, ports: [{port: 80, targetPort: 9999}]}
---
apiVersion: v1
kind: Service
metadata: {name: nobody, namespace: shop}
spec: {selector: {app: gone}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: headless, namespace: shop}
spec: {clusterIP: None, selector: {app: api}, ports: [{port: 9000}]}
`;

/** The shop, with more manifests and other ClusterConfig text where a test wants them. */
export async function shop(
  more = '',
  cluster: (text: string) => string = (it) => it,
): Promise<Twin> {
  const text = `${cluster(CLUSTER)}${SHOP}${more}`;
  const twin = await buildTwin([{ path: 'shop.yaml', text }], { seed: 1 });
  await twin.settle();
  return twin;
}

/** Asks with the defaults of the command line. */
export const ask = (
  twin: Twin,
  from: string,
  to: string,
  more: Partial<TraceQuestion> = {},
): TraceAnswer =>
  traceAnswer(twin.datapath, {
    from,
    to,
    protocol: PROTOCOL_TCP,
    withReturn: true,
    namespace: 'default',
    ...more,
  });
