/**
 * cluster/defaults — what the API server fills in, kind by kind (pods and Services have their own
 * files).
 *
 * Upstream: kubernetes/kubernetes 1.30 pkg/apis/{core,apps,batch,networking,discovery,autoscaling,
 * storage,scheduling}/v1/defaults.go. Controllers read these fields without asking whether they are
 * there, as upstream's do.
 */
import type { KubernetesKind } from '../model/kinds.ts';
import type { Condition, KubernetesObject } from '../model/kubernetes/meta.ts';
import { definitionWithDefaults } from './custom-definition.ts';
import { SPEC_SCHEMAS } from './custom-schemas.data.ts';
import { mapSame, templateWithDefaults, withDefaults } from './pod-defaults.ts';
import { structuralOf } from './schema-validation.ts';
import { serviceWithDefaults } from './service-defaults.ts';
import { structuralDefaults } from './structural-schema.ts';

type Plain = Readonly<Record<string, unknown>>;
type Defaulting = (object: KubernetesObject) => KubernetesObject;

const specOf = (object: KubernetesObject): Plain => (object.spec ?? {}) as Plain;

/** An object with its spec changed; the same object when the spec is. */
const withSpec = (object: KubernetesObject, spec: Plain): KubernetesObject =>
  spec === object.spec ? object : { ...object, spec };

const EMPTY_TEMPLATE = { spec: {} };

/** Defaults of a spec with a pod template. */
const workload =
  (defaults: Plain, more: (spec: Plain) => Plain = (spec) => spec): Defaulting =>
  (object) => {
    let spec = more(withDefaults(specOf(object), defaults));
    // A template nobody wrote is an empty one, and has defaults too.
    const template = templateWithDefaults((spec.template ?? EMPTY_TEMPLATE) as never);
    if (template !== spec.template) spec = { ...spec, template };
    return withSpec(object, spec);
  };

const nested = (spec: Plain, field: string, defaults: Plain): Plain => {
  const before = (spec[field] ?? {}) as Plain;
  const after = withDefaults(before, defaults);
  return after === spec[field] ? spec : { ...spec, [field]: after };
};

/** A rolling strategy's own numbers, given only to the rolling type. */
const rolling =
  (field: string, numbers: Plain) =>
  (spec: Plain): Plain => {
    const typed = nested(spec, field, { type: 'RollingUpdate' });
    const strategy = typed[field] as Plain;
    if (strategy.type !== 'RollingUpdate') return typed;
    const after = nested(strategy, 'rollingUpdate', numbers);
    return after === strategy ? typed : { ...typed, [field]: after };
  };

const deployment = workload(
  { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 },
  rolling('strategy', { maxUnavailable: '25%', maxSurge: '25%' }),
);

const daemonSet = workload(
  { revisionHistoryLimit: 10 },
  rolling('updateStrategy', { maxUnavailable: 1, maxSurge: 0 }),
);

const statefulSet = workload(
  { replicas: 1, podManagementPolicy: 'OrderedReady', revisionHistoryLimit: 10 },
  (spec) => {
    const rolled = rolling('updateStrategy', { partition: 0 })(spec);
    return nested(rolled, 'persistentVolumeClaimRetentionPolicy', {
      whenDeleted: 'Retain',
      whenScaled: 'Retain',
    });
  },
);

const job = workload(
  {
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: 'TerminatingOrFailed',
  },
  (spec) => {
    if (spec.completions === undefined && spec.parallelism === undefined) {
      return { ...spec, completions: 1, parallelism: 1 };
    }
    return withDefaults(spec, { parallelism: 1 });
  },
);

const cronJob: Defaulting = (object) => {
  const spec = withDefaults(specOf(object), {
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  });
  const template = spec.jobTemplate as { spec?: Plain } | undefined;
  if (template?.spec === undefined) return withSpec(object, spec);
  // A template's Job is defaulted when it becomes one; its pod template is defaulted here.
  const pods = templateWithDefaults(template.spec.template as never);
  if (pods === template.spec.template) return withSpec(object, spec);
  const jobTemplate = { ...template, spec: { ...template.spec, template: pods } };
  return withSpec(object, { ...spec, jobTemplate });
};

type Ports = readonly Plain[] | undefined;

const portsWithProtocol = (rule: Plain): Plain => {
  const ports = rule.ports as Ports;
  if (!Array.isArray(ports)) return rule;
  const after = mapSame(ports as readonly Plain[], (it) => withDefaults(it, { protocol: 'TCP' }));
  return after === ports ? rule : { ...rule, ports: after };
};

