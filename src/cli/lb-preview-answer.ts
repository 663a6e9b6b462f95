/**
 * cli/lb-preview-answer — answers `lb preview`: applies files in a fork of the twin, and prints what
 * that changed, or the stacks that the controller built for it.
 */
import { type Plan, planBetween } from '../analysis/load-balancer/preview/plan.ts';
import { BuildError } from '../controllers/load-balancer/build-error.ts';
import type { StackBuilders } from '../controllers/load-balancer/loops/stack-builders.ts';
import type { Stack } from '../controllers/load-balancer/stack/stack.ts';
import { stackJson } from '../controllers/load-balancer/stack/stack-json.ts';
import { type LocatedObject, readInputs } from '../formats/index.ts';
import { InputError } from '../model/input-error.ts';
import type { Service } from '../model/kubernetes/core.ts';
import { type KubernetesObject, keyOf } from '../model/kubernetes/meta.ts';
import { storeKindOf } from '../model/kubernetes/resources.ts';
import { applyAll } from '../twin/build.ts';
import { forkTwin } from '../twin/fork.ts';
import type { Twin } from '../twin/twin.ts';
import type { PreviewFlags } from './commands/lb.ts';
import { readInputFiles } from './input-files.ts';
import { planText } from './render/lb-preview.ts';
import { asJson, asYaml } from './render/structured.ts';
import { openTwin } from './session.ts';

const CHANGES = 3;

/** Prints the plan and returns the exit status. */
export async function printPreview(files: readonly string[], flags: PreviewFlags): Promise<number> {
  const isOwn = files.length === 0;
  if (isOwn && flags.delete === true) {
    throw new InputError(
      'lb preview --delete',
      'nothing to delete',
      'name the files: ekstwin lb preview ingress.yaml --delete -f …',
    );
  }
  const paths = isOwn ? (flags.file ?? []) : files;
  const twin = await openTwin(flags, isOwn ? makesBalancers : undefined);
  const given = readInputs(readInputFiles(paths), flags.defaultNamespace).objects;
  const objects = isOwn ? given.filter((it) => !it.exported && makesBalancers(it.object)) : given;
  const fork = await forkTwin(twin);
  if (flags.delete === true) deleteAll(fork, objects);
  else applyAll(fork, objects);
  await fork.settle();
  if (flags.output === 'stack') return printStacks(fork, objects);
  return printPlan(planBetween(twin.store, fork.store, twin.cloud.region), flags);
}

/** Of the finalizer of a group that has a name. */
const EXPLICIT = 'group.ingress.k8s.aws/';
const GROUPS = /^(elbv2\.k8s\.aws|gateway\.k8s\.aws|gateway\.networking\.k8s\.io)\//;

/** Objects that load balancers are made of; what they send to is no such. */
function makesBalancers(object: KubernetesObject): boolean {
  const { kind, apiVersion } = object;
  if (kind === 'Ingress' || kind === 'IngressClass') return true;
  if (kind === 'Service') return isBalanced(object as Service);
  return GROUPS.test(apiVersion);
}

const isBalanced = ({ spec, metadata }: Service): boolean =>
  spec?.type === 'LoadBalancer' ||
  metadata.annotations?.['service.beta.kubernetes.io/aws-load-balancer-type'] !== undefined;

function deleteAll(fork: Twin, objects: readonly LocatedObject[]): void {
  for (const { object, where } of objects) {
    const refused = fork.kubernetes.delete(storeKindOf(object), keyOf(object));
    if (refused === true) continue;
    throw new InputError(where, refused.message, 'delete only what the twin of -f has');
  }
}

async function printPlan(plan: Plan, flags: PreviewFlags): Promise<number> {
  if (flags.output === 'json') console.log(asJson(plan));
  else if (flags.output === 'yaml') console.log(await asYaml(plan));
  else console.log(planText(plan));
  if (plan.refusals.length > 0) return 1;
  return flags.exitCode === true && plan.changes.length > 0 ? CHANGES : 0;
}

/** The stack of every group, Service and Gateway that the objects are of, one a line. */
async function printStacks(fork: Twin, objects: readonly LocatedObject[]): Promise<number> {
  const builders = fork.stackBuilders();
  if (builders === undefined) {
    throw new InputError(
      'lb preview -o stack',
      'the AWS Load Balancer Controller is not at work in this twin',
      'add its manifests with -f, or --with aws-load-balancer-controller',
    );
  }
  let status = 0;
  for (const [asked, build] of stacksOf(fork, objects, builders)) {
    const built = await inTime(fork, build);
    // A Service that is not the controller's has an empty stack.
    if (built === undefined || (!(built instanceof BuildError) && built.types().length === 0)) {
      continue;
    }
    if (built instanceof BuildError) {
      console.error(`${asked}: ${built.message}`);
      status = 1;
    } else console.log(stackJson(built));
  }
  return status;
}

type Building = () => Promise<Stack | BuildError | undefined>;

/** The stacks that objects are of, each once, by who asks for them. */
function stacksOf(
  fork: Twin,
  objects: readonly LocatedObject[],
  builders: StackBuilders,
): ReadonlyMap<string, Building> {
  const stacks = new Map<string, Building>();
  for (const { object } of objects) {
    const key = keyOf(object);
    if (object.kind === 'Ingress') {
      const group = groupOf(fork, key);
      stacks.set(`group ${group}`, () => builders.ofGroup(group));
    } else if (object.kind === 'Service') {
      stacks.set(`svc/${key}`, () => builders.ofService(key));
    } else if (object.kind === 'Gateway') {
      stacks.set(`gateway/${key}`, () => builders.ofGateway(key));
    }
  }
  return stacks;
}

/** Builders ask AWS, which takes its time: they run as a task of the fork. */
async function inTime<Result>(fork: Twin, work: () => Promise<Result>): Promise<Result> {
  const done: { result?: Result } = {};
  fork.clock.spawn(async () => {
    done.result = await work();
  });
  await fork.settle();
  return done.result as Result;
}

/** The group of an Ingress, as the finalizer that the controller put on it says. */
function groupOf(fork: Twin, key: string): string {
  const finalizers = fork.store.get('Ingress', key)?.metadata.finalizers ?? [];
  const explicit = finalizers.find((it) => it.startsWith(EXPLICIT));
  return explicit === undefined ? key : explicit.slice(EXPLICIT.length);
}
