/**
 * shell/http/image-answers — what images answer to HTTP requests, as somebody described it in a
 * file: the first entry for the image (and port), its first path that fits.
 *
 *   - image: registry.example.com/shop/catalog*
 *     paths:
 *       - {path: /health, status: 200, body: OK}
 *       - {path: "/items*", method: GET, headers: {Content-Type: application/json}, body: "[]"}
 */
import type { SourceDocument } from '../../formats/source.ts';
import { parseYaml } from '../../formats/yaml.ts';
import { InputError } from '../../model/input-error.ts';
import { matches, patternOf } from '../script/pattern.ts';
import { headerOf, type Request, type Response, response } from './message.ts';

interface AnsweredPath {
  /** Exact; with a final `*` what begins so. */
  readonly path: string;
  readonly method?: string | undefined;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface AnsweredImage {
  /** A repository, with or without its tag; `*` stands for anything. */
  readonly image: string;
  readonly port?: number | undefined;
  readonly paths: readonly AnsweredPath[];
}

export type ImageAnswers = readonly AnsweredImage[];

type Path = readonly (string | number)[];

/** Reads one document; @throws InputError at the first mistake, with its place */
export function parseImageAnswers(text: string, file: string): ImageAnswers {
  return parseYaml({ path: file, text }).flatMap((document) => {
    const { value } = document;
    if (!Array.isArray(value)) throw mistake(document, [], 'not a list', 'write "- image: NAME"');
    return value.map((one, i) => readImage(document, one, [i]));
  });
}

const mistake = (document: SourceDocument, path: Path, problem: string, hint: string): InputError =>
  new InputError(document.where(path), problem, hint);

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(
  document: SourceDocument,
  value: unknown,
  path: Path,
  known: readonly string[],
): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw mistake(document, path, 'not a map', `write ${known.join(', ')}`);
  for (const name of Object.keys(value))
    if (!known.includes(name))
      throw mistake(
        document,
        [...path, name],
        `unknown field "${name}"`,
        `known: ${known.join(', ')}`,
      );
  return value as Fields;
}

function textOf(
  document: SourceDocument,
  fields: Fields,
  name: string,
  path: Path,
): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw mistake(document, [...path, name], `${name} is no text`, 'quote it');
}

function numberOf(
  document: SourceDocument,
  fields: Fields,
  name: string,
  path: Path,
  [low, high]: readonly [number, number],
): number | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high)
    return value;
  throw mistake(
    document,
    [...path, name],
    `${name} is not between ${low} and ${high}`,
    `e.g. ${name}: ${low === 1 ? 8080 : 200}`,
  );
}

function readImage(document: SourceDocument, value: unknown, path: Path): AnsweredImage {
  const fields = fieldsOf(document, value, path, ['image', 'port', 'paths']);
  const image = textOf(document, fields, 'image', path);
  if (image === undefined || image === '')
    throw mistake(document, path, 'no image', 'write image: REPOSITORY, with * for anything');
  const { paths } = fields;
  if (!Array.isArray(paths))
    throw mistake(
      document,
      [...path, 'paths'],
      'paths is no list',
      'write paths: [{path: /, body: hello}]',
    );
  return {
    image,
    port: numberOf(document, fields, 'port', path, [1, 65_535]),
    paths: paths.map((one, i) => readPath(document, one, [...path, 'paths', i])),
  };
}

function readPath(document: SourceDocument, value: unknown, path: Path): AnsweredPath {
  const fields = fieldsOf(document, value, path, ['path', 'method', 'status', 'headers', 'body']);
  const at = textOf(document, fields, 'path', path);
  if (at === undefined || !/^[/*]/.test(at))
    throw mistake(document, path, 'a path begins with /', 'e.g. path: /health, or path: "/api/*"');
  const given = fields.headers === undefined ? {} : fields.headers;
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw mistake(
      document,
      [...path, 'headers'],
      'headers is no map',
      'headers: {Content-Type: text/html}',
    );
  const headers: Record<string, string> = {};
  for (const name of Object.keys(given)) {
    const text = textOf(document, given as Fields, name, [...path, 'headers']);
    if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name) || text === undefined || /[\r\n]/.test(text))
      throw mistake(
        document,
        [...path, 'headers', name],
        'no header',
        'a name, and a value on one line',
      );
    headers[name] = text;
  }
  const { body } = fields;
  const isPlain = body === undefined || body === null || typeof body !== 'object';
  return {
    path: at,
    method: textOf(document, fields, 'method', path)?.toUpperCase(),
    status: numberOf(document, fields, 'status', path, [100, 599]) ?? 200,
    headers,
    body: isPlain ? (textOf(document, fields, 'body', path) ?? '') : JSON.stringify(body),
  };
}

/** `a.b/c:tag@sha256:…` → `a.b/c`. */
const repositoryOf = (image: string): string => image.replace(/@.*$/, '').replace(/:[^/]*$/, '');

const isFor = (text: string, pattern: string): boolean => matches(patternOf(pattern), text);

/** What the image answers; undefined: nobody described it. 404 where only other paths are. */
export function imageAnswer(
  answers: ImageAnswers,
  image: string,
  port: number,
  { method, url }: Pick<Request, 'method' | 'url'>,
): Response | undefined {
  const described = answers.filter(
    (it) =>
      (it.port === undefined || it.port === port) &&
      (isFor(repositoryOf(image), it.image) || isFor(image, it.image)),
  );
  if (described.length === 0) return undefined;
  const asked = method === 'HEAD' ? 'GET' : method;
  const found = described
    .flatMap(({ paths }) => paths)
    .find(
      (it) =>
        isFor(url.path, it.path.replaceAll(/[?[]/g, '[$&]')) &&
        (it.method === undefined || it.method === asked || it.method === method),
    );
  if (found === undefined) return response(404, 'text/plain', 'Not Found\n');
  const headers = Object.entries(found.headers).map(([name, value]) => ({ name, value }));
  const type = headerOf(headers, 'Content-Type') === undefined ? 'text/plain' : undefined;
  return response(found.status, type, found.body, headers);
}
