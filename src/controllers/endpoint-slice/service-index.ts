/**
 * controllers/endpoint-slice/service-index — which pods belong to which Services, kept pod by pod,
 * so that neither a pod's change is held against every Service nor a Service against every pod.
 */
import type { TwinStore } from '../../model/kinds.ts';
import type { Pod, Service } from '../../model/kubernetes/core.ts';
import type { Labels } from '../../model/kubernetes/meta.ts';
import { matchesLabels } from '../../model/kubernetes/selectors.ts';

const NONE: readonly string[] = Object.freeze([]);
const NO_PODS: ReadonlyMap<string, Pod> = new Map();

/** A Service whose endpoints this controller keeps: one with a selector. */
export const hasSelector = ({ spec }: Service): boolean =>
  spec.type !== 'ExternalName' && Object.keys(spec.selector ?? {}).length > 0;

export class ServiceIndex {
  readonly #store: TwinStore;
  /** By namespace, then by Service key. */
  readonly #selectors = new Map<string, Map<string, Labels>>();
  /** Answers by the pods' labels object: pods of a template share theirs. */
  readonly #answers = new Map<string, WeakMap<Labels, readonly string[]>>();
  readonly #servicesOf = new Map<string, readonly string[]>();
  readonly #podsOf = new Map<string, Map<string, Pod>>();
  /** Namespaces whose Services changed since their pods were matched. */
  readonly #stale = new Set<string>();

  constructor(store: TwinStore) {
    this.#store = store;
  }

  /** What the store holds of a Service now. */
  seeService(key: string, service: Service | undefined): void {
    const namespace = key.slice(0, key.indexOf('/'));
    const selectors = this.#selectors.get(namespace) ?? new Map<string, Labels>();
    this.#selectors.set(namespace, selectors);
    const selector =
      service !== undefined && hasSelector(service) ? service.spec.selector : undefined;
    if (selectors.get(key) === selector) return;
    this.#answers.delete(namespace);
    if (selector === undefined) selectors.delete(key);
    else selectors.set(key, selector);
    // Matched when next asked for: Services come in crowds, and each look walks all pods.
    this.#stale.add(namespace);
  }

  /** What the store holds of a pod now: the Services it belonged to before, and belongs to. */
  seePod(key: string, pod: Pod | undefined): { before: readonly string[]; now: readonly string[] } {
    this.#refresh(key.slice(0, key.indexOf('/')));
    return this.#match(key, pod);
  }

  /** The pods a Service selects, whatever their state, by key. */
  podsOf(serviceKey: string): ReadonlyMap<string, Pod> {
    this.#refresh(serviceKey.slice(0, serviceKey.indexOf('/')));
    return this.#podsOf.get(serviceKey) ?? NO_PODS;
  }

  #refresh(namespace: string): void {
    if (!this.#stale.delete(namespace)) return;
    for (const podKey of this.#store.lookupKeys('Pod', 'namespace', namespace)) {
      this.#match(podKey, this.#store.get('Pod', podKey));
    }
  }

  #match(key: string, pod: Pod | undefined): { before: readonly string[]; now: readonly string[] } {
    const before = this.#servicesOf.get(key) ?? NONE;
    const now =
      pod === undefined ? NONE : this.#selecting(pod.metadata.namespace ?? '', pod.metadata.labels);
    if (now !== before) for (const service of before) this.#podsOf.get(service)?.delete(key);
    for (const service of now) {
      const pods = this.#podsOf.get(service);
      if (pods === undefined) this.#podsOf.set(service, new Map([[key, pod!]]));
      else pods.set(key, pod!);
    }
    if (now === before) return { before, now };
    if (now.length === 0) this.#servicesOf.delete(key);
    else this.#servicesOf.set(key, now);
    return { before, now };
  }

  #selecting(namespace: string, labels: Labels | undefined): readonly string[] {
    const selectors = this.#selectors.get(namespace);
    if (selectors === undefined || selectors.size === 0 || labels === undefined) return NONE;
    let answers = this.#answers.get(namespace);
    if (answers === undefined) {
      answers = new WeakMap();
      this.#answers.set(namespace, answers);
    }
    let found = answers.get(labels);
    if (found === undefined) {
      found = [...selectors].filter(([, it]) => matchesLabels(it, labels)).map(([key]) => key);
      if (found.length === 0) found = NONE;
      answers.set(labels, found);
    }
    return found;
  }
}
