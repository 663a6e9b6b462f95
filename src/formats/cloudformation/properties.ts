/**
 * formats/cloudformation/properties — the properties of one resource, resolved, read by name with
 * the type they must have. A property the resource type does not have is refused, as AWS does.
 */
import type { Tags } from '../../model/ec2/tags.ts';
import { InputError } from '../../model/input-error.ts';
import { nearestWords } from '../../model/nearest.ts';
import { isRecord, type Path } from '../source.ts';
import type { Template } from './template.ts';

export class Properties {
  readonly values: Readonly<Record<string, unknown>>;
  readonly path: Path;
  readonly #template: Template;

  constructor(template: Template, path: Path, values: Readonly<Record<string, unknown>>) {
    this.#template = template;
    this.path = path;
    this.values = values;
  }

  /** Refuses what is not among the known names. */
  allow(type: string, known: readonly string[]): void {
    for (const name of Object.keys(this.values)) {
      if (known.includes(name)) continue;
      const near = nearestWords(name, known, 1)[0];
      throw new InputError(
        this.#template.where([...this.path, name]),
        `Encountered unsupported property ${name}`,
        near === undefined ? `${type} has ${known.join(', ')}` : `did you mean ${near}?`,
      );
    }
  }

  has(name: string): boolean {
    return this.values[name] !== undefined && this.values[name] !== null;
  }

  text(name: string): string {
    const value = this.optionalText(name);
    if (value !== undefined) return value;
    return this.refuse(name, `Property ${name} cannot be empty.`, `add ${name}`);
  }

  optionalText(name: string): string | undefined {
    const value = this.values[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'object')
      return this.refuse(name, `Value of property ${name} must be of type String`, 'give one text');
    return String(value);
  }

  /** `true`, "true", `false`, "false". */
  flag(name: string): boolean | undefined {
    const value = this.optionalText(name);
    if (value === undefined) return undefined;
    if (value === 'true' || value === 'false') return value === 'true';
    return this.refuse(
      name,
      `Value of property ${name} must be of type Boolean`,
      'write true or false',
    );
  }

  number(name: string): number | undefined {
    const value = this.optionalText(name);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (value !== '' && Number.isFinite(number)) return number;
    return this.refuse(name, `Value of property ${name} must be of type Number`, 'write a number');
  }

  texts(name: string): string[] {
    const value = this.values[name];
    if (value === undefined || value === null) return [];
    // A list parameter given to a list property arrives as one item that is a list.
    if (Array.isArray(value)) return value.flat().map(String);
    return this.refuse(
      name,
      `Value of property ${name} must be of type List of String`,
      'write a YAML list',
    );
  }

  object(name: string): Properties | undefined {
    const value = this.values[name];
    if (value === undefined || value === null) return undefined;
    if (isRecord(value)) return new Properties(this.#template, [...this.path, name], value);
    return this.refuse(
      name,
      `Value of property ${name} must be an object`,
      'write its members below it',
    );
  }

  objects(name: string): Properties[] {
    const value = this.values[name];
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value))
      return this.refuse(name, `Value of property ${name} must be a list`, 'write a YAML list');
    return value.map((item, i) => {
      const path = [...this.path, name, i];
      if (isRecord(item)) return new Properties(this.#template, path, item);
      throw new InputError(
        this.#template.where(path),
        `an item of ${name} must be an object`,
        'write its members',
      );
    });
  }

  /** `Tags: [{Key, Value}]`; EKS node groups write a map. */
  tags(name = 'Tags'): Tags {
    const value = this.values[name];
    if (isRecord(value)) {
      return Object.fromEntries(Object.entries(value).map(([key, it]) => [key, String(it)]));
    }
    return Object.fromEntries(
      this.objects(name).map((tag) => [tag.text('Key'), tag.optionalText('Value') ?? '']),
    );
  }

  refuse(name: string, problem: string, hint: string): never {
    throw new InputError(this.#template.where([...this.path, name]), problem, hint);
  }
}
