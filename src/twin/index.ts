/**
 * twin — the library's front door: build a twin from files' texts, run it, ask it, fork it.
 *
 *   const twin = await buildTwin([{ path: 'cluster.yaml', text }], { seed: 1 });
 *   await twin.settle();
 *   for (const pod of twin.store.list('Pod')) console.log(pod.metadata.name, pod.status?.podIP);
 */
export { InputError, type Note } from '../model/input-error.ts';
export type { Kind, Kinds, TwinStore } from '../model/kinds.ts';
export { type Faults, noFaults } from '../sim/faults.ts';
export { type HostTimers, RealClock } from '../sim/real-clock.ts';
export { type BuildOptions, buildTwin, newTwin } from './build.ts';
export type { AwsCall } from './call-log.ts';
export { forkTwin } from './fork.ts';
export type { TimelineStep } from './timeline.ts';
export { Twin } from './twin.ts';
