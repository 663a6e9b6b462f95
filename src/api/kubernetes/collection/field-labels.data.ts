/**
 * api/kubernetes/collection/field-labels.data — the fields that `--field-selector` may name, kind
 * by kind; metadata.name and metadata.namespace go for every kind.
 *
 * Upstream: kubernetes/kubernetes pkg/apis/core/v1/conversion.go, pkg/apis/{apps,batch,
 * certificates,events}/v1/conversion.go AddFieldLabelConversionFunc; pkg/registry strategy.go
 * ToSelectableFields.
 */

/** `''` reads as an empty text; booleans that nobody wrote read as `false`. */
export interface FieldLabel {
  /** The path, where it is not the label itself. */
  readonly path?: string;
  readonly absent?: string;
}

/** By kind; a kind that is not here takes metadata.name and metadata.namespace only. */
export const FIELD_LABELS: Readonly<Record<string, Readonly<Record<string, FieldLabel>>>> = {
  Pod: {
    'spec.nodeName': {},
    'spec.restartPolicy': {},
    'spec.schedulerName': {},
    'spec.serviceAccountName': {},
    'spec.hostNetwork': { absent: 'false' },
    'status.phase': {},
    'status.podIP': {},
    'status.podIPs': { path: 'status.podIP' },
    'status.nominatedNodeName': {},
  },
  Node: { 'spec.unschedulable': { absent: 'false' } },
  Namespace: { 'status.phase': {}, name: { path: 'metadata.name' } },
  Secret: { type: {} },
  Service: { 'spec.clusterIP': {}, 'spec.type': {} },
  ReplicationController: { 'status.replicas': { absent: '0' } },
  ReplicaSet: { 'status.replicas': { absent: '0' } },
  Job: { 'status.successful': { path: 'status.succeeded', absent: '0' } },
  Event: {
    'involvedObject.kind': {},
    'involvedObject.namespace': {},
    'involvedObject.name': {},
    'involvedObject.uid': {},
    'involvedObject.apiVersion': {},
    'involvedObject.resourceVersion': {},
    'involvedObject.fieldPath': {},
    'regarding.kind': { path: 'involvedObject.kind' },
    'regarding.namespace': { path: 'involvedObject.namespace' },
    'regarding.name': { path: 'involvedObject.name' },
    'regarding.uid': { path: 'involvedObject.uid' },
    reason: {},
    reportingComponent: {},
    source: { path: 'source.component' },
    type: {},
  },
};
