/**
 * cluster/pod-defaults — what the API server fills in for pods and pod templates.
 *
 * Upstream: kubernetes/kubernetes 1.30 pkg/apis/core/v1/defaults.go SetDefaults_PodSpec,
 * SetDefaults_Container, SetDefaults_Probe, SetDefaults_Pod.
 *
 * Pods come by the hundred thousand from a few templates, and share the template's frozen lists.
 * What
 * a list becomes is therefore remembered by the list's identity: the second pod costs a look-up.
 */
import type {
  Container,
  EnvVar,
  PodSpec,
  PodTemplateSpec,
  ResourceList,
} from '../model/kubernetes/core.ts';

type Plain = Readonly<Record<string, unknown>>;

/** Sets what is absent. The same object when nothing is. */
export function withDefaults<Value extends object>(value: Value, defaults: Plain): Value {
  let changed: Record<string, unknown> | undefined;
  for (const key in defaults) {
    if ((value as Record<string, unknown>)[key] !== undefined) continue;
    changed ??= { ...value } as Record<string, unknown>;
    changed[key] = defaults[key];
  }
  return (changed as Value | undefined) ?? value;
}

/** Maps a list, keeping the very list when nothing changed. */
export function mapSame<Item>(
  items: readonly Item[],
  change: (item: Item, index: number) => Item,
): readonly Item[] {
  let changed: Item[] | undefined;
  for (let i = 0; i < items.length; i++) {
    const after = change(items[i]!, i);
    if (changed === undefined && after !== items[i]) changed = items.slice(0, i);
    changed?.push(after);
  }
  return changed ?? items;
}

/** Remembers the answer for frozen arguments; mutable ones are asked again. */
export function remembered<Key extends object, Value>(
  compute: (key: Key) => Value,
): (key: Key) => Value {
  const answers = new WeakMap<Key, Value>();
  return (key) => {
    const known = answers.get(key);
    if (known !== undefined) return known;
    const value = compute(key);
    if (Object.isFrozen(key)) answers.set(key, value);
    return value;
  };
}

/** Changes one field of an object when the change makes a difference. */
function withField<Value extends object, Field extends keyof Value>(
  value: Value,
  field: Field,
  change: (before: NonNullable<Value[Field]>) => NonNullable<Value[Field]>,
): Value {
  const before = value[field];
  if (before === undefined || before === null) return value;
  const after = change(before as NonNullable<Value[Field]>);
  return after === before ? value : { ...value, [field]: after };
}

/** An image without tag or digest, or tagged `latest`, is pulled always (defaults.go:226). */
function pullPolicy(image: string | undefined): string {
  const text = image ?? '';
  if (text.includes('@')) return 'IfNotPresent';
  const tag = /:([^:/]+)$/.exec(text)?.[1] ?? 'latest';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

const PROBE = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };

type Action = { readonly httpGet?: object | undefined; readonly grpc?: object | undefined };

function actionWithDefaults<Value extends Action>(action: Value): Value {
  const http = withField(action, 'httpGet', (it) =>
    withDefaults(it, { path: '/', scheme: 'HTTP' }),
  );
  return withField(http, 'grpc', (it) => withDefaults(it, { service: '' }));
}

const probeWithDefaults = <Value extends Action>(probe: Value): Value =>
  actionWithDefaults(withDefaults(probe, PROBE));

function envWithDefaults(variable: EnvVar): EnvVar {
  const source = variable.valueFrom as Plain | undefined;
  if (source?.fieldRef === undefined) return variable;
  const fieldRef = withDefaults(source.fieldRef as Plain, { apiVersion: 'v1' });
  return fieldRef === source.fieldRef
    ? variable
    : { ...variable, valueFrom: { ...source, fieldRef } };
}

