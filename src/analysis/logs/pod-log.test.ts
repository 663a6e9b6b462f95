import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { buildTwin } from '../../twin/build.ts';
import { deploymentText, settledTwin, smallCluster } from '../../twin/small-cluster.fixture.ts';
import type { Twin } from '../../twin/twin.ts';
import { nodeFile } from './node-file.ts';
import { logLines } from './pod-log.ts';
import { recordQueries } from './query-log.ts';

const WEB = deploymentText('default', 'web', 1, '{name: web, image: nginx}');

const podOf = (twin: Twin, label: string, value: string): string =>
  keyOf(twin.store.list('Pod').find(({ metadata }) => metadata.labels?.[label] === value)!);

function textsOf(twin: Twin, podKey: string, name: string): string[] {
  const pod = twin.store.get('Pod', podKey)!;
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const container = all.find((it) => it.name === name)!;
  return logLines(twin, { pod, container }).map(({ text }) => text);
}

describe('the log of a container', () => {
  test('aws-node prints its entry point, ipamd writes into its file on the node', async () => {
    const twin = await settledTwin(smallCluster(1), WEB);
    const pod = podOf(twin, 'k8s-app', 'aws-node');
    const said = textsOf(twin, pod, 'aws-node');
    expect(said[0]).toBe('Installed /host/opt/cni/bin/aws-cni');
    expect(said.at(-1)).toMatch(
      /^time="2026-01-01T00:0\d:\d\dZ" level=info msg="Successfully copied CNI plugin binary and config file\."$/,
    );
    expect(said.join()).not.toContain('ipamd');
    const node = twin.store.get('Pod', pod)!.spec.nodeName!;
    const file = nodeFile(twin, node, '/var/log/aws-routed-eni/ipamd.log')!;
    expect(file).toContain('"msg":"Starting L-IPAMD   ..."');
    expect(file).toMatch(/"msg":"Successfully created and attached a new ENI to instance: eni-/);
    for (const line of file.trimEnd().split('\n')) expect(() => JSON.parse(line)).not.toThrow();
    expect(nodeFile(twin, node, '/var/log/aws-routed-eni/plugin.log')).toContain(
      'Received CNI add request',
    );
    expect(nodeFile(twin, node, '/etc/shadow')).toBeUndefined();
    expect(textsOf(twin, pod, 'aws-vpc-cni-init').at(-1)).toContain('CNI init container done');
  });

  test('CoreDNS says its version, and an edited Corefile a minute after the edit', async () => {
    const twin = await settledTwin(smallCluster(1), WEB);
    const pod = podOf(twin, 'k8s-app', 'kube-dns');
    expect(textsOf(twin, pod, 'coredns')).toEqual([
      '.:53',
      expect.stringMatching(
        /^\[INFO\] plugin\/reload: Running configuration SHA512 = [0-9a-f]{128}$/,
      ),
      'CoreDNS-1.13.2',
      'linux/amd64',
    ]);
    const corefile = twin.store.get('ConfigMap', 'kube-system/coredns')!.data!.Corefile!;
    twin.kubernetes.patch('ConfigMap', 'kube-system/coredns', 'merge', {
      data: { Corefile: corefile.replace('cache 30', 'cache 10') },
    });
    expect(textsOf(twin, pod, 'coredns')).not.toContain('[INFO] Reloading complete');
    await twin.clock.runUntil(twin.clock.now() + 61_000);
    expect(textsOf(twin, pod, 'coredns').at(-1)).toBe('[INFO] Reloading complete');
    twin.logBook.write(`${pod}/coredns`, '[INFO] 10.0.0.1:1 - 1 "A IN web. udp"');
    expect(textsOf(twin, pod, 'coredns').at(-1)).toContain('"A IN web. udp"');
  });

  test('CoreDNS writes down queries while its Corefile has log', async () => {
    const twin = await settledTwin(smallCluster(1), WEB);
    const { namespace, name } = twin.store.get('Pod', podOf(twin, 'app', 'web'))!.metadata;
    const from = { kind: 'pod', namespace: namespace!, name } as const;
    const ask = () =>
      recordQueries(twin, twin.datapath.names.lookup(from, 'kubernetes.default').queries);
    ask();
    const corefile = twin.store.get('ConfigMap', 'kube-system/coredns')!.data!.Corefile!;
    twin.kubernetes.patch('ConfigMap', 'kube-system/coredns', 'merge', {
      data: { Corefile: corefile.replace('errors', 'errors\n    log') },
    });
    ask();
    const logs = twin.store
      .list('Pod')
      .filter(({ metadata }) => metadata.labels?.['k8s-app'] === 'kube-dns')
      .flatMap((pod) => textsOf(twin, keyOf(pod), 'coredns'));
    const queries = logs.filter((line) => line.includes(' IN '));
    expect(queries.length).toBeGreaterThan(1);
    expect(queries[0]).toMatch(
      /^\[INFO\] 10\.30\.\d+\.\d+:\d+ - \d+ "A IN kubernetes\.default\.default\.svc\.cluster\.local\. udp \d+ false 512" NXDOMAIN qr,aa,rd \d+ 0\.000120s$/,
    );
  });

  test('an image that the twin does not run says so', async () => {
    const twin = await settledTwin(smallCluster(1), WEB);
    expect(textsOf(twin, podOf(twin, 'app', 'web'), 'web')).toEqual([
      'ekstwin: container web started; the twin does not run nginx, so it prints nothing of its own',
    ]);
    const pod = twin.store.get('Pod', podOf(twin, 'app', 'web'))!;
    const waiting = { ...pod, status: {} };
    expect(logLines(twin, { pod: waiting, container: pod.spec.containers[0]! })).toEqual([]);
    expect(logLines(twin, { pod, container: pod.spec.containers[0]! }, true)).toEqual([]);
  });

  test('kube-proxy names its mode, metrics-server its port', async () => {
    const twin = await settledTwin(smallCluster(1), '');
    const proxy = textsOf(twin, podOf(twin, 'k8s-app', 'kube-proxy'), 'kube-proxy');
    expect(proxy[0]).toMatch(
      /^I0101 00:0\d:\d\d\.\d{6} {7}1 server_linux\.go:63\] "Using iptables/,
    );
    const metrics = podOf(twin, 'app.kubernetes.io/name', 'metrics-server');
    expect(textsOf(twin, metrics, 'metrics-server').at(-1)).toContain('Serving securely on');
  });

  test('the load balancer controller and external-dns tell what they made', async () => {
    const folder = 'examples/alb-tls-redirect';
    const paths = [
      'cluster.yaml',
      'app.yaml',
      'certificate.json',
      'hosted-zones.json',
      'ingress.yaml',
    ];
    const files = paths.map((path) => ({ path, text: readFileSync(`${folder}/${path}`, 'utf8') }));
    const twin = await buildTwin(files, {
      seed: 1,
      with: ['aws-load-balancer-controller', 'external-dns'],
    });
    await twin.settle();
    const name = 'app.kubernetes.io/name';
    const controller = podOf(twin, name, 'aws-load-balancer-controller');
    const said = textsOf(twin, controller, 'aws-load-balancer-controller').map(
      (text) => JSON.parse(text) as { msg: string; arn?: string },
    );
    const messages = said.map(({ msg }) => msg);
    expect(messages[0]).toBe('version');
    expect(messages).toContain('creating loadBalancer');
    expect(said.find(({ msg }) => msg === 'created loadBalancer')!.arn).toMatch(
      /^arn:aws:elasticloadbalancing:/,
    );
    expect(messages).toContain('successfully deployed model');
    const dns = textsOf(twin, podOf(twin, name, 'external-dns'), 'external-dns').join('\n');
    expect(dns).toMatch(/msg="Desired change: CREATE bank\.example\.com A" profile=default/);
    expect(dns).toMatch(/msg="\d+ record\(s\) were successfully updated"/);
  });
});
