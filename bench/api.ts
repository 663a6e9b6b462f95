/**
 * bench/api — the two APIs of `ekstwin up`, from another process over loopback, with the durable log
 * on: how many writes, lists, watch events and AWS calls a second, how much memory, how long until it
 * is up. Where Python has moto its server answers the same AWS calls in the same run.
 */
import { existsSync } from 'node:fs';
import { ask, awsFigures, printAws } from './aws-load.ts';
import type { LoadRequest, LoadResult, Target } from './http-load.ts';
import { Connection, load, openSocket, percentile, perSecond, requestText } from './http-load.ts';
import { measureMoto } from './moto.ts';
import { MeasuredTwin } from './served-twin.ts';

const WORKSHOP = [
  '../shared/inputs/eks-workshop/cluster',
  '../shared/inputs/eks-workshop/rendered',
];
const OWN_INPUT = ['examples/the-slash-24'];

const PODS = 10_000;
const WRITERS = 32;
const WATCHERS = 100;
const UPDATES = 1_000;
const PODS_PATH = '/api/v1/namespaces/default/pods';

/** Whoever is to schedule them is not there: what is measured is the API. */
const podBody = (name: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: `app-${name.slice(-2)}` } },
    spec: { schedulerName: 'none', containers: [{ name: 'web', image: 'registry.k8s.io/pause' }] },
  });

const json = { 'content-type': 'application/json' };

const creation = (name: string): LoadRequest => ({
  method: 'POST',
  path: PODS_PATH,
  headers: json,
  body: podBody(name),
});

function requireWhole(name: string, { failures }: LoadResult): void {
  for (const [status, body] of failures)
    throw new Error(`${name}: ${status} ${body.slice(0, 400)}`);
}

/** Counts the events that come in by watches. */
async function watches(target: Target, count: number, path: string): Promise<EventCount> {
  const seen = { events: 0 };
  const sockets = await Promise.all(
    Array.from({ length: count }, async () => {
      const socket = await openSocket(target);
      socket.on('data', (chunk: Buffer) => {
        seen.events += occurrences(chunk);
      });
      socket.write(requestText(target, { method: 'GET', path }));
      return socket;
    }),
  );
  return { seen, close: () => sockets.forEach((socket) => void socket.destroy()) };
}

interface EventCount {
  readonly seen: { events: number };
  close(): void;
}

const EVENT = Buffer.from('{"type":"');

function occurrences(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(EVENT); at >= 0; at = chunk.indexOf(EVENT, at + EVENT.length))
    count++;
  return count;
}

async function until(holds: () => boolean, limitMs: number): Promise<void> {
  const startedAt = performance.now();
  while (!holds() && performance.now() - startedAt < limitMs)
    await new Promise((next) => setTimeout(next, 2));
}

/** The revision that a watch of what comes next starts from. */
async function revisionOf(target: Target): Promise<string> {
  const connection = new Connection(await openSocket(target));
  const path = `${PODS_PATH}?limit=1`;
  const { body } = await connection.ask(requestText(target, { method: 'GET', path }));
  connection.close();
  const text = body();
  return /"resourceVersion":"(\d+)"/.exec(text.slice(text.indexOf('"metadata"')))![1]!;
}

/** Runs a part of the load, and says what each of `count` cost the server. */
async function costing(
  served: MeasuredTwin,
  count: number,
  unit: string,
  part: (target: Target) => Promise<void>,
): Promise<void> {
  const before = served.cpuMs();
  await part(served.kubernetes);
  const each = ((served.cpuMs() - before) * 1000) / count;
  console.log(`    server CPU: ${each.toFixed(0)} µs per ${unit}`);
}

async function creates(target: Target): Promise<void> {
  const from = await revisionOf(target);
  const watch = await watches(target, 1, `${PODS_PATH}?watch=1&resourceVersion=${from}`);
  const result = await load(target, WRITERS, { count: PODS }, (i) => creation(`bench-${i}`));
  requireWhole('create', result);
  await until(() => watch.seen.events >= PODS, 5_000);
  watch.close();
  console.log(
    `  ${PODS} pods created: ${perSecond(result)}/s, p50 ${percentile(result, 0.5).toFixed(1)} ms, ` +
      `p99 ${percentile(result, 0.99).toFixed(1)} ms; the watcher saw ${watch.seen.events}`,
  );
}

