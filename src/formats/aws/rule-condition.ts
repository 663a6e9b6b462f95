/** formats/aws/rule-condition — conditions and transforms of rules as the ELB API has them. */
import type { RuleCondition, RuleTransform } from '../../model/elbv2/listener.ts';
import { type AwsJson, type AwsReader, present } from './aws-json.ts';

type Field = RuleCondition['field'];

const CONFIG_MEMBERS: Readonly<Record<Field, string>> = {
  'host-header': 'HostHeaderConfig',
  'path-pattern': 'PathPatternConfig',
  'http-header': 'HttpHeaderConfig',
  'http-request-method': 'HttpRequestMethodConfig',
  'query-string': 'QueryStringConfig',
  'source-ip': 'SourceIpConfig',
};

/** Host and path conditions have their values twice: the API is older than its config members. */
export function conditionToAws(condition: RuleCondition): AwsJson {
  const { field, values } = condition;
  const isOld = field === 'host-header' || field === 'path-pattern';
  const config = present({
    HttpHeaderName: condition.field === 'http-header' ? condition.httpHeaderName : undefined,
    Values:
      condition.field === 'query-string'
        ? condition.values.map(({ key, value }) => present({ Key: key, Value: value }))
        : values,
    RegexValues: 'regexValues' in condition ? condition.regexValues : undefined,
  });
  return present({
    Field: field,
    Values: isOld ? (values ?? []) : undefined,
    [CONFIG_MEMBERS[field]]: config,
  });
}

/** The condition as the documents have it. */
export function conditionFromAws(read: AwsReader): RuleCondition {
  const field = read.text('Field') as Field;
  const config = read.object(CONFIG_MEMBERS[field] ?? '');
  const values = (config?.has('Values') === true ? config : read).json.Values;
  if (field === 'query-string') {
    const pairs = (config?.list('Values') ?? []).map((it) => ({
      ...(it.has('Key') ? { key: it.text('Key') } : {}),
      value: it.text('Value'),
    }));
    return { field, values: pairs };
  }
  const regexValues = config?.has('RegexValues') === true ? config.texts('RegexValues') : undefined;
  const hasValues = Array.isArray(values) && (values.length > 0 || regexValues === undefined);
  return present({
    field,
    httpHeaderName: field === 'http-header' ? config?.text('HttpHeaderName') : undefined,
    values: hasValues ? values : undefined,
    regexValues,
  }) as unknown as RuleCondition;
}

const REWRITE_MEMBERS: Readonly<Record<RuleTransform['type'], string>> = {
  'url-rewrite': 'UrlRewriteConfig',
  'host-header-rewrite': 'HostHeaderRewriteConfig',
};

export const transformToAws = ({ type, rewrites }: RuleTransform): AwsJson => ({
  Type: type,
  [REWRITE_MEMBERS[type]]: {
    Rewrites: rewrites.map(({ regex, replace }) => ({ Regex: regex, Replace: replace })),
  },
});

/** The transform as the documents have it. */
export function transformFromAws(read: AwsReader): RuleTransform {
  const type = read.text('Type') as RuleTransform['type'];
  const rewrites = read.object(REWRITE_MEMBERS[type] ?? '')?.list('Rewrites') ?? [];
  return {
    type,
    rewrites: rewrites.map((it) => ({ regex: it.text('Regex'), replace: it.text('Replace') })),
  };
}
