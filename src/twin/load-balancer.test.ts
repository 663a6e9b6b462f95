import { expect, test } from 'vitest';
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import { buildTwin } from './build.ts';
import type { Component } from './components.ts';
import { forkTwin } from './fork.ts';
import type { Twin } from './twin.ts';

const CLUSTER = `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: shop, region: us-west-2, version: "1.33"}
managedNodeGroups:
  - {name: ng, instanceType: m5.large, desiredCapacity: 2, privateNetworking: true}
`;
const LBC: readonly Component[] = ['aws-load-balancer-controller'];
const ALB = 'alb.ingress.kubernetes.io';

async function shop(manifests = '', components = LBC, cluster = CLUSTER): Promise<Twin> {
  const files = [
    { path: 'cluster.yaml', text: cluster },
    { path: 'app.yaml', text: manifests },
  ].filter(({ text }) => text !== '');
  const twin = await buildTwin(files, { seed: 1, with: components });
  await twin.settle();
  return twin;
}

const service = (name: string, spec: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'default' },
  spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
});

const ingress = (
  name: string,
  annotations: Record<string, string> = {},
  backend = 'web',
): KubernetesObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: {
    name,
    namespace: 'default',
    annotations: { [`${ALB}/target-type`]: 'ip', ...annotations },
  },
  spec: {
    ingressClassName: 'alb',
    rules: [
      {
        http: {
          paths: [
            {
              path: `/${name}`,
              pathType: 'Prefix',
              backend: { service: { name: backend, port: { number: 80 } } },
            },
          ],
        },
      },
    ],
  },
});

const says = ({ store }: Twin, kind: string, name: string): string[] =>
  store
    .lookup('Event', 'object', `${kind}:default/${name}`)
    .map(({ reason, message }) => `${reason}: ${message}`);

async function apply(twin: Twin, ...objects: KubernetesObject[]): Promise<void> {
  expect(twin.apply(objects)).toEqual([]);
  await twin.settle();
}

async function remove(twin: Twin, kind: 'Ingress' | 'Service', name: string): Promise<void> {
  expect(twin.kubernetes.delete(kind, `default/${name}`)).toBe(true);
  await twin.settle();
}

const group = (name: string, more: Record<string, string> = {}) => ({
  [`${ALB}/group.name`]: name,
  ...more,
});

const paths = ({ store }: Twin): string[] =>
  store
    .list('elbv2/rule')
    .sort((a, b) => a.priority - b.priority)
    .map(({ conditions: [it] }) => (it?.field === 'path-pattern' ? `${it.values?.[0]}` : ''));

test('an Ingress gets a load balancer and loses it, and nothing stays behind', async () => {
  const twin = await shop();
  await apply(twin, service('web'), ingress('web'));
  expect(says(twin, 'Ingress', 'web')).toEqual(['SuccessfullyReconciled: Successfully reconciled']);
  const balancer = twin.store.list('elbv2/load-balancer')[0]!;
  expect(twin.store.get('Ingress', 'default/web')?.status).toEqual({
    loadBalancer: {
      ingress: [{ hostname: balancer.dnsName.toLowerCase(), ports: [{ port: 80, protocol: '' }] }],
    },
  });
  await remove(twin, 'Ingress', 'web');
  expect(twin.store.get('Ingress', 'default/web')).toBeUndefined();
  for (const kind of ['load-balancer', 'listener', 'rule', 'target-group'] as const)
    expect(twin.store.count(`elbv2/${kind}`)).toBe(0);
  const groups = twin.store.list('ec2/security-group').map(({ groupName }) => groupName);
  expect(groups.filter((name) => name.startsWith('k8s-'))).toEqual([]);
});

test('members of a group share a load balancer in their order; who leaves gets one alone', async () => {
  const twin = await shop();
  await apply(
    twin,
    service('web'),
    ingress('b', group('front')),
    ingress('a', group('front', { [`${ALB}/group.order`]: '5' })),
  );
  expect(twin.store.count('elbv2/load-balancer')).toBe(1);
  expect(paths(twin)).toEqual(['/b', '/a']);
  await apply(twin, ingress('a'));
  expect(twin.store.count('elbv2/load-balancer')).toBe(2);
  const member = twin.store.get('Ingress', 'default/a')!;
  expect(member.metadata.finalizers).toEqual(['ingress.k8s.aws/resources']);
});

test('one bad member fails its group: every member is told, and the rest stays as it was', async () => {
  const twin = await shop();
  await apply(twin, service('web'), ingress('a', group('front')));
  const before = twin.store.list('elbv2/load-balancer');
  await apply(twin, ingress('b', group('front', { [`${ALB}/scheme`]: 'internet-facing' })));
  await apply(twin, ingress('a', group('front', { [`${ALB}/scheme`]: 'internal' })));
  const text = 'FailedBuildModel: Failed build model due to conflicting scheme: ';
  for (const name of ['a', 'b'])
    expect(says(twin, 'Ingress', name).some((it) => it.startsWith(text))).toBe(true);
  expect(before).toHaveLength(1);
  expect(twin.store.get('Ingress', 'default/b')?.metadata.finalizers).toEqual([
    'group.ingress.k8s.aws/front',
  ]);
});

test('a protected load balancer keeps its Ingress, and no member is there to be told', async () => {
  const twin = await shop();
  const isProtected = { [`${ALB}/load-balancer-attributes`]: 'deletion_protection.enabled=true' };
  await apply(twin, service('web'), ingress('web', isProtected));
  await remove(twin, 'Ingress', 'web');
  expect(twin.store.get('Ingress', 'default/web')?.metadata.deletionTimestamp).toBeDefined();
  expect(twin.store.count('elbv2/load-balancer')).toBe(1);
  expect(says(twin, 'Ingress', 'web')).toEqual(['SuccessfullyReconciled: Successfully reconciled']);
});

