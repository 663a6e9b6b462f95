/** cli/timeline-answer — answers `timeline`: one pod step by step, or a summary of all of them. */
import { InputError } from '../model/input-error.ts';
import type { PodSandbox } from '../model/linux/cni.ts';
import { nearestWords } from '../model/nearest.ts';
import { timestamp } from '../model/time.ts';
import type { AwsCall } from '../twin/call-log.ts';
import { serviceLines } from '../twin/service-story.ts';
import type { TimelineStep } from '../twin/timeline.ts';
import type { Twin } from '../twin/twin.ts';
import { type BalancerStory, balancerStory } from './balancer-timeline.ts';
import type { TimelineFlags } from './commands/timeline.ts';
import { asJson, asYaml } from './render/structured.ts';
import { type Column, table } from './render/table.ts';

/** One line of a story: a step of an object, or an EC2 call made meanwhile. */
interface Line {
  readonly atMs: number;
  readonly what: string;
  readonly object: string;
  readonly text: string;
  readonly cni?: CniCall | undefined;
  readonly isToTheSecond?: true;
}

/** A call of the network plugin as the container runtime makes it (CNI spec, "Parameters"). */
interface CniCall {
  readonly command: 'ADD' | 'DEL';
  readonly containerId: string;
  readonly args: Readonly<Record<string, string>>;
  /** What ADD answered, and what DEL undid. */
  readonly interfaces: PodSandbox['interfaces'];
}

/** A pod's own steps and its owners', oldest first. */
interface PodStory {
  readonly pod: string;
  readonly node: string | undefined;
  readonly fromMs: number;
  readonly readyMs: number | undefined;
  readonly lines: readonly Line[];
}

const WHAT: Readonly<Record<string, string>> = {
  created: 'created',
  scheduled: 'scheduled',
  'cni-add': 'CNI ADD',
  running: 'Running',
  ready: 'Ready',
  endpoint: 'endpoint',
  failed: 'ended',
  terminating: 'terminating',
  'cni-del': 'CNI DEL',
  deleted: 'deleted',
};

const asLine = ({ atMs, kind, key, step, text, sandbox }: TimelineStep): Line => ({
  atMs,
  what: WHAT[step] ?? step,
  object: `${kind.toLowerCase()}/${key}`,
  text,
  cni: sandbox && cniCall(step === 'cni-del' ? 'DEL' : 'ADD', sandbox),
});

const cniCall = (command: CniCall['command'], sandbox: PodSandbox): CniCall => ({
  command,
  containerId: sandbox.containerId,
  args: {
    K8S_POD_NAMESPACE: sandbox.namespace,
    K8S_POD_NAME: sandbox.podName,
    K8S_POD_UID: sandbox.podUid,
  },
  interfaces: sandbox.interfaces,
});

const callLine = ({ atMs, caller, action, durationMs, errorCode }: AwsCall): Line => ({
  atMs,
  what: 'EC2',
  object: caller,
  text: `${action} ${errorCode ?? 'ok'} after ${durationMs} ms`,
});

export async function printTimeline(
  twin: Twin,
  subject: string | undefined,
  flags: TimelineFlags,
): Promise<void> {
  const { sinceMs } = twin.timeline;
  if (sinceMs !== undefined && flags.quiet !== true)
    console.error(`note: steps and calls are known since ${timestamp(sinceMs)}, the last start`);
  const ofBalancer =
    subject === undefined ? undefined : balancerStory(twin, subject, flags.namespace ?? 'default');
  if (ofBalancer !== undefined) return printBalancerStory(ofBalancer, flags);
  const steps = twin.timeline.steps;
  const stories = podStories(twin, subject, flags);
  if (flags.output !== undefined) {
    const value = { stories, ec2Calls: Object.fromEntries(twin.calls.countByAction) };
    console.log(flags.output === 'json' ? asJson(value) : await asYaml(value));
    return;
  }
  if (stories.length === 0) {
    console.error(
      `No pods were made${steps.length === 0 ? '' : ' by what was applied; name a pod or workload to see it'}.`,
    );
    return;
  }
  printSummary(twin, stories);
  const slowest = stories.reduce((slow, it) => (duration(it) > duration(slow) ? it : slow));
  const shown = subject === undefined ? [slowest] : stories;
  for (const story of shown.slice(0, SHOWN_MAX)) printStory(story, subject === undefined);
  if (shown.length > SHOWN_MAX) {
    console.log(
      `\n… and ${shown.length - SHOWN_MAX} more pods; name one: ekstwin timeline pod/NAME -n NAMESPACE`,
    );
  }
}

