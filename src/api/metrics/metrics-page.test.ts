import { describe, expect, test } from 'vitest';
import { metricsText } from '../../model/prometheus.ts';
import { deploymentText, settledTwin, smallCluster } from '../../twin/small-cluster.fixture.ts';
import { metricsPage } from './metrics-page.ts';

const SAMPLE = /^[a-z0-9_]+(\{([a-z_]+="(\\.|[^"\\])*",?)*\})? -?[\d.e+-]+$/;

describe('/metrics', () => {
  test('has ipamd of every node, the cluster, AWS and the twin itself, in a form that Prometheus reads', async () => {
    const web = deploymentText('default', 'web', 3, '{name: web, image: nginx}');
    const twin = await settledTwin(smallCluster(2), web);
    const page = metricsPage(twin, [
      { name: 'ekstwin_watches', type: 'gauge', labels: {}, value: 2 },
    ]);
    const lines = page.trimEnd().split('\n');
    for (const line of lines) if (!line.startsWith('#')) expect(line).toMatch(SAMPLE);
    const names = [...page.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);
    expect(new Set(names).size).toBe(names.length);
    const unexplained = names.filter((name) => !page.includes(`# HELP ${name} `));
    expect(unexplained).toEqual(['ekstwin_watches']);
    for (const { metadata } of twin.store.list('Node'))
      expect(page).toContain(`awscni_eni_max{node="${metadata.name}"} 3`);
    expect(page).toContain(
      'kube_deployment_status_replicas_available{namespace="default",deployment="web"} 3',
    );
    expect(page.match(/^kube_pod_info\{/gm)).toHaveLength(twin.store.count('Pod'));
    expect(page).toMatch(
      /^ekstwin_aws_api_calls_total\{service="ec2",action="CreateNetworkInterface",caller="aws-node",outcome="ok"\} \d+$/m,
    );
    expect(metricsPage(twin)).toBe(metricsPage(twin));
  });

  test('labels are escaped', () => {
    const labels = { text: 'a "b"\\\nc' };
    expect(metricsText([{ name: 'x', type: 'gauge', labels, value: 1 }])).toBe(
      '# TYPE x gauge\nx{text="a \\"b\\"\\\\\\nc"} 1\n',
    );
  });
});
