/**
 * cli/balancer-timeline — the story of an Ingress or a Service: from apply to a load balancer with
 * healthy targets, with the events it got and the calls its controller made.
 */
import { InputError } from '../model/input-error.ts';
import { keyOf } from '../model/kubernetes/meta.ts';
import { nearestWords } from '../model/nearest.ts';
import { parseTimestamp } from '../model/time.ts';
import type { BalancerStep } from '../twin/balancer-steps.ts';
import type { AwsCall } from '../twin/call-log.ts';
import type { Twin } from '../twin/twin.ts';

/** One line of it. */
export interface BalancerLine {
  readonly atMs: number;
  readonly what: string;
  readonly object: string;
  readonly text: string;
  /** An event's time, which the API keeps to the second. */
  readonly isToTheSecond?: true;
}

export interface BalancerStory {
  readonly object: string;
  readonly fromMs: number;
  readonly lines: readonly BalancerLine[];
}

const KINDS: Readonly<Record<string, 'Ingress' | 'Service'>> = {
  ing: 'Ingress',
  ingress: 'Ingress',
  ingresses: 'Ingress',
  svc: 'Service',
  service: 'Service',
  services: 'Service',
};

/** Undefined where the subject is neither an Ingress nor a Service. @throws InputError for none */
export function balancerStory(
  twin: Twin,
  subject: string,
  namespace: string,
): BalancerStory | undefined {
  const [word = '', ...names] = subject.split('/');
  const kind = KINDS[word.toLowerCase()];
  if (kind === undefined) return undefined;
  const key = names.length > 1 ? names.join('/') : `${namespace}/${names[0] ?? ''}`;
  const object = twin.store.get(kind, key);
  if (object === undefined) {
    const near = nearestWords(key, twin.store.list(kind).map(keyOf));
    throw new InputError(
      `timeline ${subject}`,
      `${kind === 'Ingress' ? 'ingresses.networking.k8s.io' : 'services'} "${key}" not found`,
      near.length > 0 ? `did you mean ${word}/${near[0]}?` : `"ekstwin get ${word} -A" lists them`,
    );
  }
  const short = kind === 'Ingress' ? 'ing' : 'svc';
  const fromMs = parseTimestamp(object.metadata.creationTimestamp ?? '') ?? 0;
  const stacks = new Set([key, ...groupsOf(object.metadata.finalizers ?? [])]);
  const steps = twin.timeline.balancerSteps.filter(
    (step) => stacks.has(step.stack ?? '') || step.object === `${short}/${key}`,
  );
  const untilMs = steps.at(-1)?.atMs ?? Number.POSITIVE_INFINITY;
  const lines: BalancerLine[] = [
    { atMs: fromMs, what: 'created', object: `${short}/${key}`, text: '' },
    ...told(steps),
    ...eventLines(twin, kind, key),
    ...callLines(twin.calls.calls, fromMs, untilMs),
  ];
  lines.sort((a, b) => latestMs(a) - latestMs(b));
  return { object: `${short}/${key}`, fromMs, lines };
}

/** What happened within a second is told at its end, after what led to it. */
const latestMs = ({ atMs, isToTheSecond }: BalancerLine): number =>
  isToTheSecond === true ? atMs + 999 : atMs;

const GROUP = 'group.ingress.k8s.aws/';

const groupsOf = (finalizers: readonly string[]): string[] =>
  finalizers.flatMap((it) => (it.startsWith(GROUP) ? [it.slice(GROUP.length)] : []));

/** Steps of targets that happen at once become one line. */
function told(steps: readonly BalancerStep[]): BalancerLine[] {
  const lines: BalancerLine[] = [];
  const together = new Map<string, { count: number; line: BalancerLine }>();
  for (const { atMs, what, object, text, target } of steps) {
    if (target === undefined) {
      lines.push({ atMs, what, object, text });
      continue;
    }
    const outcome = text.slice(text.indexOf(' ') + 1);
    const key = `${atMs} ${object} ${outcome}`;
    const known = together.get(key);
    if (known === undefined) together.set(key, { count: 1, line: { atMs, what, object, text } });
    else {
      known.count++;
      known.line = { atMs, what, object, text: `${known.count} targets ${outcome}` };
    }
  }
  return [...lines, ...[...together.values()].map(({ line }) => line)];
}

function eventLines(twin: Twin, kind: string, key: string): BalancerLine[] {
  return twin.store.lookup('Event', 'object', `${kind}:${key}`).map((event) => ({
    atMs: parseTimestamp(event.firstTimestamp) ?? 0,
    what: event.type === 'Warning' ? 'WARNING' : 'event',
    object: event.source.component,
    text: `${event.reason}: ${event.message}${event.count > 1 ? ` (${event.count} times)` : ''}`,
    isToTheSecond: true,
  }));
}

const CONTROLLERS = /^(aws-load-balancer-controller|service-controller|cloud-provider)/;

/** Calls that change something. */
function callLines(calls: readonly AwsCall[], fromMs: number, untilMs: number): BalancerLine[] {
  return calls
    .filter(
      ({ caller, action, atMs, errorCode }) =>
        CONTROLLERS.test(caller) &&
        atMs >= fromMs &&
        atMs <= untilMs &&
        (errorCode !== undefined || !action.startsWith('Describe')),
    )
    .map(({ atMs, action, durationMs, errorCode, caller }) => ({
      atMs,
      what: 'AWS',
      object: caller,
      text: `${action} ${errorCode ?? 'ok'} after ${durationMs} ms`,
    }));
}