const networkPolicy: Defaulting = (object) => {
  let spec = withDefaults(specOf(object), { podSelector: {} });
  for (const side of ['ingress', 'egress']) {
    const rules = spec[side];
    if (!Array.isArray(rules)) continue;
    const after = mapSame(rules as readonly Plain[], portsWithProtocol);
    if (after !== rules) spec = { ...spec, [side]: after };
  }
  const types = spec.policyTypes as readonly string[] | undefined;
  if (types === undefined || types.length === 0) {
    const egress = spec.egress as readonly unknown[] | undefined;
    const both = egress !== undefined && egress.length > 0;
    spec = { ...spec, policyTypes: both ? ['Ingress', 'Egress'] : ['Ingress'] };
  }
  return withSpec(object, spec);
};

const endpointSlice: Defaulting = (object) => {
  const ports = object.ports;
  if (!Array.isArray(ports)) return object;
  const after = mapSame(ports as readonly Plain[], (port) =>
    withDefaults(port, { name: '', protocol: 'TCP' }),
  );
  return after === ports ? object : { ...object, ports: after };
};

const namespace: Defaulting = (object) => {
  const { metadata } = object;
  const labels = withDefaults(metadata.labels ?? {}, {
    'kubernetes.io/metadata.name': metadata.name,
  });
  return {
    ...object,
    metadata: labels === metadata.labels ? metadata : { ...metadata, labels },
    spec: withDefaults(specOf(object), { finalizers: ['kubernetes'] }),
  };
};

const top =
  (defaults: Plain): Defaulting =>
  (object) =>
    withDefaults(object, defaults);

const spec =
  (defaults: Plain): Defaulting =>
  (object) =>
    withSpec(object, withDefaults(specOf(object), defaults));

const DEFAULTS: Partial<Record<KubernetesKind, Defaulting>> = {
  Service: serviceWithDefaults as unknown as Defaulting,
  Namespace: namespace,
  Deployment: deployment,
  ReplicaSet: workload({ replicas: 1 }),
  StatefulSet: statefulSet,
  DaemonSet: daemonSet,
  Job: job,
  CronJob: cronJob,
  NetworkPolicy: networkPolicy,
  EndpointSlice: endpointSlice,
  // In Go it is a struct: always there.
  Event: top({ involvedObject: {} }),
  Secret: top({ type: 'Opaque' }),
  PersistentVolumeClaim: spec({ volumeMode: 'Filesystem' }),
  StorageClass: top({ reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
  PriorityClass: top({ preemptionPolicy: 'PreemptLowerPriority' }),
  HorizontalPodAutoscaler: spec({ minReplicas: 1 }),
  CustomResourceDefinition: definitionWithDefaults,
};

/** The object with its kind's defaults; the same object when it has them. Pods: pod-admission. */
export const objectWithDefaults = (
  kind: KubernetesKind,
  object: KubernetesObject,
): KubernetesObject => DEFAULTS[kind]?.(object) ?? withSchema(kind, object);

/** A custom resource with what its CRD fills in. */
function withSchema(kind: KubernetesKind, object: KubernetesObject): KubernetesObject {
  const schema = SPEC_SCHEMAS[kind];
  if (schema === undefined || object.spec === undefined) return object;
  return withSpec(object, structuralDefaults(structuralOf(schema), object.spec) as Plain);
}

/** Of Gateway API's objects, until a controller looks at them. */
const waitingFor = (type: string): Condition => ({
  type,
  status: 'Unknown',
  reason: 'Pending',
  message: 'Waiting for controller',
  lastTransitionTime: '1970-01-01T00:00:00Z',
});

/**
 * The status a kind starts with; undefined for kinds that have none or keep what they came with.
 */
export const FIRST_STATUS: Partial<Record<KubernetesKind, unknown>> = {
  Service: { loadBalancer: {} },
  Ingress: { loadBalancer: {} },
  Namespace: { phase: 'Active' },
  Deployment: {},
  ReplicaSet: { replicas: 0 },
  StatefulSet: { replicas: 0 },
  DaemonSet: {
    currentNumberScheduled: 0,
    desiredNumberScheduled: 0,
    numberMisscheduled: 0,
    numberReady: 0,
  },
  Job: {},
  CronJob: {},
  PersistentVolumeClaim: { phase: 'Pending' },
  GatewayClass: { conditions: [waitingFor('Accepted')] },
  Gateway: { conditions: [waitingFor('Accepted'), waitingFor('Programmed')] },
  ListenerSet: { conditions: [waitingFor('Accepted'), waitingFor('Programmed')] },
};
