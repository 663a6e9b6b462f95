import { describe, expect, test } from 'vitest';
import { settledTwin, smallCluster } from '../../twin/small-cluster.fixture.ts';
import type { Twin } from '../../twin/twin.ts';
import { isRenewal, renewNodeLeases } from './node-lease.ts';

const twinOf = (nodes: number): Promise<Twin> =>
  settledTwin(smallCluster(nodes), 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: none}\n');

const renewals = ({ store }: Twin): ReadonlyMap<string, number> =>
  new Map(
    store
      .list('Unknown')
      .filter((it) => it.kind === 'Lease' && it.metadata.namespace === 'kube-node-lease')
      .map((it) => [
        it.metadata.name,
        Date.parse((it.spec as { readonly renewTime: string }).renewTime),
      ]),
  );

describe('the leases of nodes', () => {
  test('keep the time at which the node came, and cost nothing, until somebody is served', async () => {
    const twin = await twinOf(2);
    const before = renewals(twin);
    expect(before.size).toBe(2);
    const { revision } = twin.store;
    await twin.clock.runUntil(twin.clock.now() + 60_000);
    expect(renewals(twin)).toEqual(before);
    expect(twin.store.revision).toBe(revision);
  });

  test('are renewed every 10 s then, as events that a watch sees and the log need not keep', async () => {
    const twin = await twinOf(2);
    const { clock, store } = twin;
    const seen: boolean[] = [];
    store.follow((event) => seen.push(isRenewal(event)));
    const renewing = renewNodeLeases(clock, store);
    const first = [...renewals(twin).values()];
    await clock.runUntil(clock.now() + 35_000);
    expect([...renewals(twin).values()]).toEqual(first.map((at) => at + 30_000));
    expect(seen.filter(Boolean)).toHaveLength(8);
    renewing.stop();
    await clock.runUntil(clock.now() + 35_000);
    expect(seen.filter(Boolean)).toHaveLength(8);
    expect(await clock.settle()).toMatchObject({ kind: 'settled' });
  });

  test('are not renewed by a kubelet whose instance stopped', async () => {
    const twin = await twinOf(2);
    const { clock, store } = twin;
    const renewing = renewNodeLeases(clock, store);
    const [instance] = store.list('ec2/instance');
    const stopped = store.lookup('Node', 'instance', instance!.instanceId)[0]!.metadata.name;
    const at = renewals(twin).get(stopped);
    twin.cloud.ec2.stopInstances({ instanceIds: [instance!.instanceId] });
    await clock.runUntil(clock.now() + 30_000);
    renewing.stop();
    for (const [name, renewedAt] of renewals(twin)) {
      if (name === stopped) expect(renewedAt).toBe(at);
      else expect(renewedAt).toBeGreaterThan(at!);
    }
  });

  test('are their writer’s where a client writes them: that is kept as anything is', async () => {
    const twin = await twinOf(1);
    const { store, kubernetes } = twin;
    const seen: boolean[] = [];
    const lease = store.list('Unknown').find((it) => it.metadata.namespace === 'kube-node-lease')!;
    store.follow((event) => seen.push(isRenewal(event)));
    kubernetes.update({ ...lease, spec: { ...(lease.spec as object), renewTime: 'x' } });
    expect(seen).toEqual([false]);
  });
});
