/**
 * api/kubernetes/table/printers — which columns a kind has: its own, those its
 * CustomResourceDefinition asks for, or its name and when it was made.
 *
 * Reads: CustomResourceDefinition.
 */
import type { TwinStore } from '../../../model/kinds.ts';
import { autoscalerRows } from './autoscaler.ts';
import type { RowPrinter } from './column.ts';
import { componentStatusRows, signingRequestRows } from './control-plane.ts';
import {
  configMapRows,
  eventRows,
  namespaceRows,
  nodeRows,
  resourceQuotaRows,
  secretRows,
  serviceAccountRows,
} from './core.ts';
import { customRows, type PrinterColumn, plainRows } from './custom.ts';
import { KNOWN_COLUMNS } from './known-columns.data.ts';
import {
  endpointSliceRows,
  endpointsRows,
  ingressClassRows,
  ingressRows,
  networkPolicyRows,
  serviceRows,
} from './networking.ts';
import { podRows } from './pod.ts';
import {
  admissionPolicyBindingRows,
  admissionPolicyRows,
  apiServiceRows,
  disruptionBudgetRows,
  leaseRows,
  priorityClassRows,
  roleBindingRows,
  runtimeClassRows,
  webhookRows,
} from './policy.ts';
import {
  claimRows,
  csiDriverRows,
  csiNodeRows,
  storageClassRows,
  volumeAttachmentRows,
  volumeRows,
} from './storage.ts';
import {
  controllerRevisionRows,
  cronJobRows,
  daemonSetRows,
  deploymentRows,
  jobRows,
  podTemplateRows,
  replicaSetRows,
  replicationControllerRows,
  statefulSetRows,
} from './workload.ts';

/** By `group/Kind`; the core group is `''`. Each is only ever given objects of its kind. */
const PRINTERS: Readonly<Record<string, RowPrinter<never>>> = {
  '/ConfigMap': configMapRows,
  '/Endpoints': endpointsRows,
  '/Event': eventRows,
  '/Namespace': namespaceRows,
  '/Node': nodeRows,
  '/PersistentVolume': volumeRows,
  '/PersistentVolumeClaim': claimRows,
  '/Pod': podRows,
  '/PodTemplate': podTemplateRows,
  '/ReplicationController': replicationControllerRows,
  '/ResourceQuota': resourceQuotaRows,
  '/Secret': secretRows,
  '/Service': serviceRows,
  '/ServiceAccount': serviceAccountRows,
  'apps/ControllerRevision': controllerRevisionRows,
  'apps/DaemonSet': daemonSetRows,
  'apps/Deployment': deploymentRows,
  'apps/ReplicaSet': replicaSetRows,
  'apps/StatefulSet': statefulSetRows,
  'batch/CronJob': cronJobRows,
  'batch/Job': jobRows,
  'autoscaling/HorizontalPodAutoscaler': autoscalerRows,
  'policy/PodDisruptionBudget': disruptionBudgetRows,
  'discovery.k8s.io/EndpointSlice': endpointSliceRows,
  'networking.k8s.io/Ingress': ingressRows,
  'networking.k8s.io/IngressClass': ingressClassRows,
  'networking.k8s.io/NetworkPolicy': networkPolicyRows,
  'rbac.authorization.k8s.io/ClusterRoleBinding': roleBindingRows,
  'rbac.authorization.k8s.io/RoleBinding': roleBindingRows,
  'storage.k8s.io/CSIDriver': csiDriverRows,
  'storage.k8s.io/CSINode': csiNodeRows,
  'storage.k8s.io/StorageClass': storageClassRows,
  'storage.k8s.io/VolumeAttachment': volumeAttachmentRows,
  'scheduling.k8s.io/PriorityClass': priorityClassRows,
  'coordination.k8s.io/Lease': leaseRows,
  'node.k8s.io/RuntimeClass': runtimeClassRows,
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': webhookRows,
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': webhookRows,
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy': admissionPolicyRows,
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding': admissionPolicyBindingRows,
  '/ComponentStatus': componentStatusRows,
  'certificates.k8s.io/CertificateSigningRequest': signingRequestRows,
  'apiregistration.k8s.io/APIService': apiServiceRows,
};

/** Kinds of Kubernetes itself that have no columns of their own. */
const PLAIN: ReadonlySet<string> = new Set([
  '/Binding',
  '/LimitRange',
  'apiextensions.k8s.io/CustomResourceDefinition',
  'rbac.authorization.k8s.io/ClusterRole',
  'rbac.authorization.k8s.io/Role',
]);

/** What of a resource decides on its columns. */
export interface ShownResource {
  readonly kind: string;
  readonly group: string;
  readonly plural: string;
  readonly versions: readonly string[];
}

const custom = new WeakMap<readonly PrinterColumn[], RowPrinter<never>>();

function printerOf(columns: readonly PrinterColumn[]): RowPrinter<never> {
  let made = custom.get(columns);
  if (made === undefined) {
    made = customRows(columns);
    custom.set(columns, made);
  }
  return made;
}

const NO_COLUMNS: readonly PrinterColumn[] = [];

interface Definition {
  readonly versions?: readonly {
    readonly name: string;
    readonly additionalPrinterColumns?: readonly PrinterColumn[];
  }[];
}

/** How a resource's objects are shown, in the version asked for. */
export function rowPrinterOf(
  store: TwinStore,
  resource: ShownResource,
  version: string = resource.versions[0] ?? '',
): RowPrinter<never> {
  const { group, kind, plural } = resource;
  const key = `${group}/${kind}`;
  if (Object.hasOwn(PRINTERS, key)) return PRINTERS[key]!;
  if (PLAIN.has(key)) return plainRows;
  const definition = store.get('CustomResourceDefinition', `${plural}.${group}`);
  const { versions } = (definition?.spec ?? {}) as Definition;
  const declared = versions?.find(({ name }) => name === version)?.additionalPrinterColumns;
  const known = Object.hasOwn(KNOWN_COLUMNS, key) ? KNOWN_COLUMNS[key] : undefined;
  return printerOf(declared ?? known ?? NO_COLUMNS);
}
