/**
 * analysis/trace/missing-endpoints — why a Service has nobody to answer: its selector matches no
 * pod, its pods are not ready, or they have no port of the name it targets.
 */
import type { Remedy, Verdict } from '../../datapath/trace.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Pod, Service, ServicePort } from '../../model/kubernetes/core.ts';
import { keyOf, type Labels } from '../../model/kubernetes/meta.ts';
import { nearestWords } from '../../model/nearest.ts';

interface Cause {
  readonly why: string;
  readonly remedy: Remedy;
}

/** The verdict on a packet for a port of a Service without endpoints, with the cause. */
export function withMissingEndpoints(
  store: TwinStore,
  service: Service,
  port: ServicePort | undefined,
  verdict: Verdict,
): Verdict {
  const cause = causeOf(store, service, port);
  if (cause === undefined) return verdict;
  return { ...verdict, text: `${verdict.text}: ${cause.why}`, remedy: cause.remedy };
}

function causeOf(
  store: TwinStore,
  service: Service,
  port: ServicePort | undefined,
): Cause | undefined {
  const { selector = {} } = service.spec;
  const namespace = service.metadata.namespace ?? 'default';
  if (Object.keys(selector).length === 0) return withoutSelector(service);
  const selected = store.list('Pod').filter((pod) => isSelected(selector, pod));
  const own = selected.filter(({ metadata }) => metadata.namespace === namespace);
  const alive = own.filter(({ status }) => !['Succeeded', 'Failed'].includes(status?.phase ?? ''));
  if (alive.length === 0) return nobodySelected(store, service, selector, selected);
  const ready = alive.filter(isReady);
  if (ready.length === 0) return nobodyReady(service, selector, alive);
  return portMissing(service, port, ready);
}

const isSelected = (selector: Labels, { metadata }: Pod): boolean =>
  Object.entries(selector).every(([key, value]) => metadata.labels?.[key] === value);

const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;

const labelText = (labels: Labels): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');

const withoutSelector = (service: Service): Cause => ({
  why: 'it has no selector, and nobody wrote an EndpointSlice for it',
  remedy: {
    text: 'give it a selector, or an EndpointSlice',
    command: slicesCommand(service),
  },
});

const slicesCommand = ({ metadata }: Service): string =>
  `kubectl get endpointslices -n ${metadata.namespace} -l kubernetes.io/service-name=${metadata.name}`;

function nobodySelected(
  store: TwinStore,
  service: Service,
  selector: Labels,
  elsewhere: readonly Pod[],
): Cause {
  const { namespace, name } = service.metadata;
  const why = `its selector ${labelText(selector)} matches no pod of namespace ${namespace}`;
  const none = scaledToNone(store, namespace, selector);
  if (none !== undefined) return { why: `${why}: ${none.why}`, remedy: none.remedy };
  const other = elsewhere.find(({ metadata }) => metadata.namespace !== namespace);
  if (other !== undefined) {
    const text = `a Service selects pods of its own namespace only: pod ${keyOf(other)} would match`;
    return { why, remedy: { text, command: `kubectl get pods -A -l ${labelText(selector)}` } };
  }
  const here = store.list('Pod').filter(({ metadata }) => metadata.namespace === namespace);
  const keys = Object.keys(selector);
  const isFound = (key: string): boolean =>
    here.some(({ metadata }) => metadata.labels?.[key] === selector[key]);
  const key = keys.find((one) => !isFound(one)) ?? keys[0]!;
  const values = [...new Set(here.flatMap(({ metadata }) => metadata.labels?.[key] ?? []))];
  const known = values.toSorted().slice(0, 5).join(', ');
  const meant = nearestWords(selector[key]!, values)[0];
  const right = labelText({ ...selector, [key]: meant ?? '' });
  const remedy: Remedy = {
    text: `select the pods that it is for${known === '' ? '' : `: pods there have ${key}=${known}`}`,
    command:
      meant === undefined
        ? `kubectl get pods -n ${namespace} --show-labels`
        : `kubectl set selector service ${name} -n ${namespace} '${right}'`,
  };
  return { why, remedy };
}

/** A workload that would run such pods, and is told to run none. */
function scaledToNone(
  store: TwinStore,
  namespace: string | undefined,
  selector: Labels,
): Cause | undefined {
  for (const kind of ['Deployment', 'StatefulSet'] as const) {
    for (const { metadata, spec } of store.list(kind)) {
      if (metadata.namespace !== namespace || spec.replicas !== 0) continue;
      const labels = spec.template.metadata?.labels ?? {};
      if (!Object.entries(selector).every(([key, value]) => labels[key] === value)) continue;
      const it = `${kind.toLowerCase()} ${metadata.name}`;
      const command = `kubectl scale ${it} -n ${namespace} --replicas=2`;
      return {
        why: `${it} is scaled to 0`,
        remedy: { text: `let ${it} run pods`, command },
      };
    }
  }
  return undefined;
}

function nobodyReady(service: Service, selector: Labels, pods: readonly Pod[]): Cause {
  const { namespace } = service.metadata;
  const first = pods[0]!;
  const states = `pod ${keyOf(first)} is ${first.status?.phase ?? 'Pending'}`;
  const why =
    pods.length === 1
      ? `its only pod is not ready (${states})`
      : `none of its ${pods.length} pods is ready (${states})`;
  const text = 'see why the readiness probe fails, or what the pod waits for';
  const command = `kubectl get pods -n ${namespace} -l ${labelText(selector)}`;
  return { why, remedy: { text, command } };
}

function portMissing(
  service: Service,
  port: ServicePort | undefined,
  pods: readonly Pod[],
): Cause | undefined {
  const target = port?.targetPort;
  if (port === undefined || typeof target !== 'string') return undefined;
  const names = (pod: Pod): string[] =>
    pod.spec.containers.flatMap(({ ports = [] }) =>
      ports
        .filter(({ protocol = 'TCP' }) => protocol === (port.protocol ?? 'TCP'))
        .flatMap(({ name }) => name ?? []),
    );
  if (pods.some((pod) => names(pod).includes(target))) return undefined;
  const known = [...new Set(pods.flatMap(names))].toSorted();
  const has = known.length === 0 ? 'none with a name' : known.join(', ');
  const index = service.spec.ports?.indexOf(port) ?? 0;
  const why = `no container of its pods has a port named "${target}" (they have ${has})`;
  const { namespace, name } = service.metadata;
  const patch = `[{"op":"replace","path":"/spec/ports/${index}/targetPort","value":"${known[0]}"}]`;
  return {
    why,
    remedy: {
      text: `target a port that the pods have, or name theirs "${target}"`,
      command:
        known[0] === undefined
          ? undefined
          : `kubectl patch service ${name} -n ${namespace} --type json -p '${patch}'`,
    },
  };
}
