/**
 * test/network-policy-engines — the same policies by both engines: the API's own semantics and
 * Amazon's agent behind the product's controller. Each known difference has a test of its own; what
 * they agree on is in Cyclonus' truth tables (npm run conformance).
 */
import { describe, expect, it } from 'vitest';
import { type Engine, PolicyCluster, packet } from '../conformance/policy-cluster.ts';
import type { KubernetesObject } from '../src/model/kubernetes/meta.ts';

const NODE_A = '10.0.1.10';
const NODE_B = '10.0.2.10';

const namespace = (name: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
});

interface PodInput {
  readonly labels?: Record<string, string>;
  readonly host?: string;
  readonly ports?: readonly { name: string; containerPort: number }[];
  readonly hostNetwork?: boolean;
}

const pod = (name: string, podIP: string, input: PodInput = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels: input.labels ?? { app: name } },
  spec: {
    nodeName: input.host === NODE_B ? 'node-b' : 'node-a',
    hostNetwork: input.hostNetwork === true,
    containers: [{ name: 'main', ports: input.ports ?? [] }],
  },
  status: { phase: 'Running', podIP, hostIP: input.host ?? NODE_A },
});

const service = (name: string, clusterIP: string, spec: object): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop' },
  spec: { clusterIP, ...spec },
});

const policy = (name: string, spec: object): KubernetesObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: 'shop' },
  spec: { podSelector: {}, ...spec },
});

const clusterPolicy = (name: string, spec: object): KubernetesObject => ({
  apiVersion: 'networking.k8s.aws/v1alpha1',
  kind: 'ClusterNetworkPolicy',
  metadata: { name },
  spec: { subject: { namespaces: {} }, ...spec },
});

const WEB = '10.0.1.20';
const API = '10.0.2.20';
const web = pod('web', WEB);
const api = pod('api', API, { host: NODE_B });

type Ask = (
  direction: 'ingress' | 'egress',
  podName: string,
  from: string,
  to: string,
  port?: number,
  protocol?: string,
) => boolean;

/** True = it passes. */
async function asks(engine: Engine, objects: readonly KubernetesObject[]): Promise<Ask> {
  const cluster = await PolicyCluster.of(engine, [namespace('shop'), ...objects]);
  return (direction, podName, from, to, port = 80, protocol = 'TCP') =>
    cluster.ask(direction, `shop/${podName}`, packet(from, to, protocol, port)).verdict ===
    undefined;
}

async function both(objects: readonly KubernetesObject[]): Promise<{ portable: Ask; aws: Ask }> {
  return { portable: await asks('portable', objects), aws: await asks('aws-standard', objects) };
}

const DENY_EGRESS = policy('deny-egress', { policyTypes: ['Egress'] });
const DENY_INGRESS = policy('deny-ingress', { policyTypes: ['Ingress'] });

