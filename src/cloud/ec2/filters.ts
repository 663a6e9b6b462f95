/**
 * cloud/ec2/filters — `Name=tag:Role,Values=web*`: EC2's filters over our nouns.
 *
 * All filters must match; of one filter's values any may. `*` stands for any text, `?` for one
 * character, a backslash takes either literally. Names are a noun's own table, plus the tag forms.
 */
import type { AwsError } from '../../model/aws-error.ts';
import type { Tags } from '../../model/ec2/tags.ts';
import { invalidValue } from './not-found.ts';
import type { Filter } from './operations.ts';

type Found = string | number | boolean | undefined;

/** What a filter of that name compares: one text or several, any of which may match. */
export type FilterTable<Noun> = Readonly<Record<string, (noun: Noun) => Found | readonly Found[]>>;

interface Tagged {
  readonly tags: Tags;
}

/** Builds the test for one value, compiled once per call. */
function matcher(value: string): (text: string) => boolean {
  if (!/[*?\\]/.test(value)) return (text) => text === value;
  let pattern = '';
  for (let i = 0; i < value.length; i++) {
    const char = value[i]!;
    if (char === '\\' && i + 1 < value.length) pattern += escaped(value[++i]!);
    else if (char === '*') pattern += '[^]*';
    else pattern += char === '?' ? '[^]' : escaped(char);
  }
  const whole = new RegExp(`^${pattern}$`);
  return (text) => whole.test(text);
}

const escaped = (char: string): string => char.replace(/[.*+?^${}()|[\]\\/]/, '\\$&');

function reader<Noun extends Tagged>(
  table: FilterTable<Noun>,
  name: string,
): ((noun: Noun) => Found | readonly Found[]) | undefined {
  if (name.startsWith('tag:')) {
    const key = name.slice(4);
    return ({ tags }) => tags[key];
  }
  if (name === 'tag-key') return ({ tags }) => Object.keys(tags);
  if (name === 'tag-value') return ({ tags }) => Object.values(tags);
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** The test all filters make together, or EC2's complaint about the first unknown one. */
export function filterTest<Noun extends Tagged>(
  table: FilterTable<Noun>,
  filters: readonly Filter[] = [],
): ((noun: Noun) => boolean) | AwsError {
  const tests: ((noun: Noun) => boolean)[] = [];
  for (const { name, values } of filters) {
    const read = reader(table, name);
    if (read === undefined) return invalidValue(`The filter '${name}' is invalid`);
    const matchers = values.map(matcher);
    const matches = (found: Found) =>
      found !== undefined && matchers.some((match) => match(String(found)));
    tests.push((noun) => {
      const found = read(noun);
      return Array.isArray(found) ? found.some(matches) : matches(found as Found);
    });
  }
  return (noun) => tests.every((test) => test(noun));
}

/** The only value of a filter, when it is a plain one: what an index can be asked for. */
export function plainValue(filters: readonly Filter[] = [], name: string): string | undefined {
  const filter = filters.find((it) => it.name === name);
  const value = filter?.values.length === 1 ? filter.values[0]! : undefined;
  return value === undefined || /[*?\\]/.test(value) ? undefined : value;
}
