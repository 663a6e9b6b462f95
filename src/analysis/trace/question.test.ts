import { beforeAll, describe, expect, test } from 'vitest';
import { PROTOCOL_TCP } from '../../net/index.ts';
import { buildTwin, type Twin } from '../../twin/index.ts';
import { deploymentText, settledTwin, smallCluster } from '../../twin/small-cluster.fixture.ts';
import { type TraceQuestion, traceAnswer } from './question.ts';

const CLUSTER = smallCluster(
  2,
  `  - {name: pub, instanceType: m5.large, desiredCapacity: 1, labels: {where: public}}
`,
);

const pod = (name: string, app: string, port: string) => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: default, labels: {app: ${app}}}
spec: {containers: [{name: main, image: x, ports: [${port}]}]}
`;

const service = (name: string, spec: string) => `apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: default}
spec: {${spec}}
`;

const APP = [
  pod('client', 'client', '{containerPort: 9000}'),
  pod('web-0', 'web', '{name: http, containerPort: 8080}'),
  service('typo', 'selector: {app: wev}, ports: [{port: 80, targetPort: 8080}]'),
  service('misnamed', 'selector: {app: web}, ports: [{port: 80, targetPort: htpp}]'),
  `apiVersion: v1
kind: Pod
metadata: {name: on-host, namespace: default}
spec: {hostNetwork: true, nodeSelector: {where: public}, containers: [{name: main, image: x}]}
`,
  service('web', 'selector: {app: web}, ports: [{port: 80, targetPort: http}]'),
  deploymentText('default', 'idle', 0, '{name: main, image: x}'),
  service('idle', 'selector: {app: idle}, ports: [{port: 80}]'),
  service('bare', 'ports: [{port: 80}]'),
  `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front, namespace: default}
