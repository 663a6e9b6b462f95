/**
 * cluster/pod-validation — is a pod's or a template's spec well formed?
 *
 * Upstream: kubernetes/kubernetes 1.30.5 pkg/apis/core/validation/validation.go:4160
 * ValidatePodSpec,
 * 3541 validateContainerCommon, 2539 ports, 2578 env, 6700 resources, 3939 tolerations, 5082 pod
 * updates. The rules about volumes' inner fields, security contexts and affinities are left out:
 * no packet depends on them.
 */
import type {
  Container,
  Pod,
  PodSpec,
  ResourceList,
  Toleration,
} from '../model/kubernetes/core.ts';
import { milliOf, parseQuantity, QUANTITY_FORMAT_ERROR } from '../model/kubernetes/quantity.ts';
import { isEqual } from './equal.ts';
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
} from './field-error.ts';
import { complaints, labelErrors } from './metadata-validation.ts';
import {
  dns1123LabelProblems,
  dns1123SubdomainProblems,
  envVarNameProblems,
  labelValueProblems,
  portNameProblems,
  portProblems,
  qualifiedNameProblems,
} from './names.ts';
import { remembered } from './pod-defaults.ts';

type Plain = Readonly<Record<string, unknown>>;

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const NONE: readonly FieldError[] = Object.freeze([]);

/** Frozen lists come from a template that was looked at before: only the first look costs. */
const cleanContainers = new WeakSet<readonly Container[]>();

/** Specs without fault, whose pods need no second look. */
const cleanSpecs = new WeakSet<PodSpec>();

/** Complaints about a defaulted pod spec; `at` is `spec` or `spec.template.spec`. */
export function podSpecErrors(spec: PodSpec, at = 'spec'): readonly FieldError[] {
  if (cleanSpecs.has(spec)) return NONE;
  const errors = specErrors(spec, at);
  if (errors.length === 0 && Object.isFrozen(spec)) cleanSpecs.add(spec);
  return errors;
}

function specErrors(spec: PodSpec, at: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const volumes = new Set<string>();
  const listed = (spec.volumes ?? []) as readonly { readonly name?: string }[];
  if (listed.length > 0) errors.push(...volumeErrors(listed, volumes, `${at}.volumes`));
  errors.push(...containersErrors(spec, volumes, at));
  if (!RESTART_POLICIES.includes(spec.restartPolicy ?? '')) {
    errors.push(notSupported(`${at}.restartPolicy`, spec.restartPolicy, RESTART_POLICIES));
  }
  if (!DNS_POLICIES.includes(spec.dnsPolicy ?? '')) {
    errors.push(notSupported(`${at}.dnsPolicy`, spec.dnsPolicy, DNS_POLICIES));
  }
  if (spec.nodeSelector !== undefined) {
    errors.push(...labelErrors(spec.nodeSelector, `${at}.nodeSelector`));
  }
  const named = (field: keyof PodSpec, problems: (text: string) => readonly string[]): void => {
    const value = spec[field];
    if (typeof value !== 'string' || value === '') return;
    errors.push(...complaints(`${at}.${String(field)}`, value, problems(value)));
  };
  if (spec.serviceAccountName !== 'default') named('serviceAccountName', dns1123SubdomainProblems);
  if (spec.nodeName !== undefined) named('nodeName', dns1123SubdomainProblems);
  if (spec.hostname !== undefined) named('hostname', dns1123LabelProblems);
  if (spec.subdomain !== undefined) named('subdomain', dns1123LabelProblems);
  if (spec.priorityClassName !== undefined) named('priorityClassName', dns1123SubdomainProblems);
  const grace = spec.terminationGracePeriodSeconds ?? 0;
  if (grace < 0) {
    const detail = 'must be greater than or equal to 0';
    errors.push(invalid(`${at}.terminationGracePeriodSeconds`, grace, detail));
  }
  if (spec.tolerations !== undefined) errors.push(...tolerationErrors(spec.tolerations, at));
  if (spec.topologySpreadConstraints !== undefined) errors.push(...spreadErrors(spec, at));
  return errors.length === 0 ? NONE : errors;
}

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'];

