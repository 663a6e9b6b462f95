/**
 * twin/build — from files to a running twin: exports are adopted, templates and ClusterConfigs are
 * built, the cluster comes up, then the user's workloads are applied. Nothing is half applied: the
 * first mistake throws, and there is no twin.
 */
import { type Cloud, createCloud } from '../cloud/cloud.ts';
import type { Quotas } from '../cloud/region.ts';
import { createKubernetes } from '../cluster/create-kubernetes.ts';
import { declaredCnis } from '../controllers/eks-control-plane/declared-cnis.ts';
import {
  adoptExports,
  applyCloudFormation,
  applyClusterConfig,
  type Inputs,
  type LocatedObject,
  readInputs,
  type SourceFile,
} from '../formats/index.ts';
import { InputError, type Note } from '../model/input-error.ts';
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import { successorOf } from '../model/kubernetes/resources.ts';
import { Simulation } from '../sim/simulation.ts';
import { cniDoubts } from './cni-doubts.ts';
import { isCniSetting, type SetEnv, withCniSettings } from './cni-settings.ts';
import { type Component, componentObjects, componentOf, isOfInstallation } from './components.ts';
import { regionOf, startOf } from './origin.ts';
import { emptyStore, Twin } from './twin.ts';
import { unknowns } from './unknowns.ts';

export interface BuildOptions {
  readonly seed: number;
  /** `sequential` picks lowest addresses first; default `random`, as EC2 does. */
  readonly addressChoice?: 'random' | 'sequential' | undefined;
  readonly region?: string | undefined;
  readonly setEnv?: readonly SetEnv[] | undefined;
  /** CloudFormation parameters. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  /** Of manifests that name none, as `kubectl apply -n` has it; default `default`. */
  readonly defaultNamespace?: string | undefined;
  /** Controllers to install that EKS does not bring. */
  readonly with?: readonly Component[] | undefined;
  /** Objects of manifests that are not applied, for they are what a preview would apply. */
  readonly leaveOut?: ((object: KubernetesObject) => boolean) | undefined;
  /** Quotas that AWS has raised for the account. */
  readonly quotas?: Partial<Quotas> | undefined;
  /** Keep the steps of every pod (for `timeline`); default true. */
  readonly timeline?: boolean | undefined;
  /** When its clock begins, unless an export is from later; default 0, or an export's time. */
  readonly startMs?: number | undefined;
  /** Events are stored as they happen, for watches; default when somebody asks for them. */
  readonly immediateEvents?: boolean | undefined;
}

/** A documentation account id; exports bring their own. */
const ACCOUNT_ID = '111122223333';
const DEFAULT_REGION = 'us-west-2';
const DEFAULT_SERVICE_CIDR = '10.100.0.0/16';

/**
 * A twin built by calls instead of files: `build` makes what there is in AWS, then everything
 * starts. The cluster must be made there: the API server's service range is the cluster's.
 */
export function newTwin(options: BuildOptions, build: (cloud: Cloud) => void): Twin {
  const clock = new Simulation(options.seed);
  const store = emptyStore();
  const cloud = cloudFor({ clock, store }, options, options.region ?? DEFAULT_REGION, ACCOUNT_ID);
  build(cloud);
  const twin = assemble({ clock, store, cloud }, options);
  twin.start();
  return twin;
}

interface World {
  readonly clock: Simulation;
  readonly store: ReturnType<typeof emptyStore>;
}

const cloudFor = (world: World, options: BuildOptions, region: string, accountId: string): Cloud =>
  createCloud({
    ...world,
    random: world.clock.random.split('cloud'),
    region,
    accountId,
    addressChoice: options.addressChoice ?? 'random',
    quotas: options.quotas,
  });

/** The API server's service range is the cluster's, so the cluster noun must be there by now. */
export function assemble(world: World & { readonly cloud: Cloud }, options: BuildOptions): Twin {
  const { clock, store } = world;
  const cluster = store.list('eks/cluster')[0];
  const ipv6 = cluster?.serviceIpv6Cidr;
  const serviceCidrs =
    ipv6 === undefined ? { ipv4: cluster?.serviceIpv4Cidr ?? DEFAULT_SERVICE_CIDR } : { ipv6 };
  const random = clock.random.split('kubernetes');
  const deferEvents = options.immediateEvents !== true;
  const kubernetes = createKubernetes({ store, clock, random, serviceCidrs, deferEvents });
  return new Twin({ ...world, kubernetes, timeline: options.timeline ?? true });
}

