/**
 * controllers/workloads/stateful-set — pods with names that stay: web-0, web-1, …; started and
 * stopped in order, replaced from the highest ordinal down.
 *
 * Upstream: kubernetes/kubernetes pkg/controller/statefulset/stateful_set_control.go
 * updateStatefulSet, stateful_set_utils.go. Claims are created as objects; volumes are not
 * simulated.
 * Reads: StatefulSet, Pod.  Writes: Pod, PersistentVolumeClaim, ControllerRevision, status, events.
 */
import { isApiStatus, type Kubernetes } from '../../cluster/kubernetes.ts';
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import type { StatefulSet } from '../../model/kubernetes/apps.ts';
import { availableInMs, isPodReady, isPodTerminal } from '../../model/kubernetes/condition.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import type { Clock } from '../../sim/clock.ts';
import { type Controller, done, type Result, requeue, watch } from '../../sim/controller.ts';
import type { Random } from '../../sim/random.ts';
import { BackgroundRetry } from './background-retry.ts';
import { Claims } from './claims.ts';
import { ControllerRevisions, revisionHash } from './controller-revisions.ts';
import { claimsOf, ordinalOf, statefulPod } from './stateful-pod.ts';
import { REVISION_LABEL } from './template-hash.ts';

const COMPONENT = 'statefulset-controller';
const BATCH_MS = 20;

export function statefulSetController(
  clock: Clock,
  _random: Random,
  store: TwinStore,
  kubernetes: Kubernetes,
): Controller<Kinds> {
  const claims = new Claims(store, kubernetes, 'Pod', 'StatefulSet');
  const sync = new StatefulSync(clock, store, kubernetes);
  return {
    name: 'stateful-set',
    batchMs: BATCH_MS,
    watches: [
      watch<Kinds, 'StatefulSet'>('StatefulSet', ({ key, value }) => {
        claims.seeOwner(key, value);
        return [key];
      }),
      watch<Kinds, 'Pod'>('Pod', (event) => claims.seeChild(event)),
    ],
    reconcile(request) {
      const set = store.get('StatefulSet', request);
      if (set === undefined) return done;
      claims.settle(set);
      return sync.sync(request, set);
    },
  };
}

/** What a look found and decided. */
interface Look {
  readonly set: StatefulSet;
  readonly isOrdered: boolean;
  readonly current: string;
  readonly update: string;
  /** By place: ordinal minus the first ordinal. */
  readonly places: (Pod | undefined)[];
  /** Beyond the wanted ordinals, highest first. */
  readonly condemned: readonly Pod[];
}

class StatefulSync {
  readonly #clock: Clock;
  readonly #store: TwinStore;
  readonly #kubernetes: Kubernetes;
  readonly #revisions: ControllerRevisions;
  readonly #retries: BackgroundRetry;

  constructor(clock: Clock, store: TwinStore, kubernetes: Kubernetes) {
    this.#clock = clock;
    this.#store = store;
    this.#kubernetes = kubernetes;
    this.#revisions = new ControllerRevisions(store, kubernetes);
    this.#retries = new BackgroundRetry(clock);
  }

  sync(request: string, set: StatefulSet): Result {
    const update = this.#revisions.current(set, () => this.#exportedHash(set));
    const known = set.status?.currentRevision;
    const current = known === undefined || known === '' ? update : known;
    const look = this.#look(set, current, update);
    let refused: string | undefined;
    if (set.metadata.deletionTimestamp === undefined) refused = this.#act(look);
    this.#writeStatus(look);
    if (refused !== undefined) return this.#retries.refused(request, refused);
    this.#retries.succeeded(request);
    const nextMs = this.#nextAvailableMs(set);
    return nextMs === undefined ? done : requeue(nextMs, 'minReadySeconds');
  }

