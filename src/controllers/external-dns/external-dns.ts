/**
 * controllers/external-dns — names of Ingresses and Services kept in Route 53: every interval each
 * external-dns compares what the objects want with what the zones have.
 *
 * Upstream: kubernetes-sigs/external-dns@2bf1bf8a controller/controller.go. Upstream looks every
 * `--interval` whether anything happened or not; here a change waits for the next look, and where
 * nothing changed nobody looks.
 * Reads: Deployments, Ingresses, Services, Gateways with their routes, and what they lead to.
 * Writes: Route 53.
 */
import type { Route53 } from '../../cloud/route53/operations.ts';
import { type AwsError, isAwsError, isTransient } from '../../model/aws-error.ts';
import type { Note } from '../../model/input-error.ts';
import type { Kinds, TwinStore } from '../../model/kinds.ts';
import type { Deployment } from '../../model/kubernetes/apps.ts';
import { ROUTE_KINDS, type RouteKind } from '../../model/kubernetes/route.ts';
import type { Clock, Millis } from '../../sim/clock.ts';
import {
  type Controller,
  done,
  type Request,
  type Result,
  requeue,
  watch,
} from '../../sim/controller.ts';
import { type Installation, installationOf, isExternalDns } from './installation.ts';
import { notesOf } from './notes.ts';
import { type Synchronization, synchronize } from './synchronize.ts';

/** What one external-dns last did, for who asks why a name is not there. */
export interface ExternalDnsReport extends Synchronization {
  /** Its Deployment. */
  readonly name: string;
  /** What it was told and is not followed here. */
  readonly unfollowed: readonly string[];
}

export interface ExternalDns {
  readonly controller: Controller<Kinds>;
  /** Of every external-dns that runs, what it last said. */
  reports(): readonly ExternalDnsReport[];
  /** The same for people. */
  notes(): readonly Note[];
}

/** When one external-dns looked and will look. */
interface Schedule {
  readonly startedMs: Millis;
  lastMs?: Millis | undefined;
  /** The look that is arranged. */
  dueMs?: Millis | undefined;
  said: Synchronization;
  /** It sends the same changes again and again: Route 53 never becomes what it wants. */
  isStuck: boolean;
}

const SILENCE: Synchronization = {
  failures: [],
  foreign: [],
  homeless: [],
  unrouted: [],
  sent: '',
  readsNodes: false,
};
/** A change of an object is seen so much later: `--events`. */
const EVENT_DELAY_MS = 5_000;

export function externalDns(clock: Clock, store: TwinStore, route53: Route53): ExternalDns {
  const run = new ExternalDnsRun(clock, store, route53);
  const reports = () => run.reports();
  return { controller: run.controller(), reports, notes: () => reports().flatMap(notesOf) };
}

class ExternalDnsRun {
  readonly #clock: Clock;
  readonly #store: TwinStore;
  readonly #route53: Route53;
  readonly #schedules = new Map<Request, Schedule>();

  constructor(clock: Clock, store: TwinStore, route53: Route53) {
    this.#clock = clock;
    this.#store = store;
    this.#route53 = route53;
  }

  controller(): Controller<Kinds> {
    const all = (): Iterable<Request> => this.#schedules.keys();
    const ofNodes = (): Iterable<Request> =>
      [...this.#schedules].flatMap(([key, { said }]) => (said.readsNodes ? [key] : []));
    return {
      name: 'external-dns',
      watches: [
        watch<Kinds, 'Deployment'>('Deployment', ({ key, value, previous }) =>
          [value, previous].some((it) => it !== undefined && isExternalDns(it)) ? [key] : [],
        ),
        watch<Kinds, 'Ingress'>('Ingress', all),
        watch<Kinds, 'Service'>('Service', all),
        watch<Kinds, 'Gateway'>('Gateway', all),
        watch<Kinds, 'ListenerSet'>('ListenerSet', all),
        ...ROUTE_KINDS.map((kind) => watch<Kinds, RouteKind>(kind, all)),
        watch<Kinds, 'route53/hosted-zone'>('route53/hosted-zone', all),
        watch<Kinds, 'route53/record-set'>('route53/record-set', all),
        watch<Kinds, 'Node'>('Node', ofNodes),
        watch<Kinds, 'Pod'>('Pod', ofNodes),
        watch<Kinds, 'EndpointSlice'>('EndpointSlice', ofNodes),
      ],
      reconcile: (request) => this.#reconcile(request),
    };
  }

  reports(): readonly ExternalDnsReport[] {
    return [...this.#schedules].flatMap(([key, { said }]) => {
      const installation = this.#installation(key);
      if (installation === undefined) return [];
      const { name, notes: unfollowed } = installation;
      return { name, unfollowed, ...said };
    });
  }

  #installation(request: Request): Installation | undefined {
    const deployment: Deployment | undefined = this.#store.get('Deployment', request);
    return deployment && installationOf(deployment);
  }

  async #reconcile(request: Request): Promise<Result> {
    const installation = this.#installation(request);
    if (installation === undefined) {
      this.#schedules.delete(request);
      return done;
    }
    const nowMs = this.#clock.now();
    const schedule = this.#schedules.get(request) ?? {
      startedMs: nowMs,
      said: SILENCE,
      isStuck: false,
    };
    this.#schedules.set(request, schedule);
    const { settings, failure } = installation;
    if (settings === undefined) {
      schedule.said = { ...SILENCE, failures: failure === undefined ? [] : [failure] };
      return done;
    }
    const lookMs = nextLook(schedule, settings, nowMs);
    if (nowMs < lookMs) {
      if (schedule.dueMs === lookMs) return done;
      schedule.dueMs = lookMs;
      return requeue(lookMs - nowMs, 'the next look', { background: schedule.isStuck });
    }
    schedule.lastMs = nowMs;
    schedule.dueMs = undefined;
    const outcome = await synchronize(this.#store, this.#route53, settings);
    if (isAwsError(outcome)) {
      schedule.said = { ...schedule.said, failures: [outcome.message] };
      return again(settings.intervalMs, outcome);
    }
    schedule.isStuck = outcome.sent !== '' && outcome.sent === schedule.said.sent;
    schedule.said = outcome;
    return outcome.refusal === undefined ? done : again(settings.intervalMs, outcome.refusal);
  }
}

/** The instant of the next look: on the grid of the interval since it started, or now. */
function nextLook(
  { startedMs, lastMs }: Schedule,
  { intervalMs, followsEvents, eventIntervalMs }: NonNullable<Installation['settings']>,
  nowMs: Millis,
): Millis {
  if (lastMs === undefined) return nowMs;
  const next = lastMs + intervalMs - ((lastMs - startedMs) % intervalMs);
  if (!followsEvents) return Math.max(next, startedMs);
  return Math.max(lastMs + eventIntervalMs, Math.min(lastMs + EVENT_DELAY_MS, next));
}

/** The next look after a failure; only one that may pass by itself keeps time going. */
const again = (intervalMs: Millis, error: AwsError): Result =>
  requeue(intervalMs, error.code, { background: !isTransient(error) });