/** Pods told step by step before the rest is only counted. */
const SHOWN_MAX = 3;

const duration = ({ fromMs, readyMs }: PodStory): number =>
  readyMs === undefined ? Number.POSITIVE_INFINITY : readyMs - fromMs;

/** True for a pod of an export: it is there and Ready at once, which no pod that starts is. */
const cameReady = (steps: readonly TimelineStep[]): boolean =>
  steps.some(({ step, atMs }) => step === 'ready' && atMs === steps[0]!.atMs);

function podStories(twin: Twin, subject: string | undefined, flags: TimelineFlags): PodStory[] {
  const byPod = new Map<string, TimelineStep[]>();
  const ownerSteps = new Map<string, TimelineStep>();
  for (const step of twin.timeline.steps) {
    if (step.kind === 'Pod') byPod.set(step.key, [...(byPod.get(step.key) ?? []), step]);
    else if (step.step === 'created') ownerSteps.set(`${step.kind}:${step.key}`, step);
  }
  const wanted =
    subject === undefined ? undefined : parseSubject(subject, flags.namespace ?? 'default');
  const stories: PodStory[] = [];
  for (const [key, steps] of byPod) {
    const owners = ownersOf(steps, ownerSteps);
    const names = [`pod/${key}`, ...owners.map((it) => `${it.kind.toLowerCase()}/${it.key}`)];
    const isOlder = steps[0]!.atMs < twin.appliedAtMs || cameReady(steps);
    if (wanted !== undefined ? !names.includes(wanted) : isOlder) continue;
    stories.push(story(twin, key, steps, owners));
  }
  if (wanted !== undefined && stories.length === 0) {
    const known = [...byPod.keys()].map((key) => `pod/${key}`);
    const all = [
      ...known,
      ...[...ownerSteps.keys()].map((key) => key.replace(':', '/').toLowerCase()),
    ];
    const near = nearestWords(wanted, all);
    throw new InputError(
      `timeline ${subject}`,
      `nothing called ${wanted} made pods in this run`,
      near.length > 0
        ? `did you mean ${near.join(' or ')}?`
        : '"ekstwin get pods -A" lists the pods; give the namespace with -n',
    );
  }
  return stories;
}

const SHORT_KINDS: Readonly<Record<string, string>> = {
  po: 'pod',
  pods: 'pod',
  deploy: 'deployment',
  deployments: 'deployment',
  rs: 'replicaset',
  sts: 'statefulset',
  ds: 'daemonset',
};

function parseSubject(text: string, namespace: string): string {
  const [kind, name, ...more] = text.split('/');
  if (!kind || !name || more.length > 0) {
    throw new InputError(
      `timeline ${text}`,
      'not of the form KIND/NAME',
      'write for example deployment/web',
    );
  }
  const lower = kind.toLowerCase();
  return `${SHORT_KINDS[lower] ?? lower}/${namespace}/${name}`;
}

function ownersOf(
  steps: readonly TimelineStep[],
  all: ReadonlyMap<string, TimelineStep>,
): TimelineStep[] {
  const owners: TimelineStep[] = [];
  let owner = steps.find((step) => step.owner !== undefined)?.owner;
  while (owner !== undefined) {
    const step = all.get(owner);
    if (step === undefined) break;
    owners.unshift(step);
    owner = step.owner;
  }
  return owners;
}