function volumeErrors(
  volumes: readonly { readonly name?: string }[],
  names: Set<string>,
  field: string,
): FieldError[] {
  const errors: FieldError[] = [];
  volumes.forEach(({ name = '', ...sources }, i) => {
    const at = `${field}[${i}]`;
    if (name === '') errors.push(required(`${at}.name`));
    else errors.push(...complaints(`${at}.name`, name, dns1123LabelProblems(name)));
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    for (const source of Object.keys(sources).slice(1)) {
      errors.push(forbidden(`${at}.${source}`, 'may not specify more than 1 volume type'));
    }
  });
  return errors;
}

function containersErrors(
  spec: PodSpec,
  volumes: ReadonlySet<string>,
  at: string,
): readonly FieldError[] {
  const { containers, initContainers = [] } = spec;
  if (!Array.isArray(containers) || containers.length === 0) return [required(`${at}.containers`)];
  const hasInit = initContainers.length > 0;
  if (!hasInit && cleanContainers.has(containers)) return NONE;
  const errors: FieldError[] = [];
  const names = new Set<string>();
  const look = (list: readonly Container[], field: string): void =>
    list.forEach((container, i) => {
      const path = `${at}.${field}[${i}]`;
      errors.push(...containerErrors(container, volumes, path));
      if (names.has(container.name)) errors.push(duplicate(`${path}.name`, container.name));
      names.add(container.name);
      if (field === 'containers' && container.restartPolicy !== undefined) {
        const detail = 'may not be set for non-init containers';
        errors.push(forbidden(`${path}.restartPolicy`, detail));
      }
    });
  look(containers, 'containers');
  look(initContainers, 'initContainers');
  errors.push(...hostPortErrors(containers, `${at}.containers`));
  const isFrozen = !hasInit && Object.isFrozen(containers);
  if (errors.length === 0 && isFrozen) cleanContainers.add(containers);
  return errors;
}

/** validation.go validateContainerCommon. */
export function containerErrors(
  container: Container,
  volumes: ReadonlySet<string>,
  at: string,
): FieldError[] {
  const { name = '', image } = container;
  const errors: FieldError[] = [];
  if (name === '') errors.push(required(`${at}.name`));
  else errors.push(...complaints(`${at}.name`, name, dns1123LabelProblems(name)));
  if (!image) errors.push(required(`${at}.image`));
  errors.push(...containerPortErrors(container, `${at}.ports`));
  (container.env ?? []).forEach((variable, i) => {
    const field = `${at}.env[${i}]`;
    if (!variable.name) errors.push(required(`${field}.name`));
    else {
      errors.push(...complaints(`${field}.name`, variable.name, envVarNameProblems(variable.name)));
    }
    if (variable.value && variable.valueFrom !== undefined) {
      errors.push(
        invalid(`${field}.valueFrom`, '', 'may not be specified when `value` is not empty'),
      );
    }
  });
  errors.push(...mountErrors(container, volumes, `${at}.volumeMounts`));
  const policy = container.imagePullPolicy as string | undefined;
  if (policy !== undefined && !PULL_POLICIES.includes(policy)) {
    errors.push(notSupported(`${at}.imagePullPolicy`, policy, PULL_POLICIES));
  }
  errors.push(...resourceErrors(container, `${at}.resources`));
  return errors;
}

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];

function containerPortErrors({ ports = [] }: Container, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  ports.forEach(({ name, containerPort = 0, hostPort, protocol = 'TCP' }, i) => {
    const at = `${field}[${i}]`;
    if (name) {
      const problems = portNameProblems(name);
      errors.push(...complaints(`${at}.name`, name, problems));
      if (problems.length === 0 && names.has(name)) errors.push(duplicate(`${at}.name`, name));
      names.add(name);
    }
    if (containerPort === 0) errors.push(required(`${at}.containerPort`));
    else {
      for (const problem of portProblems(containerPort)) {
        errors.push(invalid(`${at}.containerPort`, containerPort, problem));
      }
    }
    if (hostPort) {
      for (const problem of portProblems(hostPort)) {
        errors.push(invalid(`${at}.hostPort`, hostPort, problem));
      }
    }
    if (!PROTOCOLS.includes(protocol)) {
      errors.push(notSupported(`${at}.protocol`, protocol, PROTOCOLS));
    }
  });
  return errors;
}

