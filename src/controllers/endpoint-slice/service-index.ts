/**
 * controllers/endpoint-slice/service-index — which pods belong to which Services, kept pod by pod,
 * so that neither a pod's change is held against every Service nor a Service against every pod.
 */
import type { TwinStore } from '../../model/kinds.ts';
import type { Pod, Service } from '../../model/kubernetes/core.ts';
import type { Labels } from '../../model/kubernetes/meta.ts';
import type { Endpoint } from '../../model/kubernetes/networking.ts';
import { matchesLabels } from '../../model/kubernetes/selectors.ts';
import type { AddressType } from './endpoint.ts';

const NONE: readonly string[] = Object.freeze([]);
const NO_MEMBERS: ReadonlyMap<string, Member> = new Map();

/** A pod a Service selects, and what was made of it last. */
export interface Member {
  pod: Pod;
  /** Kept while the pod, its zone and the Service are what they were; see SliceSync. */
  made?: Made | undefined;
}

export interface Made {
  readonly service: Service;
  readonly zone: string | undefined;
  readonly endpoints: Partial<Record<AddressType, Endpoint | undefined>>;
}

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
  readonly #membersOf = new Map<string, Map<string, Member>>();
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
  membersOf(serviceKey: string): ReadonlyMap<string, Member> {
    this.#refresh(serviceKey.slice(0, serviceKey.indexOf('/')));
    return this.#membersOf.get(serviceKey) ?? NO_MEMBERS;
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
    if (now !== before) for (const service of before) this.#membersOf.get(service)?.delete(key);
    for (const service of now) {
      let members = this.#membersOf.get(service);
      if (members === undefined) {
        members = new Map();
        this.#membersOf.set(service, members);
      }
      const member = members.get(key);
      if (member === undefined) members.set(key, { pod: pod! });
      else if (member.pod !== pod) {
        member.pod = pod!;
        member.made = undefined;
      }
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