describe("where Amazon's network policy engine differs from the API's words", () => {
  it('pods whose names differ in the last segment only share their rules on a node', async () => {
    const web0 = pod('web-0', WEB, { labels: { role: 'leader' } });
    const web1 = pod('web-1', '10.0.1.21', { labels: { role: 'follower' } });
    const elsewhere = pod('web-2', '10.0.2.22', { labels: { role: 'follower' }, host: NODE_B });
    const leaders = policy('leaders', {
      podSelector: { matchLabels: { role: 'leader' } },
      policyTypes: ['Ingress'],
    });
    const { portable, aws } = await both([web0, web1, elsewhere, leaders]);
    expect(portable('ingress', 'web-1', API, '10.0.1.21')).toBe(true);
    expect(aws('ingress', 'web-1', API, '10.0.1.21')).toBe(false);
    expect(aws('ingress', 'web-2', WEB, '10.0.2.22')).toBe(true);
  });

  it("a pod's own node is always allowed, both ways and on all ports; another node is not", async () => {
    const { portable, aws } = await both([web, DENY_EGRESS, DENY_INGRESS]);
    for (const ask of [portable, aws]) {
      expect(ask('ingress', 'web', NODE_A, WEB, 8080)).toBe(true);
      expect(ask('egress', 'web', WEB, NODE_A, 30080)).toBe(true);
      expect(ask('ingress', 'web', NODE_B, WEB, 8080)).toBe(false);
      expect(ask('egress', 'web', WEB, NODE_B, 30080)).toBe(false);
    }
  });

  it('a hostNetwork peer opens its whole node for the agent, and nothing for the API', async () => {
    const agent = pod('agent', NODE_B, { host: NODE_B, hostNetwork: true });
    const fromAgent = policy('from-agent', {
      podSelector: { matchLabels: { app: 'web' } },
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'agent' } } }] }],
      policyTypes: ['Ingress'],
    });
    const { portable, aws } = await both([web, agent, fromAgent]);
    expect(portable('ingress', 'web', NODE_B, WEB)).toBe(false);
    expect(aws('ingress', 'web', NODE_B, WEB)).toBe(true);
  });

  it("egress to a Service is checked on its address: its selector has to satisfy the peer's", async () => {
    const labels = { app: 'api', tier: 'back' };
    const backend = pod('api', API, { labels, host: NODE_B });
    const narrow = service('narrow', '172.20.0.10', {
      selector: { app: 'api' },
      ports: [{ port: 80, targetPort: 80, protocol: 'TCP' }],
    });
    const full = service('full', '172.20.0.11', {
      selector: labels,
      ports: [{ port: 80, targetPort: 80, protocol: 'TCP' }],
    });
    const toApi = policy('to-api', {
      egress: [{ to: [{ podSelector: { matchLabels: labels } }] }],
      policyTypes: ['Egress'],
    });
    const aws = await asks('aws-standard', [web, backend, narrow, full, toApi]);
    expect(aws('egress', 'web', WEB, API)).toBe(true);
    expect(aws('egress', 'web', WEB, '172.20.0.11')).toBe(true);
    expect(aws('egress', 'web', WEB, '172.20.0.10')).toBe(false);
  });

  it('a headless Service and an ipBlock over its pods open no cluster address', async () => {
    const plain = service('plain', '172.20.0.12', { selector: { app: 'api' }, ports: [] });
    const block = policy('block', {
      egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/16' } }] }],
      policyTypes: ['Egress'],
    });
    const aws = await asks('aws-standard', [web, api, plain, block]);
    expect(aws('egress', 'web', WEB, API)).toBe(true);
    expect(aws('egress', 'web', WEB, '172.20.0.12')).toBe(false);
  });

  it('a Service whose named target is another port on some pod is left out', async () => {
    const ports = [{ name: 'http', containerPort: 80 }];
    const good = pod('api', API, { labels: { app: 'api' }, host: NODE_B, ports });
    const other = pod('other', '10.0.2.21', {
      labels: { app: 'api' },
      host: NODE_B,
      ports: [{ name: 'http', containerPort: 9000 }],
    });
    const named = service('named', '172.20.0.13', {
      selector: { app: 'api' },
      ports: [{ port: 80, targetPort: 'http', protocol: 'TCP' }],
    });
    const to80 = policy('to-80', {
      egress: [
        {
          to: [{ podSelector: { matchLabels: { app: 'api' } } }],
          ports: [{ protocol: 'TCP', port: 80 }],
        },
      ],
      policyTypes: ['Egress'],
    });
    const alone = await asks('aws-standard', [web, good, named, to80]);
    expect(alone('egress', 'web', WEB, '172.20.0.13')).toBe(true);
    const mixed = await asks('aws-standard', [web, good, other, named, to80]);
    expect(mixed('egress', 'web', WEB, '172.20.0.13')).toBe(false);
  });

  it('a named ingress port is open on every selected pod, whatever it means there', async () => {
    const one = pod('one', WEB, { ports: [{ name: 'http', containerPort: 80 }] });
    const two = pod('two', API, { host: NODE_B, ports: [{ name: 'http', containerPort: 9000 }] });
    const http = policy('http', {
      ingress: [{ ports: [{ protocol: 'TCP', port: 'http' }] }],
      policyTypes: ['Ingress'],
    });
    const { portable, aws } = await both([one, two, http]);
    expect(portable('ingress', 'one', API, WEB, 9000)).toBe(false);
    expect(aws('ingress', 'one', API, WEB, 9000)).toBe(true);
  });

  it('a named egress port without a peer opens nothing for the agent', async () => {
    const served = pod('api', API, { host: NODE_B, ports: [{ name: 'http', containerPort: 80 }] });
    const http = policy('http', {
      podSelector: { matchLabels: { app: 'web' } },
      egress: [{ ports: [{ protocol: 'TCP', port: 'http' }] }],
      policyTypes: ['Egress'],
    });
    const { portable, aws } = await both([web, served, http]);
    expect(portable('egress', 'web', WEB, API)).toBe(true);
    expect(aws('egress', 'web', WEB, API)).toBe(false);
  });

  it('an except denies, though another rule allows the block; a pod named inside it passes', async () => {
    const open = policy('open', {
      egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }],
      policyTypes: ['Egress'],
    });
    const except = policy('except', {
      egress: [
        { to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }] },
        { to: [{ podSelector: { matchLabels: { app: 'inside' } } }] },
      ],
      policyTypes: ['Egress'],
    });
    const inside = pod('inside', '10.1.0.7', { host: NODE_B });
    const { portable, aws } = await both([web, inside, open, except]);
    expect(portable('egress', 'web', WEB, '10.1.0.9')).toBe(true);
    expect(aws('egress', 'web', WEB, '10.1.0.9')).toBe(false);
    expect(aws('egress', 'web', WEB, '10.1.0.7')).toBe(true);
    expect(aws('egress', 'web', WEB, '10.2.0.9')).toBe(true);
  });

  it('the longest block decides and inherits the ports of those that hold it', async () => {
    const rules = policy('rules', {
      egress: [
        { to: [{ ipBlock: { cidr: '10.0.0.0/8' } }], ports: [{ protocol: 'TCP', port: 80 }] },
        { to: [{ ipBlock: { cidr: '10.9.0.0/16' } }], ports: [{ protocol: 'TCP', port: 443 }] },
      ],
      policyTypes: ['Egress'],
    });
    const { portable, aws } = await both([web, rules]);
    for (const ask of [portable, aws]) {
      expect(ask('egress', 'web', WEB, '10.9.0.1', 80)).toBe(true);
      expect(ask('egress', 'web', WEB, '10.9.0.1', 443)).toBe(true);
      expect(ask('egress', 'web', WEB, '10.8.0.1', 443)).toBe(false);
    }
  });

  it('a block keeps 24 ports; the trace says that more were dropped', async () => {
    const ports = Array.from({ length: 30 }, (_, i) => ({ protocol: 'TCP', port: 8000 + i }));
    const many = policy('many', {
      egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }], ports }],
      policyTypes: ['Egress'],
    });
    const { portable, aws } = await both([web, many]);
    const open = (ask: Ask): number =>
      ports.filter(({ port }) => ask('egress', 'web', WEB, '10.8.0.1', port)).length;
    expect(open(portable)).toBe(30);
    expect(open(aws)).toBe(24);
    const cluster = await PolicyCluster.of('aws-standard', [namespace('shop'), web, many]);
    const { verdict } = cluster.ask('egress', 'shop/web', packet(WEB, '10.8.0.1', 'TCP', 8029));
    expect(verdict?.text).toContain('more than 24 ports');
  });

  it('ICMP passes only entries without ports, and the API says nothing about it', async () => {
    const any = policy('any', {
      podSelector: { matchLabels: { app: 'web' } },
      ingress: [{ from: [{ podSelector: {} }] }],
      policyTypes: ['Ingress'],
    });
    const tcp = policy('tcp', {
      podSelector: { matchLabels: { app: 'api' } },
      ingress: [{ from: [{ podSelector: {} }], ports: [{ protocol: 'TCP' }] }],
      policyTypes: ['Ingress'],
    });
    const aws = await asks('aws-standard', [web, api, any, tcp]);
    expect(aws('ingress', 'web', API, WEB, 0, 'ICMP')).toBe(true);
    expect(aws('ingress', 'api', WEB, API, 0, 'ICMP')).toBe(false);
  });

  it('rules of a direction that policyTypes leaves out are enforced all the same', async () => {
    const ingressOnly = policy('ingress-only', {
      egress: [{ to: [{ podSelector: { matchLabels: { app: 'api' } } }] }],
      policyTypes: ['Ingress'],
    });
    const { portable, aws } = await both([web, api, ingressOnly]);
    expect(portable('egress', 'web', WEB, '8.8.8.8')).toBe(true);
    expect(aws('egress', 'web', WEB, '8.8.8.8')).toBe(false);
  });

  it('in strict mode a pod that no policy selects may not talk, its node included', async () => {
    const cluster = await PolicyCluster.of('aws-strict', [namespace('shop'), web]);
    const { verdict } = cluster.ask('egress', 'shop/web', packet(WEB, API, 'TCP', 80));
    expect(verdict?.code).toBe('K8S_NETPOL_DEFAULT_DENY_STRICT');
    const probe = cluster.ask('ingress', 'shop/web', packet(NODE_A, WEB, 'TCP', 8080));
    expect(probe.verdict?.code).toBe('K8S_NETPOL_DEFAULT_DENY_STRICT');
    const strict = await asks('aws-strict', [web, DENY_INGRESS]);
    expect(strict('egress', 'web', WEB, API)).toBe(true);
  });

  it('where the agent is off, a policy that would deny is a note and the packet passes', async () => {
    const cluster = await PolicyCluster.of('off', [namespace('shop'), web, DENY_EGRESS]);
    const asked = cluster.ask('egress', 'shop/web', packet(WEB, API, 'TCP', 80));
    expect(asked.verdict).toBeUndefined();
    expect(asked.steps.map(({ action, evidence }) => [action, evidence.code])).toEqual([
      ['note', 'K8S_NETPOL_NOT_ENFORCED'],
    ]);
  });
});

