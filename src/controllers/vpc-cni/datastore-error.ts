/**
 * controllers/vpc-cni/datastore-error — what the datastore refuses, in upstream's words.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd/datastore/data_store.go:40-58.
 */

export interface DatastoreError {
  readonly kind: 'datastore-error';
  readonly message: string;
}

export const datastoreError = (message: string): DatastoreError => ({
  kind: 'datastore-error',
  message,
});

export const isDatastoreError = (result: unknown): result is DatastoreError =>
  typeof result === 'object' &&
  result !== null &&
  (result as DatastoreError).kind === 'datastore-error';

export const DUPLICATED_ENI = 'data store: duplicate ENI';
export const IP_ALREADY_IN_STORE = 'datastore: IP already in data store';
export const UNKNOWN_IP = 'datastore: unknown IP';
export const IP_IN_USE = 'datastore: IP is used and can not be deleted';
export const ENI_IN_USE = 'datastore: ENI is used and can not be deleted';
export const UNKNOWN_ENI = 'datastore: unknown ENI';
export const ADD_TO_UNKNOWN_ENI = "add ENI's IP to datastore: unknown ENI";
export const UNKNOWN_POD = 'datastore: unknown pod';
export const NO_ADDRESS = 'AssignPodIPAddress: no available IP/Prefix addresses';
export const IPV6_NEEDS_PREFIXES = 'PD is not enabled. V6 is only supported in PD mode';
