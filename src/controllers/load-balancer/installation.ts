/**
 * controllers/load-balancer/installation — is the controller in the cluster, and which of its pods
 * does the work? It is recognised by its image or its label, in kube-system.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 helm/aws-load-balancer-controller
 * templates/deployment.yaml; one of the pods leads (leader election), and stays leader while it is.
 */
import type { TwinStore } from '../../model/kinds.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { keyOf, type Labels } from '../../model/kubernetes/meta.ts';

const NAMESPACE = 'kube-system';
const NAME = 'aws-load-balancer-controller';
const NAME_LABEL = 'app.kubernetes.io/name';

interface Template {
  readonly metadata?: { readonly labels?: Labels | undefined } | undefined;
  readonly spec?: Pick<Pod['spec'], 'containers'> | undefined;
}

/** Is this a pod of the controller, or the template of one? */
export function isControllerPod({ metadata, spec }: Template): boolean {
  if (metadata?.labels?.[NAME_LABEL] === NAME) return true;
  return (spec?.containers ?? []).some(isControllerContainer);
}

const isControllerContainer = ({ image = '' }: Pod['spec']['containers'][number]): boolean =>
  /(^|\/)(aws-load-balancer-controller(:|@|$)|aws-alb-ingress-controller:v2\.)/.test(image);

/** Pods of the controller are looked for in its namespace only. */
export const isInItsNamespace = (namespace: string | undefined): boolean => namespace === NAMESPACE;

/** Running as far as the cluster knows, and not on its way out. */
export const isAtWork = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp === undefined &&
  (status?.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True');

/**
 * The pod that leads: the one that did while it can, or else the oldest that is Ready.
 *
 * @param pods    keys of the controller's pods
 * @param former  uid of the one that led
 */
export function leaderOf(
  store: TwinStore,
  pods: Iterable<string>,
  former: string | undefined,
): Pod | undefined {
  const ready = [...pods]
    .flatMap((key) => store.get('Pod', key) ?? [])
    .filter(isAtWork)
    .sort((a, b) => (ageOf(a) < ageOf(b) ? -1 : 1));
  return ready.find(({ metadata }) => metadata.uid === former) ?? ready[0];
}

const ageOf = (pod: Pod): string => `${pod.metadata.creationTimestamp} ${keyOf(pod)}`;

/** What the container is started with: its command's arguments, if it has a command, and its own. */
export function argumentsOf({ spec }: Pod): readonly string[] {
  const container = spec.containers.find(isControllerContainer) ?? spec.containers[0];
  return [...(container?.command ?? []).slice(1), ...(container?.args ?? [])];
}

/** `v3.5.0`: the tag of its image; undefined where the image has a digest, or a tag of its own. */
export function versionOf({ spec }: Pod): string | undefined {
  const image = spec.containers.find(isControllerContainer)?.image ?? '';
  return /:(v\d+\.\d+[^@/]*)/.exec(image)?.[1];
}
