/**
 * api/kubernetes/objects/events-v1 — an Event as events.k8s.io/v1 tells it; it is kept as core/v1
 * has it.
 *
 * Upstream: kubernetes/kubernetes pkg/apis/events/v1/conversion.go.
 */
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';

/** What each field is called in the other group; fields that are not here have one name. */
const RENAMED: readonly (readonly [core: string, events: string])[] = [
  ['message', 'note'],
  ['involvedObject', 'regarding'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
];

const TO_EVENTS = new Map(RENAMED);
const TO_CORE = new Map(RENAMED.map(([core, events]) => [events, core]));

const renamed = (object: KubernetesObject, names: ReadonlyMap<string, string>): KubernetesObject =>
  Object.fromEntries(
    Object.entries(object).map(([field, value]) => [names.get(field) ?? field, value]),
  ) as KubernetesObject;

/** core/v1 → events.k8s.io/v1. */
export const toEventsV1 = (object: KubernetesObject): KubernetesObject => {
  const it = renamed(object, TO_EVENTS);
  return { ...it, apiVersion: 'events.k8s.io/v1', eventTime: it.eventTime ?? null };
};

/** events.k8s.io/v1 → core/v1. */
export const fromEventsV1 = (object: KubernetesObject): KubernetesObject => ({
  ...renamed(object, TO_CORE),
  apiVersion: 'v1',
});
