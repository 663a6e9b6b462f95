/**
 * api/kubernetes/table/policy — budgets, autoscalers, bindings, leases and what extends the API, as
 * `kubectl get` shows them.
 *
 * Upstream: kubernetes/kubernetes@59882936 pkg/printers/internalversion/printers.go
 * printPodDisruptionBudget, printRoleBinding, printLease, printPriorityClass, printRuntimeClass,
 * printMutatingWebhook, printValidatingAdmissionPolicy; kube-aggregator
 * pkg/registry/apiservice/etcd/etcd.go (APIServices).
 */
import type { DisruptionBudget } from '../../../model/kubernetes/disruption-budget.ts';
import type { Condition, KubernetesObject } from '../../../model/kubernetes/meta.ts';
import { AGE, ageOf, column, count, flag, NAME, type RowPrinter, wide } from './column.ts';

export const disruptionBudgetRows: RowPrinter<DisruptionBudget> = {
  columns: [
    NAME,
    column('Min Available', 'How many pods have to stay.'),
    column('Max Unavailable', 'How many pods may be missing.'),
    count('Allowed Disruptions', 'How many pods may be evicted now.'),
    AGE,
  ],
  cells: ({ metadata, spec, status }, nowMs) => [
    metadata.name,
    String(spec?.minAvailable ?? 'N/A'),
    String(spec?.maxUnavailable ?? 'N/A'),
    status?.disruptionsAllowed ?? 0,
    ageOf(metadata, nowMs),
  ],
};

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}
interface RoleBinding extends KubernetesObject {
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly Subject[];
}

export const roleBindingRows: RowPrinter<RoleBinding> = {
  columns: [
    NAME,
    column('Role', 'What is granted.'),
    AGE,
    wide('Users', 'The users it is granted to.'),
    wide('Groups', 'The groups it is granted to.'),
    wide('ServiceAccounts', 'The service accounts it is granted to.'),
  ],
  cells: ({ metadata, roleRef, subjects = [] }, nowMs) => {
    const named = (kind: string): string =>
      subjects
        .filter((subject) => subject.kind === kind)
        .map(({ namespace, name }) => (namespace ? `${namespace}/${name}` : name))
        .join(', ');
    return [
      metadata.name,
      `${roleRef?.kind ?? ''}/${roleRef?.name ?? ''}`,
      ageOf(metadata, nowMs),
      named('User'),
      named('Group'),
      named('ServiceAccount'),
    ];
  },
};

interface Lease extends KubernetesObject {
  readonly spec?: { readonly holderIdentity?: string };
}

export const leaseRows: RowPrinter<Lease> = {
  columns: [NAME, column('Holder', 'Who holds it.'), AGE],
  cells: ({ metadata, spec }, nowMs) => [
    metadata.name,
    spec?.holderIdentity ?? '',
    ageOf(metadata, nowMs),
  ],
};

interface PriorityClass extends KubernetesObject {
  readonly value?: number;
  readonly globalDefault?: boolean;
  readonly preemptionPolicy?: string;
}

export const priorityClassRows: RowPrinter<PriorityClass> = {
  columns: [
    NAME,
    count('Value', 'The priority it gives.'),
    flag('Global-Default', 'Whether pods without a class are of it.'),
    AGE,
    column('PreemptionPolicy', 'Whether its pods push others away.'),
  ],
  cells: ({ metadata, value, globalDefault, preemptionPolicy }, nowMs) => [
    metadata.name,
    value ?? 0,
    globalDefault ?? false,
    ageOf(metadata, nowMs),
    preemptionPolicy ?? '',
  ],
};

export const runtimeClassRows: RowPrinter<KubernetesObject> = {
  columns: [NAME, column('Handler', 'The handler of the container runtime.'), AGE],
  cells: ({ metadata, handler }, nowMs) => [
    metadata.name,
    String(handler ?? ''),
    ageOf(metadata, nowMs),
  ],
};

export const webhookRows: RowPrinter<KubernetesObject> = {
  columns: [NAME, count('Webhooks', 'How many webhooks it registers.'), AGE],
  cells: ({ metadata, webhooks }, nowMs) => [
    metadata.name,
    Array.isArray(webhooks) ? webhooks.length : 0,
    ageOf(metadata, nowMs),
  ],
};

interface AdmissionPolicy extends KubernetesObject {
  readonly spec?: {
    readonly validations?: readonly unknown[];
    readonly paramKind?: { readonly apiVersion: string; readonly kind: string };
  };
}

export const admissionPolicyRows: RowPrinter<AdmissionPolicy> = {
  columns: [
    NAME,
    count('Validations', 'How many rules it has.'),
    column('ParamKind', 'The kind of what parametrizes it.'),
    AGE,
  ],
  cells: ({ metadata, spec }, nowMs) => [
    metadata.name,
    spec?.validations?.length ?? 0,
    spec?.paramKind === undefined
      ? '<unset>'
      : `${spec.paramKind.apiVersion}/${spec.paramKind.kind}`,
    ageOf(metadata, nowMs),
  ],
};

interface AdmissionPolicyBinding extends KubernetesObject {
  readonly spec?: {
    readonly policyName?: string;
    readonly paramRef?: { readonly name?: string; readonly namespace?: string };
  };
}

export const admissionPolicyBindingRows: RowPrinter<AdmissionPolicyBinding> = {
  columns: [
    NAME,
    column('PolicyName', 'The policy it binds.'),
    column('ParamRef', 'What parametrizes the policy.'),
    AGE,
  ],
  cells: ({ metadata, spec }, nowMs) => {
    const { name, namespace } = spec?.paramRef ?? {};
    const whole = namespace === undefined ? name : `${namespace}/${name}`;
    const reference = name === undefined ? '<unset>' : whole!;
    return [metadata.name, spec?.policyName ?? '', reference, ageOf(metadata, nowMs)];
  },
};

interface ApiService extends KubernetesObject {
  readonly spec?: { readonly service?: { readonly namespace: string; readonly name: string } };
  readonly status?: { readonly conditions?: readonly Condition[] };
}

export const apiServiceRows: RowPrinter<ApiService> = {
  columns: [
    NAME,
    column('Service', 'The Service that serves it, or Local.'),
    column('Available', 'Whether it is served.'),
    AGE,
  ],
  cells: ({ metadata, spec, status }, nowMs) => {
    const available = status?.conditions?.find(({ type }) => type === 'Available');
    const reason = available?.status === 'True' ? '' : ` (${available?.reason ?? ''})`;
    return [
      metadata.name,
      spec?.service === undefined ? 'Local' : `${spec.service.namespace}/${spec.service.name}`,
      available === undefined ? 'Unknown' : `${available.status}${reason}`,
      ageOf(metadata, nowMs),
    ];
  },
};
