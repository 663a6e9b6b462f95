/**
 * bench/rollout — a cluster of N nodes gets M pods at once, with services in front of every
 * workload; settled in virtual time. Sizes grow tenfold, so growth shows.
 */

import type { KubernetesObject } from '../src/model/kubernetes/meta.ts';
import { newTwin } from '../src/twin/build.ts';
import { buildCluster } from './cluster.ts';

const REPLICAS = 300;

function workload(name: string, replicas: number): KubernetesObject[] {
  const labels = { app: name };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: 'default' },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            containers: [{ name: 'web', image: 'web', resources: { requests: { cpu: '100m' } } }],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'default' },
      spec: { selector: labels, ports: [{ port: 80 }] },
    },
  ];
}

async function rollout(nodes: number, pods: number): Promise<void> {
  const startedAt = performance.now();
  const twin = newTwin({ seed: 1, timeline: false }, (cloud) =>
    buildCluster(cloud, { nodes, hasNetworkPolicy: false }),
  );
  await twin.settle();
  const readyAt = performance.now();
  const nodesReady = twin.store.count('Node');
  const appliedAtMs = twin.clock.now();
  const count = Math.ceil(pods / REPLICAS);
  for (let i = 0; i < count; i++) {
    const refused = twin.apply(workload(`app-${i}`, Math.min(REPLICAS, pods - i * REPLICAS)));
    if (refused.length > 0) throw new Error(refused[0]!.message);
  }
  await twin.settle();
  const wallS = (performance.now() - startedAt) / 1000;
  const running = twin.store.list('Pod').filter((pod) => pod.status?.phase === 'Running').length;
  const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
  const virtualS = Math.round((twin.clock.now() - appliedAtMs) / 1000);
  const joinS = (readyAt - startedAt) / 1000;
  console.log(
    `rollout ${nodes} nodes, ${pods} pods: ${wallS.toFixed(1)} s wall (${joinS.toFixed(1)} s for ${nodesReady} nodes to join), ` +
      `${twin.clock.wakes} events, ${running} pods Running after ${virtualS} s virtual, peak ${peakMb} MB`,
  );
  twin.stop();
}

/** Smallest first: peak memory only grows within a process. */
export async function run(sizes: readonly string[]): Promise<void> {
  const wanted = sizes.length > 0 ? sizes : ['50/1500', '500/15000', '5000/150000'];
  for (const size of wanted) {
    const [nodes, pods] = size.split('/').map(Number);
    await rollout(nodes!, pods!);
  }
}
