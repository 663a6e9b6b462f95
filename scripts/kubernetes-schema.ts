/**
 * scripts/kubernetes-schema — writes src/cluster/schema/schema-table.data.ts from the Go
 * types of Kubernetes: names, types, protobuf numbers, merge keys, list types. Facts only.
 *
 * Run: `npx tsx scripts/kubernetes-schema.ts FOLDER [TAG]` in the repository's root. FOLDER holds
 * git directories `kubernetes+api/repo`, `kubernetes+apimachinery/repo`,
 * `kubernetes+apiextensions-apiserver/repo` and `kubernetes+kube-aggregator/repo`; TAG is v0.34.1.
 * The table's format is told in its header.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [, , FOLDER = '.', TAG = 'v0.34.1'] = process.argv;
const TABLE_FILE = fileURLToPath(
  new URL('../src/cluster/schema/schema-table.data.ts', import.meta.url),
);

/** Alias, repository, path of the package. */
const PACKAGES: readonly (readonly [string, string, string])[] = [
  ['meta', 'kubernetes+apimachinery', 'pkg/apis/meta/v1'],
  ...[
    'core/v1',
    'apps/v1',
    'batch/v1',
    'autoscaling/v1',
    'autoscaling/v2',
    'policy/v1',
    'discovery/v1',
    'networking/v1',
    'rbac/v1',
    'storage/v1',
    'scheduling/v1',
    'coordination/v1',
    'node/v1',
    'admissionregistration/v1',
    'certificates/v1',
    'authentication/v1',
    'authorization/v1',
    'events/v1',
  ].map((path) => [path, 'kubernetes+api', path] as const),
  ['apiextensions/v1', 'kubernetes+apiextensions-apiserver', 'pkg/apis/apiextensions/v1'],
  ['apiregistration/v1', 'kubernetes+kube-aggregator', 'pkg/apis/apiregistration/v1'],
];

interface Field {
  readonly json: string;
  readonly goType: string;
  readonly tag: string;
  readonly markers: readonly string[];
}

interface Declaration {
  readonly name: string;
  readonly markers: readonly string[];
  /** Undefined for what is no struct. */
  readonly fields: readonly Field[] | undefined;
  /** What a named type is, `string` of Protocol. */
  readonly goType: string;
}

interface Source {
  readonly alias: string;
  readonly declarations: ReadonlyMap<string, Declaration>;
  readonly constants: ReadonlyMap<string, string>;
}

const show = (repository: string, path: string): string =>
  execFileSync('git', ['-C', join(FOLDER, repository, 'repo'), 'show', `${TAG}:${path}`], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });

const tagValue = (tag: string, key: string): string =>
  new RegExp(`(?:^|\\s)${key}:"([^"]*)"`).exec(tag)?.[1] ?? '';

