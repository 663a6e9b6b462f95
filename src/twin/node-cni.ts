/**
 * twin/node-cni — the place on a node where a network plugin sits. The kubelet holds on to it while
 * plugins come and go: aws-node not started yet, restarting, gone.
 */
import type { Cni, CniFailure, CniRequest, CniSuccess } from '../model/linux/cni.ts';
import type { Clock, Signal } from '../sim/clock.ts';

/** What a kubelet hears while no plugin was ever put on the node (containerd go-cni). */
const NO_PLUGIN: CniFailure = { kind: 'cni-failure', message: 'cni plugin not initialized' };

export class NodeCni implements Cni {
  readonly #clock: Clock;
  readonly #changed: Signal;
  #plugin: Cni | undefined;
  /** The conflist stays on disk when aws-node dies: a node that was ready stays so. */
  #wasReady = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#changed = clock.signal();
  }

  /** Puts a plugin in place of what was there. */
  plug(plugin: Cni): void {
    this.#plugin = plugin;
    this.#changed.notify();
    this.#clock.spawn(() => this.#follow(plugin));
  }

  /** The plugin's daemon stopped: who waits for an address hears of it. */
  touch(): void {
    this.#changed.notify();
  }

  isReady(): boolean {
    this.#wasReady ||= this.#plugin?.isReady() === true;
    return this.#wasReady;
  }

  async add(request: CniRequest): Promise<CniSuccess | CniFailure> {
    return this.#plugin === undefined ? NO_PLUGIN : this.#plugin.add(request);
  }

  async del(request: CniRequest): Promise<CniFailure | undefined> {
    return this.#plugin?.del(request);
  }

  changed(): Promise<void> {
    return this.#changed.wait();
  }

  /** Passes the plugin's own changes on for as long as it is the one. */
  async #follow(plugin: Cni): Promise<void> {
    for (;;) {
      await plugin.changed();
      if (this.#plugin !== plugin) return;
      this.#changed.notify();
    }
  }
}