test('every new Service of type LoadBalancer becomes the controller’s', async () => {
  const twin = await shop();
  await apply(twin, service('web', { type: 'LoadBalancer' }));
  const made = twin.store.get('Service', 'default/web')!;
  expect(made.spec.loadBalancerClass).toBe('service.k8s.aws/nlb');
  expect(twin.store.list('elbv2/load-balancer')).toMatchObject([
    { type: 'network', scheme: 'internal' },
  ]);
  expect(made.status?.loadBalancer?.ingress?.[0]?.ports).toEqual([{ port: 80, protocol: 'TCP' }]);
  await remove(twin, 'Service', 'web');
  expect(twin.store.count('elbv2/load-balancer')).toBe(0);
  expect(twin.store.count('elbv2/target-group')).toBe(0);
});

test('while no pod of the controller is Ready, Services are refused as the API server does', async () => {
  const none = CLUSTER.replace('desiredCapacity: 2', 'desiredCapacity: 0, minSize: 0');
  const twin = await shop(
    'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n',
    LBC,
    none,
  );
  expect(twin.store.get('Service', 'default/web')).toBeUndefined();
  expect(twin.notes).toContainEqual({
    where: 'app.yaml:1:1',
    text:
      'not applied: Internal error occurred: failed calling webhook "mservice.elbv2.k8s.aws": ' +
      'failed to call webhook: Post "https://aws-load-balancer-webhook-service.kube-system.svc:' +
      '443/mutate-v1-service?timeout=10s": no endpoints available for service ' +
      '"aws-load-balancer-webhook-service"',
  });
});

test('an Ingress of a class that is not there is refused by the webhook', async () => {
  const twin = await shop();
  const lost = ingress('web');
  const spec = { ...(lost.spec as object), ingressClassName: 'nowhere' };
  expect(twin.apply([{ ...lost, spec }]).map(({ message }) => message)).toEqual([
    'admission webhook "vingress.elbv2.k8s.aws" denied the request: invalid ingress class: ' +
      'IngressClass.networking.k8s.io "nowhere" not found',
  ]);
});

test('without the controller an Ingress is only an object', async () => {
  const twin = await shop('', []);
  await apply(twin, service('web'), { ...ingress('web') });
  expect(says(twin, 'Ingress', 'web')).toEqual([]);
  expect(twin.store.count('elbv2/load-balancer')).toBe(0);
});

test('told another cluster’s name, it finds no subnet: they are tagged for this one', async () => {
  const twin = await shop();
  const deployment = twin.store.get('Deployment', 'kube-system/aws-load-balancer-controller')!;
  const [container] = deployment.spec.template.spec.containers;
  const containers = [{ ...container!, args: ['--cluster-name=blog'] }];
  const template = {
    ...deployment.spec.template,
    spec: { ...deployment.spec.template.spec, containers },
  };
  await apply(twin, { ...deployment, spec: { ...deployment.spec, template } });
  const { vpcId } = twin.store.list('eks/cluster')[0]!;
  for (const { subnetId } of twin.store.lookup('ec2/subnet', 'vpc', vpcId))
    twin.cloud.ec2.createTags({
      resources: [subnetId],
      tags: { 'kubernetes.io/cluster/shop': 'owned' },
    });
  await apply(twin, service('web'), ingress('web'));
  expect(says(twin, 'Ingress', 'web')).toEqual([
    "FailedBuildModel: Failed build model due to couldn't auto-discover subnets: unable to " +
      'resolve at least one subnet. Evaluated 3 subnets: 3 are tagged for other clusters, and 0 ' +
      'have insufficient available IP addresses',
  ]);
});

test('a flag it does not know keeps it from starting, and that is said', async () => {
  const twin = await shop();
  const deployment = twin.store.get('Deployment', 'kube-system/aws-load-balancer-controller')!;
  const [container] = deployment.spec.template.spec.containers;
  const args = ['--cluster-name=shop', '--scheme=internal'];
  const template = {
    ...deployment.spec.template,
    spec: { ...deployment.spec.template.spec, containers: [{ ...container!, args }] },
  };
  await apply(twin, { ...deployment, spec: { ...deployment.spec, template } });
  expect(twin.troubles()).toContainEqual({
    where: 'the AWS Load Balancer Controller',
    text: 'it does not start: unknown flag: --scheme',
  });
});

test('a web ACL is declared, not simulated', async () => {
  const twin = await shop();
  const arn = 'arn:aws:wafv2:us-west-2:111122223333:regional/webacl/shop/1';
  await apply(twin, service('web'), ingress('web', { [`${ALB}/wafv2-acl-arn`]: arn }));
  expect(twin.troubles()).toContainEqual({
    where: 'the stack default/web',
    text: `declared, not simulated: the WAFv2 web ACL ${arn}: it lets all pass`,
  });
});

test('a fork finds everything as it is and changes nothing', async () => {
  const twin = await shop();
  await apply(twin, service('web'), ingress('web'));
  await twin.clock.runUntil(twin.clock.now() + 600_000);
  const fork = await forkTwin(twin);
  await fork.settle();
  for (const kind of ['load-balancer', 'listener', 'rule', 'target-group', 'target'] as const)
    expect(fork.store.list(`elbv2/${kind}`)).toEqual(twin.store.list(`elbv2/${kind}`));
  fork.stop();
});
