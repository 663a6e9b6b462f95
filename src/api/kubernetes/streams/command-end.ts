/**
 * api/kubernetes/streams/command-end — how an exec or attach ended, as the metav1.Status that goes
 * down the error stream.
 *
 * Upstream: kubernetes/kubernetes staging/src/k8s.io/kubelet/pkg/cri/streaming/remotecommand/
 * exec.go ServeExec; staging/src/k8s.io/apiserver/pkg/util/proxy/streamtranslator.go (v5);
 * containerd/containerd pkg/cri/server/streaming.go (the error of an exit code).
 */

export type CommandEnd =
  | { readonly kind: 'exited'; readonly code: number; readonly argv: readonly string[] }
  /** It never ran, or could not be run on: the reason in the runtime's words. */
  | { readonly kind: 'failed'; readonly text: string }
  /** The kubelet did not take it, or was not reached. */
  | { readonly kind: 'refused'; readonly text: string };

/** By which way a client hears of it: from the kubelet, or from the API server's translation. */
export type ToldBy = 'kubelet' | 'api-server';

const exitText = ({ code, argv }: Extract<CommandEnd, { kind: 'exited' }>, by: ToldBy): string =>
  by === 'kubelet'
    ? `error executing command [${argv.join(' ')}], exit code ${code}`
    : `command terminated with exit code ${code}`;

/** The Status, in the fields and the order in which Go writes them. */
export function endStatus(end: CommandEnd, by: ToldBy): unknown {
  if (end.kind === 'failed') {
    return internalErrorStatus(
      by === 'kubelet' ? end.text : `Internal error occurred: ${end.text}`,
    );
  }
  if (end.kind === 'refused') return internalErrorStatus(end.text);
  if (end.code === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: ${exitText(end, by)}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(end.code) }] },
  };
}

/** errors.go NewInternalError. */
const internalErrorStatus = (text: string): unknown => ({
  metadata: {},
  status: 'Failure',
  message: `Internal error occurred: ${text}`,
  reason: 'InternalError',
  details: { causes: [{ message: text }] },
  code: 500,
});
