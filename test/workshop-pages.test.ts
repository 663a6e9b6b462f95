/**
 * The EKS Workshop's pages on network policies, command by command: what `kubectl apply` adds is
 * added, and every curl in a pod gets the outcome that the page prints. The pages stand beside the
 * repository and are read, never copied; without them this is skipped.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type TraceAnswer, traceAnswer } from '../src/analysis/trace/question.ts';
import { readInputFiles } from '../src/cli/input-files.ts';
import { PROTOCOL_TCP } from '../src/net/index.ts';
import { buildTwin, type Twin } from '../src/twin/index.ts';

const WORKSHOP = '../shared/inputs/eks-workshop';
const POLICIES = `${WORKSHOP}/manifests/modules/networking/network-policies/apply-network-policies`;
const PAGES = ['setup', 'egress', 'ingress', 'debug'];
const isThere = existsSync(WORKSHOP);

interface Page {
  readonly blocks: readonly {
    readonly flags: string;
    readonly commands: readonly { readonly cmd: string; readonly output: string }[];
  }[];
}

/** A manifest as the reader applied it: `kubectl apply -n ui -f …/default-deny.yaml`. */
interface Applied {
  readonly path: string;
  readonly namespace: string | undefined;
}

interface Curl {
  readonly from: string;
  readonly url: string;
  readonly fails: boolean;
}

function appliedBy(command: string): Applied | undefined {
  const match = /^kubectl apply (?:-n (\S+) )?-f \S*?([\w-]+\.yaml)$/.exec(command);
  return match === null ? undefined : { namespace: match[1], path: join(POLICIES, match[2]!) };
}

function curlOf(command: string, output: string, flags: string): Curl | undefined {
  const match = /^kubectl exec deployment\/(\S+) -n (\S+) -- curl (.*)$/.exec(command);
  if (match === null) return undefined;
  const words = match[3]!.split(' ');
  const url = words.find((word) => /[.]/.test(word) && !word.startsWith('-'))!;
  const fails = /expectError=true/.test(flags);
  if (fails) expect(output).toMatch(/curl: \(28\)/);
  const withScheme = /:\/\//.test(url) ? url : `http://${url}`;
  return { from: `deploy/${match[2]}/${match[1]}`, url: withScheme, fails };
}

/** Manifests without a namespace go where their command put them: one twin for each such place. */
async function twinWith(applied: readonly Applied[]): Promise<Twin> {
  const base = readInputFiles([
    `${WORKSHOP}/cluster`,
    `${WORKSHOP}/rendered/base-application.yaml`,
  ]);
  const namespaces = new Set(applied.flatMap(({ namespace }) => namespace ?? []));
  expect(namespaces.size).toBeLessThanOrEqual(1);
  const files = [...base, ...readInputFiles(applied.map(({ path }) => path))];
  const twin = await buildTwin(files, { seed: 1, defaultNamespace: [...namespaces][0] });
  await twin.settle();
  return twin;
}

const ask = (twin: Twin, { from, url }: Curl): TraceAnswer =>
  traceAnswer(twin.datapath, {
    from,
    to: url,
    protocol: PROTOCOL_TCP,
    withReturn: true,
    namespace: 'default',
  });

describe.skipIf(!isThere)('the pages on network policies (needs ../shared/inputs)', () => {
  test('every curl ends as the page prints it', { timeout: 120_000 }, async () => {
    const applied: Applied[] = [];
    const outcomes: string[] = [];
    for (const name of PAGES) {
      const path = `${WORKSHOP}/commands/networking__vpc-cni__network-policies__${name}.json`;
      const page: Page = JSON.parse(readFileSync(path, 'utf8'));
      for (const { flags, commands } of page.blocks) {
        for (const { cmd, output } of commands) {
          const added = appliedBy(cmd);
          // A manifest applied again replaces the one of its name.
          if (added !== undefined) applied.push(added);
          const curl = curlOf(cmd, output, flags);
          if (curl === undefined) continue;
          const answer = ask(await twinWith(applied), curl);
          const what = `${basename(path)}: ${curl.from} ${curl.url}: ${answer.text}`;
          expect(answer.disposition === 'delivered', what).toBe(!curl.fails);
          if (curl.fails) expect(answer.disposition, what).toBe('denied-by-network-policy');
          outcomes.push(`${curl.from} ${curl.url} ${answer.disposition}`);
        }
      }
    }
    expect(outcomes.length).toBeGreaterThanOrEqual(10);
  });

  test('catalog and its database: one is let in, the other is blocked, and by which policy', async () => {
    const twin = await twinWith([
      { path: `${POLICIES}/default-deny.yaml`, namespace: 'ui' },
      { path: `${POLICIES}/allow-ui-egress.yaml`, namespace: undefined },
    ]);
    const health = ask(twin, {
      from: 'deploy/ui/ui',
      url: 'http://catalog.catalog/health',
      fails: false,
    });
    expect(health.disposition).toBe('delivered');
    expect(health.name?.lookup.answeredName).toBe('catalog.catalog.svc.cluster.local.');
    const layers = new Set(
      health.branches[0]!.forward.flatMap(({ steps }) => steps.map((it) => it.layer)),
    );
    for (const layer of ['cni', 'kube-proxy', 'subnet', 'security'])
      expect([...layers]).toContain(layer);
    for (const { steps } of health.branches[0]!.forward)
      for (const step of steps) {
        if (step.action === 'note') continue;
        expect(step.evidence.decisive.length, step.text).toBeGreaterThan(0);
      }
    const mysql = ask(twin, {
      from: 'deploy/ui/ui',
      url: 'tcp://catalog-mysql.catalog:3306',
      fails: true,
    });
    expect(mysql.disposition).toBe('denied-by-network-policy');
    expect(mysql.text).toMatch(/ui\/(default-deny|allow-ui-egress)/);
    expect(mysql.remedy?.text).toMatch(/mysql/);
  });
});
