import { beforeAll, expect, test } from 'vitest';
import { buildTwin } from '../twin/build.ts';
import { deploymentText } from '../twin/small-cluster.fixture.ts';
import type { Twin } from '../twin/twin.ts';
import { answerDns, parseQuestion } from './dns-answer.ts';

const FILES = [
  {
    path: 'cluster.yaml',
    text: `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: demo, region: us-west-2}
managedNodeGroups:
- {name: ng, instanceType: m5.large, desiredCapacity: 2, privateNetworking: true}
`,
  },
  {
    path: 'app.yaml',
    text: `apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
${deploymentText('shop', 'web', 1, '{name: web, image: nginx, ports: [{containerPort: 80}]}')}---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: huge, namespace: shop}
spec: {containers: [{name: a, image: nginx, resources: {requests: {cpu: "64"}}}]}
`,
  },
];

let twin: Twin;
beforeAll(async () => {
  twin = await buildTwin(FILES, { seed: 1 });
  await twin.settle();
}, 60_000);

const ask = async (who: string, name: string, type?: string) =>
  answerDns(twin.store, who, parseQuestion(name, type), undefined);

test('the verdict comes first, then the resolv.conf, then every query', async () => {
  const { text, isResolved } = await ask('deploy/shop/web', 'web');
  const lines = text.split('\n');
  expect(isResolved).toBe(true);
  expect(lines[0]).toMatch(/^web\.shop\.svc\.cluster\.local\. is 10\.100\.\d+\.\d+$/);
  expect(lines[2]).toContain('nameserver 10.100.0.10, search shop.svc.cluster.local');
  expect(lines[4]).toMatch(/^QUERY +TYPE +SERVER +RCODE +ANSWER +ANSWERED BY$/);
});

test('the cost of the search list is counted for a name of the internet', async () => {
  const { text } = await ask('deploy/shop/web', 'example.com');
  expect(text).toContain('hint: 8 of 10 queries were for names of the search list');
  const whole = await ask('deploy/shop/web', 'example.com.');
  expect(whole.text).not.toContain('hint:');
});

test('a name that does not exist has no answer, and that is not an error', async () => {
  const { text, isResolved } = await ask('deploy/shop/web', 'nobody.internal');
  expect(isResolved).toBe(false);
  expect(text).toContain('nobody.internal is not resolved: there is no such name');
});

test('an address asks for its name', async () => {
  const { clusterIP } = twin.store.get('Service', 'shop/web')!.spec;
  const { text } = await ask('deploy/shop/web', clusterIP!);
  expect(text.split('\n')[0]).toContain('is web.shop.svc.cluster.local.');
});

test('json has the verdict at its top', async () => {
  const { text } = await answerDns(twin.store, 'deploy/shop/web', { name: 'web' }, 'json');
  expect(Object.keys(JSON.parse(text) as object)[0]).toBe('rcode');
  const yaml = await answerDns(twin.store, 'deploy/shop/web', { name: 'web' }, 'yaml');
  expect(yaml.text).toMatch(/^rcode: NOERROR\n/);
});

test('a wrong word is told with what is near', async () => {
  await expect(ask('deploy/shop/wbe', 'web')).rejects.toThrow(
    /did you mean deployment\/shop\/web\?/,
  );
  await expect(ask('shop/web', 'web')).rejects.toThrow(/did you mean pod\/shop\/web-/);
  await expect(ask('deploy/default/web', 'web')).rejects.toThrow(
    /did you mean deployment\/shop\/web\?/,
  );
  await expect(ask('job/shop/web', 'web')).rejects.toThrow(/job "shop\/web" not found/);
  await expect(ask('node/nowhere', 'web')).rejects.toThrow(/node "nowhere" not found/);
  await expect(ask('svc/shop/web', 'web')).rejects.toThrow(/a service sends nothing/);
  await expect(ask('constructor/web', 'web')).rejects.toThrow(/pod "constructor\/web" not found/);
  expect(() => parseQuestion('web', 'AAA')).toThrow(/did you mean/);
});

test('a pod that waits has no address to ask from, and says where to look', async () => {
  await expect(ask('shop/huge', 'web')).rejects.toThrow(/is Pending and has no address/);
});

test('a node asks the resolver of its VPC', async () => {
  const [node] = twin.store.list('Node');
  const { text } = await ask(`node/${node!.metadata.name.split('.')[0]}`, 'example.com');
  expect(text).toContain('VPC resolver');
  expect(text).not.toContain('CoreDNS');
});
