/**
 * load-balancer/loops/outcome — how a reconcile ends: done, failed (tried again with back-off), or
 * not now (looked at again later, no failure).
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/runtime/reconcile.go.
 */
import { type Result, requeue, retry } from '../../../sim/controller.ts';
import { DeployError } from '../deploy/deploy-error.ts';

/** Back-off beyond this waits for somebody to mend something: settling does not wait with it. */
export const IDLE_RETRY_MS = 60_000;

/** What the queue does after an error. */
export const afterError = (error: Error): Result =>
  error instanceof DeployError && error.requeueAfterMs !== undefined
    ? requeue(error.requeueAfterMs, error.message)
    : retry(error.message);
