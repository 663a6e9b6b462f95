/** twin/small-cluster.fixture — the small clusters that tests of several rooms are about. */
import { buildTwin } from './build.ts';
import type { Twin } from './twin.ts';

/** One group of nodes in private subnets; `more` goes on in the ClusterConfig. */
export const smallCluster = (desiredCapacity: number, more = ''): string =>
  `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: small, region: us-west-2, version: "1.33"}
vpc: {cidr: 10.30.0.0/20}
managedNodeGroups:
  - {name: ng, instanceType: m5.large, desiredCapacity: ${desiredCapacity}, privateNetworking: true}
${more}`;

/** One node, and Fargate for the namespace `jobs`. */
export const CLUSTER_WITH_FARGATE = smallCluster(
  1,
  `fargateProfiles:
  - {name: jobs, selectors: [{namespace: jobs}]}
`,
);

/** A Deployment of pods labelled with its name. */
export const deploymentText = (
  namespace: string,
  name: string,
  replicas: number,
  container: string,
): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [${container}]}
`;

/** A twin of a cluster and its manifests, at rest. */
export async function settledTwin(cluster: string, app: string, seed = 1): Promise<Twin> {
  const files = [
    { path: 'cluster.yaml', text: cluster },
    { path: 'app.yaml', text: app },
  ];
  const twin = await buildTwin(files, { seed });
  await twin.settle();
  return twin;
}
