/**
 * api/running-twin — a twin that stays up, as the wire APIs see it: its objects are read at any
 * time, every change goes through `commit`, and its time goes on by itself.
 */

import type { ImageAnswers } from '../shell/http/image-answers.ts';
import type { Millis, WaitOptions } from '../sim/clock.ts';
import type { Twin } from '../twin/twin.ts';

/** Where clients reach the twin, and by what they are known. */
export interface Served {
  /** `https://127.0.0.1:6443`, as DescribeCluster and kubeconfigs name it. */
  readonly kubernetesUrl: string;
  /** `http://127.0.0.1:4566`. */
  readonly awsUrl: string;
  /** The PEM text of the authority that signed the Kubernetes server's certificate. */
  readonly certificateAuthority: string;
  /** What a client of the Kubernetes API says as bearer token. */
  readonly token: string;
  /** What an AWS client has to know when the server listens beyond loopback. */
  readonly awsSecret: string;
  /** Loopback only: then the AWS API asks nobody who they are. */
  readonly isLoopback: boolean;
}

export interface CommitOptions {
  /** The twin's own doing, which nobody asked for: nothing is hurried because of it. */
  readonly isOwn?: boolean;
}

export interface RunningTwin {
  readonly twin: Twin;
  readonly served: Served;
  /** What images answer to HTTP requests, where somebody described it. */
  readonly answers?: ImageAnswers | undefined;
  /**
   * Runs a change at once, then resolves with its result when everything it wrote survives a crash.
   * Controllers take it up afterwards. Reads need no commit.
   *
   * @throws StorageError when the change could not be kept; it must not be acknowledged then
   */
  commit<Result>(change: () => Result, options?: CommitOptions): Promise<Result>;
  /**
   * Resolves when `forMs` of the twin's time have passed; sooner in real time under --speed, but not
   * for a wait in the background.
   */
  sleep(forMs: Millis, options?: WaitOptions): Promise<void>;
}

/** What was written could not be kept: a full disk, a folder that went away. */
export class StorageError extends Error {}
