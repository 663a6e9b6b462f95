/**
 * conformance/adapters/netpol-tables — NetworkPolicy truth tables: who may talk to whom on which
 * port.
 *
 * Schema: {steps: [{namespaces, pods, policies, podOrder, probe?, expected}]}; `expected` is either
 * rows of `.` and `X` (Kubernetes' own tests, one probe) or {"TCP/80": {ingress, egress, combined}}
 * (Cyclonus). Every step is a whole cluster. A pod always reaches itself, so the diagonal is left
 * out: Cyclonus counts it as policed, Kubernetes' tests ignore it.
 *
 * Cyclonus' tables are run by Amazon's engine as well, with the product's own controller: Amazon
 * tests its agent with Cyclonus. Where the two differ by design a failure begins with the words of
 * known-differences.json, and test/network-policy-engines.test.ts says what is right there.
 */
import type { KubernetesObject } from '../../src/model/kubernetes/meta.ts';
import type { NetworkPolicy, NetworkPolicyPeer } from '../../src/model/kubernetes/networking.ts';
import { cidrTextContainsCidr } from '../../src/net/index.ts';
import type { Adapter, CaseResult } from '../adapter.ts';
import { type Engine, PolicyCluster, packet } from '../policy-cluster.ts';

interface Table {
  readonly ingress: readonly string[];
  readonly egress: readonly string[];
  readonly combined: readonly string[];
}

interface TableStep {
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly pods: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly ip: string;
    readonly ports?: readonly { name: string; port: number; protocol: string }[];
  }[];
  readonly policies: readonly KubernetesObject[] | null;
  readonly podOrder: readonly string[];
  readonly probe?: { readonly port: number; readonly protocol: string };
  readonly expected: readonly string[] | Readonly<Record<string, Table>>;
}

interface TableCase {
  readonly id: string;
  readonly name?: string;
  readonly description?: string;
  readonly steps: readonly TableStep[];
}

const isCase = (json: unknown): json is TableCase => {
  const steps = (json as Partial<TableCase> | undefined)?.steps;
  if (!Array.isArray(steps) || steps.length === 0) return false;
  const first = steps[0] as Partial<TableStep>;
  return 'podOrder' in first && 'policies' in first && 'expected' in first;
};

/** Every pod on a node of its own, so that no node's address helps. */
const objectsOf = (step: TableStep): KubernetesObject[] => [
  ...Object.entries(step.namespaces).map(([name, labels]) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels },
  })),
  ...step.pods.map(({ namespace, name, labels, ip, ports = [] }, i) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels },
    spec: {
      nodeName: `node-${i}`,
      containers: [
        {
          name: 'main',
          ports: ports.map((it) => ({
            name: it.name,
            containerPort: it.port,
            protocol: it.protocol,
          })),
        },
      ],
    },
    status: { phase: 'Running', podIP: ip, hostIP: `203.0.113.${i + 1}` },
  })),
  // Policies that were updated in place come without their kind.
  ...(step.policies ?? []).map((policy) => ({
    ...policy,
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
  })),
];

async function wrongCells(engine: Engine, step: TableStep): Promise<readonly string[]> {
  const cluster = await PolicyCluster.of(engine, objectsOf(step));
  const ips = new Map(step.pods.map((pod) => [`${pod.namespace}/${pod.name}`, pod.ip]));
  const wrong: string[] = [];
  const compare = (
    rows: readonly string[],
    what: string,
    answer: (from: string, to: string) => boolean,
  ): void => {
    step.podOrder.forEach((from, row) => {
      step.podOrder.forEach((to, column) => {
        if (from === to) return;
        const wanted = rows[row]?.[column];
        const got = answer(from, to) ? '.' : 'X';
        if (wanted !== got) wrong.push(`${what} ${from} -> ${to}: wanted ${wanted}, got ${got}`);
      });
    });
  };
  const probe = (protocol: string, port: number, rows: Table): void => {
    const ask = (direction: 'ingress' | 'egress', from: string, to: string): boolean => {
      const asked = packet(ips.get(from)!, ips.get(to)!, protocol, port);
      const pod = direction === 'egress' ? from : to;
      return cluster.ask(direction, pod, asked).verdict === undefined;
    };
    const sends = (from: string, to: string): boolean => ask('egress', from, to);
    const hears = (from: string, to: string): boolean => ask('ingress', from, to);
    const what = `${protocol}/${port}`;
    if (rows.egress.length > 0) compare(rows.egress, `${what} egress`, sends);
    if (rows.ingress.length > 0) compare(rows.ingress, `${what} ingress`, hears);
    compare(rows.combined, what, (from, to) => sends(from, to) && hears(from, to));
  };
  const { expected } = step;
  if (Array.isArray(expected)) {
    const rows = { ingress: [], egress: [], combined: expected as readonly string[] };
    probe(step.probe!.protocol, step.probe!.port, rows);
  } else {
    for (const [key, rows] of Object.entries(expected as Readonly<Record<string, Table>>)) {
      const [protocol = '', port = ''] = key.split('/');
      probe(protocol, Number(port), rows);
    }
  }
  return wrong;
}

/**
 * True where one peer excepts a block that another peer's block covers: the API adds the two up,
 * Amazon's agent makes the except an entry that denies, and the longest block decides.
 */
function hasExceptBesideItsBlock({ policies }: TableStep): boolean {
  const peers = (policies ?? []).flatMap((policy) => {
    const { ingress = [], egress = [] } = (policy as NetworkPolicy).spec;
    return [...ingress.map(({ from }) => from), ...egress.map(({ to }) => to)].flatMap(
      (it): readonly NetworkPolicyPeer[] => it ?? [],
    );
  });
  const blocks = peers.flatMap(({ ipBlock }) => ipBlock ?? []);
  return blocks.some((one) =>
    (one.except ?? []).some((except) =>
      blocks.some((other) => other !== one && cidrTextContainsCidr(other.cidr, except)),
    ),
  );
}

async function runCase(json: TableCase): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = [];
  const engines: readonly Engine[] = json.steps.some((it) => Array.isArray(it.expected))
    ? ['portable']
    : ['portable', 'aws-standard'];
  for (const engine of engines) {
    const wrong: string[] = [];
    for (const [i, step] of json.steps.entries()) {
      for (const cell of await wrongCells(engine, step)) wrong.push(`step ${i + 1} ${cell}`);
    }
    const name = `${json.id} (${engine === 'portable' ? 'portable' : 'aws-vpc-cni'})`;
    const isByDesign = engine !== 'portable' && json.steps.some(hasExceptBesideItsBlock);
    const why = isByDesign ? 'an except beside its block: ' : '';
    const failure = wrong.length === 0 ? undefined : `${why}${wrong.length} cells: ${wrong[0]}`;
    results.push({ name, failure });
  }
  return results;
}

export const adapter: Adapter = {
  name: 'netpol/tables',
  accepts: (_path, json) => isCase(json),
  run: (json) => runCase(json as TableCase),
};
