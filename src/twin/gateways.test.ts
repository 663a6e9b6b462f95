import { expect, test } from 'vitest';
import type { Stack } from '../controllers/load-balancer/stack/stack.ts';
import { stackJson } from '../controllers/load-balancer/stack/stack-json.ts';
import type { Condition } from '../model/kubernetes/meta.ts';
import { buildTwin } from './build.ts';
import { smallCluster } from './small-cluster.fixture.ts';
import type { Twin } from './twin.ts';

const OWN = 'apiVersion: gateway.k8s.aws/v1beta1';
const API = 'apiVersion: gateway.networking.k8s.io/v1';

const CLASSES = `
${API}
kind: GatewayClass
metadata: {name: alb}
spec: {controllerName: gateway.k8s.aws/alb}
---
${API}
kind: GatewayClass
metadata: {name: nlb}
spec:
  controllerName: gateway.k8s.aws/nlb
  parametersRef:
    {group: gateway.k8s.aws, kind: LoadBalancerConfiguration, name: public, namespace: default}
---
${OWN}
kind: LoadBalancerConfiguration
metadata: {name: public, namespace: default}
spec: {scheme: internet-facing}
`;

const APP = `
${OWN}
kind: TargetGroupConfiguration
metadata: {name: web, namespace: default}
spec:
  targetReference: {name: web}
  defaultConfiguration: {targetType: ip}
---
${API}
kind: Gateway
metadata: {name: inner, namespace: default}
spec:
  gatewayClassName: alb
  listeners: [{name: http, port: 80, protocol: HTTP}]
---
${API}
kind: HTTPRoute
metadata: {name: web, namespace: default}
spec:
  parentRefs: [{name: inner}]
  rules: [{backendRefs: [{name: web, port: 80}]}]
---
${API}
kind: Gateway
metadata: {name: front, namespace: default}
spec:
  gatewayClassName: nlb
  listeners: [{name: tcp, port: 80, protocol: TCP}]
---
${API}
kind: TCPRoute
metadata: {name: chain, namespace: default}
spec:
  parentRefs: [{name: front}]
  rules:
    - backendRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: inner, port: 80}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web, ports: [{containerPort: 8080}]}]}
`;

async function twinOf(...texts: string[]): Promise<Twin> {
  const files = [smallCluster(2), ...texts].map((text, i) => ({ path: `${i}.yaml`, text }));
  const twin = await buildTwin(files, { seed: 1, with: ['aws-load-balancer-controller'] });
  await twin.settle();
  return twin;
}

