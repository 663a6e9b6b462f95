/**
 * model/linux/reach — what a machine reaches of AWS's network: what it calls to become a node, and
 * where its images are. Kubelets and ipamd are given one; who walks the packets is none of theirs.
 */

/** A call that does not get there. */
export interface ClosedPath {
  /** Who is called: `EC2`, `the API server`, a registry. */
  readonly peer: string;
  /** The name that is looked up. */
  readonly host: string;
  /** What stops it, in one sentence, as a trace of it says. */
  readonly text: string;
  readonly remedy?: { readonly text: string; readonly command?: string | undefined } | undefined;
  /** Another way to mend it, for a network that is meant to have no way out. */
  readonly instead?: string | undefined;
}

/** What stands between an instance and its Node; both undefined: it registers. */
export interface JoinPaths {
  /** nodeadm asks EC2 for the instance's name before it starts a kubelet. */
  readonly ec2: ClosedPath | undefined;
  readonly apiServer: ClosedPath | undefined;
}

/** A pull that fails. */
export interface FailedPull {
  /** The runtime's text, as it appears in the event `Failed`. */
  readonly message: string;
  /** How long it takes to fail. */
  readonly tookMs: number;
  readonly closed: ClosedPath;
}

export interface Reach {
  joinPaths(instanceId: string): JoinPaths;
  /** EC2's API, as something on the instance calls it; undefined: it answers. */
  ec2(instanceId: string): ClosedPath | undefined;
  /** Undefined: the registry gives the image. */
  pull(image: string, nodeName: string): FailedPull | undefined;
  /** Calls `listener` after AWS's network changed, so that an answer may be another. */
  onChange(listener: () => void): () => void;
}