describe('cluster policies', () => {
  const denyAll = (tier: string, priority: number) =>
    clusterPolicy(`deny-${tier.toLowerCase()}`, {
      tier,
      priority,
      egress: [{ action: 'Deny', to: [{ networks: ['0.0.0.0/0'] }] }],
    });
  const ALLOW_ALL = policy('allow-all', { egress: [{}], policyTypes: ['Egress'] });

  it('an Admin Deny wins over a NetworkPolicy that allows; a Pass before it does not', async () => {
    const denied = await asks('aws-standard', [web, ALLOW_ALL, denyAll('Admin', 10)]);
    expect(denied('egress', 'web', WEB, '8.8.8.8')).toBe(false);
    const pass = clusterPolicy('pass', {
      tier: 'Admin',
      priority: 5,
      egress: [{ action: 'Pass', to: [{ networks: ['8.8.8.0/24'] }] }],
    });
    const passed = await asks('aws-standard', [web, ALLOW_ALL, denyAll('Admin', 10), pass]);
    expect(passed('egress', 'web', WEB, '8.8.8.8')).toBe(true);
    expect(passed('egress', 'web', WEB, '9.9.9.9')).toBe(false);
  });

  it('a Baseline Deny counts where no NetworkPolicy selects the pod, and no longer', async () => {
    const alone = await asks('aws-standard', [web, denyAll('Baseline', 10)]);
    expect(alone('egress', 'web', WEB, '8.8.8.8')).toBe(false);
    expect(alone('egress', 'web', WEB, NODE_A)).toBe(true);
    // Ingress only, and yet the catch-all entry of egress hides the Baseline tier.
    const bypassed = await asks('aws-standard', [web, DENY_INGRESS, denyAll('Baseline', 10)]);
    expect(bypassed('egress', 'web', WEB, '8.8.8.8')).toBe(true);
  });
});

