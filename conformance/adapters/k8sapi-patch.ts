/**
 * conformance/adapters/k8sapi-patch — patches of the three kinds, sent to a real kube-apiserver
 * 1.20.2.
 *
 * Schema: {source, cases: [{base, type, patch, code, result}]}: `base` is created, `patch` sent
 * with
 * content type `type`. Cases have no names; they are called after what they do.
 */
import type { KubernetesKind } from '../../src/model/kinds.ts';
import type { KubernetesObject } from '../../src/model/kubernetes/meta.ts';
import { storeKeyOf, storeKindOf } from '../../src/model/kubernetes/resources.ts';
import type { Adapter, CaseResult } from '../adapter.ts';
import { FORMER_BANDS, PRESENT_BANDS, withoutAllocated } from './k8sapi-allocated.ts';
import { difference } from './k8sapi-difference.ts';
import { asKnownThen, comparable, comparableStatus, isPlain, type Plain } from './k8sapi-older.ts';
import { server } from './k8sapi-server.ts';

interface PatchCase {
  readonly base: Plain;
  readonly type: string;
  readonly patch: unknown;
  readonly code: number;
  readonly result: Plain;
}

const TYPES: Readonly<Record<string, 'json' | 'merge' | 'strategic'>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
};

const isPatchFile = (json: unknown): json is { readonly cases: readonly PatchCase[] } => {
  if (!isPlain(json) || !Array.isArray(json.cases) || json.cases.length === 0) return false;
  return json.cases.every(
    (it: unknown) => isPlain(it) && isPlain(it.base) && 'patch' in it && 'type' in it,
  );
};

function runCase({ base, type, patch, code, result }: PatchCase): CaseResult {
  const kindOfPatch = TYPES[type];
  const name = `${String(base.kind)} ${kindOfPatch ?? type} ${JSON.stringify(patch)}`;
  if (kindOfPatch === undefined) return { name, failure: `no such patch type: ${type}` };
  const { kubernetes } = server([base]);
  const created = kubernetes.create(asKnownThen(base) as unknown as KubernetesObject) as Plain;
  if (created.kind === 'Status') return { name, failure: `base: ${String(created.message)}` };
  const object = created as unknown as KubernetesObject;
  const kind: KubernetesKind = storeKindOf(object);
  const got = kubernetes.patch(kind, storeKeyOf(object), kindOfPatch, patch) as Plain;
  const refused = got.kind === 'Status';
  const gotCode = refused ? got.code : 200;
  if (gotCode !== code) {
    const said = refused ? `: ${String(got.message)}` : '';
    return { name, failure: `wanted ${code}, got ${String(gotCode)}${said}` };
  }
  const failure = refused
    ? difference(comparableStatus(result), comparableStatus(got))
    : difference(
        comparable(withoutAllocated(result, [base, patch], FORMER_BANDS)),
        comparable(withoutAllocated(got, [base, patch], PRESENT_BANDS)),
      );
  return { name, failure };
}

export const adapter: Adapter = {
  name: 'k8sapi/patch',
  accepts: (_path, json) => isPatchFile(json),
  run: (json) => (json as { readonly cases: readonly PatchCase[] }).cases.map(runCase),
};
