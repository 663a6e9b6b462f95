/**
 * shell/files/environment — the variables a container starts with: the image's own few, what the
 * manifest declares, and one set for every Service of its namespace.
 *
 * Upstream: kubernetes/kubernetes@v1.30.5 pkg/kubelet/kubelet_pods.go makeEnvironmentVariables,
 * pkg/kubelet/envvars/envvars.go FromServices; third_party/forked/golang/expansion for $(NAME).
 */
import { base64Text } from '../../controllers/load-balancer/ingress/base64-text.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { ipsOfPod } from '../../model/kubernetes/addresses.ts';
import type { Container, EnvVar, Pod, Service } from '../../model/kubernetes/core.ts';
import type { Host } from '../host.ts';

/** What most images set; the image itself is not known. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

interface ValueFrom {
  readonly fieldRef?: { readonly fieldPath: string };
  readonly resourceFieldRef?: { readonly resource: string; readonly divisor?: string };
  readonly configMapKeyRef?: { readonly name: string; readonly key: string };
  readonly secretKeyRef?: { readonly name: string; readonly key: string };
}

interface EnvFrom {
  readonly prefix?: string;
  readonly configMapRef?: { readonly name: string };
  readonly secretRef?: { readonly name: string };
}

/** Variables in the order a process would list them. */
export function environmentOf(host: Host): Map<string, string> {
  const { world, pod, container, hostname } = host;
  const env = new Map([['PATH', PATH]]);
  if (pod === undefined || container === undefined) {
    env.set('HOME', '/root').set('HOSTNAME', hostname).set('USER', 'root');
    return env;
  }
  env.set('HOSTNAME', hostname);
  const { store } = world.twin;
  const services = serviceVariables(store, pod);
  for (const [name, value] of fromSources(store, pod, container)) env.set(name, value);
  for (const variable of container.env ?? []) {
    const value = declaredValue(
      store,
      host,
      variable,
      (name) => env.get(name) ?? services.get(name),
    );
    if (value !== undefined) env.set(variable.name, value);
  }
  for (const [name, value] of services) if (!env.has(name)) env.set(name, value);
  if (!env.has('HOME')) env.set('HOME', '/root');
  return env;
}

/** The texts of a ConfigMap or a Secret; empty where there is none. */
export function dataOf(
  store: TwinStore,
  kind: 'ConfigMap' | 'Secret',
  key: string,
): Readonly<Record<string, string>> {
  const object = store.get(kind, key) as
    | { readonly data?: Record<string, string>; readonly stringData?: Record<string, string> }
    | undefined;
  const data = object?.data ?? {};
  if (kind === 'ConfigMap') return data;
  const decoded = Object.entries(data).map(([name, text]) => [name, base64Text(String(text))]);
  return { ...Object.fromEntries(decoded), ...object?.stringData };
}

function fromSources(
  store: TwinStore,
  { metadata }: Pod,
  container: Container,
): readonly (readonly [string, string])[] {
  const sources = (Array.isArray(container.envFrom) ? container.envFrom : []) as EnvFrom[];
  return sources.flatMap(({ prefix = '', configMapRef, secretRef }) => {
    const of = (kind: 'ConfigMap' | 'Secret', name: string | undefined) =>
      name === undefined
        ? []
        : Object.entries(dataOf(store, kind, `${metadata.namespace ?? 'default'}/${name}`));
    return [...of('ConfigMap', configMapRef?.name), ...of('Secret', secretRef?.name)].map(
      ([name, value]) => [`${prefix}${name}`, String(value)] as const,
    );
  });
}

