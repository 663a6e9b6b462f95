/**
 * api/kubernetes/table/json-path — the JSONPath of a printer column: fields, indexes, wildcards,
 * negative indexes, and filters that compare a field with a text (`.conditions[?(@.type=="Ready")]`).
 *
 * Upstream: kubernetes/client-go util/jsonpath (parser.go, jsonpath.go), as far as a CRD's
 * additionalPrinterColumns go: one path, no functions, no ranges over templates.
 */
type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'below' }
  | {
      readonly kind: 'filter';
      readonly path: readonly Step[];
      readonly operator: '==' | '!=' | 'exists';
      readonly text: string;
    };

export type JsonPath = readonly Step[];

const FIELD = /^\.?((?:\\.|[^.[\]\s()=!<>"'])+)/;
const FILTER =
  /^\?\(\s*@((?:[^\s=!<>()]|\[[^\]]*\])*)\s*(?:(==|!=)\s*(?:"([^"]*)"|'([^']*)'|([^\s)]+)))?\s*\)$/;

/** Parses `.status.conditions[?(@.type=="Ready")].status`; undefined for what is no such path. */
export function parseJsonPath(text: string): JsonPath | undefined {
  const steps: Step[] = [];
  let rest = text
    .trim()
    .replace(/^\{(.*)\}$/, '$1')
    .replace(/^\$/, '');
  while (rest !== '') {
    if (rest.startsWith('..')) {
      steps.push({ kind: 'below' });
      rest = rest.slice(1);
      continue;
    }
    if (rest.startsWith('[') || rest.startsWith('.[')) {
      if (rest.startsWith('.')) rest = rest.slice(1);
      const end = closingBracket(rest);
      const step = end < 0 ? undefined : bracketStep(rest.slice(1, end).trim());
      if (step === undefined) return undefined;
      steps.push(step);
      rest = rest.slice(end + 1);
      continue;
    }
    const name = FIELD.exec(rest);
    if (name === null) return undefined;
    const field = name[1]!.replace(/\\(.)/g, '$1');
    steps.push(field === '*' ? { kind: 'all' } : { kind: 'field', name: field });
    rest = rest.slice(name[0].length);
  }
  return steps;
}

/** The bracket that closes the first one, past brackets and quotes inside. */
function closingBracket(text: string): number {
  let depth = 0;
  let quote = '';
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i]!;
    if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (char === '[') depth += 1;
    else if (char === ']') {
      depth -= 1;
      if (depth === 0) return i;
    }
  }
  return -1;
}

function bracketStep(inside: string): Step | undefined {
  if (inside === '*') return { kind: 'all' };
  if (/^-?\d+$/.test(inside)) return { kind: 'index', index: Number(inside) };
  const quoted = /^'((?:\\.|[^'])*)'$|^"((?:\\.|[^"])*)"$/.exec(inside);
  if (quoted !== null)
    return { kind: 'field', name: (quoted[1] ?? quoted[2] ?? '').replace(/\\(.)/g, '$1') };
  const filter = FILTER.exec(inside);
  if (filter === null) return undefined;
  const path = parseJsonPath(filter[1] ?? '');
  if (path === undefined) return undefined;
  const operator = (filter[2] as '==' | '!=' | undefined) ?? 'exists';
  return { kind: 'filter', path, operator, text: filter[3] ?? filter[4] ?? filter[5] ?? '' };
}

/** What the path finds in a value, in document order; missing keys find nothing. */
export function findJsonPath(path: JsonPath, value: unknown): readonly unknown[] {
  let found: unknown[] = [value];
  for (const step of path) {
    found = found.flatMap((it) => follow(step, it));
    if (found.length === 0) return found;
  }
  return found;
}

function follow(step: Step, value: unknown): unknown[] {
  if (value === null || value === undefined) return [];
  switch (step.kind) {
    case 'field': {
      const field = (value as Record<string, unknown>)[step.name];
      const isOwn = typeof value === 'object' && Object.hasOwn(value, step.name);
      return isOwn && field !== undefined && field !== null ? [field] : [];
    }
    case 'index':
      return Array.isArray(value) && value.at(step.index) !== undefined
        ? [value.at(step.index)]
        : [];
    case 'all':
      return typeof value === 'object' ? Object.values(value) : [];
    case 'below':
      return everything(value);
    case 'filter':
      return Array.isArray(value) ? value.filter((item) => passes(step, item)) : [];
  }
}

const everything = (value: unknown): unknown[] =>
  typeof value === 'object' && value !== null
    ? [value, ...Object.values(value).flatMap(everything)]
    : [value];

function passes(step: Step & { readonly kind: 'filter' }, item: unknown): boolean {
  const [found] = findJsonPath(step.path, item);
  if (step.operator === 'exists') return found !== undefined;
  if (found === undefined) return false;
  return (String(found) === step.text) === (step.operator === '==');
}
