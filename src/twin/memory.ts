/**
 * twin/memory — what a running twin knows that its store does not: its nodes' address pools, what it
 * saw happen, whom AWS answered. Plain data, so that a copy of the twin elsewhere answers the same.
 */
import type { IpamdState } from '../controllers/vpc-cni/ipamd-state.ts';
import type { Note } from '../model/input-error.ts';
import { type Metric, metricsText } from '../model/prometheus.ts';
import type { Millis } from '../sim/clock.ts';
import type { BalancerStep } from './balancer-steps.ts';
import type { AwsCall } from './call-log.ts';
import { INTROSPECTION_PAGES, type NodeAgent } from './node-agent.ts';
import type { TimelineStep } from './timeline.ts';
import type { Twin } from './twin.ts';

interface AgentMemory {
  readonly files: readonly (readonly [path: string, text: string])[];
  readonly metrics: readonly Metric[];
  readonly pages: Readonly<Record<string, unknown>>;
}

export interface TwinMemory {
  readonly pools: Readonly<Record<string, IpamdState>>;
  readonly agents: Readonly<Record<string, AgentMemory>>;
  readonly troubles: readonly Note[];
  readonly droppedEvents: number;
  readonly steps: readonly TimelineStep[];
  readonly balancerSteps: readonly BalancerStep[];
  /** Since when steps and calls are known; undefined = from the beginning. */
  readonly sinceMs: Millis | undefined;
  readonly calls: readonly AwsCall[];
  readonly countByAction: readonly (readonly [string, number])[];
  readonly errorsByCode: readonly (readonly [string, number])[];
}

const agentMemory = (agent: NodeAgent): AgentMemory => ({
  files: [...agent.files],
  metrics: agent.metricValues(),
  pages: Object.fromEntries(INTROSPECTION_PAGES.map((page) => [page, agent.introspection(page)])),
});

/** Everything a twin knows beside its store. */
export function memoryOf(twin: Twin): TwinMemory {
  const pools: Record<string, IpamdState> = {};
  const agents: Record<string, AgentMemory> = {};
  for (const { metadata } of twin.store.list('Node')) {
    const pool = twin.nodePool(metadata.name);
    const agent = twin.nodeAgent(metadata.name);
    if (pool !== undefined) pools[metadata.name] = pool;
    if (agent !== undefined) agents[metadata.name] = agentMemory(agent);
  }
  const { calls, timeline } = twin;
  return {
    pools,
    agents,
    troubles: twin.troubles(),
    droppedEvents: twin.droppedEvents(),
    steps: timeline.steps,
    balancerSteps: timeline.balancerSteps,
    sinceMs: timeline.sinceMs,
    // What was asked and answered is for logs, which only the running twin shows.
    calls: calls.calls.map(({ change: _, ...call }) => call),
    countByAction: [...calls.countByAction],
    errorsByCode: [...calls.errorsByCode],
  };
}

/** Lets a twin that does not run itself tell what another knew. */
export function remember(twin: Twin, memory: TwinMemory): void {
  const { calls, timeline } = twin;
  timeline.steps.push(...memory.steps);
  timeline.balancerSteps.push(...memory.balancerSteps);
  timeline.sinceMs = memory.sinceMs;
  calls.calls.push(...memory.calls);
  for (const [action, count] of memory.countByAction) calls.countByAction.set(action, count);
  for (const [code, count] of memory.errorsByCode) calls.errorsByCode.set(code, count);
}

/** A node's files and pages as they were. */
export const rememberedAgent = ({ files, metrics, pages }: AgentMemory): NodeAgent => ({
  files: new Map(files),
  metrics: () => metricsText(metrics),
  metricValues: () => metrics,
  introspection: (page) => pages[page],
});
