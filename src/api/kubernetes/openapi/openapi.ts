/**
 * api/kubernetes/openapi/openapi — the documents that say what this API server serves, made when
 * first asked for and again after a definition changed.
 *
 * Upstream: kubernetes/kube-openapi pkg/handler/handler.go, pkg/handler3/handler.go.
 */
import { createHash } from 'node:crypto';
import { typeOfKind } from '../../../cluster/schema/type-schema.ts';
import type { ServedResource, ServedResources } from '../../../cluster/served-resources.ts';
import { addCustom } from './custom-schema.ts';
import { gnosticDocument } from './gnostic-writer.ts';
import { pathsOf } from './operations.ts';
import { Definitions, type Dialect, type Json } from './type-definition.ts';

/** What a client accepts of /openapi/v2 in protobuf. */
export const GNOSTIC_ACCEPTED = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
/** How it is called in the answer: an `@` would be no media type (kubectl 1.20 refuses it). */
export const GNOSTIC_TYPE = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** Kinds that are no resources but in requests and answers of them. */
const ALWAYS = ['meta.Status', 'meta.DeleteOptions', 'meta.WatchEvent', 'meta.APIResourceList'];
/** Kinds that subresources take, by group and version. */
const OF_SUBRESOURCES: Readonly<Record<string, readonly string[]>> = {
  'api/v1': ['autoscaling/v1.Scale', 'policy/v1.Eviction', 'authentication/v1.TokenRequest'],
  'apis/apps/v1': ['autoscaling/v1.Scale'],
  'apis/policy/v1': ['policy/v1.Eviction'],
};

interface Versioned {
  readonly resource: ServedResource;
  readonly version: string;
}

const pathOf = ({ resource: { group }, version }: Versioned): string =>
  group === '' ? `api/${version}` : `apis/${group}/${version}`;

export class OpenApi {
  readonly #served: ServedResources;
  readonly #info: Json;
  #v2: { readonly text: string; bytes: Uint8Array | undefined } | undefined;
  #v3 = new Map<string, { readonly text: string; readonly hash: string } | undefined>();

  /** @param version  `v1.34.1`, as /version says it */
  constructor(served: ServedResources, version: string) {
    this.#served = served;
    this.#info = { title: 'Kubernetes', version };
    served.onChange(() => {
      this.#v2 = undefined;
      this.#v3 = new Map();
    });
  }

  /** /openapi/v2 as JSON. */
  v2(): string {
    this.#v2 ??= { text: JSON.stringify(this.#document('v2', this.#all())), bytes: undefined };
    return this.#v2.text;
  }

  /** /openapi/v2 for clients that accept {@link GNOSTIC_ACCEPTED}. */
  v2Protobuf(): Uint8Array {
    const text = this.v2();
    const known = this.#v2!;
    known.bytes ??= gnosticDocument(JSON.parse(text) as Json);
    return known.bytes;
  }

  /** /openapi/v3: where the document of each group and version is, by a hash of what it says. */
  v3Index(): string {
    const paths = [...new Set(this.#all().map(pathOf))].sort();
    return JSON.stringify({
      paths: Object.fromEntries(
        paths.map((path) => [
          path,
          { serverRelativeURL: `/openapi/v3/${path}?hash=${this.v3(path)!.hash}` },
        ]),
      ),
    });
  }

  /** The document of `api/v1` or `apis/apps/v1`; undefined for what is not served. */
  v3(path: string): { readonly text: string; readonly hash: string } | undefined {
    if (this.#v3.has(path)) return this.#v3.get(path);
    const of = this.#all().filter((it) => pathOf(it) === path);
    if (of.length === 0) return undefined;
    const text = JSON.stringify(this.#document('v3', of, path));
    const hash = createHash('sha512').update(text).digest('hex').toUpperCase();
    const made = { text, hash };
    this.#v3.set(path, made);
    return made;
  }

  #all(): Versioned[] {
    return this.#served
      .list()
      .flatMap((resource) => resource.versions.map((version) => ({ resource, version })));
  }

  #document(dialect: Dialect, of: readonly Versioned[], path?: string): Json {
    const definitions = new Definitions(dialect);
    for (const name of ALWAYS) definitions.add(name);
    for (const [at, names] of Object.entries(OF_SUBRESOURCES)) {
      if (path === undefined || at === path) for (const name of names) definitions.add(name);
    }
    const paths: Record<string, Json> = {};
    for (const { resource, version } of of) {
      const { group, kind } = resource;
      const apiVersion = group === '' ? version : `${group}/${version}`;
      const type = typeOfKind(apiVersion, kind);
      if (type === undefined) addCustom(definitions, resource, version, dialect);
      else {
        definitions.add(type.name);
        const list = typeOfKind(apiVersion, `${kind}List`);
        if (list !== undefined) definitions.add(list.name);
      }
      for (const { path: at, item } of pathsOf(resource, version, dialect)) paths[at] = item;
    }
    const head = { info: this.#info, paths };
    return dialect === 'v2'
      ? { swagger: '2.0', ...head, definitions: definitions.all() }
      : { openapi: '3.0.0', ...head, components: { schemas: definitions.all() } };
  }
}
