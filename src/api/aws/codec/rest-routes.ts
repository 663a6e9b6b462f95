/**
 * api/aws/codec/rest-routes — which operation a method and a path are, and the members of its input
 * that stand in path, URL parameters and headers (restJson1 and restXml).
 */
import type { IncomingHttpHeaders } from 'node:http';
import { membersOf, type ServiceModel, type TypeName, typeOf } from '../model.ts';
import { readText } from './simple-text.ts';

interface Route {
  readonly operation: string;
  readonly method: string;
  readonly pattern: RegExp;
  /** Members in the path, in order. */
  readonly labels: readonly string[];
  /** URL parameters that must be there: `/path?flag`. */
  readonly flags: readonly string[];
  readonly precision: number;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function routeOf(operation: string, method: string, uri: string): Route {
  const [path = '', query = ''] = uri.split('?');
  const labels: string[] = [];
  const parts = path
    .replace(/\/$/, '')
    .split('/')
    .map((part) => {
      const label = /^\{(\w+)(\+?)\}$/.exec(part);
      if (label === null) return escaped(part);
      labels.push(label[1]!);
      return label[2] === '+' ? '(.+)' : '([^/]+)';
    });
  return {
    operation,
    method,
    pattern: new RegExp(`^${parts.join('/')}/?$`),
    labels,
    flags: [...new URLSearchParams(query).keys()],
    precision: parts.length * 10 - labels.length + query.length,
  };
}

/** An operation, and what of its input the path says. */
export interface Routed {
  readonly operation: string;
  readonly labels: Readonly<Record<string, string>>;
}

export class RestRoutes {
  readonly #routes: readonly Route[];
  readonly #model: ServiceModel;

  constructor(model: ServiceModel) {
    this.#model = model;
    const built = Object.entries(model.operations).map(([name, { h }]) => [name, ...(h ?? [])]);
    this.#routes = [...built, ...model.others]
      .map(([name, method, path]) => routeOf(String(name), String(method), String(path)))
      .sort((a, b) => b.precision - a.precision);
  }

  /** The operation of a request; undefined when no path of the service is like it. */
  find(method: string, path: string, parameters: URLSearchParams): Routed | undefined {
    for (const route of this.#routes) {
      if (route.method !== method) continue;
      const match = route.pattern.exec(path);
      if (match === null || !route.flags.every((flag) => parameters.has(flag))) continue;
      const labels = route.labels.map((label, i): [string, string] => [label, match[i + 1]!]);
      try {
        const decoded = labels.map(([label, text]) => [label, decodeURIComponent(text)]);
        return { operation: route.operation, labels: Object.fromEntries(decoded) };
      } catch {
        return undefined; // a path that is no UTF-8 is nobody's
      }
    }
    return undefined;
  }

  /** The members outside the body. @throws Refused when one is malformed */
  outsideBody(
    input: TypeName,
    { labels }: Routed,
    parameters: URLSearchParams,
    headers: IncomingHttpHeaders,
  ): Record<string, unknown> {
    const read: Record<string, unknown> = {};
    for (const [name, type, traits] of membersOf(this.#model, input)) {
      if (traits?.L === 1) read[name] = labels[name];
      else if (traits?.H !== undefined) {
        const header = headers[traits.H.toLowerCase()];
        if (typeof header === 'string') read[name] = this.#simple(type, header, name);
      } else if (traits?.Q !== undefined) {
        const given = parameters.getAll(traits.Q);
        if (given.length === 0) continue;
        const found = typeOf(this.#model, type);
        read[name] =
          found.kind === 'list'
            ? given.map((text) => this.#simple(found.element[0], text, name))
            : this.#simple(type, given[0]!, name);
      }
    }
    return read;
  }

  #simple(type: TypeName, text: string, name: string): unknown {
    return readText(typeof type === 'number' ? type : 0, text, name);
  }
}
