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
import { difference } from './k8sapi-difference.ts';
import { asKnownThen, comparable, comparableStatus, isPlain, type Plain } from './k8sapi-older.ts';
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

/** Dynamic bands: 10.100.1.1–10.100.255.254 and 30086–32767. */
const inAddressBand = (address: string): boolean => {
  const match = /^10\.100\.(\d+)\.(\d+)$/.exec(address);
  if (match === null) return false;
  const offset = Number(match[1]) * 256 + Number(match[2]);
  return offset > 256 && offset < 65_535;
};
const inPortBand = (port: unknown): boolean =>
  typeof port === 'number' && port >= 30_086 && port <= 32_767;

/** Allocated values replaced by a word when they lie in their band; asked-for ones stay. */
function withoutAllocated(result: Plain, input: Plain): Plain {
  const spec = result.spec;
  const asked = isPlain(input.spec) ? input.spec : {};
  if (result.kind !== 'Service' || !isPlain(spec)) return result;
  const free: Record<string, unknown> = { ...spec };
  const address = spec.clusterIP;
  if (!asked.clusterIP && typeof address === 'string' && inAddressBand(address)) {
    free.clusterIP = 'allocated';
    const rest = ((spec.clusterIPs ?? []) as readonly string[]).slice(1);
    free.clusterIPs = ['allocated', ...rest];
  }
  const ports = (asked.ports ?? []) as readonly Plain[];
  free.ports = ((spec.ports ?? []) as readonly Plain[]).map((port, i) => {
    const isFree = !ports[i]?.nodePort && inPortBand(port.nodePort);
    return isFree ? { ...port, nodePort: 'allocated' } : port;
  });
  if (!asked.healthCheckNodePort && inPortBand(spec.healthCheckNodePort)) {
    free.healthCheckNodePort = 'allocated';
  }
  return { ...result, spec: free };
}

function runCase({ kubernetes }: Server, { name, input, code, result }: CreateCase): CaseResult {
  const got = kubernetes.create(asKnownThen(input) as unknown as KubernetesObject) as Plain;
  const refused = got.kind === 'Status';
  const gotCode = refused ? got.code : 201;
  if (gotCode !== code) {
    const said = refused ? `: ${String(got.message)}` : '';
    return { name, failure: `wanted ${code}, got ${String(gotCode)}${said}` };
  }
  const failure = refused
    ? difference(comparableStatus(result), comparableStatus(got))
    : difference(
        comparable(withoutAllocated(result, input)),
        comparable(withoutAllocated(got, input)),
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
