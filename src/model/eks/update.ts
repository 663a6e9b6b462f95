/** model/eks/update — what EKS remembers of a change it was asked for. */

export interface EksUpdate {
  readonly updateId: string;
  readonly clusterName: string;
  /** Absent: a change of the cluster itself. */
  readonly nodegroupName?: string | undefined;
  readonly addonName?: string | undefined;
  /** `EndpointAccessUpdate`, `ConfigUpdate`, `VersionUpdate`, `AddonUpdate`, … */
  readonly type: string;
  readonly params: readonly { readonly type: string; readonly value: string }[];
  readonly createdAtMs: number;
}