describe('a flow and its answers', () => {
  it("passes the client's ingress with the Service's address as source", async () => {
    const svc = service('api', '172.20.0.20', {
      selector: { app: 'api' },
      ports: [{ port: 80, targetPort: 8080, protocol: 'TCP' }],
    });
    const toApi = policy('to-api', {
      podSelector: { matchLabels: { app: 'web' } },
      egress: [
        {
          to: [{ podSelector: { matchLabels: { app: 'api' } } }],
          ports: [{ protocol: 'TCP', port: 8080 }],
        },
      ],
      policyTypes: ['Egress', 'Ingress'],
    });
    const { enforcement } = await PolicyCluster.of('aws-standard', [
      namespace('shop'),
      web,
      api,
      svc,
      toApi,
    ]);
    const { Recorder } = await import('../src/datapath/recorder.ts');
    const recorder = new Recorder();
    const session = enforcement.session();
    const request = packet(WEB, '172.20.0.20', 'TCP', 80);
    expect(session.egress('pod/shop/web', request, recorder)).toBeUndefined();
    const answer = { ...packet('172.20.0.20', WEB, 'TCP', 40_000), sourcePort: 80 };
    expect(session.ingress('pod/shop/web', answer, recorder)).toBeUndefined();
    expect(enforcement.session().ingress('pod/shop/web', answer, recorder)).toBeDefined();
    const [step] = recorder.hops()[0]!.steps;
    expect(step?.evidence.decisive.map((it) => [it.object.split('-')[0], it.rule])).toEqual([
      ['networkpolicy shop/to', 'egress[0].to[0]'],
      ['policyendpoint shop/to', '172.20.0.20/32'],
    ]);
  });
});
