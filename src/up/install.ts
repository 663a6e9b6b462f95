/** up/install — installs a component in a running twin, as `helm upgrade --install` would. */
import { isApiStatus } from '../cluster/kubernetes.ts';
import { parseSettings } from '../twin/chart-settings.ts';
import { COMPONENT_NAMES } from '../twin/components.ts';
import { chartWith } from '../twin/installation.ts';
import type { Twin } from '../twin/twin.ts';

export interface InstallRequest {
  readonly component: string;
  readonly namespace: string;
  /** As `--set` was given. */
  readonly settings: readonly string[];
}

export type Installed =
  | { readonly applied: readonly string[]; readonly ignored: readonly string[] }
  | { readonly where: string; readonly problem: string; readonly hint: string };

const LOAD_BALANCER_NAMESPACE = 'kube-system';

/** Applies the chart's objects; the same again changes nothing. */
export function installOn(
  twin: Twin,
  { component, namespace, settings }: InstallRequest,
): Installed {
  const known = COMPONENT_NAMES.find((name) => name === component);
  if (known === undefined) {
    return {
      where: component,
      problem: 'not a component that can be installed',
      hint: `write one of: ${COMPONENT_NAMES.join(', ')}`,
    };
  }
  const cluster = twin.store.list('eks/cluster')[0];
  if (cluster === undefined) {
    const problem = 'there is no EKS cluster to install it in';
    return { where: component, problem, hint: 'bring up a twin with a cluster' };
  }
  if (known === 'aws-load-balancer-controller' && namespace !== LOAD_BALANCER_NAMESPACE) {
    const problem = `the twin's controller works in ${LOAD_BALANCER_NAMESPACE} only`;
    const hint = `write --namespace ${LOAD_BALANCER_NAMESPACE}`;
    return { where: `--namespace ${namespace}`, problem, hint };
  }
  const read = settings.map((text) => [text, parseSettings(text)] as const);
  const wrong = read.find(([, parsed]) => parsed === undefined);
  if (wrong !== undefined) {
    const problem = 'not of the form KEY=VALUE';
    return { where: `--set ${wrong[0]}`, problem, hint: 'put an = between the two' };
  }
  const chart = chartWith(
    known,
    cluster.name,
    namespace,
    read.flatMap(([, parsed]) => parsed ?? []),
  );
  const given = chart.objects.length;
  const place = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  const isThere = twin.store.get('Namespace', namespace) !== undefined;
  for (const object of isThere ? chart.objects : [place, ...chart.objects]) {
    const result = twin.kubernetes.apply(object);
    if (!isApiStatus(result)) continue;
    const where = `${object.kind} ${object.metadata.name}`;
    return { where, problem: result.message, hint: 'change the value that it comes from' };
  }
  return { applied: [`${given} objects`], ignored: chart.ignored };
}
