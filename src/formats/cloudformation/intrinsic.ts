/**
 * formats/cloudformation/intrinsic — Ref, Fn::GetAtt, Fn::Sub and the other intrinsic functions,
 * worked out where they stand.
 *
 * Source: CloudFormation User Guide, "Intrinsic function reference".
 */

import { InputError } from '../../model/input-error.ts';
import { type Cidr4, type Cidr6, formatCidr, parseCidr, subnets } from '../../net/index.ts';
import { isRecord, type Path } from '../source.ts';
import type { Template } from './template.ts';

/** Stands for AWS::NoValue: the property is as if it were not written. */
const NO_VALUE = Symbol('AWS::NoValue');

export interface ResolverParts {
  readonly template: Template;
  readonly region: string;
  readonly accountId: string;
  readonly zones: readonly string[];
  /** Values given for parameters, e.g. on the command line. */
  readonly parameters: Readonly<Record<string, string>>;
  /** What Ref gives for a resource that was made; undefined when it was not (yet). */
  readonly ref: (logicalId: string) => string | undefined;
  readonly attribute: (logicalId: string, name: string, path: Path) => unknown;
}

type Function_ = (argument: unknown, path: Path) => unknown;

export class Resolver {
  readonly #parts: ResolverParts;
  readonly #conditions = new Map<string, boolean>();
  readonly #functions: Readonly<Record<string, Function_>>;

