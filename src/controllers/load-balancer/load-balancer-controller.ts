/**
 * controllers/load-balancer — the AWS Load Balancer Controller: at work while one of its pods
 * leads, with the flags of that pod. Another leader starts over, knowing nothing.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 main.go.
 * Watches: Pod in kube-system.  Runs: the loops over Services, groups of Ingresses, Gateways and
 * bindings.
 */
import type { Webhook } from '../../cluster/kubernetes.ts';
import type { Note } from '../../model/input-error.ts';
import type { Kinds } from '../../model/kinds.ts';
import { type Controller, ControllerRun, done, watch } from '../../sim/controller.ts';
import { BuildError } from './build-error.ts';
import { configOf, defaultConfig } from './config/controller-config.ts';
import type { ControllerWorld } from './controller-world.ts';
import { declareGatewayIndexes } from './gateway/attachment/gateway-lookups.ts';
import { declareIngressIndexes } from './ingress/store-lookups.ts';
import {
  argumentsOf,
  isControllerPod,
  isInItsNamespace,
  leaderOf,
  versionOf,
} from './installation.ts';
import { controllerLoops } from './loops/controller-loops.ts';
import { Declared, foreignNotes } from './loops/declared.ts';
import type { StackBuilders } from './loops/stack-builders.ts';
import { type ControllerSettings, settingsAt } from './settings/settings.ts';
import { bindingMutator } from './webhooks/binding-mutator.ts';
import { bindingValidator } from './webhooks/binding-validator.ts';
import { classParamsValidator } from './webhooks/class-params-validator.ts';
import { ingressValidator } from './webhooks/ingress-validator.ts';
import { readinessGateMutator } from './webhooks/readiness-gate-mutator.ts';
import { servedWebhook } from './webhooks/served-webhook.ts';
import { serviceMutator } from './webhooks/service-mutator.ts';
import { WebhookConfigurations } from './webhooks/webhook-configurations.ts';

export class LoadBalancerController {
  readonly controller: Controller<Kinds>;
  readonly webhooks: readonly Webhook[];
  readonly #world: ControllerWorld;
  readonly #pods = new Set<string>();
  #leader: string | undefined;
  #settings: ControllerSettings | undefined;
  #problem: string | undefined;
  #declared = new Declared();
  #version: string | undefined;
  #runs: readonly ControllerRun<Kinds>[] = [];
  #builders: StackBuilders | undefined;

  constructor(world: ControllerWorld) {
    this.#world = world;
    const { store } = world;
    declareIngressIndexes(store);
    declareGatewayIndexes(store);
    this.controller = {
      name: 'load-balancer',
      watches: [
        watch<Kinds, 'Pod'>('Pod', ({ key, value, previous }) => this.#see(key, value ?? previous)),
      ],
      reconcile: () => {
        this.#lead();
        return done;
      },
      stop: () => this.#stop(),
    };
    const configurations = new WebhookConfigurations(store);
    const { reads, place } = world;
    const flags = () => this.#settings ?? settingsAt(defaultConfig(), world.place);
    const webhooks = [
      serviceMutator(store, () => flags().loadBalancerClass),
      ingressValidator(store, flags),
      classParamsValidator,
      readinessGateMutator(store),
      bindingMutator(reads),
      bindingValidator(store, reads, place.vpcId),
      ingressValidator(store, () => this.#settings ?? defaultConfig()),
      classParamsValidator,
    ];
    this.webhooks = webhooks.map((it) => servedWebhook(store, configurations, it));
  }

  /** What the leader was told; undefined while nobody leads. */
  get settings(): ControllerSettings | undefined {
    return this.#settings;
  }

  /** What its loops would build; undefined while nobody leads. */
  get builders(): StackBuilders | undefined {
    return this.#builders;
  }

  /** What its stacks ask for and nobody simulates, and what keeps it from starting. */
  notes(): readonly Note[] {
    const where = 'the AWS Load Balancer Controller';
    const problem = this.#problem;
    const ends = problem === undefined ? [] : [{ where, text: `it does not start: ${problem}` }];
    const version = this.#version;
    const isOther = version !== undefined && !version.startsWith('v3.');
    const text = `its image is ${version}: it is taken to do what v3.5 does`;
    const other = isOther ? [{ where, text }] : [];
    return [...ends, ...other, ...this.#declared.notes(), ...foreignNotes(this.#world.store)];
  }

  #see(key: string, pod: Kinds['Pod'] | undefined): readonly string[] {
    if (pod === undefined || !isInItsNamespace(pod.metadata.namespace)) return NOTHING;
    if (!isControllerPod(pod)) return NOTHING;
    this.#pods.add(key);
    return LEADER;
  }

  #lead(): void {
    const { store, place } = this.#world;
    for (const key of this.#pods) if (store.get('Pod', key) === undefined) this.#pods.delete(key);
    const leader = leaderOf(store, this.#pods, this.#leader);
    if (leader?.metadata.uid === this.#leader) return;
    this.#stop();
    this.#leader = leader?.metadata.uid;
    this.#version = leader && versionOf(leader);
    if (leader === undefined) return;
    const config = configOf(argumentsOf(leader));
    if (config instanceof BuildError) {
      this.#problem = config.message;
      return;
    }
    this.#settings = settingsAt(config, place);
    const { clock, events } = this.#world;
    const loops = controllerLoops(this.#world, this.#settings, this.#declared);
    this.#builders = loops.builders;
    this.#runs = loops.controllers.map((loop) => new ControllerRun(clock, store, loop, events));
  }

  #stop(): void {
    for (const run of this.#runs) run.stop();
    this.#runs = [];
    this.#builders = undefined;
    this.#settings = undefined;
    this.#problem = undefined;
    this.#declared = new Declared();
  }
}

const NOTHING: readonly string[] = [];
const LEADER: readonly string[] = ['leader'];
