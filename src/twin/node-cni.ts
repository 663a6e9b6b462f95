/**
 * twin/node-cni — the place on a node where a network plugin sits. The kubelet holds on to it while
 * plugins come and go: aws-node not started yet, restarting, gone.
 */
import type { Cni, CniFailure, CniRequest, CniSuccess } from '../model/linux/cni.ts';
import type { Clock, Signal } from '../sim/clock.ts';

/** What the plugin's binary says when ipamd does not answer (cmd/routed-eni-cni-plugin/cni.go). */
const NO_IPAMD: CniFailure = {
  kind: 'cni-failure',
  message:
    'add cmd: Error received from AddNetwork gRPC call: rpc error: code = Unavailable desc = ' +
    'connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:50051: ' +
    'connect: connection refused"',
};

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

  /** Puts a plugin in place of what was there; undefined = its daemon stopped. */
  plug(plugin: Cni | undefined): void {
    this.#plugin = plugin;
    this.#changed.notify();
    if (plugin !== undefined) this.#clock.spawn(() => this.#follow(plugin));
  }

  isReady(): boolean {
    this.#wasReady ||= this.#plugin?.isReady() === true;
    return this.#wasReady;
  }

  async add(request: CniRequest): Promise<CniSuccess | CniFailure> {
    return this.#plugin === undefined ? NO_IPAMD : this.#plugin.add(request);
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