const LISTS = 20;

/** Lists all pods in a form, again and again. */
const lists =
  (name: string, accept: string) =>
  async (target: Target): Promise<void> => {
    const request = { method: 'GET', path: PODS_PATH, headers: { accept } };
    const result = await load(target, 1, { count: LISTS }, () => request);
    requireWhole('list', result);
    console.log(`  ${PODS} pods listed ${name}: p50 ${percentile(result, 0.5).toFixed(0)} ms`);
  };

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

async function fanOut(target: Target): Promise<void> {
  const from = await revisionOf(target);
  const watch = await watches(target, WATCHERS, `${PODS_PATH}?watch=1&resourceVersion=${from}`);
  await new Promise((next) => setTimeout(next, 500));
  const startedAt = performance.now();
  const result = await load(target, 8, { count: UPDATES }, (i) => ({
    method: 'PATCH',
    path: `${PODS_PATH}/bench-${i}`,
    headers: { 'content-type': 'application/merge-patch+json' },
    body: JSON.stringify({ metadata: { annotations: { round: String(i) } } }),
  }));
  requireWhole('update', result);
  const wanted = WATCHERS * UPDATES;
  await until(() => watch.seen.events >= wanted, 30_000);
  const seconds = (performance.now() - startedAt) / 1000;
  watch.close();
  console.log(
    `  ${WATCHERS} watchers × ${UPDATES} updates: ${Math.round(watch.seen.events / seconds)} events/s` +
      ` (${watch.seen.events} of ${wanted})`,
  );
}

async function measureKubernetes(): Promise<void> {
  const served = new MeasuredTwin(['-f', 'examples/the-slash-24']);
  try {
    await served.start();
    await costing(served, PODS, 'create', creates);
    await costing(served, LISTS, 'list', lists('as JSON', 'application/json'));
    await costing(served, LISTS, 'list', lists('as a Table', TABLE));
    await costing(served, WATCHERS * UPDATES, 'event', fanOut);
    await served.stop();
    const took = await served.start();
    console.log(
      `  resumed with ${PODS} pods: ${took.toFixed(0)} ms, CPU ${served.cpuMs().toFixed(0)} ms`,
    );
  } finally {
    await served.dispose();
  }
}

async function measureStart(): Promise<void> {
  const input = WORKSHOP.every((path) => existsSync(path)) ? WORKSHOP : OWN_INPUT;
  const served = new MeasuredTwin(input.flatMap((path) => ['-f', path]));
  try {
    const took = await served.start();
    console.log(
      `  up on ${input.join(', ')}: ${took.toFixed(0)} ms, CPU ${served.cpuMs().toFixed(0)} ms`,
    );
    await new Promise((next) => setTimeout(next, 5_000));
    console.log(`  idle: ${served.memoryMb()} MB`);
  } finally {
    await served.dispose();
  }
}

async function measureAws(): Promise<void> {
  const served = new MeasuredTwin(['-f', 'examples/the-slash-24']);
  try {
    await served.start();
    const reply = await ask(served.aws, 'Action=DescribeInstances');
    const instanceId = /<instanceId>(i-[0-9a-f]+)</.exec(reply)![1]!;
    const few =
      'Action=DescribeNetworkInterfaces&Filter.1.Name=attachment.instance-id&' +
      `Filter.1.Value.1=${instanceId}`;
    printAws('ekstwin', await awsFigures(served.aws, few, () => served.cpuMs()));
  } finally {
    await served.dispose();
  }
  await measureMoto();
}

const PARTS = {
  start: measureStart,
  kubernetes: measureKubernetes,
  aws: measureAws,
} as const;

/** `npm run bench -- api [start|kubernetes|aws…]`. */
export async function run(names: readonly string[]): Promise<void> {
  const wanted = names.length > 0 ? names : Object.keys(PARTS);
  for (const name of wanted) {
    console.log(`api ${name}`);
    await PARTS[name as keyof typeof PARTS]();
  }
}
