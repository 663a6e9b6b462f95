/**
 * datapath/elb/rule-condition — one condition of a listener rule made ready to be asked.
 *
 * Source: Application Load Balancers, "Condition types for listener rules": host names, header
 * values and query strings are compared without regard to case, paths and methods with it; a path
 * is compared without the query; of several values one has to match.
 */
import type { RuleCondition } from '../../model/elbv2/listener.ts';
import { contains, type Ip, parseCidr } from '../../net/index.ts';
import type { HttpRequest } from './http-request.ts';
import { type Matcher, regexMatcher, wildcardMatcher } from './value-pattern.ts';

export interface ReadyCondition {
  /** `host-header shop.example.com`, `path-pattern /cart, /cart/*`. */
  readonly text: string;
  /** A regular expression in it that is no expression here: the condition then does not hold. */
  readonly unread?: string | undefined;
  holds(request: HttpRequest, client: Ip): boolean;
}

type Holds = ReadyCondition['holds'];

/** Makes a condition ready. */
export function readyCondition(condition: RuleCondition): ReadyCondition {
  switch (condition.field) {
    case 'host-header':
      return valued(
        'host-header',
        condition,
        true,
        (matches) =>
          ({ host }) =>
            matches(host),
      );
    case 'path-pattern':
      return valued(
        'path-pattern',
        condition,
        false,
        (matches) =>
          ({ path }) =>
            matches(path),
      );
    case 'http-header': {
      const name = condition.httpHeaderName;
      return valued(
        `http-header ${name}`,
        condition,
        true,
        (matches) => (request) => headerValues(request, name).some(matches),
      );
    }
    case 'http-request-method': {
      const { values } = condition;
      const text = `http-request-method ${values.join(', ')}`;
      return { text, holds: ({ method }) => values.includes(method) };
    }
    case 'query-string':
      return queryCondition(condition.values);
    case 'source-ip': {
      const cidrs = condition.values.flatMap((value) => parseCidr(value) ?? []);
      return {
        text: `source-ip ${condition.values.join(', ')}`,
        holds: (_, client) => cidrs.some((cidr) => contains(cidr, client)),
      };
    }
  }
}

function valued(
  name: string,
  {
    values = [],
    regexValues = [],
  }: {
    readonly values?: readonly string[] | undefined;
    readonly regexValues?: readonly string[] | undefined;
  },
  isCaseless: boolean,
  asked: (matches: Matcher) => Holds,
): ReadyCondition {
  const expressions = regexValues.map((value) => regexMatcher(value, isCaseless));
  const unread = regexValues.find((_, at) => expressions[at] === undefined);
  const matchers = [
    ...values.map((value) => wildcardMatcher(value, isCaseless)),
    ...expressions.filter((it) => it !== undefined),
  ];
  const matches: Matcher = (text) => matchers.some((it) => it(text));
  const of = regexValues.length > 0 ? `${name} regex` : name;
  const text = `${of} ${[...values, ...regexValues].join(', ')}`;
  return { text, unread, holds: asked(matches) };
}

function headerValues({ headers, host }: HttpRequest, name: string): readonly string[] {
  const wanted = name.toLowerCase();
  const own = wanted === 'host' ? [host] : [];
  return [...own, ...headers.flatMap((it) => (it.name.toLowerCase() === wanted ? [it.value] : []))];
}

function queryCondition(
  values: readonly { readonly key?: string | undefined; readonly value: string }[],
): ReadyCondition {
  const wanted = values.map(({ key, value }) => ({
    key: key === undefined ? undefined : wildcardMatcher(key, true),
    value: wildcardMatcher(value, true),
  }));
  const words = values.map(({ key, value }) => (key === undefined ? value : `${key}=${value}`));
  return {
    text: `query-string ${words.join(', ')}`,
    holds({ query }) {
      if (query === '') return false;
      const pairs = query.split('&').map((pair) => {
        const at = pair.indexOf('=');
        return at < 0
          ? { key: pair, value: '' }
          : { key: pair.slice(0, at), value: pair.slice(at + 1) };
      });
      return wanted.some((it) =>
        pairs.some(({ key, value }) =>
          it.key === undefined
            ? it.value(value) || (value === '' && it.value(key))
            : it.key(key) && it.value(value),
        ),
      );
    },
  };
}
