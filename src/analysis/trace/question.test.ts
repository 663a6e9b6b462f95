import { beforeAll, describe, expect, test } from 'vitest';
import { PROTOCOL_TCP } from '../../net/index.ts';
import { buildTwin, type Twin } from '../../twin/index.ts';
import { type TraceQuestion, traceAnswer } from './question.ts';

const CLUSTER = `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: small, region: us-west-2, version: "1.33"}
vpc: {cidr: 10.30.0.0/20}
managedNodeGroups:
  - {name: ng, instanceType: m5.large, desiredCapacity: 2, privateNetworking: true}
`;

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
  service('bare', 'ports: [{port: 80}]'),
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
  const files = [
    { path: 'cluster.yaml', text: CLUSTER },
    { path: 'app.yaml', text: APP },
  ];
  twin = await buildTwin(files, { seed: 1 });
  await twin.settle();
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

  test('without a selector: nobody wrote its endpoints', () => {
    expect(ask('pod/client', 'svc/bare').text).toMatch(/no selector.*EndpointSlice/);
  });
});
