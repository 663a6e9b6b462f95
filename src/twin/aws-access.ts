/**
 * twin/aws-access — AWS's services as each controller reaches them: with their latency, their
 * throttling and whatever faults are on, every call written down under the caller's name.
 */
import { flaky, latent, metered, reached } from '../cloud/decorate.ts';
import type { AwsServices, ServiceName } from '../cloud/services.ts';
import type { Clock } from '../sim/clock.ts';
import type { Faults } from '../sim/faults.ts';
import type { CallLog } from './call-log.ts';
import type { Twin } from './twin.ts';

export class AwsAccess {
  readonly #clock: Clock;
  readonly #log: CallLog;
  readonly #shared: AwsServices;

  constructor({ clock, cloud }: Twin, log: CallLog, faults: () => Faults) {
    this.#clock = clock;
    this.#log = log;
    const shared = <Verbs extends object>(verbs: Verbs, service: ServiceName) => {
      const random = clock.random.split(service);
      const timed = latent(verbs, clock, random.split('latency'));
      return flaky(timed, clock, random.split('faults'), faults, service);
    };
    this.#shared = {
      ec2: shared(cloud.ec2, 'ec2'),
      elbv2: shared(cloud.elbv2, 'elbv2'),
      classicElb: shared(cloud.classicElb, 'classicElb'),
      route53: shared(cloud.route53, 'route53'),
      acm: shared(cloud.acm, 'acm'),
    };
  }

  /**
   * AWS as `caller` calls it.
   *
   * @param isReached  asked at every call that is made over the VPC; absent = AWS's own caller
   */
  for(caller: string, isReached?: (action: string) => boolean): AwsServices {
    const own = <Verbs extends object>(verbs: Verbs, service: ServiceName) => {
      const way = isReached === undefined ? verbs : reached(verbs, this.#clock, isReached);
      return metered(way, this.#clock, caller, (call) => this.#log.record(call), service);
    };
    const { ec2, elbv2, classicElb, route53, acm } = this.#shared;
    return {
      ec2: own(ec2, 'ec2') as AwsServices['ec2'],
      elbv2: own(elbv2, 'elbv2') as AwsServices['elbv2'],
      classicElb: own(classicElb, 'classicElb') as AwsServices['classicElb'],
      route53: own(route53, 'route53') as AwsServices['route53'],
      acm: own(acm, 'acm') as AwsServices['acm'],
    };
  }
}