/** Builds what the files describe and brings its cluster to rest, workloads applied last. */
export async function buildTwin(
  files: readonly SourceFile[],
  options: BuildOptions,
): Promise<Twin> {
  const inputs = readInputs(files, options.defaultNamespace);
  const notes: Note[] = [...inputs.notes];
  const clock = new Simulation(options.seed, Math.max(startOf(inputs), options.startMs ?? 0));
  const store = emptyStore();
  const region = regionOf(inputs, options.region, notes) ?? DEFAULT_REGION;
  const accountId = inputs.mark?.accountId ?? accountOf(inputs) ?? ACCOUNT_ID;
  const real = cloudFor({ clock, store }, options, region, accountId);
  const settings = (options.setEnv ?? []).filter(isCniSetting);
  const env = Object.fromEntries(settings.map(({ key, value }) => [key, value]));
  notes.push(...cniDoubts(env));
  const cloud = withCniSettings(real, env);
  const adopted = adoptExports(inputs.aws, inputs.objects, cloud, notes);
  buildAws(inputs, cloud, { clock, store }, options, notes);
  requireOneCluster(
    inputs,
    store.list('eks/cluster').map(({ name }) => name),
    adopted,
  );
  const twin = assemble({ clock, store, cloud: real }, options);
  twin.notes.push(...notes);
  // An exported cluster runs already; a new one comes up first, in an exported VPC too.
  const isRunning = inputs.aws.nouns['eks/cluster'].size > 0;
  const { leaveOut = () => false } = options;
  const objects = inputs.objects.filter((it) => it.exported || !leaveOut(it.object));
  await applyObjects(twin, objects, options, isRunning);
  twin.notes.push(...declaredCnis(store), ...unknowns(store, region));
  return twin;
}

const accountOf = ({ aws }: Inputs): string | undefined =>
  [...aws.nouns['ec2/vpc'].values()][0]?.ownerId || undefined;

function buildAws(
  inputs: Inputs,
  cloud: Cloud,
  { clock, store }: World,
  options: BuildOptions,
  notes: Note[],
): void {
  const parameters = options.parameters ?? {};
  if (Object.keys(parameters).length > 0 && inputs.templates.length === 0) {
    throw new InputError(
      `--parameter ${Object.keys(parameters)[0]}`,
      'there is no CloudFormation template to give it to',
      'add the template with -f, or leave --parameter out',
    );
  }
  for (const template of inputs.templates) {
    applyCloudFormation(template, { cloud, store, notes, parameters });
  }
  const random = clock.random.split('formats');
  for (const config of inputs.clusterConfigs) {
    applyClusterConfig(config, cloud, random, notes);
  }
}

/** One twin is one cluster; objects without any would have nowhere to go. */
function requireOneCluster(inputs: Inputs, names: readonly string[], adopted: boolean): void {
  const { clusterConfigs, templates, objects } = inputs;
  if (!adopted && clusterConfigs.length + templates.length + objects.length === 0) {
    throw new InputError(
      'the input',
      'there is nothing in it to build a network from',
      'give a ClusterConfig, a CloudFormation template, Kubernetes YAML, or a folder of exports',
    );
  }
  if (names.length > 1) {
    throw new InputError(
      'the input',
      `${names.length} EKS clusters: ${names.join(', ')}`,
      'a twin is one cluster; give the files of one of them',
    );
  }
  const first = inputs.objects[0];
  if (names.length === 1 || first === undefined || adopted || first.exported) return;
  throw new InputError(
    first.where,
    `${/^[AEIOU]/.test(first.object.kind) ? 'an' : 'a'} ${first.object.kind}, but no EKS cluster to put it in`,
    'add -f cluster.yaml: an eksctl ClusterConfig, or a CloudFormation template with AWS::EKS::Cluster',
  );
}

/** Kinds whose objects wait until the nodes are up, as a person would apply them. */
const WORKLOADS = new Set(['Pod', 'Deployment', 'ReplicaSet', 'StatefulSet', 'Job', 'CronJob']);

async function applyObjects(
  twin: Twin,
  objects: readonly LocatedObject[],
  options: BuildOptions,
  isRunning: boolean,
): Promise<void> {
  const exported = objects.filter((it) => it.exported);
  const given = objects.filter((it) => !it.exported);
  for (const note of twin.kubernetes.adopt(exported.map((it) => it.object))) twin.notes.push(note);
  twin.start();
  const setEnv = (options.setEnv ?? []).filter((it) => isRunning || !isCniSetting(it));
  const [first, early, late] = inTurns(given, addedBy(twin, options, objects));
  if (first.length > 0) {
    // Into a cluster that is up: the webhooks installed here are asked about its own objects too.
    if (!isRunning) await twin.settle();
    applyAll(twin, first);
    await twin.settle();
  }
  applyAll(twin, early);
  if (!isRunning) await twin.settle();
  twin.setEnv(setEnv);
  if (setEnv.length > 0) await twin.settle();
  twin.appliedAtMs = twin.clock.now();
  applyAll(twin, late);
}

