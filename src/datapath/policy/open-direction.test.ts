/**
 * Goal: what lets a packet pass is cited, where taking it away would not. Method: one pod, one
 * policy, an agent that is strict or turned off.
 */
import { expect, test } from 'vitest';
import { declareIndexes, type Kinds, type TwinStore } from '../../model/kinds.ts';
import { type Packet, parseIp } from '../../net/index.ts';
import { Store } from '../../sim/store.ts';
import { Recorder } from '../recorder.ts';
import { PolicyEnforcement } from './enforcement.ts';

function storeWith(agentArgs: readonly string[], policyTypes: readonly string[]): TwinStore {
  const store: TwinStore = new Store<Kinds>();
  declareIndexes(store);
  const put = (kind: keyof Kinds, key: string, value: object): void => {
    store.put(kind, key, value as never);
  };
  const metadata = { name: 'p', namespace: 'shop' };
  const env = [{ name: 'NETWORK_POLICY_ENFORCING_MODE', value: 'strict' }];
  const containers = [
    { name: 'aws-node', env },
    { name: 'aws-eks-nodeagent', args: agentArgs },
  ];
  put('DaemonSet', 'kube-system/aws-node', {
    metadata: { name: 'aws-node', namespace: 'kube-system' },
    spec: { template: { spec: { containers } } },
  });
  put('Pod', 'shop/web-1', {
    metadata: { name: 'web-1', namespace: 'shop', labels: { app: 'web' } },
    spec: { nodeName: 'node-a', containers: [] },
    status: { phase: 'Running', podIP: '10.0.1.20', hostIP: '10.0.1.10' },
  });
  put('NetworkPolicy', 'shop/p', {
    metadata,
    spec: { podSelector: {}, policyTypes, ingress: [], egress: [{}] },
  });
  put('PolicyEndpoint', 'shop/p-1', {
    kind: 'PolicyEndpoint',
    metadata: { name: 'p-1', namespace: 'shop' },
    spec: {
      policyRef: metadata,
      podIsolation: policyTypes,
      podSelectorEndpoints: [
        { hostIP: '10.0.1.10', podIP: '10.0.1.20', name: 'web-1', namespace: 'shop' },
      ],
    },
  });
  return store;
}

const OUT: Packet = {
  protocol: 6,
  source: parseIp('10.0.1.20')!,
  destination: parseIp('10.0.2.20')!,
  sourcePort: 40_000,
  destinationPort: 80,
  icmpType: -1,
  icmpCode: -1,
  sizeBytes: 60,
  dontFragment: true,
};

function sent(store: TwinStore) {
  const recorder = new Recorder();
  const stopped = new PolicyEnforcement(store).session().egress('pod/shop/web-1', OUT, recorder);
  const steps = recorder.hops().flatMap((hop) => hop.steps);
  const cited = steps.flatMap(({ evidence }) => evidence.decisive.map(({ object }) => object));
  return { stopped: stopped?.code, texts: steps.map(({ text }) => text), cited };
}

test('in strict mode a policy of the other direction is what lets a pod talk', () => {
  const store = storeWith(['--enable-network-policy=true'], ['Ingress']);
  expect(sent(store)).toEqual({
    stopped: undefined,
    texts: ['shop/p selects pod shop/web-1 and leaves egress open'],
    cited: ['networkpolicy shop/p'],
  });
  store.delete('PolicyEndpoint', 'shop/p-1');
  expect(sent(store).stopped).toBe('K8S_NETPOL_DEFAULT_DENY_STRICT');
});

test('where nobody enforces policies, the rule that would allow a packet is named', () => {
  const store = storeWith(['--enable-network-policy=false'], ['Egress']);
  const { texts, cited } = sent(store);
  expect(texts).toEqual([
    'shop/p egress[0] allows TCP 80 to 10.0.2.20; nothing enforces network policies here',
  ]);
  expect(cited).toEqual(['networkpolicy shop/p']);
});