  constructor(parts: ResolverParts) {
    this.#parts = parts;
    this.#functions = {
      Ref: (it, path) => this.#ref(String(it), path),
      Condition: (it, path) => this.condition(String(it), path),
      'Fn::GetAtt': (it, path) => this.#getAtt(it, path),
      'Fn::Sub': (it, path) => this.#sub(it, path),
      'Fn::Join': (it, path) => this.#join(it, path),
      'Fn::Select': (it, path) => this.#select(it, path),
      'Fn::Split': (it, path) => {
        const [separator, text] = this.#list(it, path, 2);
        return String(text).split(String(separator));
      },
      'Fn::Cidr': (it, path) => this.#cidr(it, path),
      'Fn::GetAZs': (it, path) => this.#zones(this.resolve(it, path), path),
      'Fn::FindInMap': (it, path) => this.#findInMap(it, path),
      'Fn::If': (it, path) => this.#if(it, path),
      'Fn::Equals': (it, path) => {
        const [a, b] = this.#list(it, path, 2);
        return String(a) === String(b);
      },
      'Fn::Not': (it, path) => !this.#list(it, path, 1)[0],
      'Fn::And': (it, path) => this.#list(it, path).every(Boolean),
      'Fn::Or': (it, path) => this.#list(it, path).some(Boolean),
      'Fn::Length': (it, path) => this.#list(it, path).length,
      'Fn::Base64': (it, path) => base64(String(this.resolve(it, path))),
      'Fn::ToJsonString': (it, path) => JSON.stringify(this.resolve(it, path)),
      'Fn::ImportValue': (it, path) =>
        this.#refuse(
          path,
          `Fn::ImportValue of ${JSON.stringify(it)} needs another stack's export`,
          'put both templates in one, or give the value as a parameter (--parameter NAME=VALUE)',
        ),
      'Fn::Transform': (_, path) =>
        this.#refuse(
          path,
          'macros and transforms are not run',
          'give the processed template (aws cloudformation get-template --template-stage Processed)',
        ),
    };
  }

  /** The value with every function in it worked out. */
  resolve(value: unknown, path: Path): unknown {
    if (Array.isArray(value)) {
      return value
        .map((item, i) => this.resolve(item, [...path, i]))
        .filter((it) => it !== NO_VALUE);
    }
    if (!isRecord(value)) return value;
    const keys = Object.keys(value);
    const name = keys[0];
    if (keys.length === 1 && name !== undefined) {
      const known = Object.hasOwn(this.#functions, name) ? this.#functions[name] : undefined;
      if (known !== undefined) return known(value[name], path);
      if (name.startsWith('Fn::'))
        this.#refuse(
          path,
          `no function is called ${name}`,
          'see the intrinsic function reference of CloudFormation',
        );
    }
    const entries = keys.map((key) => [key, this.resolve(value[key], [...path, key])] as const);
    return Object.fromEntries(entries.filter(([, inner]) => inner !== NO_VALUE));
  }

  /** True when the named condition holds. */
  condition(name: string, path: Path): boolean {
    const known = this.#conditions.get(name);
    if (known !== undefined) return known;
    const { conditions } = this.#parts.template;
    if (!Object.hasOwn(conditions, name)) {
      this.#refuse(path, `Unresolved condition dependency ${name}`, `add ${name} to Conditions`);
    }
    const holds = this.resolve(conditions[name], ['Conditions', name]) === true;
    this.#conditions.set(name, holds);
    return holds;
  }

  #refuse(path: Path, problem: string, hint: string): never {
    throw new InputError(this.#parts.template.where(path), problem, hint);
  }

  #list(argument: unknown, path: Path, length?: number): unknown[] {
    const list = this.resolve(argument, path);
    if (Array.isArray(list) && (length === undefined || list.length === length)) return list;
    return this.#refuse(
      path,
      `the function takes a list${length === undefined ? '' : ` of ${length}`}`,
      'write its arguments as a YAML list',
    );
  }

  #ref(name: string, path: Path): unknown {
    const { region, accountId, template } = this.#parts;
    switch (name) {
      case 'AWS::Region':
        return region;
      case 'AWS::AccountId':
        return accountId;
      case 'AWS::StackName':
        return 'ekstwin';
      case 'AWS::StackId':
        return `arn:aws:cloudformation:${region}:${accountId}:stack/ekstwin/00000000-0000-0000-0000-000000000000`;
      case 'AWS::Partition':
        return region.startsWith('cn-')
          ? 'aws-cn'
          : region.startsWith('us-gov-')
            ? 'aws-us-gov'
            : 'aws';
      case 'AWS::URLSuffix':
        return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
      case 'AWS::NotificationARNs':
        return [];
      case 'AWS::NoValue':
        return NO_VALUE;
    }
    if (Object.hasOwn(template.parameters, name)) return this.#parameter(name);
    const made = this.#parts.ref(name);
    if (made !== undefined) return made;
    const exists = template.resources.has(name);
    return this.#refuse(
      path,
      exists
        ? `${name} is referred to but was not made (its condition is false, or its kind is not simulated)`
        : `Unresolved resource dependencies [${name}] in the Resources block of the template`,
      exists
        ? `give it through Fn::If, or leave the reference out`
        : 'Ref takes a parameter or a resource of this template',
    );
  }

  #parameter(name: string): unknown {
    const { template, parameters } = this.#parts;
    const parameter = template.parameters[name]!;
    const value = parameters[name] ?? parameter.Default;
    if (value === undefined) {
      throw new InputError(
        template.where(['Parameters', name]),
        `Parameters: [${name}] must have values`,
        `add a Default, or give it: --parameter ${name}=VALUE`,
      );
    }
    const { AllowedValues: allowed, Type: type } = parameter;
    if (Array.isArray(allowed) && !allowed.map(String).includes(String(value))) {
      throw new InputError(
        template.where(['Parameters', name]),
        `Parameter '${name}' must be one of AllowedValues`,
        `one of ${allowed.join(', ')}`,
      );
    }
    return /^(CommaDelimitedList|List<)/.test(String(type))
      ? String(value)
          .split(',')
          .map((it) => it.trim())
      : String(value);
  }

  #getAtt(argument: unknown, path: Path): unknown {
    const [id, name] = Array.isArray(argument)
      ? [String(argument[0]), String(this.resolve(argument[1], path))]
      : splitOnce(String(argument), '.');
    if (!this.#parts.template.resources.has(id)) {
      this.#refuse(
        path,
        `Fn::GetAtt references undefined resource ${id}`,
        'name a resource of this template',
      );
    }
    return this.#parts.attribute(id, name, path);
  }

  #sub(argument: unknown, path: Path): string {
    const [text, variables] = Array.isArray(argument) ? [argument[0], argument[1]] : [argument, {}];
    const own = this.resolve(variables ?? {}, path) as Record<string, unknown>;
    return String(text).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, inside: string) => {
      if (literal === '!') return `\${${inside}}`;
      const name = inside.trim();
      if (Object.hasOwn(own, name)) return String(own[name]);
      return String(name.includes('.') ? this.#getAtt(name, path) : this.#ref(name, path));
    });
  }

  #join(argument: unknown, path: Path): string {
    const [separator, items] = this.#list(argument, path, 2);
    if (!Array.isArray(items))
      this.#refuse(path, 'Fn::Join takes [delimiter, list]', "e.g. !Join [',', [a, b]]");
    return (items as unknown[]).map(String).join(String(separator));
  }

  #select(argument: unknown, path: Path): unknown {
    const [index, items] = this.#list(argument, path, 2);
    const at = Number(index);
    if (!Array.isArray(items))
      this.#refuse(path, 'Fn::Select takes [index, list]', "e.g. !Select [0, !GetAZs '']");
    const item = (items as unknown[])[at];
    if (item !== undefined && Number.isInteger(at)) return item;
    const { region } = this.#parts;
    return this.#refuse(
      path,
      `Fn::Select cannot select nonexistent value at index ${index}`,
      `the list has ${(items as unknown[]).length}; in ${region} GetAZs gives ${this.#parts.zones.length} zones`,
    );
  }

  #cidr(argument: unknown, path: Path): string[] {
    const list = this.#list(argument, path);
    const block = parseCidr(String(list[0]));
    const count = Number(list[1]);
    if (block === undefined || !(count >= 1 && count <= 256)) {
      this.#refuse(
        path,
        `Fn::Cidr of ${JSON.stringify(list)}`,
        'write [ipBlock, count, cidrBits], count 1 to 256',
      );
    }
    const width = block!.family === 4 ? 32 : 128;
    // cidrBits is the size of a part counted from the right: 8 makes a /24 of an IPv4 block.
    const bits = width - Number(list[2] ?? (block!.family === 4 ? 8 : 64));
    const parts: string[] = [];
    if (bits >= block!.bits && bits <= width) {
      for (const part of subnets(block!, bits) as Iterable<Cidr4 | Cidr6>) {
        if (parts.length === count) break;
        parts.push(formatCidr(part));
      }
    }
    if (parts.length < count) {
      this.#refuse(
        path,
        `${String(list[0])} does not hold ${count} blocks of /${bits}`,
        'ask for fewer or smaller blocks',
      );
    }
    return parts;
  }

  #zones(region: unknown, path: Path): readonly string[] {
    const wanted = region === '' || region === null ? this.#parts.region : String(region);
    if (wanted === this.#parts.region) return this.#parts.zones;
    return this.#refuse(
      path,
      `Fn::GetAZs of ${wanted}, but the twin is in ${this.#parts.region}`,
      `use Fn::GetAZs '' or --region ${wanted}`,
    );
  }

  #findInMap(argument: unknown, path: Path): unknown {
    const [map, first, second, options] = this.#list(argument, path);
    const table = this.#parts.template.mappings[String(map)];
    const row = isRecord(table) ? table[String(first)] : undefined;
    if (isRecord(row) && Object.hasOwn(row, String(second)))
      return this.resolve(row[String(second)], path);
    if (isRecord(options) && 'DefaultValue' in options) return options.DefaultValue;
    return this.#refuse(
      path,
      `Unable to get mapping for ${map}::${first}::${second}`,
      'add it to Mappings',
    );
  }

  #if(argument: unknown, path: Path): unknown {
    if (!Array.isArray(argument) || argument.length !== 3) {
      this.#refuse(
        path,
        'Fn::If takes [condition, value if true, value if false]',
        'give all three',
      );
    }
    const [name, yes, no] = argument as unknown[];
    return this.resolve(this.condition(String(name), path) ? yes : no, path);
  }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** UTF-8 text in base64; the core has neither Buffer nor btoa. */
function base64(text: string): string {
  const bytes = [...encodeURIComponent(text).matchAll(/%([0-9A-F]{2})|(.)/g)].map(
    ([, hex, char]) => (hex === undefined ? char!.charCodeAt(0) : Number.parseInt(hex, 16)),
  );
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let j = 0; j < 4; j++) {
      out += i + j > bytes.length ? '=' : BASE64[(word >> (18 - 6 * j)) & 63];
    }
  }
  return out;
}
