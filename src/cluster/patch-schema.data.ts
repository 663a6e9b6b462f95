/**
 * cluster/patch-schema.data — how lists merge in a strategic merge patch: the patchStrategy and
 * patchMergeKey tags of kubernetes/api core/v1, apps/v1, batch/v1, networking/v1 (v0.30) types.go.
 *
 * A field names the type of its value; `key` is the merge key of a list of objects, `merge` a list
 * of scalars that merges, `retain` an object whose patch says which keys stay. Types that hold
 * nothing special are not listed.
 */
export interface FieldSchema {
  readonly type?: string;
  readonly key?: string;
  readonly merge?: true;
  readonly retain?: true;
}

export const PATCH_TYPES: Readonly<Record<string, Readonly<Record<string, FieldSchema>>>> = {
  ObjectMeta: {
    finalizers: { merge: true },
    ownerReferences: { key: 'uid' },
  },
  PodSpec: {
    volumes: { type: 'Volume', key: 'name', retain: true },
    initContainers: { type: 'Container', key: 'name' },
    containers: { type: 'Container', key: 'name' },
    ephemeralContainers: { type: 'Container', key: 'name' },
    imagePullSecrets: { key: 'name' },
    hostAliases: { key: 'ip' },
    topologySpreadConstraints: { key: 'topologyKey' },
    schedulingGates: { key: 'name' },
    resourceClaims: { key: 'name', retain: true },
  },
  Container: {
    ports: { key: 'containerPort' },
    env: { key: 'name' },
    volumeMounts: { key: 'mountPath' },
    volumeDevices: { key: 'devicePath' },
  },
  Volume: { projected: {}, configMap: {}, secret: {} },
  PodTemplateSpec: { metadata: { type: 'ObjectMeta' }, spec: { type: 'PodSpec' } },
  Workload: { template: { type: 'PodTemplateSpec' } },
  DeploymentSpec: {
    template: { type: 'PodTemplateSpec' },
    strategy: { retain: true },
  },
  JobTemplate: { metadata: { type: 'ObjectMeta' }, spec: { type: 'Workload' } },
  CronJobSpec: { jobTemplate: { type: 'JobTemplate' } },
  PodStatus: {
    conditions: { key: 'type' },
    podIPs: { key: 'ip' },
    hostIPs: { key: 'ip' },
    resourceClaimStatuses: { key: 'name', retain: true },
  },
  Conditions: { conditions: { key: 'type' } },
  ServiceSpec: { ports: { key: 'port' } },
  NodeSpec: { podCIDRs: { merge: true } },
  NodeStatus: { conditions: { key: 'type' }, addresses: { key: 'type' } },
  Pod: { spec: { type: 'PodSpec' }, status: { type: 'PodStatus' } },
  Deployment: { spec: { type: 'DeploymentSpec' }, status: { type: 'Conditions' } },
  ReplicaSet: { spec: { type: 'Workload' }, status: { type: 'Conditions' } },
  ReplicationController: { spec: { type: 'Workload' }, status: { type: 'Conditions' } },
  StatefulSet: { spec: { type: 'Workload' }, status: { type: 'Conditions' } },
  DaemonSet: { spec: { type: 'Workload' }, status: { type: 'Conditions' } },
  Job: { spec: { type: 'Workload' }, status: { type: 'Conditions' } },
  CronJob: { spec: { type: 'CronJobSpec' } },
  PodTemplate: { template: { type: 'PodTemplateSpec' } },
  Service: { spec: { type: 'ServiceSpec' }, status: { type: 'Conditions' } },
  Node: { spec: { type: 'NodeSpec' }, status: { type: 'NodeStatus' } },
  ServiceAccount: { secrets: { key: 'name' }, imagePullSecrets: { key: 'name' } },
  Namespace: { status: { type: 'Conditions' } },
  MutatingWebhookConfiguration: { webhooks: { key: 'name' } },
  ValidatingWebhookConfiguration: { webhooks: { key: 'name' } },
};
