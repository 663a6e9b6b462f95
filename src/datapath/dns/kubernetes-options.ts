/**
 * datapath/dns/kubernetes-options — the kubernetes directive of a Corefile, as its plugin reads it.
 *
 * Upstream: coredns/coredns@4b26cced3 plugin/kubernetes/setup.go ParseStanza,
 * plugin/normalize.go OriginsFromArgsOrServerBlock.
 */
import { type Directive, zonesOf } from '../../model/coredns/corefile.ts';
import {
  isSelectorProblem,
  parseSelector,
  type TextSelector,
} from '../../model/kubernetes/selectors.ts';
import { isReverse } from './domain-name.ts';
import type { PluginProblem } from './plugin.ts';

export type PodMode = 'disabled' | 'insecure' | 'verified';

export interface KubernetesOptions {
  readonly zones: readonly string[];
  /** The first zone that is not a reverse one: what PTR answers end in. */
  readonly primaryZone: string;
  readonly pods: PodMode;
  readonly ttl: number;
  /** Names in these zones that do not exist go on to the next plugin. */
  readonly fallthrough: readonly string[];
  /** Empty: every namespace. */
  readonly namespaces: ReadonlySet<string>;
  readonly namespaceSelector?: TextSelector | undefined;
  readonly selector?: TextSelector | undefined;
  readonly usesPodNames: boolean;
  readonly ignoresEmptyServices: boolean;
  readonly hasEndpoints: boolean;
  readonly notes: readonly string[];
}

/** kubernetes.go:90. */
const DEFAULT_TTL = 5;
const TTL_MAX = 3600;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Reader = (
  options: Mutable<KubernetesOptions>,
  args: readonly string[],
  line: number,
) => string | undefined;

const wrongCount = (name: string): string =>
  `Wrong argument count or unexpected line ending after '${name}'`;

const selectorReader =
  (key: 'selector' | 'namespaceSelector', word: string): Reader =>
  (options, args) => {
    if (args.length === 0) return wrongCount(word);
    const text = args.join(' ');
    const selector = parseSelector(text);
    if (isSelectorProblem(selector) || /[()]/.test(text) !== /\([^()]*\)/.test(text)) {
      return `unable to parse ${word === 'labels' ? 'label' : 'namespace_label'} selector value: '${text}'`;
    }
    options[key] = selector;
    return undefined;
  };

const ignored: Reader = () => undefined;
const counted =
  (word: string, least: number, most: number): Reader =>
  (_, args) =>
    args.length < least || args.length > most ? wrongCount(word) : undefined;

const READERS: Readonly<Record<string, Reader>> = {
  pods(options, args) {
    const [mode] = args;
    if (mode === undefined || args.length !== 1) return wrongCount('pods');
    if (mode !== 'disabled' && mode !== 'insecure' && mode !== 'verified') {
      return `wrong value for pods: ${mode},  must be one of: disabled, verified, insecure`;
    }
    options.pods = mode;
    return undefined;
  },
  namespaces(options, args) {
    if (args.length === 0) return wrongCount('namespaces');
    options.namespaces = new Set([...options.namespaces, ...args]);
    return undefined;
  },
  labels: selectorReader('selector', 'labels'),
  namespace_labels: selectorReader('namespaceSelector', 'namespace_labels'),
  fallthrough(options, args) {
    options.fallthrough = fallthroughZones(args);
    return undefined;
  },
  ttl(options, args) {
    const [text] = args;
    if (text === undefined) return wrongCount('ttl');
    if (!/^-?\d+$/.test(text)) return `strconv.Atoi: parsing "${text}": invalid syntax`;
    const ttl = Number(text);
    if (ttl < 0 || ttl > TTL_MAX) return `ttl must be in range [0, ${TTL_MAX}]: ${ttl}`;
    options.ttl = ttl;
    return undefined;
  },
  endpoint_pod_names(options, args) {
    if (args.length > 0) return wrongCount('endpoint_pod_names');
    options.usesPodNames = true;
    return undefined;
  },
  noendpoints(options, args) {
    if (args.length > 0) return wrongCount('noendpoints');
    options.hasEndpoints = false;
    return undefined;
  },
  ignore(options, [what]) {
    if (what === undefined) return undefined;
    if (what !== 'empty_service') return `unable to parse ignore value: '${what}'`;
    options.ignoresEmptyServices = true;
    return undefined;
  },
  // Which API server it talks to, and how fast, changes no answer once it is in step.
  endpoint: counted('endpoint', 1, Number.POSITIVE_INFINITY),
  tls: counted('tls', 3, 3),
  kubeconfig: counted('kubeconfig', 1, 2),
  startup_timeout: counted('startup_timeout', 1, 1),
  apiserver_qps: counted('apiserver_qps', 1, 1),
  apiserver_burst: counted('apiserver_burst', 1, 1),
  apiserver_max_inflight: counted('apiserver_max_inflight', 1, 1),
  upstream: ignored,
  resyncperiod: ignored,
  multicluster(options) {
    options.notes = [...options.notes, 'multicluster is declared, not simulated'];
    return undefined;
  },
  zonal(options) {
    options.notes = [...options.notes, 'zonal is declared, not simulated'];
    return undefined;
  },
};

/** Zones that a `fallthrough` names; the root when it names none. */
export const fallthroughZones = (args: readonly string[]): readonly string[] =>
  args.length === 0 ? ['.'] : args.flatMap(zonesOf);

/** @param serverZones  of the keys of its server block, taken where the directive names none */
export function kubernetesOptions(
  directive: Directive,
  serverZones: readonly string[],
): KubernetesOptions | PluginProblem {
  const zones = directive.args.length === 0 ? serverZones : directive.args.flatMap(zonesOf);
  const primaryZone = zones.find((zone) => !isReverse(`.${zone}`));
  const failure = (problem: string, line = directive.line): PluginProblem => ({ problem, line });
  if (primaryZone === undefined) return failure('non-reverse zone name must be used');
  const options: Mutable<KubernetesOptions> = {
    zones,
    primaryZone,
    pods: 'disabled',
    ttl: DEFAULT_TTL,
    fallthrough: [],
    namespaces: new Set(),
    usesPodNames: false,
    ignoresEmptyServices: false,
    hasEndpoints: true,
    notes: [],
  };
  for (const { name, args, line } of directive.block ?? []) {
    const reader = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
    if (reader === undefined) return failure(`unknown property '${name}'`, line);
    const problem = reader(options, args, line);
    if (problem !== undefined) return failure(problem, line);
  }
  if (options.namespaces.size > 0 && options.namespaceSelector !== undefined) {
    return failure('namespaces and namespace_labels cannot both be set');
  }
  return options;
}
