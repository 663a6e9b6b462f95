/**
 * cloud/elbv2/conditions — what a rule may ask of a request. Source: ELB API 2015-12-01,
 * RuleCondition, and "Quotas for your Application Load Balancers".
 */
import type { AwsError } from '../../model/aws-error.ts';
import type { RuleCondition } from '../../model/elbv2/listener.ts';
import { parseCidr } from '../../net/index.ts';
import type { Region } from '../region.ts';
import { validationError } from './elb-error.ts';

/** Every value a condition compares with, as text. */
const textsOf = (condition: RuleCondition): readonly string[] => {
  if (condition.field === 'query-string')
    return condition.values.flatMap(({ key, value }) =>
      key === undefined ? [value] : [key, value],
    );
  const regexes = 'regexValues' in condition ? (condition.regexValues ?? []) : [];
  return [...(condition.values ?? []), ...regexes];
};

/** A pair of a query string counts once. */
const countOf = (condition: RuleCondition): number =>
  condition.field === 'query-string' ? condition.values.length : textsOf(condition).length;

const wildcardsIn = (text: string): number => text.replace(/[^*?]/g, '').length;

/** What AWS says against the conditions of a rule. */
export function conditionsRefusal(
  { quotas }: Region,
  conditions: readonly RuleCondition[],
): AwsError | undefined {
  if (conditions.length === 0) return validationError('A condition must be specified');
  const once = ['host-header', 'path-pattern', 'http-request-method', 'source-ip'] as const;
  for (const field of once)
    if (conditions.filter((it) => it.field === field).length > 1)
      return validationError(`A rule can only have one '${field}' condition`);
  const values = conditions.reduce((sum, it) => sum + countOf(it), 0);
  if (values > quotas.conditionValuesPerRule)
    return validationError(
      `A rule can only have '${quotas.conditionValuesPerRule}' condition values`,
    );
  for (const condition of conditions) {
    const refusal = conditionRefusal(condition);
    if (refusal !== undefined) return refusal;
  }
  const wildcards = conditions
    .filter((it) => !('regexValues' in it && it.regexValues !== undefined))
    .flatMap(textsOf)
    .reduce((sum, text) => sum + wildcardsIn(text), 0);
  if (wildcards > quotas.conditionWildcardsPerRule)
    return validationError(
      `A rule can only have '${quotas.conditionWildcardsPerRule}' condition wildcards`,
    );
  return undefined;
}

/** `A-Z`, `a-z`, `0-9`, the characters the API lists, and the two wildcards. */
const PATH = /^[A-Za-z0-9_\-.$/~"'@:+&*?]+$/;
const HOST = /^[A-Za-z0-9\-.*?:]+$/;
const METHOD = /^[A-Z\-_]+$/;
const HEADER_NAME = /^[A-Za-z0-9*?\-!#$%&+.^_`|~]+$/;

function conditionRefusal(condition: RuleCondition): AwsError | undefined {
  if (countOf(condition) === 0) return validationError('A condition value must be specified');
  const tooLong = textsOf(condition).find((text) => text.length > 128);
  if (tooLong !== undefined)
    return validationError(`Condition value '${tooLong}' cannot be longer than '128' characters`);
  switch (condition.field) {
    case 'host-header':
      return valuesRefusal('host-header', condition.values ?? [], HOST);
    case 'path-pattern':
      return valuesRefusal('path-pattern', condition.values ?? [], PATH);
    case 'http-request-method':
      return valuesRefusal('http-request-method', condition.values, METHOD);
    case 'http-header':
      if (condition.httpHeaderName.length > 40)
        return validationError('An HTTP header name cannot be longer than 40 characters');
      return valuesRefusal('http-header', [condition.httpHeaderName], HEADER_NAME);
    case 'source-ip':
      return blocksRefusal(condition.values);
    default:
      return undefined;
  }
}

function valuesRefusal(
  field: string,
  values: readonly string[],
  allowed: RegExp,
): AwsError | undefined {
  const wrong = values.find((value) => !allowed.test(value));
  if (wrong === undefined) return undefined;
  return validationError(
    `Condition value '${wrong}' contains a character that is not valid for '${field}'`,
  );
}

function blocksRefusal(values: readonly string[]): AwsError | undefined {
  const wrong = values.find((value) => !value.includes('/') || parseCidr(value) === undefined);
  if (wrong === undefined) return undefined;
  return validationError(`Condition value '${wrong}' must be in CIDR notation`);
}
