/**
 * The load balancer controller's own examples (but those of its Gateway API), each applied to a
 * cluster where the controller is at work: every Ingress, Service, TargetGroupBinding and
 * IngressClassParams is reconciled, or refused with a reason; what nobody simulates is said. They
 * lie beside the repository and are not part of it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InputError } from '../src/model/input-error.ts';
import type { KubernetesObject } from '../src/model/kubernetes/meta.ts';
import { keyOf } from '../src/model/kubernetes/meta.ts';
import { buildTwin, type Twin } from '../src/twin/index.ts';

const EXAMPLES = '../shared/inputs/lbc-examples';
const isThere = existsSync(EXAMPLES);
const CLUSTER = `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: demo, region: us-west-2, version: "1.33"}
managedNodeGroups:
  - {name: ng, instanceType: m5.large, desiredCapacity: 2, privateNetworking: true}
`;

/** Kinds that the controller answers for. */
const ASKED = /^kind: (Ingress|Service|TargetGroupBinding|IngressClassParams)$/m;
const DECLARED = /^kind: (GlobalAccelerator|ALBTargetControlConfig)$/m;

const files = (which: RegExp): string[] =>
  isThere
    ? readdirSync(EXAMPLES)
        .filter((name) => name.endsWith('.yaml') && !/gateway|install_v2/.test(name))
        .filter((name) => which.test(readFileSync(join(EXAMPLES, name), 'utf8')))
    : [];

/** Examples speak of namespaces that another page makes. */
function namespacesFor(text: string): string {
  const own = new Set(
    text
      .split(/^---$/m)
      .filter((document) => /^kind: Namespace$/m.test(document))
      .map((document) => /^ {2}name: (\S+)$/m.exec(document)?.[1]),
  );
  const named = [...text.matchAll(/^\s+namespace:\s*["']?([\w-]+)/gm)].map(([, name]) => name!);
  return [...new Set(named)]
    .filter((name) => !own.has(name) && name !== 'default' && name !== 'kube-system')
    .map((name) => `apiVersion: v1\nkind: Namespace\nmetadata: {name: "${name}"}\n`)
    .join('---\n');
}

/** The cluster with the example in it, or why the example is no input. */
async function applied(name: string): Promise<Twin | InputError> {
  const text = readFileSync(join(EXAMPLES, name), 'utf8');
  const inputs = [
    { path: 'cluster.yaml', text: CLUSTER },
    { path: 'namespaces.yaml', text: namespacesFor(text) },
    { path: name, text },
  ].filter((it) => it.text !== '');
  try {
    const twin = await buildTwin(inputs, { seed: 1, with: ['aws-load-balancer-controller'] });
    await twin.settle();
    return twin;
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}

/** How an object ended: its last event, or why there is none. */
function endOf({ store }: Twin, kind: string, object: KubernetesObject): string {
  const events = store.lookup('Event', 'object', `${kind}:${keyOf(object)}`);
  const last = events.filter(({ reason }) => /^(Failed|Successfully|Backend)/.test(reason)).at(-1);
  return last === undefined ? 'nothing said' : `${last.reason}: ${last.message}`;
}

describe.skipIf(!isThere)('the controller’s examples (needs ../shared/inputs)', () => {
  const asked = files(ASKED);
  test('there are some', () => expect(asked.length).toBeGreaterThan(25));

  test.each(asked)('%s is reconciled or refused with a reason', async (name) => {
    const twin = await applied(name);
    if (twin instanceof InputError) {
      expect(twin.message.length).toBeGreaterThan(20);
      return;
    }
    const { store } = twin;
    for (const ingress of store.list('Ingress')) {
      const end = endOf(twin, 'Ingress', ingress);
      expect(end, keyOf(ingress)).toMatch(/^(Failed|Successfully)/);
      const hasAddress = (ingress.status?.loadBalancer?.ingress ?? []).length > 0;
      expect(hasAddress, end).toBe(end.startsWith('Successfully'));
    }
    for (const service of store.list('Service')) {
      if (service.spec.type !== 'LoadBalancer') continue;
      expect(endOf(twin, 'Service', service), keyOf(service)).toMatch(/^(Failed|Successfully)/);
    }
    for (const binding of store.list('TargetGroupBinding')) {
      const end = endOf(twin, 'TargetGroupBinding', binding);
      expect(end, keyOf(binding)).toMatch(/^(Failed|Successfully|BackendNotFound)/);
    }
    twin.stop();
  });

  test.each(files(DECLARED))('%s is declared, not simulated', async (name) => {
    const twin = await applied(name);
    if (twin instanceof InputError) {
      expect(twin.message.length).toBeGreaterThan(20);
      return;
    }
    const said = twin.troubles().map(({ text }) => text);
    expect(said.some((text) => text.startsWith('declared, not simulated'))).toBe(true);
    twin.stop();
  });
});
