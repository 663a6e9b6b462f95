/**
 * controllers/external-dns/installation — the external-dns that run in a cluster: every Deployment
 * of its image or name that has a ready pod.
 *
 * The chart of kubernetes-sigs/external-dns labels its Deployment `app.kubernetes.io/name`.
 */
import type { Deployment } from '../../model/kubernetes/apps.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { type ReadSettings, readSettings } from './settings.ts';

export interface Installation extends ReadSettings {
  /** The Deployment: `external-dns/external-dns`. */
  readonly name: string;
}

const NAME_LABEL = 'app.kubernetes.io/name';
const IMAGE = /(?:^|\/)external-dns(?::|@|$)/;

type Container = Deployment['spec']['template']['spec']['containers'][number];

/** Whether the Deployment is one of external-dns's. */
export const isExternalDns = (deployment: Deployment): boolean =>
  containerOf(deployment) !== undefined;

/** What runs by a Deployment; undefined where it is none of external-dns's or has no ready pod. */
export function installationOf(deployment: Deployment): Installation | undefined {
  const container = containerOf(deployment);
  if (container === undefined || (deployment.status?.readyReplicas ?? 0) === 0) return undefined;
  const { image = '', command = [], args = [], env = [] } = container;
  const variables = env.flatMap(({ name, value }) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const words = [...command, ...args];
  return { name: keyOf(deployment), ...readSettings(image, words, Object.fromEntries(variables)) };
}

/** By its image, whatever the Deployment is called; by its label where the image is a mirror's. */
function containerOf({ metadata, spec }: Deployment): Container | undefined {
  const { containers } = spec.template.spec;
  const byImage = containers.find(({ image }) => IMAGE.test(image ?? ''));
  if (byImage !== undefined || metadata.labels?.[NAME_LABEL] !== 'external-dns') return byImage;
  return containers.find(({ name }) => name === 'external-dns') ?? containers[0];
}