/**
 * validation.go checkHostPortConflicts: a host port is taken once per pod, protocol and address.
 */
function hostPortErrors(containers: readonly Container[], field: string): FieldError[] {
  const errors: FieldError[] = [];
  const taken = new Set<string>();
  containers.forEach(({ ports = [] }, i) => {
    ports.forEach(({ hostPort, hostIP = '', protocol = 'TCP' }, j) => {
      if (!hostPort) return;
      const key = `${protocol}/${hostIP}/${hostPort}`;
      if (taken.has(key)) errors.push(duplicate(`${field}[${i}].ports[${j}].hostPort`, key));
      taken.add(key);
    });
  });
  return errors;
}

function mountErrors(
  container: Container,
  volumes: ReadonlySet<string>,
  field: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const mounts = (container.volumeMounts ?? []) as readonly {
    readonly name?: string;
    readonly mountPath?: string;
  }[];
  const paths = new Set<string>();
  mounts.forEach(({ name = '', mountPath = '' }, i) => {
    const at = `${field}[${i}]`;
    if (name === '') errors.push(required(`${at}.name`));
    else if (!volumes.has(name)) errors.push(notFound(`${at}.name`, name));
    if (mountPath === '') errors.push(required(`${at}.mountPath`));
    else if (paths.has(mountPath)) {
      errors.push(invalid(`${at}.mountPath`, mountPath, 'must be unique'));
    }
    paths.add(mountPath);
  });
  return errors;
}

const STANDARD = new Set(['cpu', 'memory', 'ephemeral-storage']);

function resourceErrors({ resources }: Container, field: string): FieldError[] {
  if (resources === undefined) return [];
  const { limits = {}, requests = {} } = resources;
  const errors = [
    ...quantityErrors(limits, `${field}.limits`),
    ...quantityErrors(requests, `${field}.requests`),
  ];
  if (errors.length > 0) return errors;
  for (const [name, request] of Object.entries(requests)) {
    const limit = limits[name];
    const overcommits = !name.includes('/') && !name.startsWith('hugepages-');
    if (limit === undefined) {
      if (overcommits) continue;
      const detail = 'Limit must be set for non overcommitable resources';
      errors.push(required(`${field}.limits`, detail));
    } else if (!overcommits && milliOf(request) !== milliOf(limit)) {
      const detail = `must be equal to ${name} limit of ${limit}`;
      errors.push(invalid(`${field}.requests`, String(request), detail));
    } else if (milliOf(request) > milliOf(limit)) {
      const detail = `must be less than or equal to ${name} limit of ${limit}`;
      errors.push(invalid(`${field}.requests`, String(request), detail));
    }
  }
  return errors;
}

function quantityErrors(list: ResourceList, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, quantity] of Object.entries(list)) {
    const at = `${field}[${name}]`;
    const problems = qualifiedNameProblems(name);
    errors.push(...complaints(at, name, problems));
    if (problems.length === 0 && !name.includes('/')) {
      const known = STANDARD.has(name) || name.startsWith('hugepages-');
      if (!known) errors.push(invalid(at, name, 'must be a standard resource for containers'));
    }
    const milli = parseQuantity(quantity);
    if (milli === undefined) errors.push(invalid(at, String(quantity), QUANTITY_FORMAT_ERROR));
    else if (milli < 0) {
      errors.push(invalid(at, String(quantity), 'must be greater than or equal to 0'));
    } else if (name.includes('/') && milli % 1000 !== 0) {
      errors.push(invalid(at, String(quantity), 'must be an integer'));
    }
  }
  return errors;
}

const TAINT_EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** Lists are shared between the pods of a template, as containers are. */
const areClean = remembered((tolerations: readonly Toleration[]) => ({
  clean: tolerationErrors0(tolerations, '').length === 0,
}));

