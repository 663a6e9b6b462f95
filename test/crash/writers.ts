/**
 * test/crash/writers — clients that write and remember what was acknowledged, and after a crash say
 * what of it is not there. Each has objects of its own, and one request under way at a time.
 */
import type { Random } from '../../src/sim/random.ts';
import type { Wire } from './wire.ts';

/** What a writer's object may be now: what was acknowledged, or what was asked for last. */
type Value = string | undefined;

export interface Writer {
  /** Writes until nobody answers any more. @returns how many writes were acknowledged */
  run(wire: Wire): Promise<number>;
  /** What is not as it must be; undefined when all is. */
  check(wire: Wire): Promise<string | undefined>;
}

/** The highest resourceVersion that anybody was told. */
export interface Seen {
  revision: number;
}

const COLLECTION = '/api/v1/namespaces/default/configmaps';

const FIRST_FAILURE = 400;

abstract class Remembering implements Writer {
  protected acknowledged: Value;
  protected asked: Value;
  #count = 0;

  /** Writes once. @returns false when nobody answered */
  protected abstract write(wire: Wire, value: string): Promise<boolean>;
  protected abstract read(wire: Wire): Promise<Value>;
  protected abstract readonly name: string;

  async run(wire: Wire): Promise<number> {
    let done = 0;
    while (await this.write(wire, `v${++this.#count}`)) {
      this.acknowledged = this.asked;
      done++;
    }
    return done;
  }

  async check(wire: Wire): Promise<string | undefined> {
    const is = await this.read(wire);
    const { acknowledged, asked } = this;
    const isRight = is === acknowledged || is === asked;
    this.acknowledged = is;
    this.asked = is;
    if (isRight) return undefined;
    return `${this.name} is ${is}, and ${acknowledged} was acknowledged (${asked} was asked for)`;
  }
}

/** Creates, changes and deletes a ConfigMap, over and over. */
export class ConfigMapWriter extends Remembering {
  protected readonly name: string;
  readonly #random: Random;
  readonly #seen: Seen;

  constructor(name: string, random: Random, seen: Seen) {
    super();
    this.name = name;
    this.#random = random;
    this.#seen = seen;
  }

  protected async write(wire: Wire, value: string): Promise<boolean> {
    const path = `${COLLECTION}/${this.name}`;
    const isThere = this.acknowledged !== undefined;
    const goes = isThere && this.#random.int(4) === 0;
    this.asked = goes ? undefined : value;
    const data = { value, filling: 'x'.repeat(this.#random.int(3_000)) };
    const answer = await (goes
      ? wire.kubernetes('DELETE', path)
      : isThere
        ? wire.kubernetes('PATCH', path, { data }, 'application/merge-patch+json')
        : wire.kubernetes('POST', COLLECTION, { metadata: { name: this.name }, data }));
    if (answer === undefined) return false;
    if (answer.status >= FIRST_FAILURE) throw new Error(`${this.name}: ${answer.body}`);
    const revision = Number(/"resourceVersion":"(\d+)"/.exec(answer.body)?.[1] ?? 0);
    this.#seen.revision = Math.max(this.#seen.revision, revision);
    return true;
  }

  protected async read(wire: Wire): Promise<Value> {
    const answer = await wire.kubernetes('GET', `${COLLECTION}/${this.name}`);
    if (answer?.status === 404) return undefined;
    const { data } = JSON.parse(answer?.body ?? '{}') as { data?: { value?: string } };
    return data?.value ?? `unreadable: ${answer?.body}`;
  }
}

/** Writes a tag of a VPC again and again. */
export class TagWriter extends Remembering {
  protected readonly name: string;
  readonly #vpcId: string;

  constructor(name: string, vpcId: string) {
    super();
    this.name = name;
    this.#vpcId = vpcId;
  }

  protected async write(wire: Wire, value: string): Promise<boolean> {
    this.asked = value;
    const answer = await wire.ec2('CreateTags', {
      'ResourceId.1': this.#vpcId,
      'Tag.1.Key': this.name,
      'Tag.1.Value': value,
    });
    if (answer === undefined) return false;
    if (answer.status >= FIRST_FAILURE) throw new Error(`${this.name}: ${answer.body}`);
    return true;
  }

  protected async read(wire: Wire): Promise<Value> {
    const filter = { 'Filter.1.Name': 'key', 'Filter.1.Value.1': this.name };
    const answer = await wire.ec2('DescribeTags', filter);
    return /<value>([^<]*)<\/value>/.exec(answer?.body ?? '')?.[1];
  }
}

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

/** Scales a Deployment, so that controllers are at work when the crash comes. */
export class ScaleWriter extends Remembering {
  protected readonly name: string;
  readonly #random: Random;

  constructor(name: string, random: Random) {
    super();
    this.name = name;
    this.#random = random;
  }

  protected async write(wire: Wire): Promise<boolean> {
    const replicas = this.#random.int(8);
    this.asked = String(replicas);
    const template = {
      metadata: { labels: { app: this.name } },
      spec: { containers: [{ name: 'web', image: 'registry.k8s.io/pause:3.10' }] },
    };
    const selector = { matchLabels: { app: this.name } };
    const answer = await (this.acknowledged === undefined
      ? wire.kubernetes('POST', DEPLOYMENTS, {
          metadata: { name: this.name },
          spec: { replicas, selector, template },
        })
      : wire.kubernetes(
          'PATCH',
          `${DEPLOYMENTS}/${this.name}`,
          { spec: { replicas } },
          'application/merge-patch+json',
        ));
    if (answer === undefined) return false;
    if (answer.status >= FIRST_FAILURE) throw new Error(`${this.name}: ${answer.body}`);
    await new Promise((next) => setTimeout(next, this.#random.int(200)));
    return true;
  }

  protected async read(wire: Wire): Promise<Value> {
    const answer = await wire.kubernetes('GET', `${DEPLOYMENTS}/${this.name}`);
    if (answer?.status === 404) return undefined;
    const { spec } = JSON.parse(answer?.body ?? '{}') as { spec?: { replicas?: number } };
    return spec?.replicas === undefined ? `unreadable: ${answer?.body}` : String(spec.replicas);
  }
}