  /** What an exported set's status says of its present template. */
  #exportedHash(set: StatefulSet): string | undefined {
    const { updateRevision, observedGeneration } = set.status ?? {};
    if (updateRevision === undefined || observedGeneration !== set.metadata.generation)
      return undefined;
    return revisionHash(set, updateRevision);
  }

  #look(set: StatefulSet, current: string, update: string): Look {
    const start = set.spec.ordinals?.start ?? 0;
    const replicas = set.spec.replicas ?? 1;
    const places: (Pod | undefined)[] = Array.from({ length: replicas }, () => undefined);
    const condemned: Pod[] = [];
    for (const pod of this.#store.lookup('Pod', 'owner', set.metadata.uid!)) {
      const ordinal = ordinalOf(set, pod);
      if (ordinal === undefined) continue;
      if (ordinal >= start && ordinal < start + replicas) places[ordinal - start] = pod;
      else condemned.push(pod);
    }
    condemned.sort((a, b) => ordinalOf(set, b)! - ordinalOf(set, a)!);
    const isOrdered = set.spec.podManagementPolicy !== 'Parallel';
    return { set, isOrdered, current, update, places, condemned };
  }

  /** Creates, then removes, then replaces; an ordered set does one thing at a time. */
  #act(look: Look): string | undefined {
    const filled = this.#fill(look);
    if (filled !== 'goes on') return filled.refused;
    if (!this.#removeCondemned(look)) return undefined;
    this.#replaceOld(look);
    return undefined;
  }

  #fill(look: Look): 'goes on' | { readonly refused: string | undefined } {
    const { set, isOrdered, places } = look;
    for (let place = 0; place < places.length; place++) {
      const pod = places[place];
      if (pod !== undefined && isPodTerminal(pod)) {
        this.#recreate(set, pod);
        if (isOrdered) return { refused: undefined };
        continue;
      }
      if (pod === undefined) {
        const refused = this.#create(look, place);
        if (refused !== undefined || isOrdered) return { refused };
        continue;
      }
      if (!isOrdered) continue;
      // The next one starts when this one is up, and a leaving one makes everybody wait.
      if (pod.metadata.deletionTimestamp !== undefined || !this.#isUp(set, pod)) {
        return { refused: undefined };
      }
    }
    return 'goes on';
  }

  /** False when the set has to wait before it goes on. */
  #removeCondemned({ set, isOrdered, places, condemned }: Look): boolean {
    const unhealthy = [...places, ...[...condemned].reverse()].find(
      (pod) => pod !== undefined && !this.#isUp(set, pod),
    );
    for (const pod of condemned) {
      if (pod.metadata.deletionTimestamp !== undefined) {
        if (isOrdered) return false;
        continue;
      }
      if (isOrdered && !this.#isUp(set, pod) && pod !== unhealthy) return false;
      this.#delete(set, pod);
      if (isOrdered) return false;
    }
    return true;
  }

  /** Rolling update: from the highest ordinal down to the partition, one at a time. */
  #replaceOld({ set, update, places }: Look): void {
    const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
    if (type === 'OnDelete') return;
    const partition = rollingUpdate?.partition ?? 0;
    for (let place = places.length - 1; place >= partition; place--) {
      const pod = places[place];
      if (pod === undefined) return;
      const isLeaving = pod.metadata.deletionTimestamp !== undefined;
      if (pod.metadata.labels?.[REVISION_LABEL] !== update && !isLeaving) {
        this.#delete(set, pod);
        return;
      }
      if (isLeaving || !this.#isUp(set, pod)) return;
    }
  }

  #isUp(set: StatefulSet, pod: Pod): boolean {
    if (pod.status?.phase !== 'Running') return false;
    return availableInMs(pod, minReady(set), this.#clock.now()) === 0;
  }

  /** newVersionedStatefulSetPod: below the partition the old template stays. */
  #create({ set, current, update, places }: Look, place: number): string | undefined {
    const ordinal = (set.spec.ordinals?.start ?? 0) + place;
    const { rollingUpdate } = set.spec.updateStrategy ?? {};
    const isRolling = set.spec.updateStrategy?.type !== 'OnDelete';
    const kept = rollingUpdate?.partition ?? 0;
    const isOld = isRolling && place < kept && current !== update;
    const revision = isOld ? current : update;
    const template = this.#revisions.template(set, revision) ?? set.spec.template;
    for (const claim of claimsOf(set, ordinal)) {
      if (this.#store.get('PersistentVolumeClaim', keyOf(claim)) !== undefined) continue;
      const created = this.#kubernetes.create(claim);
      if (isApiStatus(created)) return this.#fail(set, created.message);
    }
    const created = this.#kubernetes.create(statefulPod(set, template, ordinal, revision));
    if (isApiStatus(created)) return this.#fail(set, created.message);
    places[place] = created;
    this.#tell(
      set,
      'Normal',
      'SuccessfulCreate',
      `create Pod ${created.metadata.name} in StatefulSet ${set.metadata.name} successful`,
    );
    return undefined;
  }

  #fail(set: StatefulSet, message: string): string {
    const text = `create Pod in StatefulSet ${set.metadata.name} failed error: ${message}`;
    this.#tell(set, 'Warning', 'FailedCreate', text);
    return message;
  }

  #recreate(set: StatefulSet, pod: Pod): void {
    const { namespace, name } = set.metadata;
    const ended = pod.status?.phase === 'Failed' ? 'Failed' : 'Succeeded';
    const how = ended.toLowerCase();
    const text = `StatefulSet ${namespace}/${name} is recreating ${how} Pod ${pod.metadata.name}`;
    this.#tell(set, ended === 'Failed' ? 'Warning' : 'Normal', `Recreating${ended}Pod`, text);
    if (pod.metadata.deletionTimestamp === undefined) this.#delete(set, pod);
  }

  #delete(set: StatefulSet, pod: Pod): void {
    const deleted = this.#kubernetes.delete('Pod', keyOf(pod));
    if (isApiStatus(deleted)) return;
    const text = `delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`;
    this.#tell(set, 'Normal', 'SuccessfulDelete', text);
  }

  #tell(set: StatefulSet, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#kubernetes.recordEvent(set, { type, reason, message, component: COMPONENT });
  }

  #nextAvailableMs(set: StatefulSet): number | undefined {
    const seconds = minReady(set);
    if (seconds === 0) return undefined;
    let nextMs: number | undefined;
    for (const pod of this.#store.lookup('Pod', 'owner', set.metadata.uid!)) {
      const inMs = availableInMs(pod, seconds, this.#clock.now());
      if (inMs !== undefined && inMs > 0) nextMs = Math.min(nextMs ?? inMs, inMs);
    }
    return nextMs;
  }

  #writeStatus({ set, current, update }: Look): void {
    const pods = this.#store
      .lookup('Pod', 'owner', set.metadata.uid!)
      .filter((pod) => ordinalOf(set, pod) !== undefined && !isPodTerminal(pod));
    const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isPodReady(pod));
    const of = (revision: string): number =>
      pods.filter((pod) => {
        const { labels, deletionTimestamp } = pod.metadata;
        return labels?.[REVISION_LABEL] === revision && deletionTimestamp === undefined;
      }).length;
    const updated = of(update);
    const replicas = pods.length;
    const isRolled =
      set.spec.updateStrategy?.type !== 'OnDelete' &&
      updated === replicas &&
      ready.length === replicas &&
      replicas === (set.spec.replicas ?? 1);
    const some = (name: string, count: number): object => (count === 0 ? {} : { [name]: count });
    const status = {
      observedGeneration: set.metadata.generation,
      replicas,
      ...some('readyReplicas', ready.length),
      ...some('currentReplicas', isRolled ? updated : of(current)),
      ...some('updatedReplicas', updated),
      availableReplicas: ready.filter((pod) => this.#isUp(set, pod)).length,
      currentRevision: isRolled ? update : current,
      updateRevision: update,
      collisionCount: 0,
    };
    this.#kubernetes.updateStatus({ ...set, status });
    this.#revisions.trim(set, new Set([current, update]));
  }
}

const minReady = ({ spec }: StatefulSet): number => (spec.minReadySeconds as number) ?? 0;