/** The objects of `--with`. */
function addedBy(
  twin: Twin,
  { with: asked = [] }: BuildOptions,
  objects: readonly LocatedObject[],
): Placed[] {
  const cluster = twin.store.list('eks/cluster')[0];
  const components = asked.filter((component) => {
    const there = objects.find(({ object }) => componentOf(object) === component);
    if (there === undefined) return true;
    const text = `is installed by ${there.where} already: nothing is added`;
    twin.notes.push({ where: `--with ${component}`, text });
    return false;
  });
  const [component] = components;
  if (component !== undefined && cluster === undefined) {
    throw new InputError(
      `--with ${component}`,
      'there is no EKS cluster to install it in',
      'add -f cluster.yaml: an eksctl ClusterConfig, or a CloudFormation template with AWS::EKS::Cluster',
    );
  }
  const where = `--with ${components.join(' --with ')}`;
  const added = cluster === undefined ? [] : componentObjects(components, cluster.name);
  return added.map((object) => ({ object, where }));
}

/** An object and where it is written, for messages. */
type Placed = Pick<LocatedObject, 'object' | 'where'>;

type Turns = readonly [first: readonly Placed[], early: readonly Placed[], late: readonly Placed[]];

/**
 * As a person would apply them: namespaces, then everything but workloads, then those, when the
 * nodes are up. Controllers that answer webhooks come before what they are asked about.
 */
function inTurns(given: readonly Placed[], added: readonly Placed[]): Turns {
  const installs =
    added.length > 0 || given.some(({ object }) => componentOf(object) !== undefined);
  const isFirst = ({ object }: Placed) => installs && isOfInstallation(object);
  const isLate = ({ object }: Placed) => WORKLOADS.has(object.kind);
  const rest = given.filter((it) => !isFirst(it));
  const early = rest.filter((it) => !isLate(it));
  const others = [...early.filter(isNamespace), ...early.filter((it) => !isNamespace(it))];
  if (!installs) return [[], others, rest.filter(isLate)];
  const first = [...given.filter(isFirst), ...added];
  const ready = [...others.filter(isNamespace), ...first.filter((it) => !isLate(it))];
  return [
    [...ready, ...first.filter(isLate)],
    others.filter((it) => !isNamespace(it)),
    rest.filter(isLate),
  ];
}

const isNamespace = ({ object }: Placed): boolean => object.kind === 'Namespace';

/** Applies objects in their order. @throws InputError at the first that is refused */
export function applyAll(twin: Twin, objects: readonly Placed[]): void {
  for (const { object, where } of objects) {
    const refused = twin.apply([object])[0];
    if (refused === undefined) continue;
    if (refused.message.includes('failed calling webhook')) {
      // Whose pods do not come up is a question for the twin, so there has to be one.
      twin.notes.push({ where, text: `not applied: ${refused.message}` });
      continue;
    }
    throw new InputError(where, refused.message, hintFor(refused.message, object));
  }
}

function hintForType(given: string, path: string, type: string): string {
  if (type === 'string') return `${path} holds text: put the ${given} in quotes`;
  if (type.startsWith('int')) return `${path} is a whole number: write it bare, without quotes`;
  if (type === 'bool') return `${path} is true or false, without quotes`;
  return `${path} is a ${type.startsWith('[]') ? 'list: "- …" lines' : 'mapping: "key: value" lines'}`;
}

function hintFor(message: string, object: KubernetesObject): string {
  const { namespace } = object.metadata;
  const successor = successorOf(object);
  if (successor !== undefined) {
    return `no Kubernetes that EKS runs serves this version; write apiVersion: ${successor}`;
  }
  if (/namespaces? "[^"]*" not found/.test(message)) {
    return (
      `give the namespace too: kubectl create namespace ${namespace} --dry-run=client -o yaml ` +
      `> namespace.yaml, then -f namespace.yaml`
    );
  }
  const misfit = /unmarshal (\w+).* Go struct field \w+\.(\S+) of type (\S+)$/.exec(message);
  if (misfit !== null) return hintForType(misfit[1]!, misfit[2]!, misfit[3]!);
  return 'the API server refuses it with these words; mend the field they name';
}