spec:
  ingressClassName: alb
  rules:
    - host: '*.shop.example.com'
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
`,
].join('---\n');

let twin: Twin;
const ask = (from: string, to: string, more: Partial<TraceQuestion> = {}) =>
  traceAnswer(twin.datapath, {
    from,
    to,
    protocol: PROTOCOL_TCP,
    withReturn: true,
    namespace: 'default',
    ...more,
  });

beforeAll(async () => {
  twin = await settledTwin(CLUSTER, APP);
});

describe('a Service that nobody answers for', () => {
  test('whose selector has a typo: the nearest label that pods do have', () => {
    const { disposition, text, remedy } = ask('pod/client', 'svc/typo');
    expect(disposition).toBe('no-endpoints');
    expect(text).toMatch(/its selector app=wev matches no pod of namespace default$/);
    expect(remedy?.command).toBe("kubectl set selector service typo -n default 'app=web'");
  });

  test('that targets a port name which its pods do not have: the names they have', () => {
    const { text, remedy } = ask('pod/client', 'svc/misnamed');
    expect(text).toMatch(/has a port named "htpp" \(they have http\)$/);
    expect(remedy?.command).toContain('"path":"/spec/ports/0/targetPort","value":"http"');
  });

  test('whose Deployment is scaled to 0: how to scale it', () => {
    const { text, remedy } = ask('pod/client', 'svc/idle');
    expect(text).toMatch(/deployment idle is scaled to 0$/);
    expect(remedy?.command).toBe('kubectl scale deployment idle -n default --replicas=2');
  });

  test('without a selector: nobody wrote its endpoints', () => {
    expect(ask('pod/client', 'svc/bare').text).toMatch(/no selector.*EndpointSlice/);
  });
});

describe('ends that no packet can go to', () => {
  test('a multicast group and the address of nobody are refused, not "delivered"', () => {
    expect(() => ask('pod/client', '224.0.0.1:80')).toThrow(/multicast/);
    expect(() => ask('pod/client', '0.0.0.0:80')).toThrow(/no address that a packet/);
  });

  test('a word that is no AWS service is not made a name of one', () => {
    expect(() => ask('pod/client', 'aws/sqss')).toThrow(/no AWS service/);
    expect(ask('pod/client', 'aws/sqs').disposition).toBe('delivered');
  });

  test('from the internet to the internet nothing here is on the way', () => {
    expect(() => ask('internet', 'internet')).toThrow(/both outside/);
  });
});

describe('a public name that no zone of the input holds', () => {
  test('is not followed to a made-up address where an Ingress here serves it', () => {
    const { disposition, text, remedy } = ask('internet', 'http://www.shop.example.com/');
    expect(disposition).toBe('not-simulated');
    expect(text).toMatch(
      /no hosted zone .* Ingress default\/front serves it and has no load balancer/,
    );
    expect(remedy?.command).toBe(
      'ekstwin trace internet ing/default/front --host www.shop.example.com',
    );
  });

  test('is somewhere in the internet where no Ingress serves it', () => {
    expect(ask('pod/client', 'http://a.b.shop.example.com/').disposition).toBe('delivered');
    expect(ask('pod/client', 'http://shop.example.com/').disposition).toBe('delivered');
  });
});

describe('the instance metadata service', () => {
  test('with tokens and a hop limit of 1 answers nodes, not pods', async () => {
    const config = CLUSTER.replaceAll('desiredCapacity', 'disablePodIMDS: true, desiredCapacity');
    const files = [
      { path: 'cluster.yaml', text: config },
      { path: 'app.yaml', text: APP },
    ];
    const strict = await buildTwin(files, { seed: 1 });
    await strict.settle();
    const node = strict.store.list('Node')[0]!.metadata.name;
    const of = (from: string) =>
      traceAnswer(strict.datapath, {
        from,
        to: '169.254.169.254:80',
        protocol: PROTOCOL_TCP,
        withReturn: true,
        namespace: 'default',
      });
    expect(of('pod/client').code).toBe('NODE_IMDS_HOP_LIMIT');
    expect(of(`node/${node}`).disposition).toBe('delivered');
    expect(ask('pod/client', '169.254.169.254:80').disposition).toBe('delivered');
  });
});

describe('a pod on Fargate', () => {
  test('has no instance metadata service', async () => {
    const config = `${CLUSTER}fargateProfiles: [{name: fp, selectors: [{namespace: serverless}]}]\n`;
    const app = `apiVersion: v1
kind: Namespace
metadata: {name: serverless}
---
${pod('lone', 'lone', '{containerPort: 80}').replace('namespace: default', 'namespace: serverless')}`;
    const files = [
      { path: 'cluster.yaml', text: config },
      { path: 'app.yaml', text: app },
    ];
    const twinWithFargate = await buildTwin(files, { seed: 1 });
    await twinWithFargate.settle();
    const { code } = traceAnswer(twinWithFargate.datapath, {
      from: 'pod/serverless/lone',
      to: '169.254.169.254:80',
      protocol: PROTOCOL_TCP,
      withReturn: true,
      namespace: 'default',
    });
    expect(code).toBe('NODE_IMDS_ON_FARGATE');
  });
});

describe('a node in a public subnet', () => {
  test('is reached from the internet at its public address, if its group lets it in', () => {
    const { disposition, branches, notes } = ask('internet', 'pod/on-host:443');
    expect(disposition).toBe('denied-by-security-group');
    expect(branches[0]?.forward.map(({ node }) => node)[0]).toMatch(/^igw-/);
    expect(notes.join()).toMatch(/^from the internet 10\.30\..* is reached at /);
  });

  test('a pod on its host network asks the VPC for names, not the cluster', () => {
    const { disposition, text, remedy } = ask('pod/on-host', 'http://web.default/');
    expect(disposition).toBe('no-such-name');
    expect(text).toMatch(/does not ask the cluster's DNS, so Service default\/web is no name/);
    expect(remedy?.text).toMatch(/ClusterFirstWithHostNet/);
  });
});