function declaredValue(
  store: TwinStore,
  host: Host,
  { value, valueFrom }: EnvVar,
  known: (name: string) => string | undefined,
): string | undefined {
  if (valueFrom === undefined || valueFrom === null) return expanded(value ?? '', known);
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom as ValueFrom;
  const namespace = host.pod?.metadata.namespace ?? 'default';
  if (fieldRef !== undefined) return fieldOf(host, fieldRef.fieldPath);
  if (configMapKeyRef !== undefined)
    return dataOf(store, 'ConfigMap', `${namespace}/${configMapKeyRef.name}`)[configMapKeyRef.key];
  if (secretKeyRef !== undefined)
    return dataOf(store, 'Secret', `${namespace}/${secretKeyRef.name}`)[secretKeyRef.key];
  if (resourceFieldRef === undefined) return '';
  const [kind = '', name = ''] = resourceFieldRef.resource.split(/\.(.*)/);
  const resources = host.container?.resources as
    | Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>
    | undefined;
  return String(resources?.[kind]?.[name] ?? '0');
}

/** `$(NAME)` of what is known already; `$$` is a dollar. */
function expanded(text: string, known: (name: string) => string | undefined): string {
  return text.replace(/\$\$|\$\(([\w.-]+)\)/g, (all, name: string | undefined) =>
    name === undefined ? '$' : (known(name) ?? all),
  );
}

function fieldOf({ pod, nodeName }: Host, path: string): string {
  if (pod === undefined) return '';
  const { metadata, spec, status } = pod;
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (keyed !== null) return metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2]!] ?? '';
  switch (path) {
    case 'metadata.name':
      return metadata.name;
    case 'metadata.namespace':
      return metadata.namespace ?? 'default';
    case 'metadata.uid':
      return metadata.uid ?? '';
    case 'spec.nodeName':
      return nodeName;
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? 'default';
    case 'status.podIP':
      return ipsOfPod(pod)[0] ?? '';
    case 'status.podIPs':
      return ipsOfPod(pod).join(',');
    case 'status.hostIP':
      return status?.hostIP ?? '';
    case 'status.hostIPs':
      return (status?.hostIPs ?? []).map(({ ip }) => ip).join(',');
    default:
      return '';
  }
}

const variableName = (name: string): string => name.toUpperCase().replaceAll('-', '_');

/** Services of the pod's namespace, and the API server's wherever it is. */
function serviceVariables(store: TwinStore, { metadata, spec }: Pod): Map<string, string> {
  const isLinked = spec.enableServiceLinks !== false;
  const chosen = store.list('Service').filter((service) => {
    const { namespace, name } = service.metadata;
    if (namespace === 'default' && name === 'kubernetes') return true;
    return isLinked && namespace === metadata.namespace;
  });
  return new Map(chosen.flatMap(variablesOf));
}

function variablesOf({ metadata, spec }: Service): readonly (readonly [string, string])[] {
  const { clusterIP, ports = [] } = spec;
  const [first] = ports;
  if (!clusterIP || clusterIP === 'None' || first === undefined) return [];
  const name = variableName(metadata.name);
  const host = clusterIP.includes(':') ? `[${clusterIP}]` : clusterIP;
  const urlOf = ({ protocol = 'TCP', port }: typeof first): string =>
    `${protocol.toLowerCase()}://${host}:${port}`;
  return [
    [`${name}_SERVICE_HOST`, clusterIP],
    [`${name}_SERVICE_PORT`, String(first.port)],
    ...ports.flatMap((port) =>
      port.name === undefined || port.name === ''
        ? []
        : [[`${name}_SERVICE_PORT_${variableName(port.name)}`, String(port.port)] as const],
    ),
    [`${name}_PORT`, urlOf(first)],
    ...ports.flatMap((port) => {
      const prefix = `${name}_PORT_${port.port}_${port.protocol ?? 'TCP'}`;
      return [
        [prefix, urlOf(port)],
        [`${prefix}_PROTO`, (port.protocol ?? 'TCP').toLowerCase()],
        [`${prefix}_PORT`, String(port.port)],
        [`${prefix}_ADDR`, clusterIP],
      ] as const;
    }),
  ];
}
