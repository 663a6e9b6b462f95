/**
 * controllers/external-dns/annotations — what an object's annotations tell external-dns.
 *
 * Upstream: kubernetes-sigs/external-dns@2bf1bf8a source/annotations/processors.go,
 * provider_specific.go. The prefix is a setting.
 */
import type { KubernetesObject } from '../../model/kubernetes/meta.ts';
import type { NameDetails } from './endpoint.ts';
import { parseGoDuration } from './go-duration.ts';

const TTL_MAX_SECONDS = 2 ** 31 - 1;
/** The controller that an object may ask for. */
const CONTROLLER = 'dns-controller';

/** An object's annotations, read under one prefix. */
export class Annotations {
  readonly #all: Readonly<Record<string, string>>;
  readonly #prefix: string;

  constructor({ metadata }: KubernetesObject, prefix: string) {
    this.#all = metadata.annotations ?? {};
    this.#prefix = prefix;
  }

  get(name: string): string | undefined {
    return this.#all[this.#prefix + name];
  }

  /** Whether the object is somebody else's. */
  get isForAnother(): boolean {
    const controller = this.get('controller');
    return controller !== undefined && controller !== CONTROLLER;
  }

  /** `hostname`, `internal-hostname`: names with commas between them. */
  names(name: string): readonly string[] {
    const text = this.get(name);
    return text === undefined ? [] : listOf(text);
  }

  /** The targets an object gives instead of its own. */
  get targets(): readonly string[] {
    const text = this.get('target') ?? '';
    return text === '' ? [] : listOf(text).map((target) => target.replace(/\.$/, ''));
  }

  /** What is said of all of the object's names. */
  details(resource: string): NameDetails {
    const ttlSeconds = ttlOf(this.get('ttl'));
    const properties = this.#properties();
    return { ttlSeconds, setIdentifier: this.get('set-identifier') ?? '', properties, resource };
  }

  /** Route 53's own, and `alias`; other providers' are dropped. */
  #properties(): Readonly<Record<string, string>> {
    const found: Record<string, string> = {};
    if (this.get('alias') === 'true') found.alias = 'true';
    const ours = `${this.#prefix}aws-`;
    for (const [key, value] of Object.entries(this.#all)) {
      if (key.startsWith(ours)) found[`aws/${key.slice(ours.length)}`] = value;
    }
    return found;
  }
}

const listOf = (text: string): readonly string[] => text.replaceAll(' ', '').trim().split(',');

/** Whole seconds of `600` or `10m`; 0 where it is absent or wrong. */
function ttlOf(text: string | undefined): number {
  if (text === undefined) return 0;
  const ms = parseGoDuration(text);
  const isNumber = /^[+-]?\d+$/.test(text);
  const seconds = ms !== undefined ? Math.trunc(ms / 1_000) : isNumber ? Number(text) : 0;
  return seconds < 1 || seconds > TTL_MAX_SECONDS ? 0 : seconds;
}
