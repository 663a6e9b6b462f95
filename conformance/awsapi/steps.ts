/**
 * conformance/awsapi/steps — the schema of a vector, references between its steps, and how an
 * answer is held against what is expected.
 */
import { type AwsError, isAwsError } from '../../src/model/aws-error.ts';
import type { Json } from './operations.ts';

export interface Step {
  readonly id: string;
  readonly svc: string;
  readonly op: string;
  readonly in: Json;
  readonly region?: string;
  /** Every part of it must be in the answer; lists match in any order. */
  readonly ok?: Json;
  readonly err?: { readonly code: string; readonly message?: string };
  /** Exact length of a list of the answer, by path. */
  readonly len?: Readonly<Record<string, number>>;
}

export interface Vector {
  readonly id: string;
  readonly steps: readonly Step[];
}

/** What earlier steps answered, by their id. */
export type Answers = ReadonlyMap<string, Json>;

/** `Instances[0].InstanceId` inside an answer. */
export function at(json: unknown, path: string): unknown {
  let value = json;
  for (const part of path.split(/[.[\]]+/).filter((it) => it !== '')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

/** Replaces `${s1.Vpc.VpcId}` everywhere by what step s1 answered. */
export function substituted(value: unknown, answers: Answers): unknown {
  if (typeof value === 'string') return inText(value, answers);
  if (Array.isArray(value)) return value.map((it) => substituted(it, answers));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, it]) => [key, substituted(it, answers)]),
  );
}

function inText(text: string, answers: Answers): unknown {
  const resolve = (reference: string): unknown => {
    const [step = '', ...path] = reference.split('.');
    return at(answers.get(step), path.join('.'));
  };
  const whole = /^\$\{([^}]+)\}$/.exec(text)?.[1];
  if (whole !== undefined) return resolve(whole);
  return text.replace(/\$\{([^}]+)\}/g, (_all, reference: string) => String(resolve(reference)));
}

/** Where the answer lacks what was wanted, in words; undefined when it has all of it. */
export function lacking(wanted: unknown, got: unknown, path = ''): string | undefined {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(got)) return `${path}: wanted a list, got ${JSON.stringify(got)}`;
    const left = [...got];
    for (const element of wanted) {
      const found = left.findIndex((it) => lacking(element, it) === undefined);
      if (found < 0) return `${path}: ${JSON.stringify(element)} is not in ${JSON.stringify(got)}`;
      left.splice(found, 1);
    }
    return undefined;
  }
  if (typeof wanted === 'object' && wanted !== null) {
    if (typeof got !== 'object' || got === null)
      return `${path}: wanted an object, got ${JSON.stringify(got)}`;
    for (const [key, value] of Object.entries(wanted)) {
      const problem = lacking(value, (got as Record<string, unknown>)[key], `${path}.${key}`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  const same = wanted === got;
  return same ? undefined : `${path}: wanted ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`;
}

/** What is wrong with the answer to a step; undefined when nothing is. */
export function problemOf(step: Step, got: Json | AwsError, answers: Answers): string | undefined {
  if (step.err !== undefined) {
    const wanted = substituted(step.err, answers) as { code: string; message?: string };
    if (!isAwsError(got)) return `wanted ${wanted.code}, got success`;
    const told = `${got.code}: ${got.message}`;
    if (got.code !== wanted.code) return `wanted ${wanted.code}, got ${told}`;
    if (wanted.message === undefined || wanted.message === got.message) return undefined;
    return `wanted the message "${wanted.message}", got ${told}`;
  }
  if (isAwsError(got)) return `wanted success, got ${got.code}: ${got.message}`;
  const missing = lacking(substituted(step.ok ?? {}, answers), got);
  if (missing !== undefined) return missing;
  for (const [path, length] of Object.entries(step.len ?? {})) {
    const list = at(got, path);
    const count = Array.isArray(list) ? list.length : 0;
    if (count !== length) return `${path}: wanted ${length} elements, got ${count}`;
  }
  return undefined;
}
