/**
 * One network behind both APIs: the same `kubectl exec … curl` twice, and between the two a security
 * group rule revoked with aws. The second one times out.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { smallCluster } from '../../src/twin/small-cluster.fixture.ts';
import { EKSTWIN, ensureBuilt } from '../ekstwin-command.ts';
import { ServedTwin } from '../served-twin.ts';
import { PageShell } from '../workshop/page-shell.ts';
import { awsClis, kubectls } from './tools.ts';

const TIMEOUT_MS = 60_000;
const areThere = kubectls().length > 0 && awsClis().length > 0;

/** One on each node: what they send each other passes two interfaces. */
const PODS = ['near', 'far']
  .map(
    (name) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: default}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}, apart: "yes"}}
    spec:
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            - topologyKey: kubernetes.io/hostname
              labelSelector: {matchLabels: {apart: "yes"}}
      containers: [{name: web, image: "web:1", ports: [{containerPort: 8080}]}]
`,
  )
  .join('---\n');

const PREAMBLE = `eval "$('${process.execPath}' '${EKSTWIN}' env)"
export AWS_PAGER=
GROUP=$(aws eks describe-cluster --name small --query cluster.resourcesVpcConfig.clusterSecurityGroupId --output text)
FAR=$(kubectl get pods -l app=far -o jsonpath='{.items[0].status.podIP}')
`;
const CURL =
  'kubectl exec deploy/near -- curl -s -o /dev/null --connect-timeout 2 http://$FAR:8080/';
const allow = (protocol: string, port: string): string =>
  `IpProtocol=${protocol},${port}UserIdGroupPairs=[{GroupId=$GROUP}]`;
const EVERYTHING = allow('-1', '');
/** The pods' own port; without it they do not hear each other. */
const OF_PODS = allow('tcp', 'FromPort=8080,ToPort=8080,');
/** What kubectl exec itself needs: from the API server to the kubelet. */
const OF_KUBELETS = allow('tcp', 'FromPort=10250,ToPort=10250,');
const change = (verb: 'authorize' | 'revoke', ...rules: readonly string[]): string =>
  `aws ec2 ${verb}-security-group-ingress --group-id $GROUP --ip-permissions ` +
  rules.map((rule) => `"${rule}"`).join(' ');

describe.skipIf(!areThere)('a rule revoked with aws (needs kubectl and aws)', () => {
  const served = new ServedTwin(EKSTWIN);
  let shell: PageShell;
  beforeAll(async () => {
    ensureBuilt();
    const cluster = join(served.folder, 'cluster.yaml');
    const pods = join(served.folder, 'pods.yaml');
    writeFileSync(cluster, smallCluster(2));
    writeFileSync(pods, PODS);
    await served.start(['-f', cluster, '-f', pods, '--data', 'memory', '--speed', '10x']);
    shell = new PageShell(served.env, PREAMBLE);
  }, 240_000);
  afterAll(async () => {
    shell?.dispose();
    await served.dispose();
  });

  test('the same kubectl exec … curl fails after it, and works again when it is back', async () => {
    const outcome = async (command: string): Promise<string> => {
      const { status, output } = await shell.run(command, TIMEOUT_MS);
      return `${status}${status === 0 ? '' : ` ${output.trim()}`}`;
    };
    // The cluster's own group lets everything in from itself: port by port instead.
    expect(await outcome(change('authorize', OF_KUBELETS, OF_PODS))).toBe('0');
    expect(await outcome(change('revoke', EVERYTHING))).toBe('0');
    expect(await outcome(CURL)).toBe('0');
    expect(await outcome(change('revoke', OF_PODS))).toBe('0');
    expect(await outcome(CURL)).toBe('28 command terminated with exit code 28');
    expect(await outcome(change('authorize', OF_PODS))).toBe('0');
    expect(await outcome(CURL)).toBe('0');
  }, 240_000);
});