const tolerationErrors = (list: readonly Toleration[], at: string): readonly FieldError[] =>
  areClean(list).clean ? NONE : tolerationErrors0(list, `${at}.tolerations`);

function tolerationErrors0(tolerations: readonly Toleration[], field: string): FieldError[] {
  const errors: FieldError[] = [];
  tolerations.forEach(({ key = '', operator = '', value = '', effect = '', ...rest }, i) => {
    const at = `${field}[${i}]`;
    if (key !== '') errors.push(...complaints(`${at}.key`, key, qualifiedNameProblems(key)));
    else if (operator !== 'Exists') {
      const detail =
        'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      errors.push(invalid(`${at}.operator`, operator, detail));
    }
    if (rest.tolerationSeconds !== undefined && effect !== 'NoExecute') {
      const detail = "effect must be 'NoExecute' when `tolerationSeconds` is set";
      errors.push(invalid(`${at}.effect`, effect, detail));
    }
    if (operator === 'Equal' || operator === '') {
      const problems = labelValueProblems(value);
      if (problems.length > 0) errors.push(invalid(`${at}.operator`, value, problems.join(';')));
    } else if (operator !== 'Exists') {
      errors.push(notSupported(`${at}.operator`, operator, ['Equal', 'Exists']));
    } else if (value !== '') {
      const detail = "value must be empty when `operator` is 'Exists'";
      errors.push(invalid(`${at}.operator`, { go: JSON.stringify(tolerations[i]) }, detail));
    }
    if (effect !== '' && !TAINT_EFFECTS.includes(effect)) {
      errors.push(notSupported(`${at}.effect`, effect, TAINT_EFFECTS));
    }
  });
  return errors;
}

function spreadErrors({ topologySpreadConstraints = [] }: PodSpec, at: string): FieldError[] {
  const errors: FieldError[] = [];
  topologySpreadConstraints.forEach(({ maxSkew, topologyKey, whenUnsatisfiable }, i) => {
    const field = `${at}.topologySpreadConstraints[${i}]`;
    if (!(maxSkew > 0)) {
      errors.push(invalid(`${field}.maxSkew`, maxSkew ?? 0, 'must be greater than zero'));
    }
    if (!topologyKey) errors.push(required(`${field}.topologyKey`, 'can not be empty'));
    const actions = ['DoNotSchedule', 'ScheduleAnyway'];
    if (!actions.includes(whenUnsatisfiable)) {
      errors.push(notSupported(`${field}.whenUnsatisfiable`, whenUnsatisfiable, actions));
    }
  });
  return errors;
}

/** validation.go:5082: what may change in a pod that exists. */
export function podChangeErrors(pod: Pod, before: Pod): FieldError[] {
  if (isEqual(pod.spec, before.spec)) return [];
  const errors: FieldError[] = [];
  const tolerations = pod.spec.tolerations ?? [];
  const lost = (before.spec.tolerations ?? []).some(
    (it) => !tolerations.some((t) => isEqual(t, it)),
  );
  if (lost) {
    const detail = 'existing toleration can not be modified except its tolerationSeconds';
    errors.push(forbidden('spec.tolerations', detail));
  }
  if (!isEqual(comparable(pod.spec), comparable(before.spec))) {
    errors.push(forbidden('spec', ONLY_THESE));
  }
  return errors;
}

const ONLY_THESE =
  'pod updates may not change fields other than `spec.containers[*].image`,' +
  '`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,' +
  '`spec.tolerations` (only additions to existing tolerations),' +
  '`spec.terminationGracePeriodSeconds` ' +
  '(allow it to be set to 1 if it was previously negative)';

const withoutImages = (list: readonly Container[] | undefined): unknown =>
  list?.map(({ image: _, ...rest }) => rest);

const comparable = (spec: PodSpec): Plain => ({
  ...spec,
  containers: withoutImages(spec.containers),
  initContainers: withoutImages(spec.initContainers),
  activeDeadlineSeconds: undefined,
  tolerations: undefined,
  terminationGracePeriodSeconds: undefined,
  schedulingGates: undefined,
});