function declarationsOf(text: string): Map<string, Declaration> {
  const found = new Map<string, Declaration>();
  let markers: string[] = [];
  let struct: { name: string; markers: string[]; fields: Field[] } | undefined;
  for (const line of text.split('\n')) {
    const bare = line.trim();
    if (bare.startsWith('// +')) markers.push(bare.slice(4));
    if (bare.startsWith('//')) continue;
    if (struct !== undefined) {
      if (line === '}') {
        found.set(struct.name, { ...struct, goType: 'struct' });
        struct = undefined;
        markers = [];
        continue;
      }
      const field = /^\t(?:([A-Z]\w*)\s+)?(\S+)\s+`([^`]*)`/.exec(line);
      if (field !== null) {
        struct.fields.push({
          json: tagValue(field[3]!, 'json'),
          goType: field[2]!,
          tag: field[3]!,
          markers,
        });
      }
      if (bare === '' && !/^\t/.test(line)) continue;
      markers = [];
      continue;
    }
    const opens = /^type (\w+) struct ?\{(\})?/.exec(line);
    if (opens !== null) {
      if (opens[2] === undefined) struct = { name: opens[1]!, markers, fields: [] };
      else found.set(opens[1]!, { name: opens[1]!, markers, fields: [], goType: 'struct' });
      markers = [];
      continue;
    }
    const named = /^(?:type )(\w+) (\S+)$/.exec(line.replace(/\s*\/\/.*$/, ''));
    if (named !== null) {
      found.set(named[1]!, { name: named[1]!, markers, fields: undefined, goType: named[2]! });
    }
    // A blank line ends a comment, but markers of a type may stand above its prose.
    if (bare !== '') markers = [];
  }
  return found;
}

function constantsOf(text: string): Map<string, string> {
  const constants = new Map<string, string>();
  for (const [, name, value] of text.matchAll(/^\s+(\w+)(?:\s+\w+)?\s*=\s*"([^"]*)"/gm)) {
    constants.set(name!, value!);
  }
  return constants;
}

const sources: Source[] = PACKAGES.map(([alias, repository, path]) => {
  let text = show(repository, `${path}/types.go`);
  if (alias === 'meta') text += show(repository, `${path}/watch.go`);
  if (alias === 'apiextensions/v1') text += show(repository, `${path}/types_jsonschema.go`);
  return { alias, declarations: declarationsOf(text), constants: constantsOf(text) };
});
const byAlias = new Map(sources.map((it) => [it.alias, it]));

/** Types with an encoding of their own, as the table writes them. */
const SPECIAL: Readonly<Record<string, string>> = {
  string: 's',
  bool: 'b',
  int: 'i',
  int32: 'i',
  int64: 'l',
  float64: 'd',
  uint8: 'i',
  '[]byte': 'y',
  'resource.Quantity': 'Q',
  'intstr.IntOrString': 'X',
  'metav1.Time': 'T',
  Time: 'T',
  'metav1.MicroTime': 'M',
  MicroTime: 'M',
  'metav1.Duration': 'D',
  Duration: 'D',
  'runtime.RawExtension': 'R',
  FieldsV1: 'F',
  'types.UID': 's',
  'types.NodeName': 's',
  'types.NamespacedName': 's',
  JSON: 'J',
  'interface{}': 'J',
  JSONSchemaPropsOrBool: 'JB',
  JSONSchemaPropsOrArray: 'JA',
  JSONSchemaPropsOrStringArray: 'JS',
  ExtraValue: 'E',
  Verbs: 'E',
};

const IMPORTS: Readonly<Record<string, string>> = {
  metav1: 'meta',
  v1: 'core/v1',
  corev1: 'core/v1',
  apiv1: 'core/v1',
};

function typeOf(goType: string, source: Source): string {
  const special = SPECIAL[goType];
  if (special !== undefined) return special;
  if (goType.startsWith('*')) return typeOf(goType.slice(1), source);
  if (goType.startsWith('[]')) return `[]${typeOf(goType.slice(2), source)}`;
  const map = /^map\[[\w.]+\](.+)$/.exec(goType);
  if (map !== null) return `{}${typeOf(map[1]!, source)}`;
  const dot = goType.indexOf('.');
  if (dot > 0) {
    const imported = goType.slice(0, dot);
    const alias = IMPORTS[imported] ?? imported;
    const other = byAlias.get(alias);
    if (other === undefined) throw new Error(`${source.alias}: unknown import of ${goType}`);
    const name = goType.slice(dot + 1);
    const type = typeOf(name, other);
    return type === name ? `${alias}.${name}` : type;
  }
  const declared = source.declarations.get(goType);
  if (declared === undefined) throw new Error(`${source.alias}: unknown type ${goType}`);
  if (declared.fields !== undefined) return goType;
  return typeOf(declared.goType, source);
}

const marker = (markers: readonly string[], name: string): string | undefined =>
  markers.find((it) => it === name || it.startsWith(`${name}=`))?.slice(name.length + 1);

const LETTERS: Readonly<Record<string, string>> = {
  atomic: 'a',
  set: 's',
  map: 'm',
  granular: 'g',
};

function defaultOf(markers: readonly string[], source: Source): string | undefined {
  const given = marker(markers, 'default');
  if (given === undefined) return undefined;
  const reference = /^ref\((\w+)\)$/.exec(given);
  if (reference === null) return given;
  const constant = source.constants.get(reference[1]!);
  return constant === undefined ? undefined : JSON.stringify(constant);
}

function line(field: Field, source: Source): string | undefined {
  const { json, goType, tag, markers } = field;
  const [name = '', ...options] = json.split(',');
  const number = tagValue(tag, 'protobuf').split(',')[1] ?? '';
  if (options.includes('inline') || (name === '' && json !== '-')) {
    if (goType === 'metav1.TypeMeta' || goType === 'TypeMeta') return '^';
    return `~ ${typeOf(goType, source)} ${number}`;
  }
  if (json === '-' || name === '') return undefined;
  const isOptional = options.includes('omitempty') || options.includes('omitzero');
  const notes: string[] = [];
  if (!isOptional && marker(markers, 'optional') === undefined) notes.push('!');
  if (!isOptional) notes.push('+');
  if (goType.startsWith('*')) notes.push('*');
  const key = tagValue(tag, 'patchMergeKey');
  if (key !== '') notes.push(`k${key}`);
  const strategy = tagValue(tag, 'patchStrategy');
  if (strategy !== '') notes.push(`p${strategy}`);
  const structure =
    marker(markers, 'listType') ?? marker(markers, 'mapType') ?? marker(markers, 'structType');
  if (structure !== undefined) notes.push(`t${LETTERS[structure]}`);
  const keys = markers
    .filter((it) => it.startsWith('listMapKey='))
    .map((it) => it.slice('listMapKey='.length));
  if (keys.length > 0) notes.push(`l${keys.join(',')}`);
  const otherwise = defaultOf(markers, source);
  if (otherwise !== undefined && !otherwise.startsWith('{')) notes.push(`d${otherwise}`);
  return [name, typeOf(goType, source), number, ...notes].join(' ').trimEnd();
}

function linesOf(source: Source): string[] {
  const lines: string[] = [`#${source.alias}`];
  for (const { name, fields, markers } of source.declarations.values()) {
    if (fields === undefined || SPECIAL[name] !== undefined) continue;
    if (name === 'TypeMeta' || name.endsWith('ListOptions') || name === 'InternalEvent') continue;
    const isAtomic =
      marker(markers, 'structType') === 'atomic' || marker(markers, 'mapType') === 'atomic';
    const all = fields.map((it) => line(it, source)).filter((it) => it !== undefined);
    lines.push(`${name}${isAtomic ? '=a' : ''}|${all.join('|')}`);
  }
  return lines;
}

