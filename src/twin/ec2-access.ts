/**
 * twin/ec2-access — EC2 as each controller reaches it: with EC2's latency, its throttling and
 * whatever faults are on, every call written down under the caller's name.
 */
import { flaky, latent, metered, reached } from '../cloud/decorate.ts';
import type { Ec2 } from '../cloud/ec2/operations.ts';
import type { Faults } from '../sim/faults.ts';
import type { CallLog } from './call-log.ts';
import type { Twin } from './twin.ts';

export class Ec2Access {
  readonly #twin: Twin;
  readonly #log: CallLog;
  readonly #shared: Ec2;

  constructor(twin: Twin, log: CallLog, faults: () => Faults) {
    this.#twin = twin;
    this.#log = log;
    const { clock, cloud } = twin;
    const random = clock.random.split('ec2');
    this.#shared = flaky(
      latent(cloud.ec2, clock, random.split('latency')),
      clock,
      random.split('faults'),
      faults,
    );
  }

  /**
   * EC2 as `caller` calls it.
   *
   * @param isReached  asked at every call that is made over the VPC; absent = AWS's own caller
   */
  for(caller: string, isReached?: (action: string) => boolean): Ec2 {
    const { clock } = this.#twin;
    const way = isReached === undefined ? this.#shared : reached(this.#shared, clock, isReached);
    return metered(way, clock, caller, (call) => this.#log.record(call));
  }
}