function containerWithDefaults(container: Container): Container {
  let it = withDefaults(container, {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: container.imagePullPolicy ?? pullPolicy(container.image),
  });
  it = withField(it, 'ports', (ports) =>
    mapSame(ports, (port) => withDefaults(port, { protocol: 'TCP' })),
  );
  it = withField(it, 'env', (env) => mapSame(env, envWithDefaults));
  it = withField(it, 'livenessProbe', probeWithDefaults);
  it = withField(it, 'readinessProbe', probeWithDefaults);
  it = withField(it, 'startupProbe', probeWithDefaults);
  return withField(it, 'lifecycle', (lifecycle) => {
    const hooks = lifecycle as { postStart?: Action; preStop?: Action };
    return withField(
      withField(hooks, 'postStart', actionWithDefaults),
      'preStop',
      actionWithDefaults,
    );
  });
}

/** What each volume source gets (defaults.go:180-300). */
const VOLUME_SOURCES: Readonly<Record<string, Plain>> = {
  secret: { defaultMode: 420 },
  configMap: { defaultMode: 420 },
  downwardAPI: { defaultMode: 420 },
  projected: { defaultMode: 420 },
  hostPath: { type: '' },
  iscsi: { iscsiInterface: 'default' },
};

function volumeWithDefaults(volume: Plain): Plain {
  const sources = Object.keys(volume).filter((key) => key !== 'name' && volume[key] !== undefined);
  if (sources.length === 0) return { ...volume, emptyDir: {} };
  let it = volume;
  for (const source of sources) {
    const defaults = VOLUME_SOURCES[source];
    if (defaults !== undefined) {
      it = withField(it, source, (value) => withDefaults(value as Plain, defaults));
    }
  }
  return withField(it, 'projected', (projected) =>
    withField(projected as { sources?: readonly Plain[] }, 'sources', (list) =>
      mapSame(list, (item) =>
        withField(item, 'serviceAccountToken', (token) =>
          withDefaults(token as Plain, { expirationSeconds: 3600 }),
        ),
      ),
    ),
  );
}

const containersWithDefaults = remembered((containers: readonly Container[]) =>
  mapSame(containers, containerWithDefaults),
);
const volumesWithDefaults = remembered((volumes: readonly Plain[]) =>
  mapSame(volumes, volumeWithDefaults),
);

/** Defaults of a pod's or a template's spec. The same object when it had them all. */
export function podSpecWithDefaults(spec: PodSpec): PodSpec {
  let it = withDefaults(spec, POD_SPEC);
  if (Array.isArray(it.containers)) it = withField(it, 'containers', containersWithDefaults);
  it = withField(it, 'initContainers', containersWithDefaults);
  it = withField(it, 'ephemeralContainers', containersWithDefaults);
  it = withField(it, 'volumes', (list) => volumesWithDefaults(list as readonly Plain[]));
  // conversion.go: the deprecated field shadows the other, both ways.
  const account = it.serviceAccountName ?? (it.serviceAccount as string | undefined);
  return account === undefined
    ? it
    : withDefaults(it, { serviceAccountName: account, serviceAccount: account });
}

const POD_SPEC: Plain = {
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  dnsPolicy: 'ClusterFirst',
  securityContext: {},
  schedulerName: 'default-scheduler',
};

/** Defaults of a workload's pod template. */
export const templateWithDefaults = (template: PodTemplateSpec): PodTemplateSpec =>
  template?.spec === undefined ? template : withField(template, 'spec', podSpecWithDefaults);

/** Limits stand in for requests nobody set (defaults.go SetDefaults_Pod); pods only. */
export const containersWithRequests = remembered((containers: readonly Container[]) =>
  mapSame(containers, (container) => {
    const limits = container.resources?.limits;
    if (limits === undefined) return container;
    const requests: ResourceList = container.resources?.requests ?? {};
    const merged = withDefaults(requests, limits);
    if (merged === requests) return container;
    return { ...container, resources: { ...container.resources, requests: merged } };
  }),
);

/**
 * Containers of the host's network claim their ports there (defaults.go defaultHostNetworkPorts).
 */
export const containersWithHostPorts = remembered((containers: readonly Container[]) =>
  mapSame(containers, (container) =>
    withField(container, 'ports', (ports) =>
      mapSame(ports, (port) => withDefaults(port, { hostPort: port.containerPort })),
    ),
  ),
);