function story(
  twin: Twin,
  key: string,
  steps: readonly TimelineStep[],
  owners: readonly TimelineStep[],
): PodStory {
  const node = steps.find((step) => step.node !== undefined)?.node;
  const fromMs = (owners[0] ?? steps[0]!).atMs;
  const readyMs = steps.find((step) => step.step === 'ready')?.atMs;
  const untilMs = readyMs ?? Number.POSITIVE_INFINITY;
  const calls = twin.calls.calls.filter(
    (call) =>
      node !== undefined &&
      call.caller.includes(node) &&
      call.atMs >= fromMs &&
      call.atMs <= untilMs,
  );
  const lines = [
    ...[...owners, ...steps].map(asLine),
    ...calls.map(callLine),
    ...serviceLines(twin.store, twin.datapath, steps),
    ...targetLines(twin, steps),
  ];
  return { pod: key, node, fromMs, readyMs, lines: lines.sort((a, b) => a.atMs - b.atMs) };
}

/** What became of the pod as a target, by its address, while it had it. */
function targetLines(twin: Twin, steps: readonly TimelineStep[]): Line[] {
  const running = steps.find(({ step }) => step === 'running');
  if (running === undefined) return [];
  return twin.timeline.balancerSteps
    .filter(({ target, atMs }) => target === running.text && atMs >= running.atMs)
    .map(({ atMs, what, object, text }) => ({ atMs, what, object, text }));
}

async function printBalancerStory(told: BalancerStory, flags: TimelineFlags): Promise<void> {
  if (flags.output === 'json') console.log(asJson(told));
  else if (flags.output === 'yaml') console.log(await asYaml(told));
  else {
    console.log(told.object);
    console.log(linesTable(told.lines, told.fromMs));
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)}s`;

function printSummary(twin: Twin, stories: readonly PodStory[]): void {
  const ready = stories
    .map(duration)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const at = (share: number): string =>
    ready.length === 0
      ? '-'
      : seconds(ready[Math.min(ready.length - 1, Math.floor(ready.length * share))]!);
  const waiting = stories.length - ready.length;
  console.log(
    `${stories.length} pods, ${ready.length} Ready${waiting > 0 ? `, ${waiting} not (ekstwin events --types Warning says why)` : ''}`,
  );
  console.log(`from apply to Ready: fastest ${at(0)}, half within ${at(0.5)}, slowest ${at(1)}`);
  const calls = [...twin.calls.countByAction].sort((a, b) => b[1] - a[1]);
  const errors = [...twin.calls.errorsByCode].map(([code, count]) => `${count} ${code}`);
  console.log(
    `AWS calls since the cluster was made: ${calls.map(([action, count]) => `${count} ${action}`).join(', ') || 'none'}`,
  );
  if (errors.length > 0) console.log(`AWS errors: ${errors.join(', ')}`);
}

function printStory(told: PodStory, isSlowest: boolean): void {
  console.log(
    `\n${isSlowest ? 'slowest pod: ' : ''}pod/${told.pod}${told.node === undefined ? '' : ` on ${told.node}`}`,
  );
  console.log(linesTable(told.lines, told.fromMs));
}

function timeOf({ atMs, isToTheSecond }: Line, fromMs: number): string {
  const ms = Math.max(0, atMs - fromMs);
  return isToTheSecond === true ? `+${Math.floor(ms / 1000)}s    ` : `+${seconds(ms)}`;
}

function linesTable(lines: readonly Line[], fromMs: number): string {
  const columns: Column<Line>[] = [
    { head: 'TIME', cell: (line) => timeOf(line, fromMs), right: true },
    { head: 'STEP', cell: ({ what }) => what },
    { head: 'OBJECT', cell: ({ object }) => object },
    { head: 'DETAIL', cell: ({ text }) => text || '' },
  ];
  return table(columns, lines).join('\n');
}
