/**
 * conformance/adapters/k8sapi-create — Services, Ingresses and NetworkPolicies created in a real
 * kube-apiserver 1.20.2, and its whole answers.
 *
 * Schema: {source, cases: [{name, input, code, result}]}; the cases of a file were asked of one
 * server,
 * in order. Allocated addresses and ports are free within their band.
 */
import type { KubernetesObject } from '../../src/model/kubernetes/meta.ts';
import type { Adapter, CaseResult } from '../adapter.ts';
import { FORMER_BANDS, PRESENT_BANDS, withoutAllocated } from './k8sapi-allocated.ts';
import { difference } from './k8sapi-difference.ts';
import {
  asKnownThen,
  comparable,
  comparableStatus,
  isAcceptedToday,
  isPlain,
  type Plain,
} from './k8sapi-older.ts';
import { type Server, server } from './k8sapi-server.ts';

interface CreateCase {
  readonly name: string;
  readonly input: Plain;
  readonly code: number;
  readonly result: Plain;
}

const isCreateFile = (json: unknown): json is { readonly cases: readonly CreateCase[] } => {
  if (!isPlain(json) || !Array.isArray(json.cases) || json.cases.length === 0) return false;
  return json.cases.every(
    (it: unknown) =>
      isPlain(it) && isPlain(it.input) && 'kind' in it.input && 'code' in it && 'result' in it,
  );
};

function runCase({ kubernetes }: Server, { name, input, code, result }: CreateCase): CaseResult {
  const got = kubernetes.create(asKnownThen(input) as unknown as KubernetesObject) as Plain;
  const refused = got.kind === 'Status';
  const gotCode = refused ? got.code : 201;
  if (gotCode === 201 && code === 422 && isAcceptedToday(input, result)) return { name };
  if (gotCode !== code) {
    const said = refused ? `: ${String(got.message)}` : '';
    return { name, failure: `wanted ${code}, got ${String(gotCode)}${said}` };
  }
  const failure = refused
    ? difference(comparableStatus(result), comparableStatus(got))
    : difference(
        comparable(withoutAllocated(result, input, FORMER_BANDS)),
        comparable(withoutAllocated(got, input, PRESENT_BANDS)),
      );
  return { name, failure };
}

export const adapter: Adapter = {
  name: 'k8sapi/create',
  accepts: (_path, json) => isCreateFile(json),
  run(json) {
    const { cases } = json as { readonly cases: readonly CreateCase[] };
    const one = server(cases.map((it) => it.input));
    return cases.map((it) => runCase(one, it));
  },
};
