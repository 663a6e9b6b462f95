/**
 * model/kubernetes/compute-type — what a Node runs on, where it is not an instance of the account.
 *
 * Source: EKS user guide (Fargate, Auto Mode, hybrid nodes): the label
 * `eks.amazonaws.com/compute-type`. A node of Fargate is also known by its name, for exports of
 * nodes without labels.
 */
import type { KubernetesObject } from './meta.ts';

export const COMPUTE_TYPE_LABEL = 'eks.amazonaws.com/compute-type';

/** Whether the Node is the machine of one Fargate pod. */
export const isFargate = ({ metadata }: KubernetesObject): boolean =>
  metadata.labels?.[COMPUTE_TYPE_LABEL] === 'fargate' || metadata.name.startsWith('fargate-');