const said = (conditions: readonly Condition[] = []): readonly string[] =>
  conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`);

const targetStates = ({ store }: Twin): readonly (readonly [string, string])[] =>
  store
    .list('elbv2/target')
    .map(({ id, health }) => [id.startsWith('arn:') ? 'alb' : 'pod', health.state] as const);

test('a Gateway behind another: both made, told, and taken down', async () => {
  const twin = await twinOf(CLASSES, APP);
  const { store, kubernetes } = twin;
  const types = store.list('elbv2/load-balancer').map(({ type, scheme }) => `${type} ${scheme}`);
  expect(types.sort()).toEqual(['application internal', 'network internet-facing']);
  for (const name of ['inner', 'front']) {
    const { status } = store.get('Gateway', `default/${name}`)!;
    expect(said(status?.conditions)).toEqual([
      'Accepted True Accepted',
      'Programmed True Programmed',
    ]);
    expect(status?.addresses?.[0]?.value).toMatch(/\.amazonaws\.com$/);
    expect(status?.listeners?.[0]).toMatchObject({ attachedRoutes: 1 });
  }
  const [parent] = store.get('TCPRoute', 'default/chain')!.status?.parents ?? [];
  expect(said(parent?.conditions)).toEqual([
    'ResolvedRefs True ResolvedRefs',
    'Accepted True Accepted',
  ]);
  expect(targetStates(twin).filter(([what]) => what === 'pod')).toEqual([
    ['pod', 'healthy'],
    ['pod', 'healthy'],
  ]);
  expect(targetStates(twin)).toHaveLength(3);

  kubernetes.delete('GatewayClass', 'nlb');
  await twin.settle();
  expect(store.get('GatewayClass', 'nlb')?.metadata.finalizers).toEqual([
    'gateway.k8s.aws/gatewayclass',
  ]);
  for (const name of ['front', 'inner']) kubernetes.delete('Gateway', `default/${name}`);
  await twin.settle();
  expect(store.list('Gateway')).toEqual([]);
  expect(store.list('elbv2/load-balancer')).toEqual([]);
  expect(store.list('elbv2/target-group')).toEqual([]);
  expect(store.list('TargetGroupBinding')).toEqual([]);
  const groups = store.list('ec2/security-group').map(({ groupName }) => groupName);
  expect(groups.filter((name) => name.startsWith('k8s-'))).toEqual([]);
  await twin.runUntil(3_600_000);
  expect(store.get('GatewayClass', 'nlb')).toBeUndefined();
});

test('what is wrong is told by class, Gateway and events', async () => {
  const twin = await twinOf(
    CLASSES.replace(
      'name: public, namespace: default}\nspec',
      'name: other, namespace: default}\nspec',
    ),
    APP.replace('protocol: HTTP}', 'protocol: HTTPS}'),
  );
  const { store } = twin;
  const accepted = store.get('GatewayClass', 'nlb')?.status?.conditions?.[0];
  expect(accepted).toMatchObject({
    status: 'False',
    reason: 'NotFound',
    message: 'LoadBalancerConfiguration (public,default) not found',
  });
  const front = store.get('Gateway', 'default/front')?.status?.conditions?.[0];
  expect(front?.message).toBe(
    'Unable to materialize gateway when gateway class [nlb] is not accepted',
  );
  const inner = store.get('Gateway', 'default/inner')?.status?.conditions?.[0];
  expect(inner).toMatchObject({
    status: 'False',
    reason: 'Invalid',
    message: 'Check Gateway Events for more information.',
  });
  const event = store.list('Event').find(({ involvedObject }) => involvedObject.name === 'inner');
  expect(event).toMatchObject({
    reason: 'FailedBuildModel',
    message:
      'Failed build model due to No hostnames found for TLS cert discovery for listener on ' +
      'gateway default/inner with protocol:port HTTPS:80',
  });
  expect(store.list('elbv2/load-balancer')).toEqual([]);
});

test('a log-in waits for its Secret; a plan is written and nothing made', async () => {
  const twin = await twinOf(
    CLASSES,
    APP.replace(
      'metadata: {name: inner, namespace: default}',
      'metadata: {name: inner, namespace: default, annotations: {gateway.k8s.aws/dry-run: "true"}}',
    ),
    `
${OWN}
kind: ListenerRuleConfiguration
metadata: {name: login, namespace: default}
spec:
  actions:
    - type: authenticate-oidc
      authenticateOIDCConfig:
        issuer: https://id.example
        authorizationEndpoint: https://id.example/a
        tokenEndpoint: https://id.example/t
        userInfoEndpoint: https://id.example/u
        secret: {name: oidc}
`,
  );
  const { store } = twin;
  const login = store.get('ListenerRuleConfiguration', 'default/login')!;
  expect(login.status).toMatchObject({
    accepted: false,
    message: 'secret [default/oidc] not found',
  });
  const { annotations, finalizers } = store.get('Gateway', 'default/inner')!.metadata;
  const plan = annotations?.['gateway.k8s.aws/dry-run-plan'];
  expect(plan).toMatch(/^{"id":"default\/inner"/);
  const stacks: unknown[] = [];
  twin.clock.spawn(async () => {
    stacks.push(await twin.stackBuilders()?.ofGateway('default/inner'));
  });
  await twin.settle();
  expect(stackJson(stacks[0] as Stack)).toBe(plan);
  expect(finalizers).toBeUndefined();
  expect(store.list('elbv2/load-balancer')).toEqual([]);
});
