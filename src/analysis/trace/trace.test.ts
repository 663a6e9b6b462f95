/**
 * Goal: questions as people ask them get the verdict a real cluster would give, with its cause.
 * Method: one small cluster built by the real controllers; each test asks it.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { InputError } from '../../model/input-error.ts';
import { PROTOCOL_ICMP, PROTOCOL_UDP } from '../../net/index.ts';
import type { Twin } from '../../twin/index.ts';
import { ask, shop } from './trace.fixture.ts';

let twin: Twin;
beforeAll(async () => {
  twin = await shop();
});

const total = (probabilities: readonly number[]): number =>
  probabilities.reduce((sum, it) => sum + it, 0);

describe('a Service', () => {
  test('by its name goes to each of three pods with a third of the connections', () => {
    const answer = ask(twin, 'deploy/shop/web', 'http://api.shop/');
    expect(answer.disposition).toBe('delivered');
    expect(answer.name?.lookup.answeredName).toBe('api.shop.svc.cluster.local.');
    expect(answer.branches).toHaveLength(3);
    expect(total(answer.branches.map(({ probability }) => probability))).toBeCloseTo(1, 8);
    const destinations = answer.branches.map(({ arrived }) => arrived?.destinationPort);
    expect(destinations).toEqual([9000, 9000, 9000]);
  });

  test('without endpoints refuses, and says so', () => {
    const answer = ask(twin, 'deploy/shop/web', 'svc/shop/nobody:80');
    expect(answer).toMatchObject({ disposition: 'no-endpoints', code: 'K8S_SVC_NO_ENDPOINTS' });
    expect(answer.text).toContain('shop/nobody');
  });

  test('whose targetPort nothing listens on is refused by the pod, with the port that is open', () => {
    const answer = ask(twin, 'deploy/shop/web', 'svc/shop/wrong');
    expect(answer).toMatchObject({ disposition: 'refused', code: 'NODE_NOTHING_LISTENS' });
    expect(answer.remedy?.text).toContain('tcp 9000');
  });

  test('asked on a port it does not have is told as that, not as a lost packet', () => {
    const answer = ask(twin, 'deploy/shop/web', 'svc/shop/api:8081');
    expect(answer).toMatchObject({ disposition: 'timed-out', code: 'K8S_SVC_PORT_MISMATCH' });
    expect(answer.text).toContain('has no port tcp 8081 (it has tcp 80)');
  });

  test('without a cluster address is a name with several addresses', () => {
    const answer = ask(twin, 'deploy/shop/web', 'svc/shop/headless');
    expect(answer.disposition).toBe('delivered');
    expect(answer.branches).toHaveLength(3);
    expect(new Set(answer.branches.map(({ sent }) => sent.destination)).size).toBe(3);
  });

  test('does not answer a ping to its address', () => {
    const answer = ask(twin, 'deploy/shop/web', 'svc/shop/api', { protocol: PROTOCOL_ICMP });
    expect(answer).toMatchObject({ disposition: 'timed-out', code: 'K8S_SVC_PORT_MISMATCH' });
  });
});

describe('names', () => {
  test('of a Service that is not there are not sent to the internet', () => {
    const answer = ask(twin, 'deploy/shop/web', 'http://apo.shop/');
    expect(answer.disposition).toBe('no-such-name');
    expect(answer.remedy?.text).toContain('api.shop');
  });

  test('of a Service in no namespace are NXDOMAIN after the whole search list', () => {
    const answer = ask(twin, 'deploy/shop/web', 'http://api.svc.cluster.local/');
    expect(answer).toMatchObject({ disposition: 'no-such-name', code: 'DNS_NXDOMAIN' });
  });
});

describe('what listens', () => {
  test('a closed UDP port is refused by an ICMP error', () => {
    const answer = ask(twin, 'deploy/shop/web', 'deploy/shop/api:53', { protocol: PROTOCOL_UDP });
    expect(answer.disposition).toBe('refused');
    expect(answer.branches[0]!.return!.length).toBeGreaterThan(2);
  });

  test('a pod that declares no port is assumed to listen, and that is said', () => {
    const answer = ask(twin, 'deploy/shop/web', 'deploy/shop/quiet:7000');
    expect(answer.disposition).toBe('delivered');
    const last = answer.branches[0]!.forward.at(-1)!.steps.at(-1)!;
    expect(last).toMatchObject({ action: 'note', kind: 'socket' });
    expect(last.text).toMatch(/^assumed/);
  });

  test('a ping is answered by the kernel', () => {
    const answer = ask(twin, 'deploy/shop/web', 'deploy/shop/api', { protocol: PROTOCOL_ICMP });
    expect(answer.disposition).toBe('delivered');
  });
});

describe('the API server', () => {
  test('is reached by a node, and reaches the kubelet and a pod', () => {
    const node = twin.store.list('Node')[0]!.metadata.name;
    expect(ask(twin, `node/${node}`, 'apiserver').disposition).toBe('delivered');
    expect(ask(twin, 'apiserver', `node/${node}:10250`).disposition).toBe('delivered');
    expect(ask(twin, 'apiserver', 'deploy/shop/web').disposition).toBe('delivered');
  });

  test('calls a webhook by one of its endpoints, on the port of the pod and not of the Service', () => {
    const answer = ask(twin, 'apiserver', 'svc/shop/api');
    expect(answer.disposition).toBe('delivered');
    expect(answer.branches).toHaveLength(3);
    for (const { sent, arrived, probability } of answer.branches) {
      expect(sent.destinationPort).toBe(9000);
      expect(arrived).toEqual(sent);
      expect(probability).toBeCloseTo(1 / 3);
    }
  });

  test('cannot call a Service without endpoints, or a port it does not have', () => {
    const nobody = ask(twin, 'apiserver', 'svc/shop/nobody');
    expect(nobody).toMatchObject({ disposition: 'no-endpoints', code: 'K8S_SVC_NO_ENDPOINTS' });
    expect(nobody.text).toContain('no endpoints available for service "nobody"');
    const closed = ask(twin, 'apiserver', 'svc/shop/api:443');
    expect(closed).toMatchObject({ disposition: 'no-endpoints', code: 'K8S_SVC_PORT_MISMATCH' });
    expect(closed.text).toContain('no service port 443 found for service "api"');
  });

  test('lets in from the internet whom publicAccessCidrs name', async () => {
    const answer = ask(twin, 'internet', 'apiserver');
    expect(answer.disposition).toBe('delivered');
    const closed = await shop('', (text) =>
      text.replace(
        'availabilityZones',
        'vpc: {publicAccessCIDRs: [192.0.2.0/24]}\navailabilityZones',
      ),
    );
    expect(ask(closed, 'internet', 'apiserver')).toMatchObject({
      disposition: 'denied-by-endpoint-access',
      code: 'K8S_API_PUBLIC_ACCESS_CIDRS',
    });
  });

  test('tells who asks a private endpoint from the internet how to open it', async () => {
    const closed = await shop('', (text) =>
      text.replace(
        'availabilityZones',
        'vpc: {clusterEndpoints: {publicAccess: false, privateAccess: true}}\navailabilityZones',
      ),
    );
    const { disposition, text, remedy } = ask(closed, 'internet', 'apiserver');
    expect(disposition).toBe('no-route');
    expect(text).toMatch(/is private: .*; cluster shop has no public endpoint$/);
    expect(remedy?.command).toBe(
      'aws eks update-cluster-config --name shop --resources-vpc-config endpointPublicAccess=true',
    );
  });
});

describe('mistakes', () => {
  test.each([
    ['deploy/shop/wep', 'deploy/shop/api', /did you mean deployment\/shop\/web/],
    ['deploy/shop/web', 'svc/shop/apo:80', /did you mean svc\/shop\/api/],
    ['deploy/shop/web', 'deploy/shop/quiet', /declares no port/],
    ['svc/shop/api', 'deploy/shop/web', /sends nothing/],
    ['deploy/shop/web', '10.1.2.3', /has no port/],
    ['10.99.0.1', 'deploy/shop/web', /private address that no interface has/],
    ['api.shop:80', 'deploy/shop/web', /cannot be where a packet starts/],
    ['node/ip', 'deploy/shop/web', /not found/],
  ])('%s -> %s', (from, to, message) => {
    expect(() => ask(twin, from, to)).toThrow(InputError);
    expect(() => ask(twin, from, to)).toThrow(message);
  });

  test('a pod that waits has no address, and why', async () => {
    const waiting = await shop(`
---
apiVersion: v1
kind: Pod
metadata: {name: big, namespace: shop}
spec: {containers: [{name: main, image: shop, resources: {requests: {cpu: "64"}}}]}
`);
    expect(() => ask(waiting, 'pod/shop/big', 'deploy/shop/web')).toThrow(
      /is Pending and has no address: FailedScheduling: 0\/2 nodes are available/,
    );
  });
});

test('the same question twice gives the same answer, whatever was asked in between', () => {
  const first = ask(twin, 'deploy/shop/web', 'http://api.shop/');
  ask(twin, 'deploy/shop/api', 'internet');
  ask(twin, 'internet', 'deploy/shop/web');
  expect(ask(twin, 'deploy/shop/web', 'http://api.shop/')).toEqual(first);
});

describe('what is told of what is not known', () => {
  test('ways beyond the limit are said not to have been walked', () => {
    const answer = ask(twin, 'deploy/shop/web', 'svc/shop/api', { limit: 2 });
    expect(answer.branches).toHaveLength(2);
    expect(answer.notes.join('\n')).toMatch(/^33\.3 % of connections go ways that were not walked/);
    expect(ask(twin, 'deploy/shop/web', 'svc/shop/api').notes).toEqual([]);
  });

  test('the metadata service answers on port 80 and on no other', () => {
    const node = twin.store.list('Node')[0]!.metadata.name;
    expect(ask(twin, `node/${node}`, '169.254.169.254:80').disposition).toBe('delivered');
    expect(ask(twin, `node/${node}`, '169.254.169.254:443')).toMatchObject({
      disposition: 'timed-out',
      remedy: { text: 'send to TCP 80' },
    });
  });

  test('the API server takes TCP 443, not UDP 443', () => {
    expect(ask(twin, 'deploy/shop/web', 'apiserver').disposition).toBe('delivered');
    const answer = ask(twin, 'deploy/shop/web', 'apiserver', { protocol: PROTOCOL_UDP });
    expect(answer.disposition).not.toBe('delivered');
  });
});

test('a workload that sends to itself sends to another of its pods', () => {
  const answer = ask(twin, 'deploy/shop/api', 'deploy/shop/api');
  expect(answer.disposition).toBe('delivered');
  expect(answer.to).not.toContain(answer.from);
});