const HEADER = `/**
 * cluster/schema/schema-table.data — the types of every kind we serve; generated by
 * scripts/kubernetes-schema.ts from kubernetes/{api,apimachinery,apiextensions-apiserver,
 * kube-aggregator}@${TAG} types.go.
 *
 * \`#core/v1\` opens a package; a line is \`Type|field|field\`, \`Type=a\` where the whole is atomic.
 * A field is \`name type number\` and marks. \`^\` stands for apiVersion and kind, \`~ Type number\`
 * for a type whose fields stand in this one. Types: s string, b bool, i int32, l int64, d double,
 * y bytes, Q Quantity, X IntOrString, T Time, M MicroTime, D Duration, R RawExtension, F FieldsV1,
 * E a list of strings in a message of its own, J… of JSON schemas; [] list of, {} map to. Marks:
 * ! required, + written when zero, * pointer, k patchMergeKey, p patchStrategy, t a, s, m, g (atomic,
 * set, map, granular), l listMapKeys, d default.
 */
`;

const table = sources.flatMap(linesOf).join('\n');
if (table.includes('`') || table.includes('${')) throw new Error('the table cannot be quoted');
writeFileSync(
  TABLE_FILE,
  `${HEADER}export const SCHEMA_TABLE = \`${table.replaceAll('\\', '\\\\')}\`;\n`,
);
console.log(`${table.length} characters, ${table.split('\n').length} lines`);
