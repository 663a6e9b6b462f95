/**
 * twin/installation — a component's chart as `helm upgrade --install` would apply it: in a namespace,
 * with values. What a value changes here is changed; what nobody reads here is told.
 */
import type { Deployment } from '../model/kubernetes/apps.ts';
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import {
  EXTERNAL_DNS_FLAGS,
  type FlagTable,
  LOAD_BALANCER_FLAGS,
  type Setting,
} from './chart-settings.ts';
import { type Component, componentObjects } from './components.ts';

export interface Chart {
  readonly objects: readonly KubernetesObject[];
  /** Settings that do nothing here. */
  readonly ignored: readonly string[];
}

/** The namespace the charts' objects are written for. */
const CHART_NAMESPACE = 'kube-system';

const FLAGS: Readonly<Record<Component, FlagTable>> = {
  'aws-load-balancer-controller': LOAD_BALANCER_FLAGS,
  'external-dns': EXTERNAL_DNS_FLAGS,
};

/** One flag whose value is a list with commas. */
const JOINED: ReadonlySet<string> = new Set(['--external-managed-tags']);

type Container = Deployment['spec']['template']['spec']['containers'][number];

/** The objects to apply. */
export function chartWith(
  component: Component,
  clusterName: string,
  namespace: string,
  settings: readonly Setting[],
): Chart {
  const given = byPath(settings);
  const ignored: string[] = [];
  const shape = new ChartShape(componentObjects([component], clusterName));
  for (const [path, values] of given) {
    const flag = FLAGS[component][path];
    if (flag !== undefined) shape.setFlag(flag, values);
    else if (!shape.set(path, values)) ignored.push(path);
  }
  const className = given.get('ingressClass')?.at(-1);
  if (className !== undefined) shape.nameClass(className);
  return { objects: shape.inNamespace(namespace), ignored };
}

/** Later settings of a path win; places of a list add up. */
function byPath(settings: readonly Setting[]): ReadonlyMap<string, readonly string[]> {
  const given = new Map<string, readonly string[]>();
  const lists = /^(sources|domainFilters|excludeDomains|managedRecordTypes|extraArgs)$/;
  for (const { path, values } of settings) {
    const before = lists.test(path) ? (given.get(path) ?? []) : [];
    given.set(path, [...before, ...values]);
  }
  return given;
}

class ChartShape {
  #objects: readonly KubernetesObject[];

  constructor(objects: readonly KubernetesObject[]) {
    this.#objects = objects;
  }

  setFlag(flag: string, values: readonly string[]): void {
    const words = JOINED.has(flag)
      ? [`${flag}=${values.join(',')}`]
      : values.flatMap((value) => wordsOf(flag, value));
    this.#inContainer((container) => ({
      ...container,
      args: [
        ...(container.args ?? []).filter((it) => it !== flag && !it.startsWith(`${flag}=`)),
        ...words,
      ],
    }));
  }

  /** @returns false when nobody here reads the value */
  set(path: string, values: readonly string[]): boolean {
    const value = values.at(-1) ?? '';
    const [, extra] = /^extraArgs\.(.+)$/.exec(path) ?? [];
    const [, tag] = /^defaultTags\.(.+)$/.exec(path) ?? [];
    const [, annotation] = /^serviceAccount\.annotations\.(.+)$/.exec(path) ?? [];
    if (path === 'extraArgs') this.#addArguments(values);
    else if (extra !== undefined) this.setFlag(`--${extra}`, values);
    else if (tag !== undefined) this.#addTag(`${tag.replaceAll('\\', '')}=${value}`);
    else if (annotation !== undefined)
      this.#annotateAccount(annotation.replaceAll('\\', ''), value);
    else if (path === 'replicaCount') this.#replicas(Number(value));
    else if (path === 'image.tag') this.#image((image) => image.replace(/:[^:/]*$/, `:${value}`));
    else if (path === 'image.repository')
      this.#image((image) => image.replace(/^.*:/, `${value}:`));
    else if (path === 'serviceAccount.name') this.#nameAccount(value);
    else if (path === 'serviceAccount.create') this.#keepAccount(value === 'true');
    else return false;
    return true;
  }

  /** The class that the chart makes is called as the controller is told. */
  nameClass(name: string): void {
    this.#objects = this.#objects.map((it) =>
      it.kind === 'IngressClass' || it.kind === 'IngressClassParams'
        ? { ...it, metadata: { ...it.metadata, name } }
        : it,
    );
  }

  /** The objects, moved to another namespace. */
  inNamespace(namespace: string): readonly KubernetesObject[] {
    if (namespace === CHART_NAMESPACE) return this.#objects;
    // Webhooks name the namespace of the Service that they call.
    const text = JSON.stringify(this.#objects);
    const moved = text.replaceAll(
      `"namespace":${JSON.stringify(CHART_NAMESPACE)}`,
      `"namespace":${JSON.stringify(namespace)}`,
    );
    return JSON.parse(moved) as KubernetesObject[];
  }

  #addArguments(words: readonly string[]): void {
    this.#inContainer((it) => ({ ...it, args: [...(it.args ?? []), ...words] }));
  }

  #addTag(tag: string): void {
    const flag = '--default-tags=';
    this.#inContainer((container) => {
      const args = container.args ?? [];
      const before = args.find((it) => it.startsWith(flag));
      const rest = args.filter((it) => it !== before);
      return {
        ...container,
        args: [...rest, before === undefined ? flag + tag : `${before},${tag}`],
      };
    });
  }

  #image(change: (image: string) => string): void {
    this.#inContainer((it) => ({ ...it, image: change(it.image ?? '') }));
  }

  #replicas(replicas: number): void {
    this.#inDeployment((it) => ({ ...it, spec: { ...it.spec, replicas } }));
  }

  #annotateAccount(name: string, value: string): void {
    this.#ofKind('ServiceAccount', ({ metadata, ...rest }) => ({
      ...rest,
      metadata: { ...metadata, annotations: { ...metadata.annotations, [name]: value } },
    }));
  }

  #nameAccount(name: string): void {
    this.#ofKind('ServiceAccount', (it) => ({ ...it, metadata: { ...it.metadata, name } }));
    this.#inPod((spec) => ({ ...spec, serviceAccountName: name }));
  }

  /** Somebody else has made it: eksctl, say. */
  #keepAccount(isOurs: boolean): void {
    if (!isOurs) this.#objects = this.#objects.filter((it) => it.kind !== 'ServiceAccount');
  }

  #inContainer(change: (container: Container) => Container): void {
    this.#inPod((spec) => ({ ...spec, containers: spec.containers.map(change) }));
  }

  #inPod(
    change: (
      spec: Deployment['spec']['template']['spec'],
    ) => Deployment['spec']['template']['spec'],
  ): void {
    this.#inDeployment((it) => ({
      ...it,
      spec: { ...it.spec, template: { ...it.spec.template, spec: change(it.spec.template.spec) } },
    }));
  }

  #inDeployment(change: (deployment: Deployment) => Deployment): void {
    this.#ofKind('Deployment', (it) => change(it as Deployment));
  }

  #ofKind(kind: string, change: (object: KubernetesObject) => KubernetesObject): void {
    this.#objects = this.#objects.map((it) => (it.kind === kind ? change(it) : it));
  }
}

/** Flags that are there or not. */
function wordsOf(flag: string, value: string): string[] {
  if (flag === '--events') return value === 'true' ? [flag] : [];
  return [`${flag}=${value}`];
}
